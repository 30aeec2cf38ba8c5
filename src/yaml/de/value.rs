use serde::de::{Error as _, Unexpected, Visitor};

use super::Error;
use crate::text::Span;
use crate::values::no_leading_zero;
use crate::yaml::node::{Entry, Link, Node, NodeKind, Style};
use crate::yaml::scalar::{self, Value};

/// One value about to be decoded.
#[derive(Clone, Copy)]
pub(super) struct De<'a> {
    pub(super) node: &'a Node,
    /// The key it stands under, shown when the value itself is too large or empty.
    pub(super) key: Option<Span>,
    /// Keys are text, whatever they look like.
    pub(super) is_key: bool,
}

impl<'a> De<'a> {
    pub(super) fn key(entry: &'a Entry) -> Self {
        Self { node: &entry.key, key: None, is_key: true }
    }

    pub(super) fn value(entry: &'a Entry) -> Self {
        Self { node: &entry.value, key: Some(entry.key.span), is_key: false }
    }

    pub(super) fn item(item: &'a Link) -> Self {
        Self { node: item, key: None, is_key: false }
    }

    /// What to underline: the value, or its key when the value is a block or nothing.
    pub(super) fn place(self) -> Span {
        let span = self.node.span;
        let outer = self.key.unwrap_or(span);
        match &self.node.kind {
            NodeKind::Seq { flow: true, .. } | NodeKind::Map { flow: true, .. } => span,
            NodeKind::Seq { .. } => outer,
            NodeKind::Map { entries, .. } => self.key.unwrap_or_else(|| head(entries, span)),
            NodeKind::Scalar { .. } if span.start == span.end => outer,
            NodeKind::Scalar { style: Style::Block, .. } => outer,
            NodeKind::Scalar { .. } => span,
        }
    }

    pub(super) fn resolved(self) -> Option<Value<'a>> {
        match &self.node.kind {
            NodeKind::Scalar { text, .. } if self.is_key => Some(Value::Text(text)),
            NodeKind::Scalar { text, style } => Some(scalar::resolve(text, *style, self.node.tag.as_deref())),
            _ => None,
        }
    }

    pub(super) fn unexpected(self) -> Unexpected<'a> {
        match (&self.node.kind, self.resolved()) {
            (NodeKind::Seq { .. }, _) => Unexpected::Seq,
            (NodeKind::Scalar { .. }, Some(Value::Null)) => Unexpected::Unit,
            (NodeKind::Scalar { text, .. }, _) => match self.resolved() {
                Some(Value::Bool(value)) => Unexpected::Bool(value),
                Some(Value::Int(_) | Value::Float(_)) => Unexpected::Other(text),
                _ => Unexpected::Str(text),
            },
            (NodeKind::Map { .. }, _) => Unexpected::Map,
        }
    }

    pub(super) fn mismatch<V: Visitor<'a>>(self, visitor: &V) -> Error {
        // A number keeps its spelling, which `Unexpected` has no variant for.
        let error = match self.unexpected() {
            Unexpected::Other(number) => {
                Error::invalid_type(Unexpected::Other(&format!("the number `{number}`")), visitor)
            }
            unexpected => Error::invalid_type(unexpected, visitor),
        };
        let hint = matches!(self.resolved(), Some(Value::Null)).then(|| "write a value, or remove the key".to_owned());
        error.hint(hint).locate(self.place())
    }

    pub(super) fn located<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| error.locate(self.place()))
    }

    pub(super) fn integer<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = match self.resolved() {
            Some(Value::Int(number)) => Some(number),
            Some(Value::Text(text)) if self.is_key => scalar::int(text),
            _ => None,
        };
        let Some(number) = number else {
            return Err(self.mismatch(&visitor).hint(self.unquote_hint(|text| scalar::int(text).is_some())));
        };
        if let Some(text) = self.node.as_text().filter(|_| !self.is_key) {
            self.located(no_leading_zero(text).map_err(Error::custom))?;
        }
        self.located(visit_integer(number, visitor))
    }

    pub(super) fn decimal<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.resolved() {
            // Settings are small; a whole number beyond 2^53 loses its last digits as in every YAML reader.
            #[allow(clippy::cast_precision_loss)]
            Some(Value::Int(number)) => self.located(visitor.visit_f64(number as f64)),
            Some(Value::Float(number)) => self.located(visitor.visit_f64(number)),
            _ => Err(self.mismatch(&visitor).hint(self.unquote_hint(|text| scalar::float(text).is_some()))),
        }
    }

    pub(super) fn text<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        match (&self.node.kind, self.resolved()) {
            (NodeKind::Scalar { text, .. }, Some(value)) if value != Value::Null => {
                self.located(visitor.visit_borrowed_str(text))
            }
            _ => Err(self.mismatch(&visitor)),
        }
    }

    pub(super) fn unquote_hint(self, fits: impl Fn(&str) -> bool) -> Option<String> {
        match &self.node.kind {
            NodeKind::Scalar { text, style: Style::Quoted } if fits(text) => {
                Some(format!("remove the quotes: `{text}`"))
            }
            _ => None,
        }
    }
}

/// The first key of a block mapping, or the place where it stood before it was cut out.
fn head(entries: &[Entry], span: Span) -> Span {
    let at_start = |key: &Span| (key.source, key.start) == (span.source, span.start);
    let first = entries.first().map(|entry| entry.key.span).filter(at_start);
    first.unwrap_or(Span { end: span.start, ..span })
}

pub(super) fn visit_integer<'a, V: Visitor<'a>>(number: i128, visitor: V) -> Result<V::Value, Error> {
    if let Ok(number) = u64::try_from(number) {
        visitor.visit_u64(number)
    } else if let Ok(number) = i64::try_from(number) {
        visitor.visit_i64(number)
    } else {
        Err(Error::invalid_value(Unexpected::Other(&format!("the number `{number}`")), &visitor))
    }
}
