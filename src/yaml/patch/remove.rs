//! An entry or item less.

use super::Refusal;
use super::layout::{Layout, comments, keeps_blanks, last_block};
use super::place::{Place, colon, end, is_empty};
use super::replace;
use super::{Value, replace::is_flow};
use crate::text::{Edit, Span};
use crate::yaml::node::{Link, NodeKind};

/// What becomes of the comments beside what goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// They stay, on lines of their own.
    Stays,
    /// They are written elsewhere.
    Goes,
}

/// Takes away the value that the places lead to, with its key or dash.
pub(super) fn remove(layout: Layout<'_>, places: &[Place<'_>], beside: Beside) -> Result<Vec<Edit>, Refusal> {
    let [.., around, here] = places else { return Err(Refusal("the whole file cannot be removed")) };
    let (start, links) = match &around.node.kind {
        NodeKind::Map { entries, .. } => {
            let entry = entries.get(here.index).ok_or(Refusal("the route leads nowhere"))?;
            (entry.key.span.start, entries.len())
        }
        NodeKind::Seq { items, .. } => {
            let item = items.get(here.index).ok_or(Refusal("the route leads nowhere"))?;
            (here.dash.unwrap_or(item.span.start), items.len())
        }
        NodeKind::Scalar { .. } => return Err(Refusal("the route leads nowhere")),
    };
    if links == 1 {
        return only(layout, places, beside);
    }
    if has_anchor(layout, here)? {
        return Err(Refusal("the value has an anchor in it, so it may be used elsewhere"));
    }
    let stop = here.end;
    if is_flow(around.node) {
        return between(layout, here, around, start, stop);
    }
    if !layout.is_done(stop) {
        return Err(Refusal("something else stands behind the value"));
    }
    if !layout.begins_line(start) {
        return first_on_line(layout, around, here, start, stop);
    }
    if before(around, here.index).is_some_and(|link| keeps_blanks(layout.text, link)) {
        return Err(Refusal("the blank lines behind the text before belong to it"));
    }
    let last = layout.line_end(stop) == layout.text.len();
    if last && before(around, here.index).is_some_and(|link| last_block(link).is_some()) {
        return Err(Refusal("the last line of the file would have no end"));
    }
    let kept = if beside == Beside::Stays { kept(layout, here, start, stop) } else { String::new() };
    let from = layout.line_start(start);
    Ok(vec![match (last, kept.strip_suffix(layout.line_break())) {
        // The file ends without a line break, and so it stays.
        (true, None) => Edit::remove(Span::new(layout.id, before_break(layout, from), layout.text.len())),
        (true, Some(kept)) => Edit::replace(Span::new(layout.id, from, layout.text.len()), kept),
        (false, _) => Edit::replace(Span::new(layout.id, from, layout.next_line(stop)), kept),
    }])
}

/// The end of the last line before one that is not empty.
fn before_break(layout: Layout<'_>, line: usize) -> usize {
    layout.text[..line].trim_end_matches(['\n', '\r']).len()
}

/// The comments on the first and on the last line, which are beside the value and not in it, as lines.
fn kept(layout: Layout<'_>, here: &Place<'_>, start: usize, stop: usize) -> String {
    let blanks = &layout.text[layout.line_start(start)..start];
    let below = !is_empty(here.node) && here.start > layout.line_end(here.from);
    let first = if below { layout.trailing_comment(here.from) } else { None };
    let comments = first.into_iter().chain(layout.trailing_comment(stop));
    comments.map(|comment| format!("{blanks}{comment}{}", layout.line_break())).collect()
}

/// The value before another one.
fn before<'a>(around: &Place<'a>, index: usize) -> Option<&'a Link> {
    let before = index.checked_sub(1)?;
    let link = match &around.node.kind {
        NodeKind::Map { entries, .. } => entries.get(before).map(|entry| &entry.value),
        NodeKind::Seq { items, .. } => items.get(before),
        NodeKind::Scalar { .. } => None,
    };
    link.filter(|link| link.alias.is_none())
}

