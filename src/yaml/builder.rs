use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use saphyr_parser::{Event, ScalarStyle, Span as Marked, Tag};

use super::marks::Marks;
use super::node::{Entry, Link, Node, NodeKind, Style};
use super::{MAX_DEPTH, MAX_ENTRIES, MAX_NODES, Tags, merge, syntax};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::text::Span;

/// A finished value with what is needed to bound its expansion.
#[derive(Clone)]
struct Built {
    node: Arc<Node>,
    weight: usize,
    height: usize,
}

/// A list or mapping whose end has not come yet.
struct Frame {
    start: usize,
    flow: bool,
    anchor: usize,
    tag: Option<Box<str>>,
    mapping: bool,
    key: Option<Node>,
    items: Vec<Link>,
    entries: Vec<Entry>,
    weight: usize,
    height: usize,
    /// What came after [`MAX_ENTRIES`] and was left out.
    beyond: Option<Span>,
}

/// Builds the tree from the parser's events, keeping the limits as it goes.
pub(super) struct Builder<'a> {
    marks: Marks<'a>,
    tags: Tags,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Built>,
    open_anchors: Vec<usize>,
    nodes: usize,
    documents: usize,
    root: Option<Arc<Node>>,
    /// Mistakes behind which the tree can still be read.
    found: Diagnostics,
}

impl<'a> Builder<'a> {
    pub(super) fn new(marks: Marks<'a>, tags: Tags) -> Self {
        Self {
            marks,
            tags,
            frames: Vec::new(),
            anchors: HashMap::new(),
            open_anchors: Vec::new(),
            nodes: 0,
            documents: 0,
            root: None,
            found: Diagnostics::new(),
        }
    }

    /// The root of the first document, `None` when there was nothing to read, and the mistakes in it.
    pub(super) fn finish(self) -> (Option<Arc<Node>>, Diagnostics) {
        (self.root.filter(|root| !is_nothing(root)), self.found)
    }

    /// Number of mistakes so far.
    pub(super) fn found(&self) -> usize {
        self.found.len()
    }

