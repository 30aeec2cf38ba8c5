//! What the schema of a profile takes, the compiler does not refuse for its shape; what it refuses, the compiler refuses.
//!
//! Profiles are made from the schema, valid and with one fault. `STOCKADE_AGREEMENT=N` makes N of each kind instead.

mod generate;

use crate::support::library;
use crate::support::root;
use generate::{Dice, Maker, fault, refusals};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use stockade::inside::schema_of_profile;
use stockade::{Compiled, Own, Severity, SourceFile, Sources};

/// Profiles of one kind in an everyday run.
const EVERYDAY: usize = 120;

/// An error of the compiler that no schema can say.
#[derive(serde::Deserialize)]
struct Beyond {
    code: String,
    says: Option<String>,
    why: String,
}

fn beyond() -> Vec<Beyond> {
    let all: Vec<Beyond> = serde_yaml::from_str(include_str!("not_shape.yaml")).expect("the list is YAML");
    assert!(all.iter().all(|one| !one.why.is_empty()));
    all
}

/// A system file with a setting of every type.
fn every() -> String {
    let text = std::fs::read_to_string(root().join("examples/own-app/guestbook.system.yaml")).expect("the example");
    text.replacen("settings:\n", concat!("settings:\n", include_str!("every.settings.yaml")), 1)
}

const OWN: &str = "./every.system.yaml";

fn compile(profile: &str) -> Compiled {
    library::system(profile, OWN, &every())
}

/// The schema of a profile, by the front door.
fn schema(profile: &str) -> Value {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("profile.yaml", profile));
    let file = sources.add(SourceFile::new(OWN, every()));
    let own = BTreeMap::from([(OWN.to_owned(), Own { file, templates: BTreeMap::new() })]);
    schema_of_profile(&mut sources, id, &own)
}

/// Errors that are not beyond a schema.
fn of_shape(compiled: &Compiled, beyond: &[Beyond]) -> Vec<String> {
    let known = |code: &str, message: &str| {
        beyond
            .iter()
            .any(|one| one.code == code && one.says.as_ref().is_none_or(|says| message.contains(says.as_str())))
    };
    // What a system computes has its place in the system file.
    let of_profile = |it: &&stockade::Diagnostic| {
        let place = it.primary().and_then(|label| compiled.sources.get(label.span.source));
        place.is_none_or(|file| file.name() == "profile.yaml")
    };
    let errors = compiled.diagnostics.iter().filter(|it| it.severity == Severity::Error).filter(of_profile);
    errors.filter(|it| !known(it.code.as_str(), &it.message)).map(|it| format!("{}: {}", it.code, it.message)).collect()
}

fn is_refused(compiled: &Compiled) -> bool {
    compiled.diagnostics.iter().any(|it| it.severity == Severity::Error)
}

/// Gives a profile the systems that its schema was made for.
fn same_systems(profile: &mut Value, base: &Value) {
    for key in ["system", "systems"] {
        match (base.get(key), &mut *profile) {
            (Some(Value::Object(parts)), profile) => {
                for (name, part) in parts {
                    for (key, value) in part.as_object().into_iter().flatten() {
                        profile["systems"][name][key] = value.clone();
                    }
                }
                profile["systems"].as_object_mut().expect("a mapping").retain(|name, _| parts.contains_key(name));
            }
            (Some(value), profile) => profile[key] = value.clone(),
            (None, Value::Object(profile)) => drop(profile.shift_remove(key)),
            (None, _) => {}
        }
    }
}

fn agree(seed: u64, base: &Value) {
    let rounds = std::env::var("STOCKADE_AGREEMENT").ok().and_then(|n| n.parse().ok()).unwrap_or(EVERYDAY);
    let schema = schema(&base.to_string());
    assert!(schema["title"].as_str().is_some_and(|title| title.contains(" for ")), "{}", schema["title"]);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let beyond = beyond();
    let mut dice = Dice(seed);
    let mut fitting = HashMap::new();
    let (mut valid, mut refused, mut clean) = (0, 0, 0);
    let mut wrong = BTreeMap::new();
    for round in 0..rounds {
        let mut profile = Maker::new(&mut dice, &mut fitting).value(&schema);
        same_systems(&mut profile, base);
        for key in ["name", "domain", "admin"] {
            if let (Some(value), true) = (base.get(key), profile.get(key).is_none() || round % 4 != 0) {
                profile[key] = value.clone();
            }
        }
        let refusals_first = refusals(&validator, &profile);
        assert!(refusals_first.is_empty(), "the generator and the schema differ: {refusals_first:?}\n{profile:#}");
        let mut what = String::new();
        if round % 2 == 1 {
            what = fault(&mut profile, &mut dice);
            if ["/system", "/systems"].iter().any(|place| what.starts_with(place) && !what.contains("/settings")) {
                continue;
            }
        }
        let text = profile.to_string();
        let compiled = compile(&text);
        let refusals = refusals(&validator, &profile);
        if refusals.is_empty() {
            valid += 1;
            let found = of_shape(&compiled, &beyond);
            clean += usize::from(!is_refused(&compiled));
            if !found.is_empty() {
                wrong
                    .entry(found[0].chars().take(70).collect::<String>())
                    .or_insert(format!("the compiler alone refuses: {found:?}\n  {what}\n  {text}"));
            }
        } else {
            refused += 1;
            if !is_refused(&compiled) {
                wrong
                    .entry(refusals[0].chars().take(70).collect::<String>())
                    .or_insert(format!("the schema alone refuses: {refusals:?}\n  {what}\n  {text}"));
            }
        }
    }
    let all: Vec<_> = wrong.values().map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} kinds of disagreement, of {rounds}:\n{}", wrong.len(), all.join("\n\n"));
    assert!(valid > rounds / 3 && refused > rounds / 10, "{valid} valid, {refused} refused, {clean} without error");
}

fn base(system: &str) -> Value {
    json!({"version": 1, "name": "it", "system": system, "domain": "play.example.com", "admin": ["10.8.0.0/24"]})
}

#[test]
fn with_each_built_in_system() {
    std::thread::scope(|scope| {
        for (seed, (name, _)) in stockade::inside::systems::builtins().into_iter().enumerate() {
            scope.spawn(move || agree(seed as u64, &base(name)));
        }
    });
}

#[test]
fn with_a_system_of_ones_own() {
    agree(11, &base(OWN));
}

#[test]
fn with_several_systems() {
    let systems = json!({"one": {"system": "hyos", "domain": "play.example.com"}, "two": {"system": OWN, "domain": "book.example.com"}});
    agree(12, &json!({"version": 1, "name": "it", "systems": systems, "admin": ["10.8.0.0/24"]}));
}
