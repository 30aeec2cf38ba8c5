//! Text that may hold expressions over the facts of a run.

use crate::text::Spanned;
use crate::values::Invalid;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::marker::PhantomData;
use std::str::FromStr;

/// A text that becomes a `T` once its expressions are computed.
#[derive(Debug)]
pub struct Computed<T> {
    /// The text as written, with its place.
    pub text: Spanned<String>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Computed<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}

impl<T> Computed<T> {
    /// A text of our own, from no file.
    pub fn literal(text: impl Into<String>) -> Self {
        Self { text: Spanned::from(text.into()), kind: PhantomData }
    }
}

impl<'de, T: FromStr<Err: Into<Invalid>>> Deserialize<'de> for Computed<T> {
    /// A text without expressions is judged at once, so that it is told beside everything else.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Spanned::<String>::deserialize(deserializer)?;
        if !text.contains("{{") && !text.contains("{%") {
            let judged: Result<T, T::Err> = text.parse();
            judged.map_err(|error| D::Error::custom(error.into()))?;
        }
        Ok(Self { text, kind: PhantomData })
    }
}

impl<T> schemars::JsonSchema for Computed<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Computed".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "number", "boolean"],
            "description": "a value, or a text with `{{ expressions }}` over the facts of a run",
        })
    }
}

/// A condition: one expression, `settings.socket == 'filtered' and tls.enabled`.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct When(pub Spanned<String>);

impl schemars::JsonSchema for When {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "When".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "boolean"],
            "description": "an expression over the facts of a run; what it stands at counts only where it is true",
            "examples": ["settings.manager", "variant == 'truenas'"],
        })
    }
}