    /// Takes the next event; `own` makes its text outlive the file's.
    pub(super) fn event<'e>(
        &mut self,
        event: Event<'e>,
        marks: Marked,
        own: fn(Cow<'e, str>) -> Cow<'static, str>,
    ) -> Result<(), Diagnostic> {
        let (start, end) = (self.marks.offset(marks.start.index()), self.marks.offset(marks.end.index()));
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Diagnostic::error(codes::SEVERAL_DOCUMENTS, "a second YAML document begins here")
                        .at(self.marks.span(start, end), "only one document per file")
                        .help("put the second document in its own file, or remove the `---` line"));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let start = self.marks.skip_properties(start, end, anchor != 0 || tag.is_some());
                let tag = self.tag(tag.as_deref(), start, end);
                let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
                let end = if quoted { self.marks.closing_quote(start, end) } else { end };
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                // A block scalar ends after its last line break, and an empty one at a place of no meaning.
                let end = start + self.marks.text[start..end].trim_end().len();
                let kind = NodeKind::Scalar { text: own(text), style };
                let node = Arc::new(Node { span: self.marks.span(start, end), tag, kind });
                self.place(Built { node, weight: 1, height: 0 }, anchor, None)
            }
            Event::SequenceStart(anchor, tag) => self.open(false, anchor, tag.as_deref(), start, end),
            Event::MappingStart(anchor, tag) => self.open(true, anchor, tag.as_deref(), start, end),
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            Event::Alias(anchor) => self.alias(anchor, self.marks.span(start, end)),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(
        &mut self,
        mapping: bool,
        anchor: usize,
        tag: Option<&Tag>,
        start: usize,
        end: usize,
    ) -> Result<(), Diagnostic> {
        let start = self.marks.skip_properties(start, end, anchor != 0 || tag.is_some());
        if self.frames.len() >= MAX_DEPTH {
            return Err(syntax::too_deep(self.marks.span(start, end)));
        }
        let tag = self.tag(tag, start, end);
        if anchor != 0 {
            self.open_anchors.push(anchor);
        }
        let flow = self.marks.text[start..].starts_with(['[', '{']) && start < end;
        if !flow {
            self.found.extend(self.marks.tab_before(start));
        }
        self.frames.push(Frame {
            start,
            flow,
            anchor,
            tag,
            mapping,
            key: None,
            items: Vec::new(),
            entries: Vec::new(),
            weight: 1,
            height: 1,
            beyond: None,
        });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), Diagnostic> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        if frame.anchor != 0 {
            self.open_anchors.pop();
        }
        let own = |span: Span, alias: Option<Span>| alias.unwrap_or(span);
        let (first, last) = if frame.mapping {
            let last =
                frame.entries.last().map(|entry| own(entry.value.span, entry.value.alias).end.max(entry.key.span.end));
            (frame.entries.first().map(|entry| entry.key.span.start), last)
        } else {
            let last = frame.items.last().map(|item| own(item.span, item.alias).end);
            (frame.items.first().map(|item| own(item.span, item.alias).start), last)
        };
        let span = if frame.flow {
            self.marks.span(frame.start, self.marks.closing_bracket(end))
        } else {
            let start = first.unwrap_or(frame.start);
            self.marks.span(start, last.unwrap_or(start).max(start))
        };
        let mut beyond = frame.beyond;
        let kind = if frame.mapping {
            let entries = without_duplicates(frame.entries, &mut self.found);
            let mut entries = merge::apply(entries, &mut self.found);
            if self.tags == Tags::Refuse && entries.len() > MAX_ENTRIES {
                entries.truncate(MAX_ENTRIES);
                beyond = beyond.or(Some(span));
            }
            NodeKind::Map { entries, flow: frame.flow }
        } else {
            NodeKind::Seq { items: frame.items, flow: frame.flow }
        };
        if let Some(beyond) = beyond {
            let what = if frame.mapping { "mapping" } else { "list" };
            self.found.push(
                Diagnostic::error(codes::TOO_MANY_NODES, format!("a {what} has more than {MAX_ENTRIES} entries"))
                    .at(beyond, "the limit is reached here")
                    .help("name fewer: wider networks, patterns or a file of the application can stand for many"),
            );
        }
        let node = Arc::new(Node { span, tag: frame.tag, kind });
        self.place(Built { node, weight: frame.weight, height: frame.height }, frame.anchor, None)
    }

    fn alias(&mut self, anchor: usize, place: Span) -> Result<(), Diagnostic> {
        if self.open_anchors.contains(&anchor) {
            return Err(Diagnostic::error(codes::RECURSIVE_ALIAS, "this alias stands inside the value it refers to")
                .at(place, "refers to a value around it")
                .help("write the value out, or move the anchor"));
        }
        match self.anchors.get(&anchor).cloned() {
            Some(built) => self.place(built, 0, Some(place)),
            // The parser refuses unknown names itself.
            None => Err(Diagnostic::error(codes::YAML_SYNTAX, "this alias has no anchor").at(place, "unknown name")),
        }
    }

    /// Puts a finished value where it belongs and keeps the limits.
    fn place(&mut self, built: Built, anchor: usize, alias: Option<Span>) -> Result<(), Diagnostic> {
        let place = alias.unwrap_or(built.node.span);
        // What a container holds was counted when it was put there.
        let added = if alias.is_some() { built.weight } else { 1 };
        self.nodes = self.nodes.saturating_add(added);
        if self.nodes > MAX_NODES {
            return Err(match alias {
                Some(_) => Diagnostic::error(
                    codes::TOO_MANY_ALIASES,
                    format!("aliases expand the file to more than {MAX_NODES} values"),
                )
                .at(place, format!("this alias stands for {} values", built.weight))
                .help("write the repeated parts out, or alias smaller parts"),
                None => Diagnostic::error(codes::TOO_MANY_NODES, format!("the file has more than {MAX_NODES} values"))
                    .at(place, "the limit is reached here")
                    .help("split the file"),
            });
        }
        if alias.is_some() && self.frames.len() + built.height > MAX_DEPTH {
            return Err(syntax::too_deep(place));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, built.clone());
        }
        if self.frames.last().is_some_and(|frame| frame.mapping && !frame.flow && frame.key.is_none()) {
            self.found.extend(self.marks.tab_before(place.start));
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(built.node);
            return Ok(());
        };
        frame.weight += built.weight;
        frame.height = frame.height.max(built.height + 1);
        let link = Link { node: built.node, alias };
        // Of a mapping the key is taken first, and its value passed over.
        let full = self.tags == Tags::Refuse && frame.items.len().max(frame.entries.len()) >= MAX_ENTRIES;
        if full && (frame.key.is_some() || !frame.mapping) {
            frame.beyond.get_or_insert(frame.key.take().map_or(place, |key| key.span));
            return Ok(());
        }
        match frame.key.take() {
            Some(key) => frame.entries.push(Entry { key, value: link, merged: false }),
            None if !frame.mapping => frame.items.push(link),
            None if link.as_text().is_some() => frame.key = Some(key_at(link)),
            None => {
                return Err(Diagnostic::error(codes::COMPLEX_KEY, "a key cannot be a list or a mapping")
                    .at(place, "used as a key")
                    .help("write the key as plain text; a value like `{{ name }}` needs quotes"));
            }
        }
        Ok(())
    }

    fn tag(&mut self, tag: Option<&Tag>, start: usize, end: usize) -> Option<Box<str>> {
        let tag = tag?;
        let name = format!("{}{}", tag.handle, tag.suffix);
        let known = tag.is_yaml_core_schema()
            && matches!(&*tag.suffix, "str" | "int" | "float" | "bool" | "null" | "map" | "seq" | "merge");
        // The bare `!` only says that the value is not to be interpreted.
        if known || name == "!" || (self.tags == Tags::Keep && !tag.is_yaml_core_schema()) {
            return Some(name.into());
        }
        self.found.push(
            Diagnostic::error(codes::UNKNOWN_TAG, format!("the tag `{name}` is not known"))
                .at(self.marks.span(start, end), "tagged value")
                .help("remove the tag; text that begins with `!` needs quotes"),
        );
        None
    }
}

fn is_nothing(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Scalar { text, style: Style::Plain } if text.is_empty() && node.tag.is_none())
}

/// A key that came through an alias keeps the alias's place, so that labels point at this mapping.
fn key_at(link: Link) -> Node {
    let node = Arc::unwrap_or_clone(link.node);
    Node { span: link.alias.unwrap_or(node.span), ..node }
}

/// The entries whose key was not written before.
fn without_duplicates(mut entries: Vec<Entry>, found: &mut Diagnostics) -> Vec<Entry> {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut again = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let name = entry.name();
        if let Some(first) = seen.get(name) {
            found.push(
                Diagnostic::error(codes::DUPLICATE_KEY, format!("the key `{name}` is written twice"))
                    .at(entry.key.span, "again here")
                    .also(*first, "first here")
                    .help("keep one of the two"),
            );
            again.push(index);
        } else {
            seen.insert(name, entry.key.span);
        }
    }
    for index in again.into_iter().rev() {
        entries.remove(index);
    }
    entries
}
