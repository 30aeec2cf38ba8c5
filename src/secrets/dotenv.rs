//! Reads files of `NAME=VALUE` lines, as `docker run --env-file`, Compose and shells take them.
//!
//! These three do not agree on quotes and `$`. Where they would read another value than stands there, the line is refused:
//! a secret that is nearly right is worse than none.

use std::fmt;

use zeroize::Zeroizing;

use super::Secret;

/// One line that sets something.
#[derive(Debug)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// The name.
    pub name: String,
    /// The value, or why it is not certain what it is.
    pub value: Result<Secret, Unclear>,
}

/// Why a line cannot be read for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// It is no `NAME=VALUE`.
    NoPair,
    /// A quote is not closed, or something follows the closing one.
    Quote,
    /// A `$` outside single quotes: some readers put a variable there.
    Variable,
    /// A blank and `#` outside quotes: some readers begin a comment there.
    Comment,
    /// A backslash whose meaning differs between readers.
    Backslash,
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPair => "it is no `NAME=VALUE`, correct it or begin it with `#`",
            Self::Quote => "a quote is not closed, or something stands behind the closing one, close it at the end",
            Self::Variable => "some readers put a variable in place of `$`, put the value between single quotes",
            Self::Comment => "some readers begin a comment at ` #`, put the value between single quotes",
            Self::Backslash => "readers differ in what a backslash means, put the value between single quotes",
        })
    }
}

/// Every line that is neither blank nor a comment.
#[must_use]
pub fn read(text: &str) -> Vec<Line> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").map_or(line, str::trim_start);
        let Some((name, value)) = line.split_once('=').filter(|(name, _)| is_name(name.trim_end())) else {
            // It may be part of a value, so it is not repeated.
            found.push(Line { number: at + 1, name: String::new(), value: Err(Unclear::NoPair) });
            continue;
        };
        let mut value = Zeroizing::new(value.trim().to_owned());
        // A value between quotes may go on over lines, as a key in PEM does.
        if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\''))
            && closing(&value, quote).is_none()
        {
            let mut closed = false;
            for (_, more) in lines.by_ref() {
                value.push('\n');
                value.push_str(more);
                closed = closing(&Zeroizing::new(format!("{quote}{more}")), quote).is_some();
                if closed {
                    break;
                }
            }
            if !closed {
                // Where it was to end nobody knows, and so not where the next line begins.
                found.push(Line { number: at + 1, name: name.trim_end().to_owned(), value: Err(Unclear::Quote) });
                return found;
            }
            value = Zeroizing::new(value.trim_end().to_owned());
        }
        found.push(Line { number: at + 1, name: name.trim_end().to_owned(), value: unquoted(&value) });
    }
    found
}

fn is_name(name: &str) -> bool {
    let first = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Where the quote that a value begins with is closed.
fn closing(value: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    value.char_indices().skip(1).find_map(|(at, c)| {
        let closes = c == quote && !escaped;
        escaped = quote == '"' && c == '\\' && !escaped;
        closes.then_some(at)
    })
}

fn unquoted(value: &str) -> Result<Secret, Unclear> {
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let end = closing(value, quote).ok_or(Unclear::Quote)?;
            let behind = value[end + 1..].trim_start();
            if !behind.is_empty() && !behind.starts_with('#') {
                return Err(Unclear::Quote);
            }
            let inner = &value[1..end];
            if quote == '\'' { Ok(Secret::new(inner.to_owned())) } else { between_double(inner) }
        }
        _ if value.contains('$') => Err(Unclear::Variable),
        _ if value.contains('\\') => Err(Unclear::Backslash),
        _ if value.contains([' ', '\t']) && value.contains('#') => Err(Unclear::Comment),
        _ if value.contains(['"', '\'']) => Err(Unclear::Quote),
        _ => Ok(Secret::new(value.to_owned())),
    }
}

fn between_double(inner: &str) -> Result<Secret, Unclear> {
    let mut out = Zeroizing::new(String::with_capacity(inner.len()));
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '$' => return Err(Unclear::Variable),
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some(plain @ ('"' | '\\' | '$')) => out.push(plain),
                _ => return Err(Unclear::Backslash),
            },
            plain => out.push(plain),
        }
    }
    Ok(Secret::new(out.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<String, Unclear> {
        let mut lines = read(text);
        assert_eq!(lines.len(), 1, "{text}");
        lines.remove(0).value.map(|value| value.expose().to_owned())
    }

    #[test]
    fn what_all_readers_agree_on_is_read() {
        for (line, value) in [
            ("A=plain", "plain"),
            ("export A=plain", "plain"),
            ("A = spaced ", "spaced"),
            ("A='pa$$ #word\\n'", "pa$$ #word\\n"),
            ("A=\"a \\\"b\\\" \\\\ \\$c\\n\"", "a \"b\" \\ $c\n"),
            ("A='x' # why", "x"),
            ("A=a#b", "a#b"),
            ("A=a=b==", "a=b=="),
            ("A='-----BEGIN\nmiddle\n-----END'", "-----BEGIN\nmiddle\n-----END"),
        ] {
            assert_eq!(one(line).unwrap(), value, "{line}");
        }
        let names: Vec<String> = read("# c\n\nA=1\r\nB=2\n").into_iter().map(|line| line.name).collect();
        assert_eq!(names, ["A", "B"]);
    }

    #[test]
    fn what_they_do_not_agree_on_is_refused() {
        for (line, why) in [
            ("A=pa$word", Unclear::Variable),
            ("A=\"pa$word\"", Unclear::Variable),
            ("A=a #b", Unclear::Comment),
            ("A=a\\b", Unclear::Backslash),
            ("A=\"a\\qb\"", Unclear::Backslash),
            ("A='open", Unclear::Quote),
            ("A='x'y", Unclear::Quote),
            ("A=it's", Unclear::Quote),
            ("no pair", Unclear::NoPair),
        ] {
            assert_eq!(one(line).unwrap_err(), why, "{line}");
        }
    }

    proptest::proptest! {
        /// Any text ends, and what stands between single quotes is read as it is.
        #[test]
        fn any_text_ends(text in "[A-C='\"\\\\$# \\n]{0,40}", value in "[ -&(-~]{1,20}") {
            let _ = read(&text);
            proptest::prop_assert_eq!(one(&format!("A='{value}'")).unwrap(), value);
        }
    }
}
