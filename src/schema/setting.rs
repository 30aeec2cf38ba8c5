//! What a setting of a system takes, by its type.

use crate::format::system::{Field, SettingType};
use crate::text::Spanned;
use crate::values::{
    Cidr, Day, DevicePath, Domain, Duration, Gid, HeaderName, HostIp, HostPath, NamePart, Port, UrlPath, pattern, zone,
};
use schemars::JsonSchema;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most entries of a list, and most records; `stack::settings` refuses more.
const ITEMS: usize = 1024;
const RECORDS: usize = 512;

/// The schema of a value; `null` where the default is that.
pub(super) fn of(kind: &SettingType, may_be_null: bool) -> Value {
    let mut schema = value(kind);
    if may_be_null {
        if let Some(Value::Array(words)) = schema.get_mut("enum") {
            words.push(Value::Null);
        }
        match schema.get_mut("type") {
            Some(Value::Array(types)) => types.push("null".into()),
            Some(one) => *one = json!([one.clone(), "null"]),
            None => {}
        }
    }
    schema
}

fn value(kind: &SettingType) -> Value {
    match kind {
        SettingType::Boolean => json!({ "type": "boolean" }),
        SettingType::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        SettingType::Number { min, max } => {
            json!({ "type": "number", "minimum": number(*min), "maximum": number(*max) })
        }
        SettingType::Name => typed::<NamePart>(),
        SettingType::HeaderName => typed::<HeaderName>(),
        SettingType::Text { max_length, without } => text(*max_length, without),
        SettingType::Choice { of } => choice(of),
        SettingType::Size { min, max } => size(min.map(|it| it.get()), max.map(|it| it.get())),
        SettingType::Duration => typed::<Duration>(),
        SettingType::Port => typed::<Port>(),
        SettingType::Cidr => typed::<Cidr>(),
        SettingType::Domain => typed::<Domain>(),
        SettingType::Path => typed::<HostPath>(),
        SettingType::UrlPath => typed::<UrlPath>(),
        SettingType::LastDay => typed::<Day>(),
        SettingType::Device => typed::<DevicePath>(),
        SettingType::Group => typed::<Gid>(),
        SettingType::Address => typed::<HostIp>(),
        SettingType::Origins => {
            list(words("an origin: scheme, host and port alone", pattern::origin(), "https://panel.example.com"))
        }
        SettingType::Endpoint => words("host and port", pattern::endpoint(), "wiki:8080"),
        SettingType::Email => words("an e-mail address", pattern::email(), "anna@example.com"),
        SettingType::TimeZone => json!({
            "type": "string", "enum": zone::names(), "x-says": "a time zone of the IANA database", "examples": ["Europe/Berlin"],
        }),
        SettingType::List { max_length, without } => list(text(*max_length, without)),
        SettingType::Items { of } => list(value(of)),
        SettingType::Records { fields, unique } => records(fields, unique),
    }
}

/// A bound, without a decimal point where it needs none.
fn number(bound: f64) -> Value {
    format!("{bound}").parse::<i64>().map_or_else(|_| bound.into(), Value::from)
}

fn typed<T: JsonSchema>() -> Value {
    let mut schema = schemars::schema_for!(T).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("title");
        if let Some(says) = object.remove("description") {
            object.insert("x-says".into(), says);
        }
    }
    schema
}

fn words(says: &str, pattern: String, example: &str) -> Value {
    json!({
        "type": "string", "x-says": says, "pattern": pattern::whole(&pattern),
        "patternErrorMessage": format!("wanted is {says}, such as `{example}`"), "examples": [example],
    })
}

fn text(max_length: u32, without: &str) -> Value {
    let but = if without.is_empty() { String::new() } else { format!(", without any of {without}") };
    let says = format!("one line of at most {max_length} characters{but}");
    json!({
        "type": ["string", "number"], "maxLength": max_length, "x-says": says, "pattern": pattern::whole(&pattern::visible(without)),
        "patternErrorMessage": format!("wanted is {says}"),
    })
}

/// Words; YAML reads some as truth values or numbers.
fn choice(of: &[String]) -> Value {
    let bare = |word: &String| serde_json::from_str::<Value>(word).ok().filter(|it| it.is_boolean() || it.is_number());
    let all: Vec<Value> = of.iter().map(|word| word.as_str().into()).chain(of.iter().filter_map(bare)).collect();
    match all.iter().all(Value::is_string) {
        true => json!({ "type": "string", "enum": all }),
        false => json!({ "enum": all }),
    }
}

fn size(min: Option<u64>, max: Option<u64>) -> Value {
    let shown = |bytes: u64| crate::values::ByteSize::bytes(bytes).to_string();
    let range = match (min.map(shown), max.map(shown)) {
        (Some(min), Some(max)) => format!(", from {min} to {max}"),
        (Some(min), None) => format!(", at least {min}"),
        (None, Some(max)) => format!(", at most {max}"),
        (None, None) => String::new(),
    };
    let says = format!("bytes with a unit: k, m or g{range}");
    let mut schema = json!({
        "type": ["string", "integer"], "minimum": min.unwrap_or(1), "x-says": says,
        "pattern": pattern::whole(&pattern::size(min.unwrap_or(1), max)), "patternErrorMessage": format!("wanted are {says}"),
    });
    schema["maximum"] = max.unwrap_or(0x000f_ffff_ffff_ffff).into();
    schema
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items, "maxItems": ITEMS })
}

fn records(fields: &BTreeMap<Spanned<String>, Field>, unique: &[Spanned<String>]) -> Value {
    let required: Vec<_> =
        fields.iter().filter(|(_, field)| field.default.is_none()).map(|(name, _)| &name.value).collect();
    let mut properties = serde_json::Map::new();
    for (name, field) in fields {
        let default = field.default.as_ref().map(|it| it.value.to_json());
        let alone = if unique.contains(name) { " Another value in each record." } else { "" };
        let mut schema = of(&field.kind, default.as_ref().is_some_and(Value::is_null));
        schema["description"] = format!("{}{alone}", field.purpose).into();
        if let Some(default) = default.filter(|it| !it.is_null()) {
            schema["default"] = default;
        }
        properties.insert(name.value.clone(), schema);
    }
    let mut items = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        items["required"] = json!(required);
    }
    json!({ "type": "array", "items": items, "maxItems": RECORDS })
}
