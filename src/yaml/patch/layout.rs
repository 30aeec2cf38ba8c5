//! Lines, indentation and comments of a text that is YAML.

use std::ops::Range;

use super::Refusal;
use crate::text::SourceId;
use crate::yaml::node::{Node, NodeKind, Style};

/// The text of a file, asked about its lines.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) text: &'a str,
    /// The file it is.
    pub(super) id: SourceId,
    /// How deep a block is indented below another one.
    pub(super) step: usize,
}

impl<'a> Layout<'a> {
    /// The text of a file with its tree.
    pub(super) fn new(text: &'a str, id: SourceId, root: Option<&Node>) -> Self {
        let layout = Self { text, id, step: 2 };
        Self { step: root.and_then(|root| layout.first_step(root)).unwrap_or(2), ..layout }
    }

    /// First byte of the line.
    pub(super) fn line_start(self, at: usize) -> usize {
        self.text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
    }

    /// The byte after the line's last one, before its line break.
    pub(super) fn line_end(self, at: usize) -> usize {
        self.text[at..].find(['\n', '\r']).map_or(self.text.len(), |end| at + end)
    }

    /// The first byte of the next line; the end of the text where there is none.
    pub(super) fn next_line(self, at: usize) -> usize {
        let end = self.line_end(at);
        let rest = &self.text[end..];
        end + if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) }
    }

    /// How lines end here: as the first one does.
    pub(super) fn line_break(self) -> &'static str {
        let end = self.line_end(0);
        let rest = &self.text[end..];
        if rest.starts_with("\r\n") {
            "\r\n"
        } else if rest.starts_with('\r') {
            "\r"
        } else {
            "\n"
        }
    }

    /// The column of a value that begins its line, or follows the dashes of list items on it.
    pub(super) fn column(self, at: usize) -> Result<usize, Refusal> {
        let before = &self.text[self.line_start(at)..at];
        match before.bytes().all(|b| matches!(b, b' ' | b'-')) {
            true => Ok(before.len()),
            false => Err(Refusal("the value does not begin its line")),
        }
    }

    /// Whether nothing but blanks stands before a place on its line.
    pub(super) fn begins_line(self, at: usize) -> bool {
        self.text[self.line_start(at)..at].bytes().all(|b| b == b' ')
    }

    /// What stands between two values, comments blanked out; as long as it was.
    pub(super) fn gap(self, range: Range<usize>) -> String {
        let mut comment = false;
        let mut before = self.text[..range.start].chars().next_back();
        let mut out = String::with_capacity(range.len());
        for c in self.text.get(range).unwrap_or_default().chars() {
            comment = !matches!(c, '\n' | '\r') && (comment || (c == '#' && before.is_none_or(char::is_whitespace)));
            match comment {
                true => out.extend(std::iter::repeat_n(' ', c.len_utf8())),
                false => out.push(c),
            }
            before = Some(c);
        }
        out
    }

    /// The comment at the end of a line, from a place after which nothing else stands on it.
    pub(super) fn trailing_comment(self, from: usize) -> Option<&'a str> {
        let rest = &self.text[from..self.line_end(from)];
        let comment = rest.trim();
        (comment.starts_with('#') && (rest.starts_with([' ', '\t']) || from == self.line_start(from)))
            .then_some(comment)
    }

    /// Whether a line has nothing but blanks or a comment from a place on.
    pub(super) fn is_done(self, from: usize) -> bool {
        let rest = &self.text[from..self.line_end(from)];
        rest.trim().is_empty() || self.trailing_comment(from).is_some()
    }

    /// Whether a line begins with the key of a merge.
    pub(super) fn merges(self) -> bool {
        let begins = |line: &str| line.trim_start_matches([' ', '-', '{', ',']).starts_with("<<");
        self.text.contains("<<") && self.text.lines().any(begins)
    }

    /// The indentation of the first block of the file that stands in another one.
    fn first_step(self, node: &Node) -> Option<usize> {
        let NodeKind::Map { entries, flow: false } = &node.kind else { return None };
        entries.iter().filter(|entry| !entry.merged && entry.value.alias.is_none()).find_map(|entry| {
            let NodeKind::Map { entries: below, flow: false } = &entry.value.kind else { return None };
            let column = |at: usize| self.begins_line(at).then(|| at - self.line_start(at));
            let (outer, inner) = (column(entry.key.span.start)?, column(below.first()?.key.span.start)?);
            inner.checked_sub(outer).filter(|step| *step > 0)
        })
    }
}

/// The comments of a text in the order of their places. `root` is its tree.
pub(super) fn comments(text: &str, root: &Node, range: Range<usize>) -> Vec<Range<usize>> {
    let layout = Layout { text, id: root.span.source, step: 2 };
    let mut spans = Vec::new();
    scalars(root, &mut spans);
    spans.sort_by_key(|span| span.start);
    let mut found = Vec::new();
    let (mut at, mut next) = (range.start, 0);
    while let Some(hash) = text.get(at..range.end).and_then(|rest| rest.find('#')).map(|found| at + found) {
        while spans.get(next).is_some_and(|span: &Range<usize>| span.end <= hash) {
            next += 1;
        }
        let begins = text[..hash].chars().next_back().is_none_or(char::is_whitespace);
        match spans.get(next).filter(|span| span.contains(&hash)) {
            Some(span) => at = span.end,
            None if begins => {
                found.push(hash..layout.line_end(hash));
                at = layout.line_end(hash);
            }
            None => at = hash + 1,
        }
    }
    found.retain(|comment| range.contains(&comment.start));
    found
}

/// The places of all keys and texts that are written below a value, those of aliases and merges apart.
pub(super) fn scalars(node: &Node, found: &mut Vec<Range<usize>>) {
    match &node.kind {
        NodeKind::Scalar { .. } => found.push(node.span.start..node.span.end),
        NodeKind::Seq { items, .. } => {
            items.iter().filter(|item| item.alias.is_none()).for_each(|item| scalars(item, found));
        }
        NodeKind::Map { entries, .. } => {
            for entry in entries.iter().filter(|entry| !entry.merged) {
                scalars(&entry.key, found);
                if entry.value.alias.is_none() {
                    scalars(&entry.value, found);
                }
            }
        }
    }
}

/// Whether the line breaks behind a value belong to its last text: all of them (`|+`), or the one that the file does not have.
pub(super) fn keeps_blanks(text: &str, node: &Node) -> bool {
    last_block(node).is_some_and(|block| {
        // The place is that of the text; the sign stands on the last line before it.
        let header = text[..block.span.start].trim_end().lines().last().unwrap_or_default();
        let sign = header.split(" #").next().unwrap_or_default().trim_end();
        block.span.start == block.span.end
            || block.span.end == text.len()
            || sign.rfind(['|', '>']).is_none_or(|at| sign[at..].contains('+'))
    })
}

/// The block of text with which a value ends.
pub(super) fn last_block(node: &Node) -> Option<&Node> {
    match &node.kind {
        NodeKind::Scalar { style: Style::Block, .. } => Some(node),
        NodeKind::Scalar { .. } => None,
        NodeKind::Seq { items, .. } => items.last().and_then(|item| last_block(item)),
        NodeKind::Map { entries, .. } => entries.last().and_then(|entry| last_block(&entry.value)),
    }
}
