//! An entry that belongs elsewhere.

use super::layout::{Layout, comments, keeps_blanks};
use super::place::{Place, follow};
use super::quote::{Quotes, quoted};
use super::remove::{Beside, remove};
use super::render::Rendered;
use super::replace::is_flow;
use super::{Refusal, put};
use crate::text::{Edit, Span};
use crate::yaml::Route;
use crate::yaml::node::{Node, NodeKind, Style};

/// Takes an entry away and puts it, with the comments in it, at the end of another mapping.
pub(super) fn relocate(
    layout: Layout<'_>,
    root: &Node,
    places: &[Place<'_>],
    to: &Route,
    key: &str,
) -> Result<Vec<Edit>, Refusal> {
    let [.., around, here] = places else { return Err(Refusal("the whole file cannot be moved")) };
    let NodeKind::Map { entries, .. } = &around.node.kind else { return Err(Refusal("only entries can be moved")) };
    let entry = entries.get(here.index).ok_or(Refusal("the route leads nowhere"))?;
    let start = entry.key.span.start;
    let way = follow(layout, root, to)?;
    if way.places.iter().any(|place| std::ptr::eq(place.node, here.node)) {
        return Err(Refusal("a value cannot be moved into itself"));
    }
    if way.missing.is_empty() && way.places.last().is_some_and(|last| last.node.entry(key).is_some()) {
        return Err(Refusal("the key is there already"));
    }
    if way.missing.is_empty() && way.places.last().is_some_and(|last| std::ptr::eq(last.node, around.node)) {
        return super::replace::key(layout, here, around, key);
    }
    let stop = here.end;
    if keeps_blanks(layout.text, here.node) {
        return Err(Refusal("the blank lines behind the last text belong to it"));
    }
    let name = quoted(key, Quotes::Few, false);
    let one_line = layout.line_end(here.from) >= stop;
    let bare = layout.text[here.from..stop].trim();
    let flow =
        (one_line && comments(layout.text, here.node, here.from..stop).is_empty()).then(|| match &here.node.kind {
            // Between brackets a comma ends a word.
            NodeKind::Scalar { style: Style::Plain, text } if bare.contains([',', '[', ']', '{', '}']) => {
                format!("{name}: {}", quoted(text, Quotes::Few, true))
            }
            NodeKind::Scalar { style: Style::Plain, .. } if bare.is_empty() => format!("{name}: null"),
            _ => format!("{name}: {bare}"),
        });
    let block = match is_flow(around.node) {
        true => vec![flow.clone().ok_or(Refusal("between brackets a value stands on one line"))?],
        false => {
            let column = layout.column(start)?;
            let text = &layout.text[here.from..layout.line_end(stop)];
            let mut lines = text.lines();
            let first = format!("{name}:{}", lines.next().unwrap_or_default());
            let rest = lines.map(|line| {
                let blanks = line.len() - line.trim_start_matches(' ').len();
                line.get(blanks.min(column)..).unwrap_or_default().to_owned()
            });
            std::iter::once(first).chain(rest).collect()
        }
    };
    let flow = flow.filter(|_| is_flow(around.node) || layout.trailing_comment(stop).is_none());
    let gone = remove(layout, places, Beside::Goes)?;
    let new = put(layout, &way, Rendered { block, flow, open: false }, false)?;
    join(layout, gone, new)
}

/// Both in one list. What is put in at the end of what goes is put in its place.
fn join(layout: Layout<'_>, mut gone: Vec<Edit>, new: Vec<Edit>) -> Result<Vec<Edit>, Refusal> {
    for edit in new {
        let inside = |old: &&mut Edit| old.span.start < edit.span.start && edit.span.start < old.span.end;
        match gone.iter_mut().find(inside) {
            None => gone.push(edit),
            Some(old) if edit.span.start == edit.span.end && layout.next_line(edit.span.end) == old.span.end => {
                let line_break = layout.line_break();
                let lines = edit.text.strip_prefix(line_break).ok_or(Refusal("the new place is in the old one"))?;
                old.span = Span { end: old.span.end, ..old.span };
                old.text.push_str(lines);
                old.text.push_str(line_break);
            }
            Some(_) => return Err(Refusal("the new place is in the old one")),
        }
    }
    Ok(gone)
}
