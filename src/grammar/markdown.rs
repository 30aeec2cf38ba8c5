//! Markdown: text that stays text (CommonMark 0.31 section 2.4, GFM tables and autolinks), and code spans.

use std::fmt::Write as _;

use super::{Form, Reason, Run, chars, runs};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    let start = out.len();
    push(text, out, start);
    Ok(Form::Text)
}

/// Running text with its code spans; only what the whole begins with can stand at the start of a line.
pub(super) fn prose(text: &str, out: &mut String) {
    let start = out.len();
    for run in runs(text) {
        match run {
            Run::Code(code) => out.push_str(&code_span(code)),
            Run::Text(plain) => push(plain, out, start),
        }
    }
}

/// Appends text to what has been written since `start`.
fn push(text: &str, out: &mut String, start: usize) {
    // Whether nothing but blanks, and nothing but digits after them, has been written.
    let (mut first, mut digits) = (out[start..].trim_start().is_empty(), only_digits(&out[start..]));
    let mut before: Option<char> = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let inert = if first || digits { 0 } else { rest.bytes().take_while(|b| is_inert(*b)).count() };
        if inert > 0 {
            let (plain, others) = rest.split_at(inert);
            out.push_str(plain);
            before = plain.chars().next_back();
            rest = others;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let next = rest.chars().next();
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' if next.is_none_or(|c| c == '#' || c.is_ascii_alphanumeric()) => out.push_str("&amp;"),
            '\r' if next == Some('\n') => {}
            '\n' | '\r' => out.push_str("<br>"),
            _ if is_active(c, (before, next), (first, digits), &out[start..]) => out.extend(['\\', c]),
            _ if chars::is_unseen(c) => {
                let mut shown = String::new();
                chars::push_escape(c, &mut shown);
                shown.chars().for_each(|c| {
                    if matches!(c, '\\' | '{' | '}') {
                        out.push('\\');
                    }
                    out.push(c);
                });
            }
            _ => out.push(c),
        }
        first &= c.is_whitespace() && !matches!(c, '\n' | '\r');
        digits &= first || c.is_ascii_digit();
        before = Some(c);
    }
}

/// Whether a character is text wherever it stands behind a letter.
const fn is_inert(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b' ' | b',' | b';' | b'\'' | b'"' | b'/' | b'?' | b'%' | b'^' | b'-' | b'+' | b'=' | b'(' | b')'
        )
}

/// Whether a character would be markup where it stands. A value may stand at the start of a line or behind anything a
/// template prints, so its first character is judged at its worst; line breaks never get into the file, so what begins a
/// block elsewhere is harmless inside it.
fn is_active(
    c: char,
    (before, next): (Option<char>, Option<char>),
    (first, digits): (bool, bool),
    written: &str,
) -> bool {
    let inside_word = [before, next].iter().all(|side| side.is_some_and(|c| c.is_ascii_alphanumeric()));
    match c {
        '\\' | '`' | '*' | '{' | '}' | '[' | ']' | '|' | '~' | '$' | '@' => true,
        '_' => !inside_word,
        // Bullets, rules, underlined headings, tables, and the second half of a template's own link.
        '-' | '+' | '=' | ':' | '(' if first => true,
        // `1.` and `1)` begin a list, `www.` and `://` a link.
        '.' | ')' if first => true,
        '.' | ')' if next.is_none_or(char::is_whitespace) && digits => true,
        '.' => written.len() >= 3 && written.as_bytes()[written.len() - 3..].eq_ignore_ascii_case(b"www"),
        ':' => next == Some('/'),
        // Headings begin and end with it.
        '#' => !before.is_some_and(|c| c.is_ascii_alphanumeric()),
        '!' => next.is_none_or(|c| c == '['),
        _ => false,
    }
}

fn only_digits(text: &str) -> bool {
    text.trim_start().bytes().all(|b| b.is_ascii_digit())
}

/// The text as a code span. Backtick fences are longer than any run inside (CommonMark 6.1); text that a fence or a table
/// cell could not show as it is becomes `<code>` with every special character as an entity, which both leave alone.
#[must_use]
pub fn code_span(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => shown.push(' '),
            ' '..='~' => shown.push(c),
            _ => chars::push_visible(c, &mut shown),
        }
    }
    if shown.trim().is_empty() || shown.contains('|') {
        return code_element(&shown);
    }
    let longest_run = shown.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest_run + 1);
    let edges = [shown.chars().next(), shown.chars().next_back()];
    // One space is stripped from each side when both sides have one.
    let padded = edges.contains(&Some('`')) || edges == [Some(' '); 2];
    let space = if padded { " " } else { "" };
    format!("{fence}{space}{shown}{space}{fence}")
}

/// The text as a code block inside a list item whose text begins at the column `indent`; the template puts the first line
/// there. Four blanks more make it one, and it ends with its last line (CommonMark 4.4), so nothing in it can close it. A
/// text with blank lines gets a fence longer than any run of backticks inside (CommonMark 4.5), because nobody may take
/// blank lines out of it.
#[must_use]
pub fn code_block(text: &str, indent: usize) -> String {
    let text = text.trim_end();
    let margin = " ".repeat(indent);
    let shown = |line: &str| {
        let mut out = String::with_capacity(line.len());
        for c in line.chars() {
            match c {
                '\t' => out.push(c),
                _ => chars::push_visible(c, &mut out),
            }
        }
        out
    };
    if text.lines().all(|line| !line.trim().is_empty()) {
        let lines: Vec<String> = text.lines().map(|line| format!("    {}", shown(line))).collect();
        return lines.join(&format!("\n{margin}"));
    }
    let longest_run = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest_run.max(2) + 1);
    let lines: String = text.lines().map(|line| format!("{margin}{}\n", shown(line))).collect();
    format!("{fence}text\n{lines}{margin}{fence}")
}

fn code_element(text: &str) -> String {
    let mut out = String::from("<code>");
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            // Writing to a String cannot fail.
            let _ = write!(out, "&#{};", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out.push_str("</code>");
    out
}
