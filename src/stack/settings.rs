//! The system's own settings: the profile's values or the defaults, checked against their types.

use super::{Scope, facts};
use crate::diagnostics::{Diagnostic, codes, nearest_or_allowed};
use crate::profile::Profile;
use crate::source::Spanned;
use crate::systems::format::{Setting, SettingType, System};
use crate::values::{ByteSize, Cidr, Domain, Duration, HostPath, Invalid, Port};
use minijinja::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::str::FromStr;

/// Checks the profile's settings and gives all of them as the fact `settings`.
pub fn resolve(profile: &Profile, system: &System, scope: &mut Scope) {
    for key in profile.settings.keys() {
        if !system.settings.keys().any(|known| known.value == key.value) {
            let names = system.settings.keys().map(|name| name.value.as_str());
            scope.diagnostics.push(
                Diagnostic::error(
                    codes::UNKNOWN_KEY,
                    format!("`{}` has no setting `{}`", system.name.value, key.value),
                )
                .at(key.span, "")
                .help(nearest_or_allowed(key.as_str(), names)),
            );
        }
    }
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    for (name, setting) in &system.settings {
        let given = profile.settings.iter().find(|(key, _)| key.value == name.value).map(|(_, value)| value);
        let value = given.unwrap_or(&setting.default);
        match check(setting, value, given.is_none()) {
            Ok(value) => {
                values.insert(name.value.to_string(), value);
            }
            Err(Invalid { reason, help }) => {
                let mut diagnostic =
                    Diagnostic::error(codes::INVALID_VALUE, format!("setting `{}`: {reason}", name.value))
                        .at(value.span, "");
                if let Some(help) = help {
                    diagnostic = diagnostic.help(help);
                }
                scope.diagnostics.push(diagnostic);
                // A stand-in, so that what depends on the setting is not reported as well.
                values.insert(name.value.to_string(), check(setting, &setting.default, true).unwrap_or_default());
            }
        }
    }
    scope.set("settings", Value::from_pairs(values));
}

fn check(setting: &Setting, value: &Spanned<Json>, is_default: bool) -> Result<Value, Invalid> {
    let text = match &value.value {
        Json::Null if is_default || setting.default.is_null() => return Ok(Value::from(())),
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(flag) => flag.to_string(),
        Json::Null => return Err(Invalid::new("it has no value").help("write a value, or leave the line out")),
        Json::Array(_) | Json::Object(_) => String::new(),
    };
    let list = || match &value.value {
        Json::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| Invalid::new("a list of texts is wanted")))
            .collect::<Result<Vec<String>, _>>(),
        _ => Err(Invalid::new("a list is wanted").help("write `[first, second]`")),
    };
    if !matches!(setting.kind, SettingType::List { .. } | SettingType::Origins)
        && matches!(value.value, Json::Array(_) | Json::Object(_))
    {
        return Err(Invalid::new("one value is wanted, not several"));
    }
    match &setting.kind {
        SettingType::Boolean => match &value.value {
            Json::Bool(flag) => Ok(Value::from(*flag)),
            _ => Err(Invalid::new("this is neither true nor false").help("write `true` or `false`")),
        },
        SettingType::Integer { min, max } => match text.parse::<i64>() {
            Ok(number) if (*min..=*max).contains(&number) => Ok(Value::from(number)),
            _ => Err(Invalid::new(format!("this is no whole number from {min} to {max}"))),
        },
        SettingType::Text { max_length, without } => check_text(&text, *max_length, without).map(Value::from),
        SettingType::Choice { of } => {
            if of.contains(&text) {
                return Ok(Value::from(text));
            }
            Err(Invalid::new(format!("`{}` is not one of its values", text.escape_debug()))
                .help(nearest_or_allowed(&text, of.iter().map(String::as_str))))
        }
        SettingType::Size { min, max } => {
            let size: ByteSize = text.parse()?;
            if min.is_some_and(|min| size < min) || max.is_some_and(|max| size > max) {
                let bound = |b: &Option<ByteSize>| b.map_or("any".to_owned(), |b| b.to_string());
                return Err(Invalid::new(format!("`{size}` is out of bounds")).help(format!(
                    "from {} to {}",
                    bound(min),
                    bound(max)
                )));
            }
            Ok(facts::size(size))
        }
        SettingType::Duration => text.parse::<Duration>().map(facts::duration),
        SettingType::Port => text.parse::<Port>().map(|port| Value::from(port.get())),
        SettingType::Cidr => parsed::<Cidr>(&text),
        SettingType::Domain => parsed::<Domain>(&text),
        SettingType::Path => parsed::<HostPath>(&text),
        SettingType::Origins => {
            list()?.iter().map(|item| check_origin(item)).collect::<Result<Vec<_>, _>>().map(Value::from)
        }
        SettingType::List { max_length, without } => list()?
            .iter()
            .map(|item| check_text(item, *max_length, without))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::from),
    }
}

fn parsed<T: FromStr<Err = Invalid> + ToString>(text: &str) -> Result<Value, Invalid> {
    text.parse::<T>().map(|value| Value::from(value.to_string()))
}

fn check_text(text: &str, max_length: u32, without: &str) -> Result<String, Invalid> {
    if let Some(bad) = text.chars().find(|c| c.is_control() || crate::values::is_invisible(*c)) {
        return Err(Invalid::new(format!("it holds the invisible character {}", bad.escape_unicode()))
            .help("write plain text on one line"));
    }
    if let Some(bad) = text.chars().find(|c| without.contains(*c)) {
        return Err(Invalid::new(format!("it holds {bad:?}, which the application would misread"))
            .help(format!("leave out all of {without}")));
    }
    match text.chars().count() {
        n if n > max_length as usize => {
            Err(Invalid::new(format!("it has {n} characters, at most {max_length} are allowed")).help("shorten it"))
        }
        _ => Ok(text.to_owned()),
    }
}

fn check_origin(text: &str) -> Result<String, Invalid> {
    let refuse = |reason: &str| {
        Invalid::new(reason).help("write scheme, host and port only, such as `https://panel.example.com`")
    };
    let host = text.strip_prefix("https://").ok_or_else(|| refuse("an origin begins with `https://`"))?;
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let name: Domain =
        name.parse().map_err(|_| refuse("an origin has a host name and no path, wildcard or final `/`"))?;
    match port.map(str::parse::<Port>).transpose()? {
        Some(port) if port.get() != 443 => Ok(format!("https://{name}:{port}")),
        _ => Ok(format!("https://{name}")),
    }
}
