use std::collections::BTreeSet;
use std::sync::Arc;

use super::de::{Error, Kind};
use super::node::{Entry, Link, Node, NodeKind, Style};
use crate::diagnostics::nearest;
use crate::text::Span;

/// Values put in place of missing ones so that decoding goes on and finds the next mistake. They never leave
/// [`decode`](super::decode): a value built with one is dropped.
const STAND_INS: &[&str] = &[
    "a",
    "1",
    "true",
    "[]",
    "{}",
    "a.example.com",
    "10.0.0.0/24",
    "10.0.0.1",
    "1m",
    "1k",
    "1/1m",
    "/a",
    "https://a.example.com",
    "a@example.com",
    "A",
    "2999-01-01",
    "a:1",
];

/// What became of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A mistake of the user; its part is cut out.
    Report,
    /// Follows from a mistake already reported.
    Consequence,
    /// A mistake that leaves nothing to decode.
    ReportAndStop,
    /// A consequence that leaves nothing to decode.
    Stop,
}

/// The tree as far as it is still believed.
#[derive(Debug)]
pub(super) struct Repair {
    root: Arc<Node>,
    /// Containers something was cut out of, by place.
    cut: BTreeSet<Span>,
    /// Keys whose absence is known, with their mapping's place.
    gone: BTreeSet<(Span, Box<str>)>,
    stand_ins: bool,
    /// Whether keys may be written that are not in the tree.
    incomplete: bool,
}

impl Repair {
    pub(super) fn new(root: &Arc<Node>) -> Self {
        let (cut, gone) = (BTreeSet::new(), BTreeSet::new());
        Self { root: root.clone(), cut, gone, stand_ins: false, incomplete: false }
    }

    /// A tree with parts that could not be read: what they would be is not missed. Of an incomplete one no key is.
    pub(super) fn partial(root: &Arc<Node>, incomplete: bool) -> Self {
        let mut repair = Self { incomplete, ..Self::new(root) };
        // From the last to the first, so that no path changes on the way.
        for path in unread(root).iter().rev() {
            repair.remove(path);
        }
        repair
    }

    pub(super) fn root(&self) -> &Node {
        &self.root
    }

    /// Whether a stand-in is part of the tree.
    pub(super) fn made_up(&self) -> bool {
        self.stand_ins && contains_stand_in(&self.root)
    }

    /// Cuts out what the error is about.
    pub(super) fn apply(&mut self, error: &Error) -> Verdict {
        let path = error.path();
        if let Some(depth) = self.stand_in_depth(&path) {
            return self.try_next(&path[..depth], &path[depth..], error);
        }
        let Some(node) = node_at(&self.root, &path) else {
            return Verdict::ReportAndStop;
        };
        // A list where text is wanted stays wrong whatever was cut out of it, unless it was emptied.
        let shape = matches!(error.kind(), Kind::WrongType { .. });
        let full = !node.items().is_empty() || !node.entries().is_empty();
        let was_cut = self.cut.contains(&node.span) && !(shape && full);
        if let Kind::MissingKey(name) = error.kind() {
            let span = node.span;
            let known = !self.gone.insert((span, (*name).into())) || self.incomplete;
            self.cut.insert(span);
            self.add_stand_in(&path, name);
            return if known { Verdict::Consequence } else { Verdict::Report };
        }
        if let Kind::UnknownKey { name, expected } = error.kind()
            && self.rename(&path, name, expected)
        {
            return Verdict::Report;
        }
        match (self.remove(&path), was_cut) {
            (true, false) => Verdict::Report,
            (true, true) => Verdict::Consequence,
            (false, false) => Verdict::ReportAndStop,
            (false, true) => Verdict::Stop,
        }
    }

    /// Takes a misspelt key for the one that was meant, so that its value is checked and the key is not reported as
    /// missing too; `false` when no name is near or the near one is there already.
    fn rename(&mut self, path: &[usize], name: &str, expected: &[&str]) -> bool {
        let Some((&index, parent)) = path.split_last() else {
            return false;
        };
        let Some(meant) = nearest(name, expected.iter().copied()) else {
            return false;
        };
        let mapping = node_at(&self.root, parent).filter(|node| node.entry(meant).is_none());
        let entry = mapping.and_then(|node| node.entries().get(index));
        let value = entry.filter(|entry| entry.name() == name).map(|entry| entry.value.span);
        if let Some(value) = value {
            // The guess may be wrong, so that the value does not fit is no finding of its own.
            self.cut.insert(value);
            self.edit(parent, |node| {
                if let NodeKind::Map { entries, .. } = &mut node.kind {
                    entries[index].key.kind = word(meant);
                }
            });
        }
        value.is_some()
    }

