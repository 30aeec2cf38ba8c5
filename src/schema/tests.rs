//! Tests of the schemas as a whole.

#![allow(clippy::unwrap_used)]

use super::made::made;
use super::profile::named_systems;
use super::*;
use crate::systems::Own;
use crate::text::SourceFile;
use crate::yaml::Sources;
use std::collections::BTreeMap;
use std::path::Path;

const SHORT: &str = "version: 1\nname: demo\nsystem: hyos\ndomain: demo.example.com\nadmin: [10.8.0.0/24]\n";

#[test]
fn the_files_are_what_the_types_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for schema in &ALL {
        let path = folder.join(schema.file());
        let wanted = text(&made(schema.name));
        if std::env::var_os("STOCKADE_BLESS").is_some() {
            std::fs::write(&path, &wanted).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == wanted, "{} is stale; STOCKADE_BLESS=1 cargo test rewrites it", schema.file());
        // What the program prints is the file, which it has read and written.
        assert!(std::env::var_os("STOCKADE_BLESS").is_some() || schema.text() == wanted, "{}", schema.file());
    }
}

#[test]
fn the_profile_schema_takes_a_short_profile_and_names_what_is_wrong() {
    let schema: serde_json::Value = serde_json::from_str(&ALL[0].text()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let good: serde_json::Value = serde_yaml::from_str(SHORT).unwrap();
    assert!(schema.is_valid(&good), "{:?}", schema.iter_errors(&good).map(|e| e.to_string()).collect::<Vec<_>>());
    let mut unknown = good.clone();
    unknown["domian"] = "x".into();
    assert!(!schema.is_valid(&unknown));
    let mut wrong = good;
    wrong["environment"] = "prod".into();
    assert!(!schema.is_valid(&wrong));
}

#[test]
fn the_system_schema_takes_every_built_in() {
    let schema: serde_json::Value = serde_json::from_str(&ALL[1].text()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for (name, text) in crate::systems::builtins() {
        let mut system: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        system.apply_merge().unwrap();
        let system = serde_json::to_value(system).unwrap();
        let errors: Vec<_> =
            schema.iter_errors(&system).map(|e| format!("{}: {e}", e.instance_path())).take(5).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

/// The profiles of `golden/` and `examples/` with the systems beside them, by path.
fn shipped() -> Vec<(String, serde_json::Value, serde_json::Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for (folder, profile) in [("golden", "profile.yaml"), ("examples", "stockade.yaml")] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let folder = entry.unwrap().path();
            let Ok(text) = std::fs::read_to_string(folder.join(profile)) else { continue };
            let mut sources = Sources::new();
            let id = sources.add(SourceFile::new(profile, text.as_str()));
            let mut own = BTreeMap::new();
            for (_, word) in named_systems(&sources, id) {
                let word = word.unwrap();
                if let Ok(text) = std::fs::read_to_string(folder.join(&word)) {
                    let file = sources.add(SourceFile::new(word.as_str(), text));
                    own.insert(word, Own { file, templates: BTreeMap::new() });
                }
            }
            let schema = of_profile(&mut sources, id, &own);
            let mut value: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
            value.apply_merge().unwrap();
            all.push((folder.display().to_string(), serde_json::to_value(value).unwrap(), schema));
        }
    }
    assert!(all.len() > 60, "{}", all.len());
    all
}

#[test]
fn every_shipped_profile_fits_its_own_schema() {
    let any: serde_json::Value = serde_json::from_str(&ALL[0].text()).unwrap();
    let any = jsonschema::validator_for(&any).unwrap();
    for (name, profile, schema) in shipped() {
        // One that shares its proxy may have no system.
        let named = !profile["system"].is_null() || !profile["systems"].is_null();
        assert!(!named || schema["title"].as_str().unwrap().contains(" for "), "{name}: a system was not read");
        let own = jsonschema::validator_for(&schema).unwrap();
        for (which, schema) in [("its own", &own), ("any", &any)] {
            let errors: Vec<_> =
                schema.iter_errors(&profile).map(|e| format!("{}: {e}", e.instance_path())).take(5).collect();
            assert!(errors.is_empty(), "{name}, {which}: {errors:#?}");
        }
    }
}

/// Every schema below one, with its place.
fn below(value: &serde_json::Value, place: String, found: &mut Vec<(String, serde_json::Value)>) {
    match value {
        serde_json::Value::Object(entries) => {
            found.push((place.clone(), value.clone()));
            for (key, one) in entries {
                if !["default", "examples", "enum", "const", "defaultSnippets"].contains(&key.as_str()) {
                    below(one, format!("{place}/{key}"), found);
                }
            }
        }
        serde_json::Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, one)| below(one, format!("{place}/{at}"), found));
        }
        _ => {}
    }
}

