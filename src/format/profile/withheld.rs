//! What no excerpt shows: values that stand in a profile where the names of secrets belong.

use crate::diagnostics::render::Texts;
use crate::text::{SourceFile, SourceId};
use crate::yaml::{Node, NodeKind, Sources};
use std::ops::Range;

impl Texts for Sources {
    fn file(&self, id: SourceId) -> Option<&SourceFile> {
        self.get(id)
    }

    fn withheld(&self, id: SourceId) -> Vec<Range<usize>> {
        self.tree(id).map_or_else(Vec::new, |root| of(root))
    }
}

/// Keys of the section that say no secret.
const SAFE: [&str; 3] = ["store", "recipients", "sources"];
/// Where a secret comes from.
const SOURCES: [&str; 2] = ["generate", "supplied"];

/// The places of such values. A system file, which has a `format`, describes its secrets in that section.
fn of(root: &Node) -> Vec<Range<usize>> {
    let secrets = root.get("secrets").filter(|_| root.entry("format").is_none());
    let values = secrets.into_iter().flat_map(Node::entries).filter(|entry| !SAFE.contains(&entry.name()));
    let sources = secrets.and_then(|secrets| secrets.get("sources")).into_iter().flat_map(Node::entries);
    let wrong = sources.filter(|entry| entry.value.as_text().is_none_or(|text| !SOURCES.contains(&text)));
    let scalar = |node: &Node| matches!(node.kind, NodeKind::Scalar { .. }) && !node.is_null();
    let places = values.chain(wrong).map(|entry| &entry.value).filter(|value| scalar(value));
    places.map(|value| value.span.start..value.span.end).collect()
}
