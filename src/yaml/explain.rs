use super::de::{Error, Kind};
use crate::diagnostics::{Diagnostic, codes, nearest_or_allowed};

/// The words for a decoding error.
pub(super) fn diagnostic(error: &Error) -> Diagnostic {
    let names = |names: &'static [&'static str]| names.iter().copied();
    let (code, message, label, help) = match error.kind() {
        Kind::UnknownKey { name, expected } => (
            codes::UNKNOWN_KEY,
            format!("unknown key `{name}`"),
            "not known here",
            Some(match name.contains(' ') {
                true if name.contains('\n') => "a key stands on one line, with a `:` behind it".to_owned(),
                // What follows a comma between braces is the next key.
                true => "put quotes around the text before it: a comma ends a value between braces".to_owned(),
                false => nearest_or_allowed(name, names(expected)),
            }),
        ),
        Kind::UnknownValue { name, expected } => (
            codes::UNKNOWN_VALUE,
            format!("unknown value `{name}`"),
            "not one of the allowed values",
            Some(named(name, expected).unwrap_or_else(|| nearest_or_allowed(name, names(expected)))),
        ),
        Kind::MissingKey(name) => (
            codes::MISSING_KEY,
            format!("missing key `{name}`"),
            "missing in this mapping",
            Some(format!("add `{name}: …`")),
        ),
        Kind::WrongType { found, expected } => (
            codes::WRONG_TYPE,
            format!("expected {expected}, found {found}"),
            "wrong type",
            Some(match (expected.as_str(), found.strip_prefix("the text `")) {
                ("a list", Some(text))
                    if text.trim_end_matches('`').split_whitespace().all(|item| item.starts_with('-')) =>
                {
                    let first = text.trim_end_matches('`').split_whitespace().next().unwrap_or_default();
                    format!("put a blank behind the dash of each item: `- {}`", first.trim_start_matches('-'))
                }
                ("a list", Some(text)) if text.contains(['|', '&', ';', '<', '>', '$', '(']) => {
                    let line = serde_json::Value::from(text.trim_end_matches('`'));
                    format!("write a list; a line for a shell is `[sh, -c, {line}]`")
                }
                ("a list", Some(text)) => format!("write a list, `[{}]`", items(text.trim_end_matches('`'))),
                ("a list", None) if found == "a mapping" => "begin each item with `- ` on a line of its own".to_owned(),
                ("a mapping", _) if found == "a list" => {
                    "write `name: value` on lines of their own in place of the items of the list".to_owned()
                }
                ("a mapping", _) => "write its keys on lines of their own below it, each as `key: value`".to_owned(),
                _ => format!("write {expected}"),
            }),
        ),
        Kind::InvalidValue { found, expected } => (
            codes::INVALID_VALUE,
            format!("expected {expected}, found {found}"),
            "not valid",
            Some(format!("write {expected}")),
        ),
        Kind::Custom(text) => {
            let (message, help) = custom(text);
            (codes::INVALID_VALUE, message, "not valid", help)
        }
    };
    let mut diagnostic = Diagnostic::error(code, message).at(error.span(), label);
    if let Some(alias) = error.alias().filter(|alias| *alias != error.span()) {
        diagnostic = diagnostic.also(alias, "used here");
    }
    let hinted = error.hinted().map(str::to_owned);
    let is_guess = help.as_deref().is_some_and(|help| help.starts_with("did you mean"));
    if let Kind::UnknownKey { name, expected } | Kind::UnknownValue { name, expected } = error.kind()
        && hinted.is_none()
        && is_guess
    {
        return diagnostic.meant(name, names(expected));
    }
    match hinted.or(help) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// What stands in place of words that people write by habit.
fn named(name: &str, expected: &[&str]) -> Option<String> {
    let offers = |word: &str| expected.contains(&word);
    match name {
        "always" if offers("unless-stopped") => {
            Some("write `unless-stopped`: it is the same, but that what you stop stays stopped".to_owned())
        }
        "argon2" | "argon2id" | "argon2i" | "scrypt" if offers("supplied") => Some(
            "no hash of this kind is made: hash the password yourself and write `supplied: {begins: \"$argon2id$\"}`, or take \
             `bcrypt` where the application reads it"
                .to_owned(),
        ),
        _ => None,
    }
}

/// A text that stands for a list, as its items: a command line, or words between commas.
fn items(text: &str) -> String {
    match text.contains(',') {
        true => text.split(',').map(str::trim).collect::<Vec<_>>().join(", "),
        false => text.split_whitespace().collect::<Vec<_>>().join(", "),
    }
}

/// Splits `reason\nhelp: way out`, the `Display` of our value types' errors.
fn custom(text: &str) -> (String, Option<String>) {
    if text.starts_with("data did not match any variant") {
        return ("the value has none of the allowed forms".to_owned(), None);
    }
    match text.split_once("\nhelp: ") {
        Some((reason, help)) => (reason.to_owned(), Some(help.to_owned())),
        None => (text.to_owned(), None),
    }
}
