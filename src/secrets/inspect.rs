//! Does a value that exists fit the kind asked for?

use std::str::FromStr as _;

use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bcrypt::HashParts;
use zeroize::Zeroizing;

use super::placeholder::is_placeholder;
use super::{BcryptPrefix, Cost, Flaw, Kind, Secret};

/// Checks alphabet and least length, for hashes version and least cost. It does not compute a hash: see
/// [`verify`](super::derive::verify) for that. A longer value, or a costlier hash, is fine.
///
/// # Errors
/// The first [`Flaw`] found.
pub fn inspect(kind: &Kind, value: &Secret) -> Result<(), Flaw> {
    let text = value.expose();
    if text.trim().is_empty() {
        return Err(Flaw::Empty);
    }
    if single_line_with_newline(text) && !matches!(kind, Kind::Htpasswd { .. }) {
        return Err(Flaw::TrailingNewline);
    }
    match kind {
        Kind::Hex { bytes } => {
            let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit()) && text.len().is_multiple_of(2);
            require(digits, "pairs of hex digits")?;
            at_least(text.len() / 2, bytes.get().into(), "bytes")
        }
        Kind::Base64 { bytes } => decoded(&STANDARD, text, bytes.get().into(), "base64 with padding"),
        Kind::Base64Url { bytes } => decoded(&URL_SAFE_NO_PAD, text, bytes.get().into(), "base64url without padding"),
        Kind::Password { length } => {
            require(text.bytes().all(|byte| byte.is_ascii_graphic()), "printable ASCII without blanks")?;
            at_least(text.len(), length.get().into(), "characters")?;
            if is_placeholder(text) { Err(Flaw::Placeholder) } else { Ok(()) }
        }
        Kind::Bcrypt { prefix, cost, .. } => hash(text, *prefix, *cost),
        Kind::Htpasswd { user, cost, separator, .. } => {
            let line = text.strip_suffix('\n').unwrap_or(text);
            let (name, rest) = line
                .split_once(separator.character())
                .ok_or(Flaw::NotOfKind { expected: "one line of user and hash" })?;
            if name != user.as_str() {
                return Err(Flaw::WrongUser { expected: user.as_str().into() });
            }
            hash(rest, BcryptPrefix::TwoY, *cost)
        }
        Kind::Text { before, after, .. } => {
            let middle = text.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str()));
            require(middle.is_some_and(|middle| !middle.is_empty()), "its source between the texts of its kind")
        }
        Kind::Supplied { min_length, begins } => {
            if is_placeholder(text) {
                return Err(Flaw::Placeholder);
            }
            if !text.starts_with(begins.as_str()) {
                return Err(Flaw::WrongStart { expected: begins.clone() });
            }
            min_length.map_or(Ok(()), |least| at_least(text.chars().count(), least.get().into(), "characters"))
        }
    }
}

/// Several lines (a PEM key, a JSON document) may end with a newline; a single word must not.
fn single_line_with_newline(text: &str) -> bool {
    text.find('\n').is_some_and(|at| at + 1 == text.len())
}

fn require(fits: bool, expected: &'static str) -> Result<(), Flaw> {
    if fits { Ok(()) } else { Err(Flaw::NotOfKind { expected }) }
}

fn at_least(found: usize, least: usize, unit: &'static str) -> Result<(), Flaw> {
    if found >= least { Ok(()) } else { Err(Flaw::TooShort { found, least, unit }) }
}

fn decoded(engine: &impl base64::Engine, text: &str, least: usize, expected: &'static str) -> Result<(), Flaw> {
    let bytes = engine.decode(text).map(Zeroizing::new).map_err(|_| Flaw::NotOfKind { expected })?;
    at_least(bytes.len(), least, "bytes")
}

fn hash(text: &str, prefix: BcryptPrefix, least: Cost) -> Result<(), Flaw> {
    let parts = HashParts::from_str(text).map_err(|_| Flaw::NotOfKind { expected: "a bcrypt hash" })?;
    if !text.starts_with(prefix.marker()) {
        return Err(Flaw::WrongPrefix { expected: prefix.marker() });
    }
    let least = least.get().into();
    if parts.get_cost() < least {
        return Err(Flaw::CostTooLow { found: parts.get_cost(), least });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::MinLength;
    use super::*;

    fn supplied(min_length: Option<MinLength>, text: &str) -> Result<(), Flaw> {
        inspect(&Kind::Supplied { min_length, begins: String::new() }, &Secret::new(text.to_owned()))
    }

    #[test]
    fn what_is_brought_ends_with_no_newline_and_is_something() {
        assert_eq!(supplied(None, "sk-live-7"), Ok(()));
        assert_eq!(supplied(None, "sk-live-7\n"), Err(Flaw::TrailingNewline));
        assert_eq!(supplied(None, "two\nlines\n"), Ok(()));
        for nothing in ["", "\n", "   "] {
            assert_eq!(supplied(None, nothing), Err(Flaw::Empty), "{nothing:?}");
        }
        assert_eq!(supplied(None, "changeme"), Err(Flaw::Placeholder));
    }

    #[test]
    fn the_least_length_counts_characters() {
        let least = MinLength::new(4);
        assert_eq!(supplied(least, "äöüß"), Ok(()));
        assert_eq!(supplied(least, "äöü"), Err(Flaw::TooShort { found: 3, least: 4, unit: "characters" }));
    }

    proptest::proptest! {
        /// Any text for any kind: an answer, never a panic.
        #[test]
        fn any_text_is_judged(any in "\\PC{0,70}", near in "[$2aby.:/\\r\\n é0-9A-Z=]{0,70}") {
            for json in [
                r#"{"supplied": {}}"#,
                r#"{"hex": {"bytes": 16}}"#,
                r#"{"base64": {"bytes": 16}}"#,
                r#"{"password": {"length": 12}}"#,
                r#"{"bcrypt": {"of": "a", "prefix": "2a"}}"#,
                r#"{"htpasswd": {"user": "b", "of": "a"}}"#,
            ] {
                let kind: Kind = serde_json::from_str(json).unwrap();
                for text in [&any, &near] {
                    let _ = inspect(&kind, &Secret::new(text.clone()));
                }
            }
        }
    }
}
