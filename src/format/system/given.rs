//! A value of any shape in which every part knows its place.

use crate::text::{Span, Spanned};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use std::fmt;

/// What a profile gives a setting, or a system file as its default: a value, a list or a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A single value; never a list, a record or a number.
    Value(Json),
    /// A number, as it is spelled: `1.10` may be a version.
    Number(String),
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
            Self::Number(text) => number(text),
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

/// The number that a spelling means; its text where JSON has none.
fn number(text: &str) -> Json {
    let whole = crate::yaml::whole_number(text).and_then(|number| i64::try_from(number).ok());
    match (whole, text.parse::<f64>()) {
        (Some(number), _) => number.into(),
        (None, Ok(decimal)) if decimal.is_finite() => decimal.into(),
        _ => text.into(),
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(crate::text::SPELLED, AnyShape)
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
        Ok(Given::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Given, E> {
        Ok(Given::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Given, E> {
        Ok(Given::Number(value.to_string()))
    }

    /// Our deserializer hands over the spelling of a number.
    fn visit_borrowed_bytes<E>(self, spelling: &'de [u8]) -> Result<Given, E> {
        Ok(Given::Number(String::from_utf8_lossy(spelling).into_owned()))
    }

    /// Any other format hands over the value alone.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Given, D::Error> {
        inner.deserialize_any(self)
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
