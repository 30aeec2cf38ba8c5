//! What is being written at a place, by indentation alone: a text in the midst of typing is seldom YAML.

use crate::text::SourceFile;
use crate::yaml::{Route, Step};

/// What is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The mapping, or the key, around it.
    pub route: Route,
    /// Whether a value is written there; else a key of the mapping, or an item of the list.
    pub value: bool,
    /// Keys that the mapping has already.
    pub siblings: Vec<String>,
    /// Where the word being written begins.
    pub start: usize,
    /// Whether a colon follows, so that a key is only renamed.
    pub colon: bool,
}

/// A part of a line, by the column it begins in.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Dash(usize),
    Key(usize, &'a str, bool),
}

impl Token<'_> {
    const fn column(&self) -> usize {
        match self {
            Self::Dash(column) | Self::Key(column, ..) => *column,
        }
    }
}

/// What is being written at a byte; nothing in a comment.
pub fn at(file: &SourceFile, offset: usize) -> Option<Cursor> {
    let number = file.position(offset).line;
    let (begin, end) = file.line_range(number)?;
    let before = file.text().get(begin..offset.min(end))?;
    if is_in_comment(before) {
        return None;
    }
    let after = file.text().get(offset.min(end)..end).unwrap_or("");
    let (tokens, column) = tokens(before);
    let rest = &before[column..];
    let (flow, inner) = flow(rest);
    let start = offset.min(end) - inner.len();
    let word = after.trim_start_matches(is_part);
    let colon = word.trim_start().starts_with(':');
    let mut steps = above(file, number, &tokens, column);
    let mut value = false;
    for token in &tokens {
        match token {
            Token::Dash(_) => steps.push(Step::Index(0)),
            Token::Key(_, name, _) => {
                steps.push(Step::Key((*name).to_owned()));
                value = true;
            }
        }
    }
    let mut siblings = Vec::new();
    if !flow.is_empty() {
        value = false;
        for part in flow {
            match part {
                Flow::List => steps.push(Step::Index(0)),
                Flow::Map(keys) => siblings = keys,
                Flow::Key(name) => {
                    steps.push(Step::Key(name));
                    siblings.clear();
                    value = true;
                }
            }
        }
    } else if !value {
        siblings = beside(file, number, column, tokens.iter().any(|token| matches!(token, Token::Dash(_))));
    }
    Some(Cursor { route: Route::from(steps), value, siblings, start, colon })
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')
}

/// Whether a `#` outside of quotes begins a comment before the end of a text.
fn is_in_comment(text: &str) -> bool {
    let mut quote = None;
    let mut before = ' ';
    for c in text.chars() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => return true,
            (None, '"' | '\'') if matches!(before, ' ' | '[' | '{' | ',' | ':') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        before = c;
    }
    false
}

/// The dashes and the key a line begins with, and where what follows them does.
fn tokens(line: &str) -> (Vec<Token<'_>>, usize) {
    let mut found = Vec::new();
    let mut at = line.len() - line.trim_start_matches(' ').len();
    while let Some(rest) = line.get(at..).filter(|rest| *rest == "-" || rest.starts_with("- ")) {
        found.push(Token::Dash(at));
        at += 1 + (rest.len() - 1 - rest[1..].trim_start_matches(' ').len());
    }
    let rest = &line[at..];
    let key = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..].find(quote).map(|end| (&rest[1..=end], end + 2)),
        _ => rest.find(": ").or_else(|| rest.strip_suffix(':').map(str::len)).map(|end| (&rest[..end], end)),
    };
    if let Some((name, end)) =
        key.filter(|(name, end)| rest[*end..].starts_with(':') && !name.contains(['{', '[', '#']))
    {
        let value = &rest[end + 1..];
        found.push(Token::Key(at, name.trim(), value.trim().is_empty() || value.trim_start().starts_with('#')));
        at += end + 1 + (value.len() - value.trim_start_matches(' ').len());
    }
    (found, at)
}

/// The steps to the mapping or the list that a line is in, by the lines above it that are indented less.
fn above(file: &SourceFile, number: usize, own: &[Token], column: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut limit = own.first().map_or(column, Token::column);
    let mut dash = matches!(own.first(), Some(Token::Dash(_)));
    for line in (1..number).rev().filter_map(|number| text(file, number)) {
        if limit == 0 && !dash {
            break;
        }
        for token in tokens(line).0.into_iter().rev() {
            match token {
                Token::Key(column, name, opens) if column < limit || (dash && column == limit && opens) => {
                    steps.push(Step::Key(name.to_owned()));
                    (limit, dash) = (column, false);
                }
                Token::Dash(column) if column < limit => {
                    steps.push(Step::Index(0));
                    (limit, dash) = (column, true);
                }
                _ => {}
            }
        }
    }
    steps.reverse();
    steps
}

