use super::{SourceFile, SourceId, Span, syntax};
use crate::diagnostics::Diagnostic;

/// Turns the parser's marks, counted in characters, into spans of bytes that cover the value alone.
pub(super) struct Marks<'a> {
    pub(super) text: &'a str,
    id: SourceId,
    /// Byte offset of every character; `None` when all are one byte.
    offsets: Option<Vec<u32>>,
}

impl<'a> Marks<'a> {
    pub(super) fn new(file: &'a SourceFile, id: SourceId) -> Self {
        let text = file.text();
        // Files from disk are below MAX_BYTES, so no offset is ever cut.
        let offset = |(at, _)| u32::try_from(at).unwrap_or(u32::MAX);
        let offsets = (!text.is_ascii()).then(|| text.char_indices().map(offset).collect());
        Self { text, id, offsets }
    }

    /// Byte offset of the `index`-th character.
    pub(super) fn offset(&self, index: usize) -> usize {
        match &self.offsets {
            None => index.min(self.text.len()),
            Some(offsets) => offsets.get(index).map_or(self.text.len(), |at| *at as usize),
        }
    }

    pub(super) const fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.id, start, end)
    }

    /// Moves past `&anchor` and `!tag`, which the parser counts to the value.
    pub(super) fn skip_properties(&self, start: usize, end: usize, any: bool) -> usize {
        let mut at = start;
        while any && at < end && self.text[at..end].starts_with(['&', '!']) {
            let rest = &self.text[at..end];
            let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let gap = rest[word..].len() - rest[word..].trim_start().len();
            at += word + gap;
        }
        at
    }

    /// The parser takes a tab after spaces for a blank; other YAML readers refuse it, and it misleads the eye.
    pub(super) fn refuse_tab_before(&self, at: usize) -> Result<(), Diagnostic> {
        let before = &self.text[..at];
        let indent = &before[before.trim_end_matches([' ', '\t']).len()..];
        let from = at - indent.len();
        match indent.find('\t') {
            Some(tab) if from == 0 || before[..from].ends_with(['\n', '\r']) => {
                Err(syntax::tab(self.span(from + tab, from + tab + 1)))
            }
            _ => Ok(()),
        }
    }
}
