//! Finding the place of a route in the text.

use super::Refusal;
use super::layout::Layout;
use crate::yaml::node::{Entry, Link, Node, NodeKind, Style};
use crate::yaml::{Route, Step};

/// A value on the way of a route, and where the place that it fills begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) node: &'a Node,
    /// Behind the `:` or `-` before it; in a flow list behind the sign or item before it.
    pub(super) from: usize,
    /// Where it begins: of a block of text the sign, of nothing where its place begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// Which entry or item of the container before it on the way.
    pub(super) index: usize,
    /// The dash of an item of a block.
    pub(super) dash: Option<usize>,
}

/// How far a route leads: the values on it from the root on, and the steps that are not there.
pub(super) struct Way<'a, 'r> {
    pub(super) places: Vec<Place<'a>>,
    pub(super) missing: &'r [Step],
}

/// Follows a route as far as the file says it.
pub(super) fn follow<'a, 'r>(layout: Layout<'_>, root: &'a Node, route: &'r Route) -> Result<Way<'a, 'r>, Refusal> {
    let mut here = Place { node: root, from: 0, start: root.span.start, end: root.span.end, index: 0, dash: None };
    let mut places = vec![here];
    for (depth, step) in route.steps().iter().enumerate() {
        let next = match (step, &here.node.kind) {
            (Step::Key(name), NodeKind::Map { entries, .. }) => {
                entries.iter().position(|entry| entry.name() == name).map(|index| value(layout, entries, index))
            }
            (Step::Index(index), NodeKind::Seq { items, .. }) if *index < items.len() => {
                Some(item(layout, here, *index))
            }
            _ => None,
        };
        match next {
            None => return Ok(Way { places, missing: &route.steps()[depth..] }),
            Some(next) => here = next?,
        }
        places.push(here);
    }
    Ok(Way { places, missing: &[] })
}

/// The value of an entry.
pub(super) fn value<'a>(layout: Layout<'_>, entries: &'a [Entry], index: usize) -> Result<Place<'a>, Refusal> {
    let entry = &entries[index];
    if entry.merged {
        return Err(Refusal("the key comes through `<<` and is written elsewhere"));
    }
    let from = colon(layout, entry)? + 1;
    let (node, start) = linked(layout, &entry.value, from)?;
    Ok(Place { node, from, start, end: end(layout, &entry.value, from)?, index, dash: None })
}

/// The place of the `:` behind a key.
pub(super) fn colon(layout: Layout<'_>, entry: &Entry) -> Result<usize, Refusal> {
    let behind = &layout.text[entry.key.span.end..];
    let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    match behind[blanks..].starts_with(':') {
        true => Ok(entry.key.span.end + blanks),
        false => Err(Refusal("the key is written with `?`, or through an alias")),
    }
}

/// The item of a list.
fn item<'a>(layout: Layout<'_>, list: Place<'a>, index: usize) -> Result<Place<'a>, Refusal> {
    let NodeKind::Seq { items, flow } = &list.node.kind else { return Err(Refusal("this is no list")) };
    let link = &items[index];
    if items[..=index].iter().any(|item| item.span.start == item.span.end && item.alias.is_none()) {
        return Err(Refusal("an item of the list is empty"));
    }
    let mut from = list.from;
    match index.checked_sub(1) {
        Some(before) => from = end(layout, &items[before], from)?,
        None if *flow => from = list.node.span.start + 1,
        None => {}
    }
    if *flow {
        let (node, start) = linked(layout, link, from)?;
        return Ok(Place { node, from, start, end: end(layout, link, from)?, index, dash: None });
    }
    let start = link.alias.unwrap_or(link.span).start;
    let gap = layout.gap(from..start);
    let dash = from + gap.find('-').ok_or(Refusal("the list is not written with dashes"))?;
    let from = dash + 1;
    let (node, start) = linked(layout, link, from)?;
    Ok(Place { node, from, start, end: end(layout, link, from)?, index, dash: Some(dash) })
}

/// A value that stands here itself, without anchor and tag, and where it begins.
fn linked<'a>(layout: Layout<'_>, link: &'a Link, from: usize) -> Result<(&'a Node, usize), Refusal> {
    if link.alias.is_some() {
        return Err(Refusal("the value comes through an alias and is written elsewhere"));
    }
    let nothing = is_empty(&link.node);
    let to = if nothing { layout.line_end(from) } else { link.span.start };
    let before = layout.gap(from..to.max(from));
    if matches!(link.kind, NodeKind::Scalar { style: Style::Block, .. }) {
        let sign = before.len() - before.trim_start().len();
        return match link.span.start > from && before[sign..].starts_with(['|', '>']) {
            true => Ok((&link.node, from + sign)),
            false => Err(Refusal("something else stands before the value")),
        };
    }
    match before.chars().find(|c| !matches!(c, '-' | ',' | '}' | ']') && !c.is_whitespace()) {
        Some('&') => Err(Refusal("the value has an anchor, so it may be used elsewhere")),
        Some(_) => Err(Refusal("something else stands before the value")),
        None => Ok((&link.node, if nothing { from } else { link.span.start })),
    }
}

/// Nothing is written for the value, and its place means nothing.
pub(super) fn is_empty(node: &Node) -> bool {
    node.span.start == node.span.end && matches!(node.kind, NodeKind::Scalar { style: Style::Plain, .. })
}

/// Where the text of a value ends; `from` is where its place begins, and its end where nothing is written.
pub(super) fn end(layout: Layout<'_>, link: &Link, from: usize) -> Result<usize, Refusal> {
    if let Some(alias) = link.alias {
        return Ok(alias.end);
    }
    match &link.node.kind {
        NodeKind::Map { entries, flow: false } => match entries.iter().rfind(|entry| !entry.merged) {
            Some(entry) => end(layout, &entry.value, colon(layout, entry)? + 1),
            None => Err(Refusal("all keys come through `<<`")),
        },
        NodeKind::Seq { items, flow: false } => match items.last() {
            Some(item) if is_empty(item) && item.alias.is_none() => Err(Refusal("an item of the list is empty")),
            Some(item) => end(layout, item, from),
            None => Ok(from),
        },
        NodeKind::Scalar { .. } if is_empty(link) => Ok(from),
        NodeKind::Scalar { style: Style::Block, .. } if link.span.start == link.span.end => {
            Err(Refusal("a block of text is empty"))
        }
        _ => Ok(link.span.end),
    }
}
