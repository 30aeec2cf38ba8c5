use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use crate::text::Span;

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: `1.10`.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// As `|` or `>` block.
    Block,
}

/// The tag of what could not be read; no file can write it.
const UNREAD: &str = "\u{0}unread";

/// A YAML value with its place. Aliases share the node they refer to.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it is written; of an aliased value the place of the anchor's value.
    pub span: Span,
    /// The tag as written (`!!str` becomes `tag:yaml.org,2002:str`).
    pub tag: Option<Box<str>>,
    /// The value.
    pub kind: NodeKind,
}

/// The three kinds of YAML value.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Text, not yet interpreted.
    Scalar {
        /// The text after unquoting and folding.
        text: Cow<'static, str>,
        /// How it was written.
        style: Style,
    },
    /// A list.
    Seq {
        /// The items in order.
        items: Vec<Link>,
        /// Written as `[a, b]`.
        flow: bool,
    },
    /// A mapping without duplicate keys, merge keys already applied.
    Map {
        /// The entries in order; merged ones come last.
        entries: Vec<Entry>,
        /// Written as `{a: b}`.
        flow: bool,
    },
}

/// A child value, and the place of the alias it came through.
#[derive(Clone, Debug)]
pub struct Link {
    /// The value.
    pub node: Arc<Node>,
    /// The `*alias` that stands here instead of the value.
    pub alias: Option<Span>,
}

/// One key and its value; the key is always a scalar.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Node,
    /// The value.
    pub value: Link,
    /// Came in through `<<`, so the key is written in another mapping.
    pub merged: bool,
}

impl Node {
    /// The text of a scalar.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items of a list; empty for other kinds.
    pub fn items(&self) -> &[Link] {
        match &self.kind {
            NodeKind::Seq { items, .. } => items,
            _ => &[],
        }
    }

    /// The entries of a mapping; empty for other kinds.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            NodeKind::Map { entries, .. } => entries,
            _ => &[],
        }
    }

    /// The entry with this key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.name() == key)
    }

    /// The value under this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &*entry.value.node)
    }

    /// Every text below this node, and at it, with its place.
    pub fn scalars(&self) -> Box<dyn Iterator<Item = (&str, Span)> + '_> {
        match &self.kind {
            NodeKind::Scalar { text, .. } => Box::new(std::iter::once((&**text, self.span))),
            NodeKind::Seq { items, .. } => Box::new(items.iter().flat_map(|item| item.node.scalars())),
            NodeKind::Map { entries, .. } => Box::new(entries.iter().flat_map(|entry| entry.value.node.scalars())),
        }
    }

    /// Whether the value is `null`, `~` or nothing at all.
    pub fn is_null(&self) -> bool {
        !self.is_unread() && super::scalar::is_null(self)
    }

    /// Whether the value could not be read, because it is not YAML.
    pub fn is_unread(&self) -> bool {
        self.tag.as_deref() == Some(UNREAD)
    }

    /// Marks values and items that could not be read, by the first byte of their key or their own; `end` is that of all.
    pub(super) fn mark_unread(&mut self, places: &[usize], end: usize) {
        let mark = |node: &mut Link, from: usize, end: usize| {
            let node = Arc::make_mut(&mut node.node);
            node.tag = Some(UNREAD.into());
            node.span = Span { start: from, end: end.max(from), ..node.span };
        };
        match &mut self.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::Seq { items, .. } => {
                for at in 0..items.len() {
                    let next = items.get(at + 1).map_or(end, |next| next.span.start);
                    let item = &mut items[at];
                    match places.contains(&item.span.start) && item.node.entries().is_empty() {
                        true => mark(item, item.span.start, next),
                        false => Arc::make_mut(&mut item.node).mark_unread(places, next),
                    }
                }
            }
            NodeKind::Map { entries, .. } => {
                for at in 0..entries.len() {
                    let next = entries.get(at + 1).map_or(end, |next| next.key.span.start);
                    let entry = &mut entries[at];
                    match places.contains(&entry.key.span.start) {
                        true => mark(&mut entry.value, entry.key.span.end, next),
                        false => Arc::make_mut(&mut entry.value.node).mark_unread(places, next),
                    }
                }
            }
        }
    }
}

impl Entry {
    /// The key's text.
    pub fn name(&self) -> &str {
        self.key.as_text().unwrap_or("")
    }
}

impl Deref for Link {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.node
    }
}
