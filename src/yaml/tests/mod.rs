mod decoding;
mod hostile;
mod reading;
mod routes;

use std::sync::Arc;

use super::{Node, Sources, Tags, read_with};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::text::{SourceFile, SourceId};

fn sources(text: &str) -> (Sources, SourceId) {
    let mut sources = Sources::new();
    let id = sources.add_bytes("f.yaml", text.as_bytes()).expect("test text is readable");
    (sources, id)
}

/// As our own files are read.
fn read(file: &SourceFile, id: SourceId) -> Result<Arc<Node>, Diagnostic> {
    read_with(file, id, Tags::Refuse)
}

fn tree(text: &str) -> Result<Arc<Node>, Diagnostic> {
    let (sources, id) = sources(text);
    read(sources.get(id).expect("just added"), id)
}

/// A finding as `line:column code message`.
fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let at = diagnostic.primary().map_or_else(String::new, |label| {
        let at = sources.get(label.span.source).expect("label in the store").position(label.span.start);
        format!("{}:{} ", at.line, at.column)
    });
    format!("{at}{} {}", diagnostic.code, diagnostic.message)
}

fn lines(diagnostics: &Diagnostics, sources: &Sources) -> Vec<String> {
    diagnostics.iter().map(|diagnostic| line(diagnostic, sources)).collect()
}