/// Of a container with nothing else in it, empty brackets stay.
fn only(layout: Layout<'_>, places: &[Place<'_>], beside: Beside) -> Result<Vec<Edit>, Refusal> {
    let [.., outer, around, _] = places else { return Err(Refusal("nothing else stands in the file")) };
    let empty = if matches!(around.node.kind, NodeKind::Map { .. }) { "{}" } else { "[]" };
    if beside == Beside::Goes && !comments(layout.text, around.node, around.from..around.end).is_empty() {
        return Err(Refusal("comments stand in the value"));
    }
    if layout.trailing_comment(around.end).is_some() && !is_flow(around.node) {
        return Err(Refusal("a comment stands behind the only value"));
    }
    if has_anchor(layout, around)? {
        return Err(Refusal("the value has an anchor in it, so it may be used elsewhere"));
    }
    replace::value(layout, around, outer, &Value::Yaml(empty.to_owned()))
}

/// An entry that stands on the line of a dash, or an item on that of another one: the next one takes its place.
fn first_on_line(
    layout: Layout<'_>,
    around: &Place<'_>,
    here: &Place<'_>,
    start: usize,
    stop: usize,
) -> Result<Vec<Edit>, Refusal> {
    let next = match &around.node.kind {
        NodeKind::Map { entries, .. } => entries.get(here.index + 1).map(|entry| entry.key.span.start),
        _ => None,
    };
    let next = next.filter(|_| here.index == 0).ok_or(Refusal("the value does not begin its line"))?;
    let inner = comments(layout.text, around.node, start..next);
    if layout.gap(stop..next).trim() != "" || !inner.is_empty() {
        return Err(Refusal("comments or something else stand before the next key"));
    }
    layout.column(start)?;
    Ok(vec![Edit::remove(Span::new(layout.id, start, next))])
}

/// Between brackets: with one comma.
fn between(
    layout: Layout<'_>,
    here: &Place<'_>,
    around: &Place<'_>,
    start: usize,
    stop: usize,
) -> Result<Vec<Edit>, Refusal> {
    let starts = |index: usize| match &around.node.kind {
        NodeKind::Map { entries, .. } => entries.get(index).map(|entry| entry.key.span.start),
        NodeKind::Seq { items, .. } => items.get(index).map(|item| item.alias.unwrap_or(item.span).start),
        NodeKind::Scalar { .. } => None,
    };
    let (from, to) = match (starts(here.index + 1), here.index.checked_sub(1)) {
        (Some(next), _) => (start, next),
        (None, Some(before)) => {
            let before = starts(before).ok_or(Refusal("the route leads nowhere"))?;
            let comma = layout.text[before..start].rfind(',').ok_or(Refusal("a comma is missing"))?;
            (before + comma, stop)
        }
        (None, None) => return Err(Refusal("nothing else stands between the brackets")),
    };
    let signs: String = layout.gap(stop..to.max(stop)).split_whitespace().collect();
    let before: String = layout.gap(from.min(start)..start).split_whitespace().collect();
    if !comments(layout.text, around.node, from..to).is_empty()
        || !matches!((signs.as_str(), before.as_str()), ("," | "", "," | ""))
    {
        return Err(Refusal("comments or something else stand between the brackets"));
    }
    Ok(vec![Edit::remove(Span::new(layout.id, from, to))])
}

/// Whether an anchor stands in a value, or an alias of one that would be gone.
fn has_anchor(layout: Layout<'_>, here: &Place<'_>) -> Result<bool, Refusal> {
    fn below(layout: Layout<'_>, link: &Link, from: usize) -> Result<bool, Refusal> {
        if link.alias.is_some() {
            return Ok(false);
        }
        let mut at = from;
        match &link.node.kind {
            NodeKind::Scalar { .. } => return Ok(!is_empty(link) && gap(layout, from, link.span.start)),
            NodeKind::Seq { items, .. } => {
                for item in items {
                    let start = item.alias.unwrap_or(item.span).start;
                    if (start >= at && gap(layout, at, start)) || below(layout, item, start)? {
                        return Ok(true);
                    }
                    at = end(layout, item, start)?;
                }
            }
            NodeKind::Map { entries, .. } => {
                for entry in entries.iter().filter(|entry| !entry.merged) {
                    let behind = colon(layout, entry)? + 1;
                    if (entry.key.span.start >= at && gap(layout, at, entry.key.span.start))
                        || below(layout, &entry.value, behind)?
                    {
                        return Ok(true);
                    }
                    at = end(layout, &entry.value, behind)?;
                }
            }
        }
        Ok(false)
    }
    fn gap(layout: Layout<'_>, from: usize, to: usize) -> bool {
        to > from && layout.gap(from..to).contains('&')
    }
    let link = Link { node: std::sync::Arc::new(here.node.clone()), alias: None };
    below(layout, &link, here.from)
}
