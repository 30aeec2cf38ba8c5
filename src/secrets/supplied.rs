//! Values the operator brings.

use super::{Flaw, Kind, Secret, inspect};

/// Values that stand in documentation and example files instead of a secret.
const PLACEHOLDERS: [&str; 18] = [
    "admin",
    "change-me",
    "change_me",
    "changeit",
    "changeme",
    "changeme123",
    "changethis",
    "default",
    "example",
    "letmein",
    "passw0rd",
    "password",
    "placeholder",
    "root",
    "secret",
    "test",
    "todo",
    "your-secret",
];

/// Whether a value is one that documentation uses where a secret belongs, in any case and between quotes or blanks.
pub(super) fn is_placeholder(text: &str) -> bool {
    let plain = text.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let lower = zeroize::Zeroizing::new(plain.to_ascii_lowercase());
    let one_letter = lower.chars().next().is_some_and(|first| lower.chars().all(|c| c == first));
    let in_brackets = lower.starts_with('<') && lower.ends_with('>');
    let invites = ["replace-with", "replace_with", "replace with", "replaceme", "replace-me", "replace_me"]
        .iter()
        .any(|start| lower.starts_with(start));
    PLACEHOLDERS.contains(&lower.as_str()) || one_letter || in_brackets || invites
}

/// Takes what the operator typed, piped or put into a file: drops exactly one trailing newline (`\n` or `\r\n`), then
/// checks the value against its kind.
///
/// # Errors
/// The first [`Flaw`] found: empty, not text, a known placeholder, too short, not of the kind.
pub fn accept(kind: &Kind, bytes: Vec<u8>) -> Result<Secret, Flaw> {
    let given = Secret::from_bytes(bytes)?;
    let text = given.expose();
    let value = match text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')) {
        Some(trimmed) => Secret::new(trimmed.to_owned()),
        None => given,
    };
    if is_placeholder(value.expose()) {
        return Err(Flaw::Placeholder);
    }
    inspect(kind, &value).map(|()| value)
}

#[cfg(test)]
mod tests {
    use super::super::MinLength;
    use super::*;

    const ANY: Kind = Kind::Supplied { min_length: None, begins: String::new() };

    fn taken(bytes: &[u8]) -> Result<String, Flaw> {
        accept(&ANY, bytes.to_vec()).map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn exactly_one_newline_is_dropped() {
        assert_eq!(taken(b"sk-live-7").unwrap(), "sk-live-7");
        assert_eq!(taken(b"sk-live-7\n").unwrap(), "sk-live-7");
        assert_eq!(taken(b"sk-live-7\r\n").unwrap(), "sk-live-7");
        assert_eq!(taken(b"sk-live-7\n\n").unwrap_err(), Flaw::TrailingNewline);
        assert_eq!(taken(b"two\nlines\n").unwrap(), "two\nlines");
        assert_eq!(taken(b" blanks stay \n").unwrap(), " blanks stay ");
    }

    #[test]
    fn nothing_is_refused() {
        assert_eq!(taken(b"").unwrap_err(), Flaw::Empty);
        assert_eq!(taken(b"\n").unwrap_err(), Flaw::Empty);
        assert_eq!(taken(b"   ").unwrap_err(), Flaw::Empty);
        assert_eq!(taken(b"\xff\xfe").unwrap_err(), Flaw::NotText);
    }

    #[test]
    fn placeholders_are_refused() {
        for word in [
            "changeme",
            "ChangeMe123\n",
            "test",
            "admin",
            "password",
            "SECRET",
            "default",
            "replace-with-a-key",
            "xxxx",
        ] {
            assert_eq!(taken(word.as_bytes()).unwrap_err(), Flaw::Placeholder, "{word}");
        }
        for word in ["'changeme'", "\"password\"", "<your key>"] {
            assert_eq!(taken(word.as_bytes()).unwrap_err(), Flaw::Placeholder, "{word}");
        }
        assert!(taken(b"testing-the-limits").is_ok());
    }

    #[test]
    fn the_least_length_counts_characters() {
        let kind = Kind::Supplied { min_length: MinLength::new(4), begins: String::new() };
        assert!(accept(&kind, "äöüß".into()).is_ok());
        let flaw = accept(&kind, "äöü".into()).unwrap_err();
        assert_eq!(flaw, Flaw::TooShort { found: 3, least: 4, unit: "characters" });
    }

    proptest::proptest! {
        /// Any bytes for any kind: taken unchanged but for the newline, or refused.
        #[test]
        fn any_bytes_are_taken_as_they_are_or_refused(bytes: Vec<u8>, text in "[$2aby.:/\\r\\n é0-9A-Z=]{0,70}") {
            for json in [
                r#"{"supplied": {}}"#,
                r#"{"hex": {"bytes": 16}}"#,
                r#"{"base64": {"bytes": 16}}"#,
                r#"{"password": {"length": 12}}"#,
                r#"{"bcrypt": {"of": "a", "prefix": "2a"}}"#,
                r#"{"htpasswd": {"user": "b", "of": "a"}}"#,
            ] {
                let kind: Kind = serde_json::from_str(json).unwrap();
                for given in [bytes.clone(), text.clone().into_bytes()] {
                    if let Ok(secret) = accept(&kind, given.clone()) {
                        assert!(given.starts_with(secret.expose().as_bytes()));
                        assert!(given.len() - secret.expose().len() <= 2);
                    }
                }
            }
        }
    }
}
