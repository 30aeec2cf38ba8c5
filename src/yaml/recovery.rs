//! What else is wrong with a text that is not YAML.
//!
//! A syntax error ends the parser's reading. It is read again without the entry that holds the error: an entry of a block
//! mapping or list ends where a line begins no deeper than it does, so all others stay what they were, and what is wrong
//! with them is no consequence. What is taken out becomes a comment of the same length, so that every place stays.

use std::ops::Range;

use saphyr_parser::Parser;

/// How many characters may be read again in search of the entry that holds an error.
const MAX_WORK: usize = 16 << 20;

/// Whether the parser stopped at an alias whose anchor it does not know.
pub(super) fn is_unknown_anchor(info: &str) -> bool {
    info.starts_with("while parsing node, found unknown anchor")
}

/// A text that is read although parts of it cannot be, by character.
pub(super) struct Patient {
    text: Vec<char>,
    work: usize,
    /// Keys whose values were taken out, and items that were, by their first character.
    pub(super) unread: Vec<usize>,
    /// Whether something was taken out of which nothing is known.
    pub(super) incomplete: bool,
    /// Names of anchors in what was taken out.
    anchors: Vec<String>,
}

/// An entry of a block mapping or list.
struct Entry {
    /// Its line, from 0, and the column of its key or dash.
    line: usize,
    column: usize,
    /// Its key, or the value of an item.
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A key up to this column, that of its colon.
    Key(usize),
    Item,
}

