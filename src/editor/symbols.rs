//! The outline of a text: its keys, as deep as names go.

use super::position::Encoding;
use super::protocol::{DocumentSymbol, TextDocument};
use super::spot::Spot;
use super::state::State;
use crate::text::SourceFile;
use crate::yaml::{Node, NodeKind};

/// How deep keys are listed.
const DEEP: usize = 3;

/// The outline.
pub fn symbols(state: &State, text: &TextDocument) -> Option<Vec<DocumentSymbol>> {
    let document = state.documents.get(&text.uri)?;
    let spot = Spot::at(state, document, 0)?;
    Some(below(spot.root()?, spot.file(), state.encoding, DEEP))
}

fn below(node: &Node, file: &SourceFile, encoding: Encoding, depth: usize) -> Vec<DocumentSymbol> {
    if depth == 0 {
        return Vec::new();
    }
    let own = node.entries().iter().filter(|entry| !entry.merged);
    let symbol = |entry: &crate::yaml::Entry| {
        let (key, value) = (entry.key.span, &entry.value);
        let end = if value.alias.is_some() || value.span.is_unknown() { key.end } else { value.span.end.max(key.end) };
        let kind = match value.node.kind {
            NodeKind::Scalar { .. } => 7,
            NodeKind::Seq { .. } => 18,
            NodeKind::Map { .. } => 2,
        };
        DocumentSymbol {
            name: if entry.name().is_empty() { "\"\"".to_owned() } else { entry.name().to_owned() },
            detail: value.as_text().filter(|text| !text.is_empty() && !text.contains('\n')).map(str::to_owned),
            kind,
            range: encoding.range(file, key.start, end),
            selection_range: encoding.range(file, key.start, key.end),
            children: if value.alias.is_some() { Vec::new() } else { below(value, file, encoding, depth - 1) },
        }
    };
    own.map(symbol).collect()
}
