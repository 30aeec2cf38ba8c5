//! Services that others wait for: `NAME: healthy`, or more of it as a mapping.

use super::Condition;
use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// What a service waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// What must have been reached.
    pub condition: Condition,
    /// Whether the service stays down without it.
    pub required: bool,
    /// Whether the service is started again when Compose restarts or replaces it.
    pub restart: bool,
}

impl From<Condition> for Dependency {
    fn from(condition: Condition) -> Self {
        Self { condition, required: true, restart: false }
    }
}

/// All there is to say.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Long {
    /// What it must have reached.
    condition: Condition,
    /// Whether the service stays down without it.
    #[serde(default = "yes")]
    required: bool,
    /// Whether the service is started again when Compose restarts or replaces what it waits for.
    #[serde(default)]
    restart: bool,
}

fn yes() -> bool {
    true
}

impl<'de> Deserialize<'de> for Dependency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Dependency;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`started`, `healthy`, `completed`, or a mapping with `condition`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Dependency, E> {
                Condition::deserialize(StrDeserializer::new(text)).map(Dependency::from)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Dependency, A::Error> {
                let Long { condition, required, restart } = Long::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Dependency { condition, required, restart })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Dependency {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Dependency".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (short, long) = (generator.subschema_for::<Condition>(), generator.subschema_for::<Long>());
        schemars::json_schema!({
            "description": "what must have been reached, alone or as `condition` with more",
            "anyOf": [short, long],
        })
    }
}