    /// Removes the value at the path from its container; `false` at the root.
    fn remove(&mut self, path: &[usize]) -> bool {
        let Some((&index, parent)) = path.split_last() else {
            return false;
        };
        let Some(container) = node_at(&self.root, parent) else {
            return false;
        };
        self.cut.insert(container.span);
        if let Some(entry) = container.entries().get(index) {
            self.gone.insert((container.span, entry.name().into()));
        }
        self.edit(parent, |node| match &mut node.kind {
            NodeKind::Seq { items, .. } if index < items.len() => drop(items.remove(index)),
            NodeKind::Map { entries, .. } if index < entries.len() => drop(entries.remove(index)),
            _ => {}
        });
        true
    }

    /// How many steps lead to the first stand-in on the path.
    fn stand_in_depth(&self, path: &[usize]) -> Option<usize> {
        (0..=path.len()).find(|depth| node_at(&self.root, &path[..*depth]).is_some_and(is_stand_in))
    }

    /// A stand-in was refused: complete it, try the next one, or give up its container.
    fn try_next(&mut self, at: &[usize], inner: &[usize], error: &Error) -> Verdict {
        let full: Vec<usize> = at.iter().chain(inner).copied().collect();
        match error.kind() {
            Kind::MissingKey(name) => {
                self.add_stand_in(&full, name);
                return Verdict::Consequence;
            }
            Kind::UnknownValue { expected: [first, ..], name } if name != first => {
                let text = *first;
                self.edit(&full, |node| node.kind = word(text));
                return Verdict::Consequence;
            }
            _ => {}
        }
        // The innermost one is varied first.
        for depth in (at.len()..=full.len()).rev() {
            let next =
                node_at(&self.root, &full[..depth]).filter(|node| is_stand_in(node)).map(|node| node.span.start + 1);
            if let Some(next) = next.filter(|next| *next < STAND_INS.len()) {
                self.edit(&full[..depth], |node| *node = stand_in(next));
                return Verdict::Consequence;
            }
        }
        match at.split_last() {
            Some((_, container)) if self.remove(container) => Verdict::Consequence,
            _ => Verdict::Stop,
        }
    }

    fn add_stand_in(&mut self, path: &[usize], name: &str) {
        self.stand_ins = true;
        self.edit(path, |node| {
            if let NodeKind::Map { entries, .. } = &mut node.kind {
                let key = Node { kind: word(name), ..stand_in(0) };
                let value = Link { node: Arc::new(stand_in(0)), alias: None };
                entries.push(Entry { key, value, merged: false });
            }
        });
    }

    /// Changes the value at the path; containers on the way are copied, their other children stay shared.
    fn edit(&mut self, path: &[usize], change: impl FnOnce(&mut Node)) {
        let mut node = Arc::make_mut(&mut self.root);
        for &index in path {
            let child = match &mut node.kind {
                NodeKind::Seq { items, .. } => items.get_mut(index),
                NodeKind::Map { entries, .. } => entries.get_mut(index).map(|entry| &mut entry.value),
                NodeKind::Scalar { .. } => None,
            };
            let Some(child) = child else { return };
            node = Arc::make_mut(&mut child.node);
        }
        change(node);
    }
}

fn node_at<'a>(root: &'a Node, path: &[usize]) -> Option<&'a Node> {
    path.iter().try_fold(root, |node, &index| match &node.kind {
        NodeKind::Seq { items, .. } => items.get(index).map(|item| &*item.node),
        NodeKind::Map { entries, .. } => entries.get(index).map(|entry| &*entry.value.node),
        NodeKind::Scalar { .. } => None,
    })
}

/// Paths of everything that could not be read, in the order of the file.
fn unread(node: &Node) -> Vec<Vec<usize>> {
    let items = node.items().iter().map(|item| &item.node);
    let children = items.chain(node.entries().iter().map(|entry| &entry.value.node));
    let paths = children.enumerate().flat_map(|(index, child)| {
        let below = if child.is_unread() { vec![Vec::new()] } else { unread(child) };
        below.into_iter().map(move |path| [vec![index], path].concat())
    });
    paths.collect()
}

/// The `number`-th stand-in; its place is in no file and carries the number.
fn stand_in(number: usize) -> Node {
    let kind = match STAND_INS[number] {
        "[]" => NodeKind::Seq { items: Vec::new(), flow: true },
        "{}" => NodeKind::Map { entries: Vec::new(), flow: true },
        text => word(text),
    };
    Node { span: Span { start: number, ..Span::UNKNOWN }, tag: None, kind }
}

fn word(text: &str) -> NodeKind {
    NodeKind::Scalar { text: text.to_owned().into(), style: Style::Plain }
}

const fn is_stand_in(node: &Node) -> bool {
    node.span.is_unknown()
}

fn contains_stand_in(node: &Node) -> bool {
    is_stand_in(node)
        || node.items().iter().any(|item| contains_stand_in(item))
        || node.entries().iter().any(|entry| contains_stand_in(&entry.value))
}
