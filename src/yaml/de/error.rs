use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::text::Span;

/// What a `Deserialize` implementation did not like, with the innermost place.
#[derive(Debug)]
pub(in crate::yaml) struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    hint: Option<String>,
    span: Option<Span>,
    alias: Option<Span>,
    /// Child indexes from the place up to the root.
    path: Vec<usize>,
}

/// The kinds serde distinguishes, kept apart so that each gets its own words and repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::yaml) enum Kind {
    UnknownKey { name: String, expected: &'static [&'static str] },
    UnknownValue { name: String, expected: &'static [&'static str] },
    MissingKey(&'static str),
    WrongType { found: String, expected: String },
    InvalidValue { found: String, expected: String },
    Custom(String),
}

impl Error {
    pub(in crate::yaml) fn new(kind: Kind) -> Self {
        Self(Box::new(Inner { kind, hint: None, span: None, alias: None, path: Vec::new() }))
    }

    pub(in crate::yaml) fn hint(mut self, hint: Option<String>) -> Self {
        self.0.hint = self.0.hint.or(hint);
        self
    }

    /// Sets the place unless an inner value has set its own.
    pub(in crate::yaml) fn locate(mut self, span: Span) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    /// Notes on the way out that the place is inside the `index`-th child, and which alias led there.
    pub(in crate::yaml) fn inside(mut self, index: usize, alias: Option<Span>) -> Self {
        self.0.path.push(index);
        self.0.alias = self.0.alias.or(alias);
        self
    }

    pub(in crate::yaml) fn kind(&self) -> &Kind {
        &self.0.kind
    }

    pub(in crate::yaml) fn hinted(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    pub(in crate::yaml) fn span(&self) -> Span {
        self.0.span.unwrap_or(Span::UNKNOWN)
    }

    pub(in crate::yaml) fn alias(&self) -> Option<Span> {
        self.0.alias
    }

    /// Child indexes from the root down to the place.
    pub(in crate::yaml) fn path(&self) -> Vec<usize> {
        self.0.path.iter().rev().copied().collect()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::UnknownKey { name, .. } => write!(f, "unknown key `{name}`"),
            Kind::UnknownValue { name, .. } => write!(f, "unknown value `{name}`"),
            Kind::MissingKey(name) => write!(f, "missing key `{name}`"),
            Kind::WrongType { found, expected } | Kind::InvalidValue { found, expected } => {
                write!(f, "expected {expected}, found {found}")
            }
            Kind::Custom(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Kind::Custom(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Kind::WrongType { found: describe(found), expected: humanize(&expected.to_string()) })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Kind::InvalidValue { found: describe(found), expected: humanize(&expected.to_string()) })
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let expected = humanize(&expected.to_string());
        Self::new(Kind::InvalidValue { found: format!("{length}"), expected })
    }

    fn unknown_variant(name: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Kind::UnknownValue { name: name.to_owned(), expected })
    }

    fn unknown_field(name: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Kind::UnknownKey { name: name.to_owned(), expected })
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(Kind::MissingKey(name))
    }
}

/// What was found, in words of YAML.
fn describe(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(value) => format!("the number `{value}`"),
        Unexpected::Signed(value) => format!("the number `{value}`"),
        Unexpected::Float(value) => format!("the number `{value}`"),
        Unexpected::Char(value) => format!("the text `{value}`"),
        Unexpected::Str(text) => format!("the text `{}`", shorten(text)),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map | Unexpected::StructVariant => "a mapping".to_owned(),
        Unexpected::UnitVariant => "a single word".to_owned(),
        other => other.to_string(),
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

/// Turns the words serde's derives use for Rust types into words of YAML.
fn humanize(expected: &str) -> String {
    let whole = |low: &dyn fmt::Display, high: &dyn fmt::Display| format!("a whole number from {low} to {high}");
    match expected {
        "u8" => whole(&0, &u8::MAX),
        "u16" => whole(&0, &u16::MAX),
        "u32" => whole(&0, &u32::MAX),
        "i8" => whole(&i8::MIN, &i8::MAX),
        "i16" => whole(&i16::MIN, &i16::MAX),
        "i32" => whole(&i32::MIN, &i32::MAX),
        "u64" | "u128" | "usize" => "a whole number from 0".to_owned(),
        "i64" | "i128" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "a string" | "string" => "text".to_owned(),
        "a sequence" | "a set" => "a list".to_owned(),
        "a map" => "a mapping".to_owned(),
        "a character" => "one character".to_owned(),
        "unit" => "nothing".to_owned(),
        "newtype variant" | "struct variant" => "a mapping of this one word to its value".to_owned(),
        "unit variant" => "the word alone".to_owned(),
        _ if expected.starts_with("struct ") || expected.starts_with("internally tagged enum ") => {
            "a mapping".to_owned()
        }
        _ if expected.starts_with("enum ") => "a word or a mapping with one key".to_owned(),
        _ if expected.starts_with("tuple ") => "a list".to_owned(),
        other => other.to_owned(),
    }
}
