use std::sync::Arc;

use saphyr_parser::Parser;

use super::builder::Builder;
use super::marks::Marks;
use super::{Node, SourceFile, SourceId, Span, syntax};
use crate::diagnostics::{Diagnostic, codes};

/// Deepest nesting, counted through aliases.
pub const MAX_DEPTH: usize = 64;

/// Most values in one file, counted through aliases.
pub const MAX_NODES: usize = 100_000;

/// What to do with tags other than YAML's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// An error: our own files have none.
    Refuse,
    /// Kept in [`Node::tag`]: compose files use `!reset` and `!override`.
    Keep,
}

/// Reads one of our own files; see [`read_with`].
///
/// # Errors
/// The first thing that makes the tree unreliable.
pub fn read(file: &SourceFile, id: SourceId) -> Result<Arc<Node>, Diagnostic> {
    read_with(file, id, Tags::Refuse)
}

/// Reads the one YAML document of a file, aliases shared and merge keys applied.
///
/// # Errors
/// Not YAML, empty, several documents, duplicate or non-scalar keys, unknown tags, nesting over [`MAX_DEPTH`], or more
/// than [`MAX_NODES`] values; cost is linear in the file whatever the aliases say.
pub fn read_with(file: &SourceFile, id: SourceId, tags: Tags) -> Result<Arc<Node>, Diagnostic> {
    let mut builder = Builder::new(Marks::new(file, id), tags);
    for event in Parser::new_from_str(file.text()) {
        match event {
            Ok((event, marks)) => builder.event(event, marks)?,
            Err(error) => {
                let at = Marks::new(file, id).offset(error.marker().index());
                return Err(syntax::diagnostic(error.info(), file, id, at));
            }
        }
    }
    builder.finish().ok_or_else(|| {
        Diagnostic::error(codes::EMPTY_FILE, "the file is empty")
            .at(Span::point(id, 0), "nothing but blanks and comments")
            .help("write the keys the file needs, or remove the file")
    })
}