/// Keys in the same column of the same mapping.
fn beside(file: &SourceFile, number: usize, column: usize, begins: bool) -> Vec<String> {
    let mut keys = Vec::new();
    // Whether the mapping goes on behind the line.
    let mut look = |line: &str, first: bool| {
        let (found, _) = tokens(line);
        for token in &found {
            if let Token::Key(at, name, _) = token
                && *at == column
                && (first || !matches!(found.first(), Some(Token::Dash(_))))
            {
                keys.push((*name).to_owned());
            }
        }
        found.first().is_some_and(|token| token.column() >= column)
    };
    if !begins {
        for line in (1..number).rev().filter_map(|number| text(file, number)) {
            if !look(line, true) {
                break;
            }
        }
    }
    for line in (number + 1..=file.line_count()).filter_map(|number| text(file, number)) {
        if !look(line, false) {
            break;
        }
    }
    keys
}

/// A line that says something.
fn text(file: &SourceFile, number: usize) -> Option<&str> {
    let (start, end) = file.line_range(number)?;
    let line = file.text().get(start..end)?;
    let said = line.trim_start();
    (!said.is_empty() && !said.starts_with('#')).then_some(line)
}

/// What an open `[` or `{` of the line holds.
#[derive(Debug)]
enum Flow {
    List,
    Map(Vec<String>),
    Key(String),
}

/// The open brackets of a value, and the word being written in the innermost.
fn flow(value: &str) -> (Vec<Flow>, &str) {
    let mut open: Vec<Flow> = Vec::new();
    let mut word = 0;
    for (at, c) in value.char_indices() {
        let next = at + c.len_utf8();
        match c {
            '[' => open.push(Flow::List),
            '{' => open.push(Flow::Map(Vec::new())),
            ']' | '}' => {
                if matches!(open.last(), Some(Flow::Key(_))) {
                    open.pop();
                }
                open.pop();
            }
            ',' if !open.is_empty() => {
                if matches!(open.last(), Some(Flow::Key(_))) {
                    open.pop();
                }
            }
            ':' if matches!(open.last(), Some(Flow::Map(_))) => {
                let name = value[word..at].trim().to_owned();
                if let Some(Flow::Map(keys)) = open.last_mut() {
                    keys.push(name.clone());
                }
                open.push(Flow::Key(name));
            }
            c if is_part(c) => continue,
            _ => {}
        }
        word = next;
    }
    (open, &value[word..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of `|` in a text: its route, whether a value is written, the word so far and the siblings.
    fn read(text: &str) -> Option<(String, bool, String, Vec<String>)> {
        let offset = text.find('|').unwrap();
        let plain = text.replacen('|', "", 1);
        let cursor = at(&SourceFile::new("f", &plain), offset)?;
        Some((cursor.route.to_string(), cursor.value, plain[cursor.start..offset].to_owned(), cursor.siblings))
    }

    fn is(text: &str, route: &str, value: bool, word: &str, siblings: &[&str]) {
        let siblings = siblings.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(read(text), Some((route.to_owned(), value, word.to_owned(), siblings)), "{text}");
    }

    #[test]
    fn keys_are_written_where_indentation_says() {
        is("ver|", "", false, "ver", &[]);
        is("version: 1\n|\nname: a\n", "", false, "", &["version", "name"]);
        is("proxy:\n  ki|\n  tls:\n    mode: acme\nname: a\n", "proxy", false, "ki", &["tls"]);
        is("proxy:\n  tls:\n    mode: acme\n    |\n", "proxy.tls", false, "", &["mode"]);
        is("proxy:\n  tls:\n    mode: acme\n\n  # a\n  |", "proxy", false, "", &["tls"]);
    }

    #[test]
    fn values_are_written_behind_their_keys() {
        is("level: str|", "level", true, "str", &[]);
        is("a:\n  b: |\n", "a.b", true, "", &[]);
        is("level:|", "level", true, "", &[]);
        is("\"a b\": x|", "\"a b\"", true, "x", &[]);
    }

    #[test]
    fn items_of_lists_are_told_apart() {
        is("waivers:\n  - |", "waivers[0]", false, "", &[]);
        is("waivers:\n- con|", "waivers[0]", false, "con", &[]);
        is("waivers:\n  - control: a\n    re|\n    until: b\n", "waivers[0]", false, "re", &["control", "until"]);
        is("waivers:\n- control: a\n  reason: |\n", "waivers[0].reason", true, "", &[]);
        is("waivers:\n  - control: a\n    reason: b\n  - |\n", "waivers[0]", false, "", &[]);
        is("waivers:\n  - |\n    reason: b\n  - control: a\n", "waivers[0]", false, "", &["reason"]);
        is("a:\n  - - b: c\n      d: |", "a[0][0].d", true, "", &[]);
        is("a:\n  b:\n  - c: 1\n  d|", "a", false, "d", &["b"]);
    }

    #[test]
    fn brackets_of_the_line_count() {
        is("proxy: {tls: {mode: ac|", "proxy.tls.mode", true, "ac", &[]);
        is("proxy: {kind: nginx, |", "proxy", false, "", &["kind"]);
        is("admin: [10.8.0.0/24, |", "admin[0]", false, "", &[]);
        is("proxy: {tls: {mode: acme}, ki|", "proxy", false, "ki", &["tls"]);
    }

    #[test]
    fn nothing_is_written_in_a_comment() {
        assert_eq!(read("a: 1 # le|"), None);
        assert_eq!(read("# |"), None);
        assert!(read("a: \"x # y|").is_some() && read("a: x#y|").is_some());
    }
}
