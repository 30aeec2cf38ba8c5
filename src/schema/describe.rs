//! What is said of each key, in Markdown, with the default that the words name.

use serde_json::{Map, Value, json};

/// Gives every key its path as a title, and what is said of it in Markdown.
pub(super) fn describe(value: &mut Value, path: &str) {
    if let Some(object) = value.as_object_mut() {
        if !path.is_empty() && (object.contains_key("description") || object.contains_key("x-says")) {
            object.entry("title").or_insert(path.into());
        }
        if let Some(text) = object.get("description").and_then(Value::as_str).map(str::to_owned) {
            let default = object.get("default").cloned().or_else(|| default(&text, object));
            if let Some(default) = default {
                object.insert("default".into(), default);
            }
            let says = object.remove("x-says");
            object.entry("markdownDescription").or_insert_with(|| markdown(&text, says.as_ref()).into());
        }
    }
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, one) in value.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        describe(one, &below(key));
    }
    for (_, one) in value.get_mut("patternProperties").and_then(Value::as_object_mut).into_iter().flatten() {
        describe(one, &below("NAME"));
    }
    if let Some(one) = value.get_mut("additionalProperties") {
        describe(one, &below("NAME"));
    }
    if let Some(one) = value.get_mut("items") {
        describe(one, &format!("{path}[]"));
    }
    for (name, one) in value.get_mut("$defs").and_then(Value::as_object_mut).into_iter().flatten() {
        describe(one, name);
    }
}

fn markdown(text: &str, says: Option<&Value>) -> String {
    // What is said of a section or of words is a sentence, and says the same again.
    match says.and_then(Value::as_str).filter(|says| !says.ends_with('.')) {
        Some(says) => format!("{text}\n\nWritten as {says}."),
        None => text.to_owned(),
    }
}

/// The default that a description names, where it is one value of the key's type: "default 80", "`hardened` (default)".
fn default(text: &str, object: &Map<String, Value>) -> Option<Value> {
    let behind = text.split_once("default ").map(|(_, rest)| rest.split([';', ',', ' ']).next().unwrap_or_default());
    let before = text.split_once("` (default)").map(|(rest, _)| rest.rsplit('`').next().unwrap_or_default());
    let word = before.or(behind)?.trim_end_matches('.').trim_matches('`');
    let is = |kind: &str| {
        object.get("type").is_some_and(|it| it == kind || it.as_array().is_some_and(|it| it.contains(&kind.into())))
    };
    if let Some(words) = object.get("enum").and_then(Value::as_array) {
        return words.iter().find(|it| *it == word).cloned();
    }
    match word {
        "on" if is("boolean") => Some(json!(true)),
        "off" if is("boolean") => Some(json!(false)),
        _ if is("integer") => word.parse::<i64>().ok().map(Value::from),
        _ if is("string")
            && (text.contains(&format!("default `{word}`")) || word.starts_with(|c: char| c.is_ascii_digit())) =>
        {
            Some(word.into())
        }
        _ => None,
    }
}
