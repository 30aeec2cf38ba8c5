//! Texts that keep their place on the way into a file.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use serde::{Serialize, Serializer};

use crate::text::{Span, Spanned};

/// A text of a view that somebody wrote: prints as the text alone, and where the file's grammar cannot hold it, the refusal
/// tells its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said(Spanned<String>);

impl Said {
    /// A text and its place, [`Span::UNKNOWN`] for our own.
    pub fn new(text: impl Into<String>, at: Span) -> Self {
        Self(Spanned::new(text.into(), at))
    }

    /// A typed value with its place.
    pub fn of<T: fmt::Display>(value: &Spanned<T>) -> Self {
        Self::new(value.value.to_string(), value.span)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0.value
    }

    /// The place.
    pub fn span(&self) -> Span {
        self.0.span
    }
}

impl From<&str> for Said {
    /// A text of our own.
    fn from(text: &str) -> Self {
        Self::new(text, Span::UNKNOWN)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Object for Said {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Said {
    /// The engine takes it as it is; for every other format it is a string.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_object(self.clone()).serialize(serializer)
    }
}
