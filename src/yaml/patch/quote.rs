//! A text as a scalar on one line.

use crate::yaml::node::Style;
use crate::yaml::scalar::{self, Value};

/// How a scalar was or is to be quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// None where none are needed.
    Few,
    Single,
    Double,
}

impl Quotes {
    /// Those of a scalar as it stands in its file.
    pub(super) fn of(written: &str) -> Self {
        match written.as_bytes().first() {
            Some(b'\'') => Self::Single,
            Some(b'"') => Self::Double,
            _ => Self::Few,
        }
    }
}

/// The text on one line, inside a flow collection or not.
pub(super) fn quoted(text: &str, quotes: Quotes, flow: bool) -> String {
    let bare = text.chars().all(|c| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'));
    match quotes {
        Quotes::Few if bare && is_plain(text, flow) => text.to_owned(),
        Quotes::Single if bare => format!("'{}'", text.replace('\'', "''")),
        _ => double(text),
    }
}

fn double(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether every YAML reader takes the bare word for this text.
fn is_plain(text: &str, flow: bool) -> bool {
    let first = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '$' | '+' | '(' | '~');
    let inside = |c: char| !(flow && matches!(c, ',' | '[' | ']' | '{' | '}'));
    text.starts_with(first)
        && !text.ends_with([' ', ':'])
        && text.chars().all(inside)
        && !text.contains(": ")
        && !text.contains(" #")
        && matches!(scalar::resolve(text, Style::Plain, None), Value::Text(_))
        && !is_old(text)
}

/// Words that YAML 1.1 reads as something else: booleans, numbers with `_` or `:`, binary and octal ones, dates.
fn is_old(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    let number = |c: char| c.is_ascii_hexdigit() || matches!(c, '_' | ':' | '.' | '+' | '-' | 'x' | 'o' | 't' | 'z');
    matches!(word.as_str(), "yes" | "no" | "on" | "off" | "~" | "<<" | "=")
        || (word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '.')) && word.chars().all(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_stand_where_a_reader_needs_them() {
        for (text, few) in [
            ("nginx", "nginx"),
            ("a b", "a b"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("/a:b", "/a:b"),
            ("", "\"\""),
            ("yes", "\"yes\""),
            ("5", "\"5\""),
            ("1.10", "\"1.10\""),
            ("0777", "\"0777\""),
            ("12:30", "\"12:30\""),
            ("null", "\"null\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("a:", "\"a:\""),
            ("- a", "\"- a\""),
            ("*a", "\"*a\""),
            ("{{ x }}", "\"{{ x }}\""),
            ("a\nb", "\"a\\nb\""),
            ("\u{1b}", "\"\\u001b\""),
            ("é, x", "é, x"),
        ] {
            assert_eq!(quoted(text, Quotes::Few, false), few);
        }
        assert_eq!(quoted("a, b", Quotes::Few, true), "\"a, b\"");
        assert_eq!(quoted("it's", Quotes::Single, false), "'it''s'");
        assert_eq!(quoted("a\n", Quotes::Single, false), "\"a\\n\"");
        assert_eq!(quoted("a", Quotes::Double, false), "\"a\"");
    }
}
