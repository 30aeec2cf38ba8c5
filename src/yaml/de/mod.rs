//! In: a node. Out: a value of any `Deserialize` type, or one structured error at the innermost place.

mod access;
mod error;
mod value;

use serde::de::{self, DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

use self::access::{Entries, Items, SpannedParts, Variant};
pub(super) use self::error::{Error, Kind};
use self::value::{De, visit_integer};
use super::node::{Entry, Link, Node, NodeKind};
use super::scalar::Value;
use crate::text::{SPANNED, SPELLED};

/// Decodes a whole tree, stopping at the first error.
pub(super) fn from_node<T: DeserializeOwned>(root: &Node) -> Result<T, Error> {
    T::deserialize(De { node: root, key: None, is_key: false })
}

impl<'de> Deserializer<'de> for De<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.resolved() {
            None => match &self.node.kind {
                NodeKind::Seq { .. } => self.deserialize_seq(visitor),
                _ => self.deserialize_map(visitor),
            },
            Some(Value::Null) => self.located(visitor.visit_unit()),
            Some(Value::Bool(value)) => self.located(visitor.visit_bool(value)),
            Some(Value::Int(number)) => self.located(visit_integer(number, visitor)),
            Some(Value::Float(number)) => self.located(visitor.visit_f64(number)),
            Some(Value::Text(text)) => self.located(visitor.visit_borrowed_str(text)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.resolved() {
            Some(Value::Bool(value)) => self.located(visitor.visit_bool(value)),
            Some(Value::Text(text)) => {
                let quoted = self.unquote_hint(|text| matches!(text, "true" | "false"));
                let word = match text.to_ascii_lowercase().as_str() {
                    "yes" | "y" | "on" => Some("YAML 1.2 reads this as text; write `true`".to_owned()),
                    "no" | "n" | "off" => Some("YAML 1.2 reads this as text; write `false`".to_owned()),
                    _ => None,
                };
                Err(self.mismatch(&visitor).hint(quoted.or(word)))
            }
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.integer(visitor)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.integer(visitor)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.integer(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.integer(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.integer(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.integer(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.integer(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.integer(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.decimal(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.decimal(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    /// Text of a type of its own; what YAML takes for a truth value is none. Any text is `deserialize_string`.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match (self.resolved(), self.node.as_text()) {
            (Some(Value::Bool(_)), Some(word)) => {
                Err(self.mismatch(&visitor).hint(Some(format!("put quotes around it: `\"{word}\"`"))))
            }
            _ => self.text(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    /// A key that may be left out; one that is there has a value.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.resolved() {
            Some(Value::Null) => self.located(visitor.visit_unit()),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == SPANNED {
            visitor.visit_seq(SpannedParts::new(self))
        } else if name == SPELLED {
            match (self.resolved(), self.node.as_text()) {
                (Some(Value::Int(_) | Value::Float(_)), Some(text)) => {
                    self.located(visitor.visit_borrowed_bytes(text.as_bytes()))
                }
                _ => self.deserialize_any(visitor),
            }
        } else {
            let result = visitor.visit_newtype_struct(self);
            self.located(result)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.kind {
            NodeKind::Seq { items, .. } => self.located(visitor.visit_seq(Items::new(items))),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        let found = self.node.items().len();
        if found > length && matches!(self.node.kind, NodeKind::Seq { .. }) {
            return Err(Error::invalid_length(found, &visitor).locate(self.place()));
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.kind {
            NodeKind::Map { entries, .. } => self.located(visitor.visit_map(Entries::new(entries))),
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if matches!(self.node.kind, NodeKind::Map { .. }) || self.resolved() == Some(Value::Null) {
            return self.deserialize_map(visitor);
        }
        // Sections that begin with a kind are often written as that word alone.
        let first = keys.first().copied().unwrap_or_default();
        let word = match (first, self.node.as_text()) {
            ("kind", Some("false" | "no" | "off")) => Some("none"),
            ("kind" | "mode" | "store", text) => text,
            ("enabled", Some("true" | "yes" | "on")) => Some("true"),
            ("enabled", Some("false" | "no" | "off" | "none")) => Some("false"),
            _ => None,
        };
        if let Some(word) = word {
            return Err(self.mismatch(&visitor).hint(Some(format!("write `{{{first}: {}}}`", word.escape_debug()))));
        }
        let keys = crate::diagnostics::allowed(keys.iter().copied().filter(|key| *key != "when"));
        Err(self.mismatch(&visitor).hint(Some(format!("write `{{key: value}}` with the keys {keys}"))))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.node.kind {
            NodeKind::Scalar { .. } if self.resolved() != Some(Value::Null) => {
                self.located(visitor.visit_enum(Variant::word(self)))
            }
            NodeKind::Map { entries, .. } if entries.len() == 1 => {
                self.located(visitor.visit_enum(Variant::entry(self, &entries[0])))
            }
            _ => {
                let hint = format!("allowed: {}", crate::diagnostics::allowed(variants.iter().copied()));
                Err(self.mismatch(&visitor).hint(Some(hint)))
            }
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.located(visitor.visit_unit())
    }

    forward_to_deserialize_any! { i128 u128 bytes byte_buf }
}

impl<'de> de::IntoDeserializer<'de, Error> for De<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
