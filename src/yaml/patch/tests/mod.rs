//! Edits of files people wrote and of files made up, judged by our reader, by another one, and by what did not change.

mod examples;
mod made;
mod model;
mod random;

use super::{Operation, Value, comments, edits, untouched};
use crate::text::{SourceFile, SourceId, apply};
use crate::yaml::{Route, Sources, Step};

/// A store of one file.
fn store(text: &str) -> (Sources, SourceId) {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("file.yaml", text));
    (sources, id)
}

/// A route in words: `services.web[0]`.
fn route(text: &str) -> Route {
    let mut route = Route::root();
    for part in text.split(['.', '[']).filter(|part| !part.is_empty()) {
        route = match part.strip_suffix(']').map(str::parse) {
            Some(Ok(index)) => route.index(index),
            _ => route.key(part),
        };
    }
    route
}

/// The text after an operation, or why there is none.
fn changed(text: &str, at: &Route, operation: &Operation) -> Result<String, &'static str> {
    let (sources, id) = store(text);
    let edits = edits(&sources, id, at, operation).map_err(|refusal| refusal.0)?;
    let text = apply(text, &edits).unwrap_or_else(|conflict| panic!("{conflict}: {edits:?}\n{text}"));
    Ok(text)
}

/// Number of comments.
fn comment_count(text: &str) -> usize {
    let (sources, id) = store(text);
    sources.tree(id).map_or(0, |root| comments(text, root).len())
}