#[test]
fn defaults_and_examples_fit_and_every_key_is_explained() {
    let mut seen = 0;
    let mut known = std::collections::BTreeSet::new();
    let different: BTreeMap<String, _> =
        shipped().into_iter().map(|(name, _, schema)| (schema["title"].to_string(), (name, schema))).collect();
    for (name, schema) in different.into_values() {
        let mut all = Vec::new();
        below(&schema, String::new(), &mut all);
        for (place, one) in all {
            let key = place.rsplit('/').nth(1) == Some("properties");
            if key && one["doNotSuggest"] != true {
                assert!(one["markdownDescription"].is_string() && one["title"].is_string(), "{name}{place}: {one:#}");
            }
            let values = one.get("default").into_iter().chain(one["examples"].as_array().into_iter().flatten());
            let values: Vec<_> = values.collect();
            if values.is_empty() || one.get("$ref").is_some() || !known.insert(one.to_string()) {
                continue;
            }
            let validator = jsonschema::validator_for(&one).unwrap();
            for value in values {
                seen += 1;
                assert!(validator.is_valid(value), "{name}{place}: {value} in {one:#}");
            }
        }
    }
    assert!(seen > 300, "{seen}");
}

#[test]
fn no_schema_takes_null_but_where_it_means_something() {
    let nulls = |schema: &serde_json::Value| schema.to_string().matches("null").count();
    let profile: serde_json::Value = serde_json::from_str(&ALL[0].text()).unwrap();
    assert_eq!(nulls(&profile), 0, "{profile:#}");
    let system: serde_json::Value = serde_json::from_str(&ALL[1].text()).unwrap();
    let mut all = Vec::new();
    below(&system, String::new(), &mut all);
    let with: Vec<_> = all
        .iter()
        .filter(|(_, one)| {
            one["type"] == "null"
                || one["type"].as_array().is_some_and(|it| it.contains(&"null".into()))
                || one["enum"].as_array().is_some_and(|it| it.contains(&serde_json::Value::Null))
        })
        .map(|(place, _)| place.as_str())
        .collect();
    assert!(with.len() == 1 && with[0].contains("/http_port/"), "{with:?}");
}

#[test]
fn snippets_fit_where_they_stand() {
    let gaps = |value: &serde_json::Value| {
        let text = value.to_string();
        let mut parts = text.split("${");
        let mut filled = parts.next().unwrap().to_owned();
        for part in parts {
            let (gap, rest) = part.split_once('}').unwrap();
            filled.push_str(gap.split_once(':').unwrap().1);
            filled.push_str(rest);
        }
        // A gap that is a number or a truth value is written without quotes.
        let filled = filled.replace("\"51820\"", "51820").replace("\"true\"", "true");
        serde_json::from_str::<serde_json::Value>(&filled).unwrap()
    };
    let mut seen = 0;
    for named in &ALL[..2] {
        let schema: serde_json::Value = serde_json::from_str(&named.text()).unwrap();
        let mut all = Vec::new();
        below(&schema, String::new(), &mut all);
        for (place, mut one) in all {
            let Some(snippets) = one["defaultSnippets"].as_array().cloned() else { continue };
            if let Some(defs) = schema.get("$defs") {
                one["$defs"] = defs.clone();
            }
            let validator = jsonschema::validator_for(&one).unwrap();
            for snippet in snippets {
                seen += 1;
                let body = gaps(&snippet["body"]);
                let body = if one["type"] == "array" { serde_json::json!([body]) } else { body };
                let errors: Vec<_> =
                    validator.iter_errors(&body).map(|e| format!("{}: {e}", e.instance_path())).collect();
                assert!(errors.is_empty(), "{}{place}: {errors:?}", named.name);
            }
        }
    }
    assert!(seen > 9, "{seen}");
}
