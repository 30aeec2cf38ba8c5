//! Another value, or another key.

use super::Refusal;
use super::add::{lines, unfinished};
use super::layout::{Layout, comments};
use super::operation::Value;
use super::place::{Place, colon, is_empty};
use super::quote::{Quotes, quoted};
use super::render::{Rendered, item};
use crate::text::{Edit, Span};
use crate::yaml::node::{Node, NodeKind, Style};

/// Puts another value in a place.
pub(super) fn value(
    layout: Layout<'_>,
    here: &Place<'_>,
    around: &Place<'_>,
    new: &Value,
) -> Result<Vec<Edit>, Refusal> {
    let node = here.node;
    let flow = is_flow(around.node);
    let written = layout.text.get(node.span.start..node.span.end).unwrap_or_default();
    let one_line = match new {
        Value::Text(text) => match &node.kind {
            NodeKind::Scalar { style: Style::Block, .. } if text.contains('\n') => None,
            NodeKind::Scalar { style: Style::Quoted, .. } => Some(quoted(text, Quotes::of(written), flow)),
            _ => Some(quoted(text, Quotes::Few, flow)),
        },
        Value::Yaml(text) => (text.lines().count() == 1 && !text.starts_with("- ")).then(|| text.trim_end().to_owned()),
    };
    let below = layout.line_end(here.from);
    if !comments(layout.text, node, here.start.min(below.max(here.from))..here.end).is_empty() {
        return Err(Refusal("comments stand in the value"));
    }
    if here.start > below && layout.trailing_comment(here.end).is_some() {
        return Err(Refusal("a comment stands behind the last line of the value"));
    }
    match one_line {
        Some(text) => Ok(inline(layout, here, text)),
        None if flow => Err(Refusal("between brackets a value stands on one line")),
        None => block(layout, here, around, &item(new)?),
    }
}

/// Whether values in it stand between brackets.
pub(super) const fn is_flow(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Map { flow: true, .. } | NodeKind::Seq { flow: true, .. })
}

fn inline(layout: Layout<'_>, here: &Place<'_>, text: String) -> Vec<Edit> {
    let span = Span::new(layout.id, here.start, here.end);
    if is_empty(here.node) {
        return vec![Edit::replace(Span::point(layout.id, here.from), format!(" {text}"))];
    }
    let below = layout.line_end(here.from);
    if span.start > below {
        let head = Edit::replace(Span::point(layout.id, here.from), format!(" {text}"));
        return vec![head, Edit::remove(Span::new(layout.id, below, span.end))];
    }
    vec![Edit::replace(span, text)]
}

/// A value of several lines, in place of what stands there.
fn block(layout: Layout<'_>, here: &Place<'_>, around: &Place<'_>, new: &Rendered) -> Result<Vec<Edit>, Refusal> {
    let span = Span::new(layout.id, here.start, here.end);
    let mut block: Vec<String> = new.block.iter().map(|line| line.get(2..).unwrap_or_default().to_owned()).collect();
    let head = block.first().filter(|first| first.starts_with(['|', '>'])).cloned();
    let (column, first) = match (&around.node.kind, here.dash) {
        (NodeKind::Map { entries, .. }, _) => {
            let entry = entries.get(here.index).ok_or(Refusal("the route leads nowhere"))?;
            (layout.column(entry.key.span.start)? + layout.step, head)
        }
        (_, Some(dash)) => (layout.column(dash)? + 2, Some(block[0].clone())),
        _ => return Err(Refusal("the route leads nowhere")),
    };
    if first.is_some() {
        block.remove(0);
    }
    let below = lines(layout, block, column);
    let end = here.end;
    if !layout.is_done(end) {
        return Err(Refusal("something else stands behind the value"));
    }
    unfinished(layout, layout.line_end(end), new)?;
    let first = first.map(|first| format!(" {first}")).unwrap_or_default();
    if span.start > layout.line_end(here.from) {
        // The value began below its key: a comment beside the key stays there.
        let head = (!first.is_empty()).then(|| Edit::replace(Span::point(layout.id, here.from), first));
        let rest = Edit::replace(Span::new(layout.id, layout.line_end(here.from), end), below);
        return Ok(head.into_iter().chain([rest]).collect());
    }
    let behind = layout.line_end(end);
    if here.from == behind {
        return Ok(vec![Edit::replace(Span::point(layout.id, behind), first + &below)]);
    }
    let head = Edit::replace(Span::new(layout.id, here.from, end), first);
    Ok(vec![head, Edit::replace(Span::point(layout.id, behind), below)])
}

/// Gives an entry another key.
pub(super) fn key(layout: Layout<'_>, here: &Place<'_>, around: &Place<'_>, new: &str) -> Result<Vec<Edit>, Refusal> {
    let NodeKind::Map { entries, flow } = &around.node.kind else {
        return Err(Refusal("the items of a list have no keys"));
    };
    if entries.iter().any(|entry| entry.name() == new) {
        return Err(Refusal("the key is there already"));
    }
    let entry = entries.get(here.index).ok_or(Refusal("the route leads nowhere"))?;
    colon(layout, entry)?;
    let quotes = Quotes::of(layout.text.get(entry.key.span.start..entry.key.span.end).unwrap_or_default());
    Ok(vec![Edit::replace(entry.key.span, quoted(new, quotes, *flow))])
}
