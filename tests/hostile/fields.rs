//! The fields of the schemas that take any text, and where a file has them.

use std::collections::BTreeSet;

use serde_json::Value;

/// A value of a file, or the name of a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Field {
    /// Its name in the schema, such as `Service.title`; a key of a map is `.services.KEY`.
    pub name: String,
    /// Where it is, as a JSON pointer; of a key, that of its value.
    pub pointer: String,
    /// What is done with the text.
    pub form: Form,
}

/// What is done with a text before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Nothing.
    Plain,
    /// Blanks at its ends are dropped.
    Line,
    /// Expressions in it are computed.
    Computed,
    /// It is an expression.
    Expression,
}

/// The schema of a file as the types say it, before it is made easy to read for editors. What a pattern forbids of a line of
/// text is tried all the same.
pub fn schema(file: stockade::inside::File) -> Value {
    let mut schema = file.schema().to_value();
    for name in ["Line", "Computed", "When"] {
        if let Some(definition) = schema["$defs"].get_mut(name).and_then(Value::as_object_mut) {
            definition.remove("pattern");
        }
    }
    schema
}

fn form(title: &str, name: &str) -> Form {
    match (title, name) {
        ("Line", _) => Form::Line,
        ("When", _) => Form::Expression,
        ("Computed", _) | (_, "AppFile.content" | ".limitations[]") => Form::Computed,
        _ => Form::Plain,
    }
}

/// Names of all fields of a schema that take a text and restrict it neither to a pattern nor to words of a list.
pub fn all(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    list(schema, schema, String::new(), &mut BTreeSet::new(), &mut found);
    found
}

fn list(schema: &Value, at: &Value, name: String, seen: &mut BTreeSet<String>, found: &mut BTreeSet<String>) {
    if let Some((title, target)) = reference(schema, at) {
        if !is_structure(target) {
            return list(schema, target, name, seen, found);
        }
        if seen.insert(title.clone()) {
            list(schema, target, title, seen, found);
        }
        return;
    }
    if is_free(at) {
        found.insert(name.clone());
    }
    for choice in choices(at) {
        list(schema, choice, name.clone(), seen, found);
    }
    for (key, value) in at["properties"].as_object().into_iter().flatten() {
        list(schema, value, format!("{name}.{key}"), seen, found);
    }
    if at["additionalProperties"].is_object() {
        found.insert(format!("{name}.KEY"));
        list(schema, &at["additionalProperties"], format!("{name}.*"), seen, found);
    }
    // Keys that are names of a type are not free, and what stands below them is.
    for value in at["patternProperties"].as_object().into_iter().flat_map(|it| it.values()) {
        list(schema, value, format!("{name}.*"), seen, found);
    }
    if at["items"].is_object() {
        list(schema, &at["items"], format!("{name}[]"), seen, found);
    }
}

/// The fields of [`all`] that a file has.
pub fn of(schema: &Value, file: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    walk(schema, schema, file, (String::new(), String::new()), String::new(), &mut found);
    found
}

fn walk(
    schema: &Value,
    at: &Value,
    value: &Value,
    (name, title): (String, String),
    pointer: String,
    found: &mut Vec<Field>,
) {
    if let Some((title, target)) = reference(schema, at) {
        let name = if is_structure(target) { title.clone() } else { name };
        return walk(schema, target, value, (name, title), pointer, found);
    }
    let field = |name: &str, pointer: String| Field { name: name.to_owned(), pointer, form: form(&title, name) };
    // Any value may stand here: each text in it counts.
    if is_anything(at) {
        for (below, _) in texts(value, String::new()) {
            found.push(field(&name, format!("{pointer}{below}")));
        }
        return;
    }
    if value.is_string() && is_free(at) {
        found.push(field(&name, pointer.clone()));
    }
    if let Some(choice) = choices(at).find(|choice| takes(schema, choice, value)) {
        walk(schema, choice, value, (name.clone(), title.clone()), pointer.clone(), found);
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
        match at["properties"].get(key) {
            Some(property) => {
                let name = format!("{name}.{key}");
                walk(schema, property, value, (name, String::new()), pointer, found);
            }
            None if at["additionalProperties"].is_object() => {
                found.push(field(&format!("{name}.KEY"), pointer.clone()));
                let below = &at["additionalProperties"];
                walk(schema, below, value, (format!("{name}.*"), String::new()), pointer, found);
            }
            None => {
                for below in at["patternProperties"].as_object().into_iter().flat_map(|it| it.values()) {
                    let name = (format!("{name}.*"), String::new());
                    walk(schema, below, value, name, pointer.clone(), found);
                }
            }
        }
    }
    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
        let name = (format!("{name}[]"), String::new());
        walk(schema, &at["items"], value, name, format!("{pointer}/{index}"), found);
    }
}

/// Every text in a value with its place.
fn texts(value: &Value, pointer: String) -> Vec<(String, &str)> {
    match value {
        Value::String(text) => vec![(pointer, text)],
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, item)| texts(item, format!("{pointer}/{index}"))).collect()
        }
        Value::Object(map) => map.iter().flat_map(|(key, item)| texts(item, format!("{pointer}/{key}"))).collect(),
        _ => Vec::new(),
    }
}

fn reference<'a>(schema: &'a Value, at: &Value) -> Option<(String, &'a Value)> {
    let title = at["$ref"].as_str()?.rsplit('/').next()?;
    Some((title.to_owned(), &schema["$defs"][title]))
}

/// Whether a definition names fields below it; one that is a single value has the name of the field that uses it.
fn is_structure(definition: &Value) -> bool {
    definition["type"] == "object" || definition.get("oneOf").is_some() || definition.get("anyOf").is_some()
}

fn choices(at: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "oneOf"].into_iter().flat_map(|key| at[key].as_array().into_iter().flatten())
}

fn is_anything(at: &Value) -> bool {
    at.is_object() && ["type", "$ref", "anyOf", "oneOf", "const", "enum"].iter().all(|key| at.get(key).is_none())
}

fn is_free(at: &Value) -> bool {
    let kinds = at["type"].as_array().cloned().unwrap_or_else(|| vec![at["type"].clone()]);
    let restricted = ["const", "enum", "pattern"].iter().any(|key| at.get(key).is_some());
    is_anything(at) || (kinds.iter().any(|kind| kind == "string") && !restricted)
}

/// Whether one of several choices is the one that a value has made.
fn takes(schema: &Value, choice: &Value, value: &Value) -> bool {
    if let Some((_, target)) = reference(schema, choice) {
        return choices(target).next().is_some() || takes(schema, target, value);
    }
    let one = |kind: &Value| match kind.as_str() {
        Some("string") => value.is_string(),
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        _ => false,
    };
    let kinds = &choice["type"];
    let required = choice["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    (one(kinds) || kinds.as_array().is_some_and(|kinds| kinds.iter().any(one)))
        && choice.get("const").is_none_or(|word| word == value)
        && required.into_iter().all(|key| value.get(key).is_some())
}