impl Patient {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.chars().collect(), work: 0, unread: Vec::new(), incomplete: false, anchors: Vec::new() }
    }

    /// The text as it is read now.
    pub(super) fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// Puts a quoted text in place of the alias at a character; says its name, or nothing when there is no alias.
    pub(super) fn quote_alias(&mut self, at: usize) -> Option<String> {
        self.text.get(at).filter(|c| **c == '*')?;
        let length = self.text[at..].iter().position(|c| c.is_whitespace() || ",[]{}".contains(*c));
        let end = length.map_or(self.text.len(), |length| at + length);
        let name: String = self.text[at + 1..end].iter().collect();
        let last = end.checked_sub(1).filter(|last| *last > at)?;
        // `*name` becomes `"nam"`.
        let kept: Vec<char> =
            name.chars().take(last - at - 1).map(|c| if c == '"' || c == '\\' { '-' } else { c }).collect();
        self.text.splice(at..end, std::iter::once('"').chain(kept).chain(['"']));
        Some(name)
    }

    /// Whether an anchor of this name was taken out, so that an alias to it is no mistake of its own.
    pub(super) fn had_anchor(&self, name: &str) -> bool {
        self.anchors.iter().any(|known| known == name)
    }

    /// Takes the entry out that holds the error at a character; `false` where that cannot be told.
    pub(super) fn cut(&mut self, at: usize) -> bool {
        let lines = self.lines();
        let entries = self.entries(&lines);
        let starts = |entry: &&Entry| lines[entry.line].start <= at;
        let mut begins: Vec<usize> = entries.iter().filter(starts).map(|entry| entry.line).collect();
        begins.dedup();
        // What is not closed shows only later: the guilty entry begins where everything before is still sound.
        let sound = |line: &usize| self.first_error(&self.text[..lines[*line].start]).is_none();
        let Some(line) = begins.into_iter().rev().take(200).find(sound) else { return false };
        self.work += at;
        let around: Vec<&Entry> =
            entries.iter().rev().filter(|it| it.line <= line && it.end(&entries, lines.len()) > line).collect();
        for (depth, entry) in around.iter().enumerate() {
            let place = |entry: &Entry| {
                let last = entry.end(&entries, lines.len()) - 1;
                lines[entry.line].start + entry.column..lines[last].end
            };
            let range = place(entry);
            let outer =
                around[depth + 1..].iter().find(|outer| outer.column < entry.column && outer.kind != Kind::Item);
            for whole in [false, true] {
                self.work += self.text.len();
                if self.work > MAX_WORK {
                    return false;
                }
                let known = self.without(entry, lines[entry.line].start, range.clone(), whole);
                let Some((text, known)) = known else { continue };
                // Without its key, an entry is no entry: what is around it is not what it seems either.
                let end = outer.filter(|_| whole).map_or(range.end, |outer| place(outer).end);
                if self.first_error(&text).is_none_or(|next| next >= end) {
                    self.take_anchors(range);
                    self.text = text;
                    // Where a line without its key belongs is not known.
                    self.incomplete |= known.is_none();
                    self.unread.extend(known.or(outer.map(|outer| place(outer).start)));
                    return true;
                }
            }
        }
        false
    }

    /// The text without an entry's value, or without all of the entry; and the character by which what is left of it is
    /// found again.
    fn without(
        &self,
        entry: &Entry,
        line: usize,
        range: Range<usize>,
        whole: bool,
    ) -> Option<(Vec<char>, Option<usize>)> {
        let mut text = self.text.clone();
        let (from, known) = match entry.kind {
            _ if whole => (range.start, None),
            Kind::Key(colon) => (line + colon + 1, Some(range.start)),
            Kind::Item => {
                let value = range.start + 2;
                let after = text.get(value..value + 2)?;
                if after.iter().any(|c| matches!(c, '\n' | '\r')) {
                    return None;
                }
                (value, Some(value))
            }
        };
        for (place, c) in text.iter_mut().enumerate().take(range.end).skip(from) {
            if !matches!(c, '\n' | '\r') {
                *c = if place == from && !whole && entry.kind != Kind::Item { ' ' } else { '#' };
            }
        }
        if entry.kind == Kind::Item && !whole {
            // An empty item has no place of its own.
            text[from] = '~';
            text[from + 1] = ' ';
        }
        Some((text, known))
    }

    fn take_anchors(&mut self, range: Range<usize>) {
        let text: String = self.text[range].iter().collect();
        let names = text.split('&').skip(1).map(|rest| {
            let end = rest.find(|c: char| c.is_whitespace() || ",[]{}".contains(c)).unwrap_or(rest.len());
            rest[..end].to_owned()
        });
        self.anchors.extend(names.filter(|name| !name.is_empty()));
    }

    /// The first syntax error, by character; aliases are not looked at.
    fn first_error(&self, text: &[char]) -> Option<usize> {
        let mut text = Self { text: text.to_vec(), ..Self::new("") };
        loop {
            let written = text.text();
            let error = Parser::new_from_str(&written).find_map(Result::err)?;
            let at = error.marker().index();
            if !is_unknown_anchor(error.info()) {
                return Some(at);
            }
            text.quote_alias(at)?;
        }
    }

    /// Lines without their ends.
    fn lines(&self) -> Vec<Range<usize>> {
        let mut lines = Vec::new();
        let mut start = 0;
        for (at, _) in self.text.iter().enumerate().filter(|(_, c)| **c == '\n') {
            lines.push(start..at);
            start = at + 1;
        }
        lines.push(start..self.text.len());
        lines
    }

    /// What begins an entry, by line and column. Other lines continue the one before.
    fn entries(&self, lines: &[Range<usize>]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (number, range) in lines.iter().enumerate() {
            let line = &self.text[range.clone()];
            let mut column = line.iter().take_while(|c| **c == ' ').count();
            while line.get(column) == Some(&'-') && line.get(column + 1).is_none_or(|c| *c == ' ') {
                entries.push(Entry { line: number, column, kind: Kind::Item });
                column += 1;
                column += line.iter().skip(column).take_while(|c| **c == ' ').count();
            }
            if let Some(colon) = colon(line, column) {
                entries.push(Entry { line: number, column, kind: Kind::Key(colon) });
            }
        }
        entries
    }
}

impl Entry {
    /// The line after its last.
    fn end(&self, entries: &[Self], lines: usize) -> usize {
        let ends = |other: &&Self| {
            let same = other.column == self.column && (self.kind == Kind::Item || other.kind != Kind::Item);
            other.line > self.line && (other.column < self.column || same)
        };
        entries.iter().find(ends).map_or(lines, |other| other.line)
    }
}

