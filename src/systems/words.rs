//! What a system file says, in words for people.

use crate::format::system::{SecretSpec, SettingType};
use crate::secrets::Kind;
use serde_json::Value;

/// A default in words.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Value::String(text) if !text.is_empty() && !text.starts_with(' ') => text.clone(),
        other => other.to_string(),
    }
}

/// Where a secret comes from.
pub fn origin(spec: &SecretSpec) -> String {
    match &spec.kind {
        Kind::Hex { bytes } => format!("generated: {} random bytes as hex", bytes.get()),
        Kind::Base64 { bytes } => format!("generated: {} random bytes as base64", bytes.get()),
        Kind::Base64Url { bytes } => format!("generated: {} random bytes as base64 for URLs", bytes.get()),
        Kind::Password { length } => format!("generated: a password of {} characters", length.get()),
        Kind::Bcrypt { of, .. } => format!("derived: the bcrypt hash of {of}"),
        Kind::Htpasswd { of, .. } => format!("derived: a line for the proxy's password file, from {of}"),
        Kind::Text { of, .. } => format!("derived: a text around {of}"),
        Kind::Supplied { min_length, begins } => {
            let least = min_length.as_ref().map(|least| format!(", at least {} characters", least.get()));
            let begins = if begins.is_empty() { String::new() } else { format!(", beginning with {begins}") };
            format!("supplied: you put it there before `generate`{}{begins}", least.unwrap_or_default())
        }
    }
}

/// A setting's type in a word or two.
pub fn kind(kind: &SettingType) -> String {
    match kind {
        SettingType::Boolean => "boolean".into(),
        SettingType::Integer { min, max } => format!("integer, {min} to {max}"),
        SettingType::Number { min, max } => format!("number, {min} to {max}"),
        SettingType::Name => "name of lower-case letters, digits and _".into(),
        SettingType::HeaderName => "name of an HTTP header".into(),
        SettingType::Text { max_length, without } => format!("text, at most {max_length} characters{}", but(without)),
        SettingType::Choice { of } => of.join(" | "),
        SettingType::Size { min, max } => match (min, max) {
            (Some(min), Some(max)) => format!("size, {min} to {max}"),
            (Some(min), None) => format!("size, at least {min}"),
            (None, Some(max)) => format!("size, at most {max}"),
            (None, None) => "size, such as 8g".into(),
        },
        SettingType::Duration => "duration, such as 30s or 1h30m".into(),
        SettingType::Port => "port, 1 to 65535".into(),
        SettingType::Cidr => "network, such as 10.8.0.0/24".into(),
        SettingType::Domain => "host name".into(),
        SettingType::Path => "absolute path".into(),
        SettingType::UrlPath => "path of a URL".into(),
        SettingType::LastDay => "day, YYYY-MM-DD".into(),
        SettingType::Device => "device of the host, such as /dev/dri/renderD128".into(),
        SettingType::Group => "number of a group of the host".into(),
        SettingType::Origins => "list of origins, such as https://a.example.com".into(),
        SettingType::List { max_length, without } => {
            format!("list of texts, each at most {max_length} characters{}", but(without))
        }
        SettingType::Address => "IP address".into(),
        SettingType::Endpoint => "host and port, such as wiki:8080".into(),
        SettingType::Email => "e-mail address".into(),
        SettingType::TimeZone => "time zone, such as Europe/Berlin".into(),
        SettingType::Items { of } => format!("list: {}", self::kind(of)),
        SettingType::Records { .. } => "list of records".into(),
    }
}

/// Characters that a text cannot hold, apart from the sentence around them.
fn but(without: &str) -> String {
    let named = without.chars().map(|c| if c == ' ' { "blank".to_owned() } else { c.to_string() });
    if without.is_empty() { String::new() } else { format!(", but not {} ", named.collect::<Vec<_>>().join(" ")) }
}
