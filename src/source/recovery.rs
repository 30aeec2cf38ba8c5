//! What else is wrong with a text that is not YAML.
//!
//! A syntax error ends the parser's reading. It is read again without the top-level entry that holds the error: no entry of
//! a block mapping can hold a line that begins at the left margin, so the other entries stay what they were, and what is
//! wrong with them is no consequence.

use std::ops::Range;

use saphyr_parser::Parser;

use super::marks::Marks;
use super::{SourceFile, SourceId, syntax};
use crate::diagnostics::Diagnostic;

/// Most syntax errors of one file that are looked for behind the first.
const MAX_FURTHER: usize = 9;

/// Whether the parser stopped at an alias whose anchor it does not know.
pub(super) fn is_unknown_anchor(info: &str) -> bool {
    info.starts_with("while parsing node, found unknown anchor")
}

/// The text with a quoted one in place of the alias at an offset, every other place as before; `None` when there is no alias.
pub(super) fn without_alias(text: &str, at: usize) -> Option<String> {
    let rest = text.get(at..).filter(|rest| rest.starts_with('*'))?;
    let end = rest.find(|c: char| c.is_whitespace() || ",[]{}".contains(c)).unwrap_or(rest.len());
    let name = rest.get(1..end.checked_sub(1)?)?;
    Some(format!("{}\"{}\"{}", &text[..at], name.replace(['"', '\\'], "-"), &rest[end..]))
}

/// The syntax errors behind the first one, each in another top-level entry.
pub(super) fn further(file: &SourceFile, id: SourceId) -> Vec<Diagnostic> {
    let marks = Marks::new(file, id);
    let mut text = file.text().to_owned();
    let entries = entries(&text);
    let mut found = Vec::new();
    let Some(mut error) = first_error(&text, &marks) else { return found };
    while found.len() < MAX_FURTHER {
        let Some(last) = entries.iter().rposition(|entry| entry.start <= error.1) else { break };
        // What is not closed shows only where the next entry begins: the guilty one is that without which all before is sound.
        let sound = |entry: &&Range<usize>| {
            without(&text[..entries[last].start], entry).is_some_and(|before| first_error(&before, &marks).is_none())
        };
        let Some(guilty) = entries[..=last].iter().rev().find(sound) else { break };
        let Some(rest) = without(&text, guilty) else { break };
        text = rest;
        let Some(next) = first_error(&text, &marks) else { break };
        let is_new = entries.iter().rposition(|entry| entry.start <= next.1).is_some() && next.1 != error.1;
        if is_new {
            found.push(syntax::diagnostic(&next.0, file, id, next.1));
        }
        error = next;
    }
    found
}

/// Top-level entries of a block mapping; none where the text is something else.
fn entries(text: &str) -> Vec<Range<usize>> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if content.starts_with(|c: char| c.is_alphanumeric() || "_\"'".contains(c)) {
            if content.ends_with(':') || content.contains(": ") {
                starts.push(at);
            }
        } else if content.starts_with(['-', '.', '%', '?', '{', '[']) {
            // Several documents, a list, or a mapping in braces.
            return Vec::new();
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| *start..end).collect()
}

/// The text with an entry made a comment, so that every other place stays where it is; `None` where a line of the entry
/// begins with a character that `#` cannot stand for.
fn without(text: &str, entry: &Range<usize>) -> Option<String> {
    let end = entry.end.min(text.len());
    let Some(inside) = text.get(entry.start..end) else { return Some(text.to_owned()) };
    let mut out = text[..entry.start].to_owned();
    for line in inside.split_inclusive('\n') {
        match line.chars().next() {
            Some('\n' | '\r') => out.push_str(line),
            Some(first) if first.is_ascii() && !line.trim_end_matches(['\r', '\n']).contains('\r') => {
                out.push('#');
                out.push_str(&line[1..]);
            }
            _ => return None,
        }
    }
    Some(out + &text[end..])
}

/// The first syntax error with its offset in the file; aliases are not looked at.
fn first_error(text: &str, marks: &Marks<'_>) -> Option<(String, usize)> {
    let mut text = text.to_owned();
    loop {
        let error = Parser::new_from_str(&text).find_map(Result::err)?;
        let at = marks.offset(error.marker().index());
        let alias = is_unknown_anchor(error.info()).then(|| without_alias(&text, at));
        match alias {
            Some(Some(other)) => text = other,
            Some(None) => return None,
            None => return Some((error.info().to_owned(), at)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Sources, Tags, read_all};
    use super::*;

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
            ("a: 'ö\r\nb: *ü\r\nc: *ö1\r\nd: [*x]\r\n", &["1:4"]),
            ("a: [1\nb: 2\nc: 3\n", &["2:2"]),
            ("a: \"x\nb: 'y'\nc: \"z\"\n", &["1:4"]),
            ("a: *x\nb: *y\nc: {d: *z, e: 1, e: 2}\n", &["1:4", "2:4", "3:8", "3:18"]),
            ("a: *x\nb: c: d\ne: @\n", &["1:4", "2:5", "3:4"]),
            ("{a: 1\nb: 2\nc: [}\n", &["2:2"]),
            ("- a: b: c\n- d: @\n", &["1:7"]),
            ("a: |\n  b: 'c\nd: 1\n", &[]),
        ] {
            assert_eq!(places(text), expected, "{text}");
        }
    }

    #[test]
    fn an_alias_keeps_its_length() {
        assert_eq!(without_alias("a: *é1, b", 3).as_deref(), Some("a: \"é\", b"));
        assert_eq!(without_alias("a: b", 3), None);
    }
}
