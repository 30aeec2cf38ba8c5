//! JSON with comments: members put into an object by their places in the text, so that everything else stays as it is.

use super::Merged;
use serde_json::Value;
use std::ops::Range;

/// Levels of nesting that are read.
const DEPTH: usize = 64;

/// A member of an object.
struct Member {
    key: String,
    value: Range<usize>,
}

/// An object: behind its brace, its end, its members.
struct Object {
    inside: usize,
    members: Vec<Member>,
}

/// Puts entries, each a key and a value as JSON, into the object that a path leads to.
pub(super) fn merge(text: Option<&str>, path: &[&str], entries: &[(String, String)]) -> Merged {
    let by_hand = || Merged::ByHand(nested("", path, entries, 0));
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Merged::Text(nested("", path, entries, 0) + "\n");
    };
    match put(text, path, entries) {
        None => by_hand(),
        Some(new) if new == text => Merged::Same,
        // Read again: what is written twice or does not come out is for a person.
        Some(new) if put(&new, path, entries).as_deref() == Some(&new) => Merged::Text(new),
        Some(_) => by_hand(),
    }
}

fn put(text: &str, path: &[&str], entries: &[(String, String)]) -> Option<String> {
    let start = blank(text, 0)?;
    let (mut object, end) = object(text, start, 0)?;
    if blank(text, end)? != text.len() {
        return None;
    }
    for (depth, key) in path.iter().enumerate() {
        let mut named = object.members.iter().filter(|member| member.key == *key);
        let Some(member) = named.next() else {
            let indent = "  ".repeat(depth + 1);
            let new = format!("\n{indent}{}: {}", quoted(key), nested(&indent, &path[depth + 1..], entries, 0));
            return Some(inserted(text, &object, &new, &"  ".repeat(depth)));
        };
        if named.next().is_some() {
            return None;
        }
        object = self::object(text, member.value.start, 0)?.0;
    }
    let indent = "  ".repeat(path.len() + 1);
    let (mut new, mut replaced) = (Vec::new(), Vec::new());
    for (key, value) in entries {
        let mut named = object.members.iter().filter(|member| member.key == *key);
        match named.next() {
            None => new.push(format!("\n{indent}{}: {value}", quoted(key))),
            Some(member) if !same(&text[member.value.clone()], value) => replaced.push((member.value.clone(), value)),
            Some(_) => {}
        }
        if named.next().is_some() {
            return None;
        }
    }
    let mut out = text.to_owned();
    // From the last to the first, so that no place moves.
    replaced.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    for (place, value) in replaced {
        out.replace_range(place, value);
    }
    if !new.is_empty() {
        out = inserted(&out, &object, &new.join(","), &"  ".repeat(path.len()));
    }
    Some(out)
}

/// Members right behind the brace of an object; what stands there moves down.
fn inserted(text: &str, object: &Object, new: &str, indent: &str) -> String {
    let (before, after) = text.split_at(object.inside);
    let comma = if object.members.is_empty() { "" } else { "," };
    // On one line, the rest begins a new one.
    let line_ends = after.trim_start_matches([' ', '\t', ',']).starts_with(['\n', '\r', '/']);
    let next = match (line_ends, object.members.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!("\n{indent}"),
        (false, false) => format!("\n{indent}  "),
    };
    let after = if line_ends { after } else { after.trim_start_matches([' ', '\t']) };
    format!("{before}{new}{comma}{next}{after}")
}

/// Objects within objects, down to the entries.
fn nested(indent: &str, path: &[&str], entries: &[(String, String)], depth: usize) -> String {
    let (outer, inner) = (format!("{indent}{}", "  ".repeat(depth)), format!("{indent}{}", "  ".repeat(depth + 1)));
    let members: Vec<String> = match path.split_first() {
        Some((key, rest)) => vec![format!("{inner}{}: {}", quoted(key), nested(indent, rest, entries, depth + 1))],
        None => entries.iter().map(|(key, value)| format!("{inner}{}: {value}", quoted(key))).collect(),
    };
    format!("{{\n{}\n{outer}}}", members.join(",\n"))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn same(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    read(one).is_some() && read(one) == read(other)
}

/// The end of blanks and comments.
fn blank(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = text.get(at..)?;
        let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}']);
        at += rest.len() - trimmed.len();
        if let Some(comment) = trimmed.strip_prefix("//") {
            at += 2 + comment.find('\n').unwrap_or(comment.len());
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            at += 4 + comment.find("*/")?;
        } else {
            return Some(at);
        }
    }
}

/// The end of a text in quotes.
fn string(text: &str, at: usize) -> Option<usize> {
    let mut escaped = false;
    for (offset, c) in text.get(at..)?.strip_prefix('"')?.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1 + offset + 1),
            '\n' => return None,
            _ => {}
        }
    }
    None
}

/// The end of any value.
fn value(text: &str, at: usize, depth: usize) -> Option<usize> {
    match text.get(at..)?.chars().next()? {
        '"' => string(text, at),
        '{' => Some(object(text, at, depth)?.1),
        '[' => {
            let mut at = blank(text, at + 1)?;
            while !text.get(at..)?.starts_with(']') {
                at = blank(text, (depth < DEPTH).then(|| value(text, at, depth + 1))??)?;
                at = comma(text, at, ']')?;
            }
            Some(at + 1)
        }
        _ => {
            let rest = text.get(at..)?;
            let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
            (word > 0).then_some(at + word)
        }
    }
}

/// Behind a comma, or at the end.
fn comma(text: &str, at: usize, end: char) -> Option<usize> {
    let rest = text.get(at..)?;
    if rest.starts_with(',') { blank(text, at + 1) } else { rest.starts_with(end).then_some(at) }
}

/// An object and its end.
fn object(text: &str, at: usize, depth: usize) -> Option<(Object, usize)> {
    if depth > DEPTH || !text.get(at..)?.starts_with('{') {
        return None;
    }
    let mut found = Object { inside: at + 1, members: Vec::new() };
    let mut at = blank(text, at + 1)?;
    while !text.get(at..)?.starts_with('}') {
        let key_end = string(text, at)?;
        let key = serde_json::from_str(text.get(at..key_end)?).ok()?;
        at = blank(text, key_end)?;
        at = blank(text, text.get(at..)?.starts_with(':').then_some(at + 1)?)?;
        let end = value(text, at, depth + 1)?;
        found.members.push(Member { key, value: at..end });
        at = comma(text, blank(text, end)?, '}')?;
    }
    Some((found, at + 1))
}
