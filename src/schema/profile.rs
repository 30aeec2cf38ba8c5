//! The schema of profiles: of any, and of one with the systems that it names.

use super::clean::clean;
use super::narrow::{Part, controls, narrow};
use super::snippets;
use crate::format::File;
use crate::format::system::System;
use crate::stack::among_several;
use crate::systems::{Own, builtin, builtins, is_path, read};
use crate::text::{SourceFile, SourceId};
use crate::values::{HeaderName, HostName, ServiceName, pattern};
use crate::yaml::Sources;
use schemars::JsonSchema;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Of any profile.
pub(super) fn any() -> Value {
    let mut schema = clean(File::Profile.schema().to_value(), true);
    schema["required"] = json!(["version", "name"]);
    // Either is needed; with both, the compiler says which one counts.
    schema["anyOf"] = json!([{ "required": ["system"] }, { "required": ["systems"] }]);
    let properties = &mut schema["properties"];
    properties["version"]["const"] = 1.into();
    choose_system(&mut properties["system"]);
    let part = &mut properties["systems"]["patternProperties"];
    for part in part.as_object_mut().into_iter().flat_map(|it| it.values_mut()) {
        choose_system(&mut part["properties"]["system"]);
    }
    email(&mut properties["proxy"]["properties"]["tls"]["properties"]["email"]);
    let speed = &mut properties["proxy"]["properties"]["slowest_upload"];
    speed["pattern"] = pattern::whole(&pattern::size(1024, None)).into();
    speed["minimum"] = 1024.into();
    controls(&mut properties["waivers"]["items"]["properties"]["control"]);
    names::<HostName>(&mut properties["hosts"]);
    names::<ServiceName>(&mut properties["services"]);
    names::<HeaderName>(&mut properties["proxy"]["properties"]["headers"]["properties"]["set"]);
    snippets::add(&mut schema, snippets::PROFILE);
    schema
}

/// A built-in system with what it is.
fn told((name, text): (&'static str, &'static str)) -> (&'static str, String) {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new(name, text));
    let root = sources.tree(id);
    let word = |key| root.and_then(|root| root.get(key)).and_then(|it| it.as_text()).unwrap_or(name);
    (name, format!("{}. {}", word("title"), word("summary")))
}

/// A built-in system, or the path of a file.
fn choose_system(system: &mut Value) {
    static KNOWN: LazyLock<(Vec<&str>, Vec<String>)> = LazyLock::new(|| builtins().into_iter().map(told).unzip());
    let (words, says) = &*KNOWN;
    if let Some(system) = system.as_object_mut() {
        for key in ["type", "pattern", "patternErrorMessage"] {
            system.remove(key);
        }
    }
    system["examples"] = json!(["./my-app.system.yaml"]);
    system["anyOf"] = json!([
        { "type": "string", "enum": words, "markdownEnumDescriptions": says },
        {
            "type": "string",
            "pattern": r"^[\s]*[^\s\u0000-\u001f][^\u0000-\u001f]*$",
            "allOf": [{ "pattern": r"/|\.ya?ml$" }],
            "patternErrorMessage": "wanted is a built-in system, which `stockade systems` lists, or a path such as `./my-app.system.yaml`",
        },
    ]);
}

/// The address of an ACME account.
fn email(key: &mut Value) {
    key["pattern"] = pattern::whole(&pattern::account()).into();
    key["patternErrorMessage"] = "wanted is an e-mail address, such as `admin@example.com`".into();
    key["examples"] = json!(["admin@example.com"]);
    key["type"] = "string".into();
}

/// Lets a mapping take only keys that are names of a type.
fn names<T: JsonSchema>(mapping: &mut Value) {
    let key = schemars::schema_for!(T).to_value();
    mapping["propertyNames"] = json!({ "pattern": key["pattern"], "title": "NAME", "description": key["description"] });
}

/// The words under `system`, with the name under `systems` where there are several; also of a profile that is not valid yet.
pub(super) fn named_systems(sources: &Sources, profile: SourceId) -> Vec<(Option<String>, Option<String>)> {
    let Some(root) = sources.tree(profile) else { return Vec::new() };
    let word = |node: &crate::yaml::Node| node.get("system").and_then(|it| it.as_text()).map(str::to_owned);
    let parts = root.get("systems").map(|systems| systems.entries()).unwrap_or_default();
    if parts.is_empty() {
        return word(root).map(|word| (None, Some(word))).into_iter().collect();
    }
    parts.iter().map(|part| (Some(part.name().to_owned()), word(&part.value))).collect()
}

/// Of one profile, with what its systems say. One that names a system which cannot be read has the schema of any profile.
pub fn of_profile(sources: &mut Sources, profile: SourceId, own: &BTreeMap<String, Own>) -> Value {
    let named = named_systems(sources, profile);
    let mut one = |(name, word): &(Option<String>, Option<String>)| {
        let word = word.as_deref()?.trim();
        let system = load(word, own, sources)?;
        let key = name.as_ref().filter(|_| is_path(word)).and_then(|name| name.parse().ok());
        Some(key.map_or_else(|| system.clone(), |key| among_several(&key, &system)))
    };
    let systems: Vec<Option<System>> = named.iter().map(&mut one).collect();
    let parts: Vec<Part> = named
        .iter()
        .zip(&systems)
        .map(|((name, _), system)| Part { name: name.as_deref(), system: system.as_ref() })
        .collect();
    let mut schema = any();
    narrow(&mut schema, &parts);
    let titles: Vec<_> = systems.iter().flatten().map(|system| system.title.as_str()).collect();
    if !titles.is_empty() {
        schema["title"] = format!("Stockade profile for {}", titles.join(" and ")).into();
    }
    schema
}

fn load(word: &str, own: &BTreeMap<String, Own>, sources: &mut Sources) -> Option<System> {
    let id = match own.get(word) {
        Some(own) => own.file,
        None => sources.add(SourceFile::new(format!("{word} (built in)"), builtin(word)?)),
    };
    read(sources, id).0
}
