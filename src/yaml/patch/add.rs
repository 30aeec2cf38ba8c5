//! A new entry or item.

use super::Refusal;
use super::layout::{Layout, keeps_blanks};
use super::place::{Place, Way, colon, end, is_empty};
use super::render::{Rendered, indented};
use crate::text::{Edit, Span};
use crate::yaml::node::{Node, NodeKind};

/// Puts it at the end of the container that the way leads to.
pub(super) fn add(layout: Layout<'_>, way: &Way<'_, '_>, new: Rendered, list: bool) -> Result<Vec<Edit>, Refusal> {
    let Some((here, around)) = way.places.split_last() else { return Err(Refusal("the route leads nowhere")) };
    match &here.node.kind {
        NodeKind::Map { entries, flow } if !list && entries.iter().any(|entry| !entry.merged) => match flow {
            true => between(layout, here.node, new),
            false => {
                let first = entries.iter().find(|entry| !entry.merged).ok_or(Refusal("the mapping is empty"))?;
                last_line(layout, here, layout.column(first.key.span.start)?, new)
            }
        },
        NodeKind::Seq { items, flow } if list && !items.is_empty() => match flow {
            true => between(layout, here.node, new),
            false => {
                let gap = layout.gap(here.from..items[0].alias.unwrap_or(items[0].span).start);
                let dash = here.from + gap.find('-').ok_or(Refusal("the list is not written with dashes"))?;
                last_line(layout, here, layout.column(dash)?, new)
            }
        },
        NodeKind::Scalar { .. } if !here.node.is_null() => Err(Refusal("the value there is a single one")),
        NodeKind::Map { flow: false, .. } => Err(Refusal("all keys come through `<<`")),
        NodeKind::Map { .. } if list => Err(Refusal("the value there is a mapping")),
        NodeKind::Seq { .. } if !list => Err(Refusal("the value there is a list")),
        _ => fill(layout, here, around.last(), new, list),
    }
}

/// At the end of a block, on lines of its own.
fn last_line(layout: Layout<'_>, here: &Place<'_>, column: usize, new: Rendered) -> Result<Vec<Edit>, Refusal> {
    if keeps_blanks(layout.text, here.node) {
        return Err(Refusal("the blank lines behind the last text belong to it"));
    }
    let stop = match &here.node.kind {
        NodeKind::Map { entries, .. } => {
            let last = entries.iter().rfind(|entry| !entry.merged).ok_or(Refusal("the mapping is empty"))?;
            end(layout, &last.value, colon(layout, last)? + 1)?
        }
        NodeKind::Seq { items, .. } => {
            let last = items.last().ok_or(Refusal("the list is empty"))?;
            if is_empty(last) {
                return Err(Refusal("an item of the list is empty"));
            }
            end(layout, last, here.from)?
        }
        NodeKind::Scalar { .. } => return Err(Refusal("the value there is a single one")),
    };
    if !layout.is_done(stop) {
        return Err(Refusal("something else stands behind the last value"));
    }
    let at = layout.line_end(stop);
    unfinished(layout, at, &new)?;
    Ok(vec![Edit::replace(Span::point(layout.id, at), lines(layout, new.block, column))])
}

/// Refuses a value that wants a line break at the end of a file which has none.
pub(super) fn unfinished(layout: Layout<'_>, at: usize, new: &Rendered) -> Result<(), Refusal> {
    match new.open && at == layout.text.len() {
        true => Err(Refusal("the last line of the file has no end")),
        false => Ok(()),
    }
}

/// Lines behind the end of a line.
pub(super) fn lines(layout: Layout<'_>, block: Vec<String>, column: usize) -> String {
    let line_break = layout.line_break();
    indented(block, column).into_iter().flat_map(|line| [line_break.to_owned(), line]).collect()
}

