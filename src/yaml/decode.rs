use serde::de::DeserializeOwned;

use super::repair::{Repair, Verdict};
use super::{Node, Sources, de, explain, mend};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::text::SourceId;
use std::sync::Arc;

/// Findings after which reading stops.
pub(super) const MAX_FINDINGS: usize = 50;

/// Attempts after which reading stops; a missing key can take a dozen.
const MAX_ROUNDS: usize = 400;

/// What could be decoded, and everything that is wrong.
#[derive(Debug)]
pub struct Decoded<T> {
    /// The value without the parts that are wrong; `None` when a required part is missing or wrong.
    pub value: Option<T>,
    /// The findings, sorted by place.
    pub diagnostics: Diagnostics,
}

/// Decodes a tree whose reading has already found something. Correct input is decoded in one pass; else each wrong part is
/// reported, cut out, and decoding is tried again, so that one run tells everything.
fn decode_on<T: DeserializeOwned>(sources: &Sources, id: SourceId, mut repair: Repair) -> Decoded<T> {
    let mut diagnostics = sources.flaws(id);
    let explained = |error: &de::Error| mend::mend(explain::diagnostic(error), error, sources, id);
    for _ in 0..MAX_ROUNDS {
        let error = match de::from_node::<T>(repair.root()) {
            Ok(value) => {
                let value = (!repair.made_up()).then_some(value);
                return finish(value, diagnostics);
            }
            Err(error) => error,
        };
        match repair.apply(&error) {
            // An anchored value fails again wherever it is used; it is written, and reported, once.
            Verdict::Report => diagnostics.push_new(explained(&error)),
            Verdict::Consequence => {}
            Verdict::ReportAndStop => {
                diagnostics.push(explained(&error));
                return finish(None, diagnostics);
            }
            Verdict::Stop => return finish(None, diagnostics),
        }
        if diagnostics.len() >= MAX_FINDINGS {
            diagnostics.push(too_many());
            return finish(None, diagnostics);
        }
    }
    finish(None, diagnostics)
}

/// Reads and decodes one file of the store.
pub fn read_as<T: DeserializeOwned>(sources: &Sources, id: SourceId) -> Decoded<T> {
    match sources.tree(id) {
        Some(root) if sources.is_partial(id) => {
            decode_on(sources, id, Repair::partial(root, sources.is_incomplete(id)))
        }
        Some(root) => decode_on(sources, id, Repair::new(root)),
        None => finish(None, sources.flaws(id)),
    }
}

/// Decodes a tree that was made from a file of the store, instead of the file's own.
pub fn read_tree<T: DeserializeOwned>(sources: &Sources, id: SourceId, root: &Arc<Node>) -> Decoded<T> {
    decode_on(sources, id, Repair::new(root))
}

/// Decodes a tree of our own.
pub fn read_node<T: DeserializeOwned>(root: &Arc<Node>) -> Decoded<T> {
    read_tree(&Sources::new(), SourceId::new(0), root)
}

/// Said when reading stops.
pub(super) fn too_many() -> Diagnostic {
    Diagnostic::note(codes::TOO_MANY_ERRORS, "there may be more; reading stopped after 50 errors")
        .help("correct these and run again")
}

fn finish<T>(value: Option<T>, mut diagnostics: Diagnostics) -> Decoded<T> {
    diagnostics.sort();
    Decoded { value, diagnostics }
}
