//! What may stand at a key, as a JSON schema says it.

use crate::yaml::{Route, Step};
use serde_json::{Map, Value};

/// The schemas of one value: of several, any may hold.
#[derive(Debug, Clone)]
pub struct Shape<'a> {
    root: &'a Value,
    /// From the outermost to the innermost.
    parts: Vec<&'a Map<String, Value>>,
}

/// A word that may stand as a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// As it is written.
    pub text: String,
    /// What it means.
    pub about: Option<&'a str>,
}

/// Whether an editor offers it: some keys are there only to say why they may not be used.
fn is_offered(schema: &Value) -> bool {
    schema.get("doNotSuggest") != Some(&Value::Bool(true)) && *schema != Value::Bool(false)
}

impl<'a> Shape<'a> {
    /// That of a whole file.
    pub fn root(schema: &'a Value) -> Self {
        Self::new(schema, schema)
    }

    fn new(root: &'a Value, schema: &'a Value) -> Self {
        let mut parts = Vec::new();
        gather(root, schema, &mut parts);
        Self { root, parts }
    }

    /// That of the value a route leads to; nothing where no such value may stand.
    pub fn at(&self, route: &Route) -> Option<Self> {
        route.steps().iter().try_fold(self.clone(), |shape, step| shape.step(step))
    }

    fn step(&self, step: &Step) -> Option<Self> {
        let inner = match step {
            Step::Key(key) => self.parts.iter().find_map(|part| {
                let named = part.get("properties").and_then(|keys| keys.get(key));
                let any = || part.get("patternProperties")?.as_object()?.values().next();
                let others = || part.get("additionalProperties").filter(|any| any.is_object());
                named.or_else(any).or_else(others)
            }),
            Step::Index(_) => self.parts.iter().find_map(|part| part.get("items")),
        };
        inner.map(|schema| Self::new(self.root, schema))
    }

    /// The keys that may stand in it, with their schemas and whether they must.
    pub fn keys(&self) -> Vec<(&'a str, Self, bool)> {
        let mut keys: Vec<(&'a str, Self, bool)> = Vec::new();
        for part in &self.parts {
            let must: Vec<&str> = part
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let named = part.get("properties").and_then(Value::as_object).into_iter().flatten();
            for (name, schema) in named.filter(|(_, schema)| is_offered(schema)) {
                if !keys.iter().any(|(known, ..)| known == name) {
                    keys.push((name, Self::new(self.root, schema), must.contains(&name.as_str())));
                }
            }
        }
        keys
    }

    /// The words from which a value is chosen, where they are told.
    pub fn words(&self) -> Vec<Word<'a>> {
        let mut words: Vec<Word<'a>> = Vec::new();
        let mut add = |text: String, about| {
            if !words.iter().any(|known| known.text == text) {
                words.push(Word { text, about });
            }
        };
        for part in &self.parts {
            let about = part.get("description").and_then(Value::as_str);
            if let Some(text) = part.get("const").and_then(plain) {
                add(text, about);
            }
            let meant = part.get("markdownEnumDescriptions").and_then(Value::as_array);
            for (at, word) in part.get("enum").and_then(Value::as_array).into_iter().flatten().enumerate() {
                let about = meant.and_then(|meant| meant.get(at)?.as_str());
                plain(word).into_iter().for_each(|word| add(word, about));
            }
            if part.get("type").is_some_and(|kind| is(kind, "boolean")) {
                add("true".to_owned(), None);
                add("false".to_owned(), None);
            }
        }
        words
    }

    /// What is said about it, the closest first.
    pub fn about(&self) -> Option<&'a str> {
        let said = |key: &'static str| self.parts.iter().find_map(move |part| part.get(key)?.as_str());
        said("markdownDescription").or_else(|| said("description"))
    }

    /// Its value where nothing is written, and an example.
    pub fn value(&self, key: &str) -> Option<String> {
        self.parts.iter().find_map(|part| {
            let value = part.get(key)?;
            plain(value.as_array().filter(|_| key == "examples").and_then(|all| all.first()).unwrap_or(value))
        })
    }

    /// Whether keys stand in it, a list, or a single value.
    pub fn holds(&self, kind: &str) -> bool {
        self.parts.iter().any(|part| {
            part.get("type").is_some_and(|it| is(it, kind))
                || (kind == "object" && part.contains_key("properties"))
                || (kind == "array" && part.contains_key("items"))
        })
    }
}

fn is(said: &Value, kind: &str) -> bool {
    said == kind || said.as_array().is_some_and(|kinds| kinds.iter().any(|known| known == kind))
}

/// A single value as YAML writes it; nothing for `null`, lists and records.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A schema with what it refers to and chooses from, each once: a schema may refer to itself.
fn gather<'a>(root: &'a Value, schema: &'a Value, parts: &mut Vec<&'a Map<String, Value>>) {
    let known = |part: &&Map<String, Value>| !parts.iter().any(|known| std::ptr::eq(*known, *part));
    let Some(part) = schema.as_object().filter(known) else { return };
    parts.push(part);
    if let Some(target) = part.get("$ref").and_then(Value::as_str).and_then(|to| root.pointer(to.strip_prefix('#')?)) {
        gather(root, target, parts);
    }
    for choice in ["allOf", "anyOf", "oneOf"] {
        for schema in part.get(choice).and_then(Value::as_array).into_iter().flatten() {
            gather(root, schema, parts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    fn schema() -> Value {
        schema::ALL[0].value()
    }

    #[test]
    fn keys_and_words_are_found_by_their_route() {
        let schema = schema();
        let at = |keys: &[&str]| Shape::root(&schema).at(&keys.iter().copied().collect());
        let words = |keys: &[&str]| at(keys).unwrap().words().into_iter().map(|word| word.text).collect::<Vec<_>>();
        assert_eq!(words(&["level"]), ["baseline", "hardened", "strict"]);
        assert_eq!(words(&["proxy", "tls", "mode"]), ["acme", "files", "self-signed"]);
        assert_eq!(words(&["firewall", "log"]), ["true", "false"]);
        assert!(at(&["services", "any", "resources", "memory"]).unwrap().about().unwrap().starts_with("Memory"));
        assert!(at(&["proxy", "nonsense"]).is_none());
        let waiver = Shape::root(&schema).at(&Route::root().key("waivers").index(3)).unwrap();
        let keys: Vec<_> = waiver.keys().into_iter().map(|(name, _, must)| (name, must)).collect();
        assert_eq!(keys, [("control", true), ("service", false), ("reason", true), ("until", true)]);
        assert!(at(&["proxy"]).unwrap().holds("object") && at(&["admin"]).unwrap().holds("array"));
        let level = Shape::root(&schema).at(&Route::root().key("level")).unwrap();
        assert!(level.about().unwrap().contains("`hardened` (default)"));
        assert_eq!(level.words()[2].about, Some("All there is, at some cost in comfort."));
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = serde_json::json!({ "$ref": "#", "anyOf": [{ "$ref": "#" }, { "$ref": "#" }] });
        assert!(Shape::root(&schema).keys().is_empty());
    }
}