/// The column of the colon behind a key that begins in a column.
fn colon(line: &[char], column: usize) -> Option<usize> {
    let first = line.get(column).filter(|c| c.is_alphanumeric() || "_\"'<".contains(**c))?;
    let quoted = Some(*first).filter(|c| matches!(c, '"' | '\''));
    let from = match quoted {
        Some(quote) => column + 1 + line[column + 1..].iter().position(|c| *c == quote)?,
        None => column,
    };
    let is_end = |at: usize| line[at] == ':' && line.get(at + 1).is_none_or(|c| matches!(c, ' ' | '\t' | '\r'));
    let colon = (from..line.len()).find(|at| is_end(*at))?;
    let comment = line[column..colon].windows(2).any(|pair| pair == [' ', '#']);
    (!comment).then_some(colon)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::reader::read_all;
    use super::super::{Sources, Tags};
    use super::*;
    use crate::diagnostics::Diagnostic;
    use crate::text::SourceFile;

    fn places(text: &str) -> Vec<String> {
        let mut sources = Sources::new();
        let id = sources.add(SourceFile::new("f.yaml", text));
        let file = sources.get(id).unwrap();
        let (_, mut found) = read_all(file, id, Tags::Refuse);
        found.sort();
        let place = |item: &Diagnostic| file.position(item.primary().unwrap().span.start);
        found.iter().map(|item| format!("{}:{}", place(item).line, place(item).column)).collect()
    }

    #[test]
    fn every_broken_entry_is_told_and_no_sound_one() {
        for (text, expected) in [
            ("a: 'x\nb: 1\nc: [1\nd: {e: f\ng: 2\n", &["1:4", "4:2", "5:2"][..]),
            ("a: 1\nb:\n  c: 1\n d: 2\ne: @x\nf: 1\n", &["4:2", "5:4"]),
            ("a: b: c\nbé: b: c\nd: 'ü'\ne: b: c\n", &["1:5", "2:6", "4:5"]),
            ("a: 'ö\r\nb: *ü\r\nc: *ö1\r\nd: [*x]\r\n", &["1:4", "2:4", "3:4", "4:5"]),
            ("a: [1\nb: 2\nc: 3\n", &["2:2"]),
            ("a: \"x\nb: 'y'\nc: \"z\"\n", &["1:4"]),
            ("a: *x\nb: *y\nc: {d: *z, e: 1, e: 2}\n", &["1:4", "2:4", "3:8", "3:18"]),
            ("a: *x\nb: c: d\ne: @\n", &["1:4", "2:5", "3:4"]),
            ("{a: 1\nb: 2\nc: [}\n", &["2:2"]),
            ("- a: b: c\n- d: @\n", &["1:7", "2:6"]),
            ("a: |\n  b: 'c\nd: 1\n", &[]),
            // Deeper: a list, a mapping in it, a mapping in braces over several lines.
            ("a:\n  - b: 'x\n    c: 1\n  - d: [1\n    e: 2\nf: {g: 1\nh: @\n", &["2:8", "5:6", "7:2", "7:4"]),
            ("a:\n- [1\n- @x\n- 'y\nb: `\n", &["3:3", "4:3", "5:2", "5:4"]),
            ("a: {\n  b: 1,\n  c: [1,\n  d: 2\n}\ne: @\n", &["6:1", "6:4"]),
            ("a: [\n1,\n2\nb: 3\nc: 4\n", &["2:1"]),
            ("a:\n    b: 1\n  c: 2\n    d: 3\ne: %\n", &["3:3", "5:4"]),
            // What was taken out takes its anchor with it, and its key stays.
            ("a: &x [1\nb: *x\nc: *y\na: 2\n", &["2:2", "3:4", "4:1"]),
            ("a: 1\n\tb: 2\nc: @\n", &["2:1", "3:4"]),
        ] {
            assert_eq!(places(text), expected, "{text}");
        }
    }

    #[test]
    fn an_alias_keeps_its_length() {
        let mut text = Patient::new("a: *é1, b");
        assert_eq!(text.quote_alias(3).as_deref(), Some("é1"));
        assert_eq!(text.text(), "a: \"é\", b");
        assert_eq!(Patient::new("a: b").quote_alias(3), None);
    }
}
