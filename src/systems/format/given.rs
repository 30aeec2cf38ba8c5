//! A value of any shape in which every part knows its place.

use crate::source::{Span, Spanned};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use std::fmt;

/// What a profile gives a setting, or a system file as its default: a value, a list or a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A single value; never a list or a record.
    Value(Json),
    /// A list.
    List(Vec<Spanned<Given>>),
    /// A record, its keys in the order of the file.
    Record(Vec<(Spanned<String>, Spanned<Given>)>),
}

impl Given {
    /// The same without places.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Value(value) => value.clone(),
            Self::List(items) => items.iter().map(|item| item.value.to_json()).collect(),
            Self::Record(entries) => {
                entries.iter().map(|(key, value)| (key.value.clone(), value.value.to_json())).collect()
            }
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        *self == Self::Value(Json::Null)
    }

    /// The place of the part at a path such as `[2].upstreams`; of the closest part around it, where it is not written.
    pub fn place(&self, path: &[Part], here: Span) -> Span {
        let Some((part, rest)) = path.split_first() else { return here };
        let found = match (self, part) {
            (Self::List(items), Part::Item(index)) => items.get(*index),
            (Self::Record(entries), Part::Key(key)) => {
                entries.iter().find(|(known, _)| known.value == *key).map(|(_, value)| value)
            }
            _ => None,
        };
        found.map_or(here, |found| found.value.place(rest, found.span))
    }
}

/// One step into a [`Given`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// An item of a list, counted from 0.
    Item(usize),
    /// A field of a record.
    Key(String),
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyShape)
    }
}

struct AnyShape;

impl<'de> Visitor<'de> for AnyShape {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list or a record")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Given, E> {
        Ok(Given::Value(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Given, E> {
        Ok(Given::Value(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Given, E> {
        Ok(Given::Value(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Given, E> {
        Ok(Given::Value(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Given, E> {
        Ok(Given::Value(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Given, E> {
        Ok(Given::Value(Json::Null))
    }

    fn visit_none<E>(self) -> Result<Given, E> {
        Ok(Given::Value(Json::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Given, D::Error> {
        Given::deserialize(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Given, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Given::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Given, A::Error> {
        let mut record = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            record.push(entry);
        }
        Ok(Given::Record(record))
    }
}

impl schemars::JsonSchema for Given {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Given".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        true.into()
    }
}
