use super::node::{Node, NodeKind};
use super::{Route, Step};
use crate::text::{SourceFile, Span};

/// Where a route leads.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The key it stands under; `None` for the root and for list items.
    pub key: Option<Span>,
    /// The value's own place.
    pub span: Span,
    /// The value.
    pub node: &'a Node,
}

/// Follows a route; `None` when a key or index on it does not exist.
pub fn find<'a>(root: &'a Node, route: &Route) -> Option<Found<'a>> {
    let mut found = Found { key: None, span: root.span, node: root };
    for step in route.steps() {
        let (key, node): (_, &Node) = match step {
            Step::Key(name) => {
                let entry = found.node.entry(name)?;
                (Some(entry.key.span), &entry.value)
            }
            Step::Index(index) => (None, found.node.items().get(*index)?),
        };
        found = Found { key, span: node.span, node };
    }
    Some(found)
}

/// The deepest value whose key or text holds the byte offset; the root when none does.
pub fn route_at(root: &Node, offset: usize) -> Route {
    locate(root, &|span| span.start <= offset && offset < span.end.max(span.start + 1))
}

/// The deepest value that begins on, or else continues over, a line counted from 1.
pub fn route_at_line(root: &Node, file: &SourceFile, line: usize) -> Route {
    let Some((start, end)) = file.line_range(line) else {
        return Route::root();
    };
    locate(root, &|span| span.start <= end && start < span.end.max(span.start + 1))
}

/// The value that a line is about: as [`route_at_line`], a list or mapping on one line as a whole; `None` for no value.
pub fn value_at_line(root: &Node, file: &SourceFile, line: usize) -> Option<Route> {
    let route = route_at_line(root, file, line);
    let mut node = root;
    for (depth, step) in route.steps().iter().enumerate() {
        if matches!(node.kind, NodeKind::Seq { flow: true, .. } | NodeKind::Map { flow: true, .. }) {
            return Some(Route::from(route.steps()[..depth].to_vec()));
        }
        node = match step {
            Step::Key(key) => node.get(key)?,
            Step::Index(index) => node.items().get(*index)?,
        };
    }
    (!route.steps().is_empty()).then_some(route)
}

/// Walks down as long as a child is hit. Of several children the first one counts: on a line that is the key the
/// line begins with, unless the line only continues an earlier sibling, which then is the one it belongs to.
fn locate(root: &Node, hit: &dyn Fn(Span) -> bool) -> Route {
    let mut route = Route::root();
    let mut node = root;
    loop {
        // An aliased value is written elsewhere; here stands only the alias.
        let reach = |own: Span, alias: Option<Span>| alias.unwrap_or(own);
        let next: Option<(Step, &Node, bool)> = match &node.kind {
            NodeKind::Scalar { .. } => None,
            NodeKind::Seq { items, .. } => items.iter().enumerate().find_map(|(index, item)| {
                hit(reach(item.span, item.alias)).then(|| (Step::Index(index), &*item.node, item.alias.is_some()))
            }),
            NodeKind::Map { entries, .. } => entries.iter().find_map(|entry| {
                let value = reach(entry.value.span, entry.value.alias);
                let whole = Span { start: entry.key.span.start, end: value.end.max(entry.key.span.end), ..value };
                (!entry.merged && hit(whole))
                    .then(|| (Step::Key(entry.name().to_owned()), &*entry.value.node, entry.value.alias.is_some()))
            }),
        };
        match next {
            None => return route,
            Some((step, child, aliased)) => {
                route = match step {
                    Step::Key(key) => route.key(key),
                    Step::Index(index) => route.index(index),
                };
                if aliased {
                    return route;
                }
                node = child;
            }
        }
    }
}
