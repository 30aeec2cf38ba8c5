use super::syntax;
use crate::diagnostics::Diagnostic;
use crate::text::{SourceFile, SourceId, Span};

/// Turns the parser's marks, counted in characters, into spans of bytes that cover the value alone.
pub(super) struct Marks<'a> {
    pub(super) text: &'a str,
    id: SourceId,
    /// Characters of several bytes: the number of the character after each, and how many bytes more than characters lie
    /// before that.
    wide: Vec<(usize, usize)>,
}

impl<'a> Marks<'a> {
    pub(super) fn new(file: &'a SourceFile, id: SourceId) -> Self {
        let text = file.text();
        let mut wide = Vec::new();
        let mut more = 0;
        // Bytes that begin a character of several.
        for (at, byte) in text.bytes().enumerate().filter(|(_, byte)| *byte >= 0xc0) {
            let number = at - more;
            more += byte.leading_ones() as usize - 1;
            wide.push((number + 1, more));
        }
        Self { text, id, wide }
    }

    /// Byte offset of the `index`-th character.
    pub(super) fn offset(&self, index: usize) -> usize {
        let before = self.wide.partition_point(|(number, _)| *number <= index);
        let more = before.checked_sub(1).map_or(0, |at| self.wide[at].1);
        (index + more).min(self.text.len())
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

    /// Where a quoted text ends: the parser counts a comment behind it to it.
    pub(super) fn closing_quote(&self, start: usize, end: usize) -> usize {
        let Some(quote) = self.text[start..end].chars().next().filter(|c| matches!(c, '"' | '\'')) else { return end };
        let mut rest = self.text[start + 1..end].char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            if c == '\\' && quote == '"' {
                rest.next();
            } else if c == quote && (quote == '"' || rest.next_if(|(_, next)| *next == quote).is_none()) {
                return start + 1 + at + 1;
            }
        }
        end
    }

    /// Where a list or mapping between brackets ends: the parser leaves a comma before the bracket out, and the bracket.
    pub(super) fn closing_bracket(&self, end: usize) -> usize {
        if self.text[..end].ends_with([']', '}']) {
            return end;
        }
        let mut comment = false;
        for (at, c) in self.text[end..].char_indices() {
            comment = !matches!(c, '\n' | '\r') && (comment || c == '#');
            match c {
                ']' | '}' if !comment => return end + at + 1,
                _ if comment || c == ',' || c.is_whitespace() => {}
                _ => return end,
            }
        }
        end
    }

    /// The parser takes a tab after spaces for a blank; other YAML readers refuse it, and it misleads the eye.
    pub(super) fn tab_before(&self, at: usize) -> Option<Diagnostic> {
        let before = &self.text[..at];
        let indent = &before[before.trim_end_matches([' ', '\t']).len()..];
        let from = at - indent.len();
        match indent.find('\t') {
            Some(tab) if from == 0 || before[..from].ends_with(['\n', '\r']) => {
                Some(syntax::tab(self.span(from + tab, from + tab + 1)))
            }
            _ => None,
        }
    }
}
