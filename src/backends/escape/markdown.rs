//! Markdown: text that stays text (CommonMark 0.31 section 2.4, GFM tables and autolinks), and code spans.

use std::fmt::Write as _;

use super::{Form, Reason, chars};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let inside_word =
            [before, rest.peek().copied()].iter().all(|side| side.is_some_and(|c: char| c.is_ascii_alphanumeric()));
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\r' => out.push_str("<br>"),
            // Between letters these begin no list, heading or rule: host names and `read-only` stay readable.
            '.' | '-' | '+' | '#' | '!' | '=' if inside_word && !out.ends_with("www") => out.push(c),
            ':' if rest.peek() != Some(&'/') => out.push(c),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '-' | '.' | '!' | '|' | '~'
            | '=' | '$' | ':' | '@' => out.extend(['\\', c]),
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
        before = Some(c);
    }
    Ok(Form::Text)
}

/// The text as a code span. Backtick fences are longer than any run inside (CommonMark 6.1); text that a fence or a table
/// cell could not show as it is becomes `<code>` with every special character as an entity, which both leave alone.
#[must_use]
pub fn code_span(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => shown.push(' '),
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

/// The text as a fenced code block whose lines but the first are indented by `indent`, for blocks inside list items. The
/// fence is longer than any run of backticks inside (CommonMark 4.5), so no line of the text can close it.
#[must_use]
pub fn code_block(text: &str, indent: usize) -> String {
    let longest_run = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest_run.max(2) + 1);
    let margin = " ".repeat(indent);
    let mut out = format!("{fence}text\n");
    for line in text.trim_end().lines() {
        out.push_str(&margin);
        for c in line.chars() {
            match c {
                '\t' => out.push(c),
                _ => chars::push_visible(c, &mut out),
            }
        }
        out.push('\n');
    }
    out + &margin + &fence
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
