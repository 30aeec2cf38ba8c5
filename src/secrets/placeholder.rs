//! Words that stand in documentation where a secret belongs.

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

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn placeholders_are_told_from_values() {
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
            "'changeme'",
            "\"password\"",
            "<your key>",
        ] {
            assert!(is_placeholder(word), "{word}");
        }
        assert!(!is_placeholder("testing-the-limits"));
    }
}
