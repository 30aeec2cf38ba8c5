use serde::de::value::{U32Deserializer, U64Deserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};

use super::value::De;
use super::{Entry, Error, Link};
use crate::text::Span;

/// The items of a list.
pub(super) struct Items<'a> {
    items: &'a [Link],
    next: usize,
}

impl<'a> Items<'a> {
    pub(super) const fn new(items: &'a [Link]) -> Self {
        Self { items, next: 0 }
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let index = self.next;
        let Some(item) = self.items.get(index) else {
            return Ok(None);
        };
        self.next += 1;
        let node = De::item(item);
        let value = node.located(seed.deserialize(node)).map_err(|error| error.inside(index, item.alias))?;
        Ok(Some(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

/// The entries of a mapping.
pub(super) struct Entries<'a> {
    entries: &'a [Entry],
    next: usize,
}

impl<'a> Entries<'a> {
    pub(super) const fn new(entries: &'a [Entry]) -> Self {
        Self { entries, next: 0 }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(entry) = self.entries.get(self.next) else {
            return Ok(None);
        };
        let key = seed.deserialize(De::key(entry)).map_err(|error| error.inside(self.next, entry.value.alias))?;
        self.next += 1;
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let index = self.next.saturating_sub(1);
        let Some(entry) = self.entries.get(index) else {
            return Err(Error::custom("a value was asked for before its key"));
        };
        let node = De::value(entry);
        node.located(seed.deserialize(node)).map_err(|error| error.inside(index, entry.value.alias))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len() - self.next)
    }
}

/// File, start, end and value for a `Spanned` field.
pub(super) struct SpannedParts<'a> {
    inner: De<'a>,
    next: u8,
}

impl<'a> SpannedParts<'a> {
    pub(super) const fn new(inner: De<'a>) -> Self {
        Self { inner, next: 0 }
    }
}

impl<'de> SeqAccess<'de> for SpannedParts<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let span = self.inner.node.span;
        self.next += 1;
        let number = |offset: usize| -> U64Deserializer<Error> { (offset as u64).into_deserializer() };
        let source: U32Deserializer<Error> = span.source.as_u32().into_deserializer();
        match self.next {
            1 => seed.deserialize(source).map(Some),
            2 => seed.deserialize(number(span.start)).map(Some),
            3 => seed.deserialize(number(span.end)).map(Some),
            4 => self.inner.located(seed.deserialize(self.inner)).map(Some),
            _ => Ok(None),
        }
    }
}

/// A word, or the one key of a mapping and its value.
pub(super) struct Variant<'a> {
    name: De<'a>,
    entry: Option<&'a Entry>,
}

impl<'a> Variant<'a> {
    pub(super) const fn word(name: De<'a>) -> Self {
        Self { name, entry: None }
    }

    pub(super) fn entry(_: De<'a>, entry: &'a Entry) -> Self {
        Self { name: De::key(entry), entry: Some(entry) }
    }

    fn with_value<T>(self, kind: Unexpected<'_>, decode: impl FnOnce(De<'a>) -> Result<T, Error>) -> Result<T, Error> {
        match self.entry {
            Some(entry) => decode(De::value(entry)).map_err(|error| error.inside(0, entry.value.alias)),
            None => {
                let word = self.name.node.as_text().unwrap_or("");
                Err(Error::invalid_type(kind, &"newtype variant")
                    .hint(Some(format!("`{word}` needs a value: write `{word}: …`")))
                    .locate(self.name.place()))
            }
        }
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        match (seed.deserialize(self.name), self.entry) {
            (Ok(value), _) => Ok((value, self)),
            (Err(error), Some(entry)) => Err(error.locate(entry.key.span).inside(0, entry.value.alias)),
            (Err(error), None) => Err(error.locate(self.name.place())),
        }
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.entry {
            Some(entry) => {
                let place: Span = De::value(entry).place();
                Err(Error::invalid_type(De::value(entry).unexpected(), &"unit variant")
                    .hint(Some(format!("write `{}` alone", entry.name())))
                    .locate(place)
                    .inside(0, entry.value.alias))
            }
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        self.with_value(Unexpected::UnitVariant, |value| value.located(seed.deserialize(value)))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.with_value(Unexpected::UnitVariant, |value| value.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.with_value(Unexpected::UnitVariant, |value| value.deserialize_map(visitor))
    }
}