/// Between brackets, behind the last value there.
fn between(layout: Layout<'_>, node: &Node, new: Rendered) -> Result<Vec<Edit>, Refusal> {
    let new = new.flow.ok_or(Refusal("between brackets a value stands on one line"))?;
    let last = match &node.kind {
        NodeKind::Map { entries, .. } => {
            let entry = entries.iter().rfind(|entry| !entry.merged).ok_or(Refusal("the mapping is empty"))?;
            match is_empty(&entry.value) && entry.value.alias.is_none() {
                true => colon(layout, entry)? + 1,
                false => entry.value.alias.unwrap_or(entry.value.span).end,
            }
        }
        NodeKind::Seq { items, .. } => {
            let item = items.last().ok_or(Refusal("the list is empty"))?;
            item.alias.unwrap_or(item.span).end
        }
        NodeKind::Scalar { .. } => return Err(Refusal("the value there is a single one")),
    };
    let gap = layout.gap(last..node.span.end);
    let edit = |at, text| Ok(vec![Edit::replace(Span::point(layout.id, at), text)]);
    let signs: String = gap.split_whitespace().collect();
    match (signs.as_str(), gap.find(',')) {
        ("]" | "}", _) => edit(last, format!(", {new}")),
        (",]" | ",}", Some(comma)) => edit(last + comma + 1, format!(" {new}")),
        _ => Err(Refusal("something else stands behind the last value")),
    }
}

/// In place of nothing, `null`, `{}` or `[]`.
fn fill(
    layout: Layout<'_>,
    here: &Place<'_>,
    around: Option<&Place<'_>>,
    new: Rendered,
    list: bool,
) -> Result<Vec<Edit>, Refusal> {
    let bracketed = |flow: &str| if list { format!("[{flow}]") } else { format!("{{{flow}}}") };
    let written = !is_empty(here.node);
    let brackets = written && !here.node.is_null();
    if brackets && layout.gap(here.node.span.start + 1..here.node.span.end - 1).trim() != "" {
        return Err(Refusal("something else stands between the brackets"));
    }
    let in_flow = |place: &Place<'_>| {
        matches!(place.node.kind, NodeKind::Map { flow: true, .. } | NodeKind::Seq { flow: true, .. })
    };
    let comments = written && layout.text[here.node.span.start..here.node.span.end].contains('#');
    match (around, &new.flow) {
        _ if comments => Err(Refusal("a comment stands between the brackets")),
        (Some(place), Some(flow)) if in_flow(place) && written => {
            Ok(vec![Edit::replace(here.node.span, bracketed(flow))])
        }
        (Some(place), _) if in_flow(place) => Err(Refusal("between brackets a value stands on one line")),
        (_, Some(flow)) if brackets => Ok(vec![Edit::replace(here.node.span, bracketed(flow))]),
        (Some(Place { node: Node { kind: NodeKind::Map { entries, .. }, .. }, .. }), _) => {
            let entry = entries.get(here.index).ok_or(Refusal("the route leads nowhere"))?;
            let stop = if written { here.node.span.end } else { here.from };
            unfinished(layout, layout.line_end(stop), &new)?;
            let step = if list { 2 } else { layout.step };
            let below = lines(layout, new.block, layout.column(entry.key.span.start)? + step);
            if !layout.is_done(stop) {
                return Err(Refusal("something else stands behind the value"));
            }
            let mut edits = vec![Edit::replace(Span::point(layout.id, layout.line_end(stop)), below)];
            if written {
                edits.push(Edit::remove(Span::new(layout.id, here.from, stop)));
            }
            Ok(edits)
        }
        _ => Err(Refusal("an empty value here cannot be filled")),
    }
}

/// In a file without any value: behind its comments.
pub(super) fn alone(layout: Layout<'_>, new: Rendered) -> Vec<Edit> {
    let end = layout.text.len();
    let line_break = layout.line_break();
    let mut text: String = new.block.into_iter().flat_map(|line| [line, line_break.to_owned()]).collect();
    if layout.line_start(end) != end {
        text.insert_str(0, line_break);
    }
    vec![Edit::replace(Span::point(layout.id, end), text)]
}
