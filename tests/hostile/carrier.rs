//! Systems and profiles that have every field, compiled with a text of its own in each of many fields at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stockade::Compiled;
use stockade::inside;
use stockade::inside::grammar::Unprintable;
use stockade::render::{github, human, json, sarif};
use stockade::{Diagnostic, Severity};

use super::deceives;
use super::fields::{self, Field, Form};
use crate::support::{library, root};

/// Where a text stands: the profile, or the system's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum File {
    Profile,
    System,
}

/// A field in one of the two files.
pub type Place = (File, Field);

/// A profile and its system.
#[derive(Clone)]
pub struct Carrier {
    pub profile: Value,
    pub system: Value,
}

/// What came of a trial.
pub struct Outcome {
    pub compiled: Compiled,
    /// Texts that were taken.
    pub taken: BTreeMap<Place, String>,
    /// Texts that were refused at their own places.
    pub refused: BTreeSet<Place>,
    /// Those of them that the first attempt refused: whatever else the files say, they have the wrong form.
    pub at_once: BTreeSet<Place>,
    /// What stands at the places where the carrier was left alone.
    pub before: BTreeMap<Place, String>,
    /// Errors that stand at no hostile text, and messages that hand a terminal what it must not have.
    pub strays: Vec<String>,
}

impl Carrier {
    /// The system with every field; its proxy is added, or it is the proxy itself.
    pub fn new(kind: &str, firewall: &str, own_edge: bool) -> Self {
        let text = std::fs::read_to_string(root().join("tests/hostile/carrier.system.yaml")).expect("it is there");
        let mut system: Value = serde_yaml::from_str(&text).expect("YAML");
        let mut profile = json!({
            "version": 1, "name": "carrier", "system": "./carrier.system.yaml", "variant": "plain-docker",
            "domain": "carrier.example.com", "admin": ["10.8.0.0/24"], "docker": {"socket_gid": 999},
            "proxy": {"kind": kind, "tls": {"mode": "self-signed"}},
            "firewall": {"kind": firewall, "open": [{"port": 51820, "protocol": "udp", "purpose": "A tunnel."}]},
            "settings": {"greeting": "Good day"},
            "services": {"app": {"environment": {"EXTRA": "more"}}},
            "waivers": [{"control": "pids-limit", "reason": "It forks.", "until": "2027-03-31"}],
            "secrets": {"sources": {"licence": "supplied"}},
        });
        if own_edge {
            system["own_edge"] = json!({
                "service": "app", "can": {"acme": true, "rate_limits": true, "waf": false, "password_cost": 12},
                "certificate": ["carrier.example.com"],
                "covers": [{"control": "hsts", "places": ["config/app.json"], "when": "true"}],
            });
            system.as_object_mut().expect("a map").remove("edge");
            profile["proxy"].as_object_mut().expect("a map").remove("kind");
        } else {
            profile["proxy"]["auth"] = json!({"mode": "basic", "user": "ada"});
            if kind != "caddy" {
                profile["proxy"]["rate_limits"] = json!({"generalrate": "30/1s"});
            }
            profile["proxy"]["headers"] = json!({"set": {"X-Extra": "more"}});
        }
        Self { profile, system }
    }

    /// Every field that takes any text.
    pub fn places(&self) -> Vec<Place> {
        let of = |file, schema: Value, value: &Value| -> Vec<Place> {
            fields::of(&schema, value).into_iter().map(|field| (file, field)).collect()
        };
        [
            of(File::Profile, fields::schema(inside::File::Profile), &self.profile),
            of(File::System, fields::schema(inside::File::System), &self.system),
        ]
        .concat()
    }

    /// Compiles with these texts. Those that are refused at their own places are taken back until a bundle comes out;
    /// an error anywhere else fails the test.
    pub fn try_all(&self, texts: &BTreeMap<Place, String>) -> Outcome {
        let mut taken = texts.clone();
        let said = |(file, field): &Place| {
            let value = if *file == File::Profile { &self.profile } else { &self.system };
            value.pointer(&field.pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let mut strays = Vec::new();
        let before = texts.keys().map(|place| (place.clone(), said(place))).collect();
        let mut refused = BTreeSet::new();
        let mut at_once = None;
        loop {
            let (compiled, lines) = self.compile(&taken);
            strays.extend(raw(&compiled));
            if !compiled.bundles.is_empty() {
                return Outcome { compiled, taken, refused, at_once: at_once.unwrap_or_default(), before, strays };
            }
            let errors: Vec<_> = compiled.diagnostics.iter().filter(|it| it.severity == Severity::Error).collect();
            let mut blamed = BTreeSet::new();
            for error in errors {
                match blame(error, &compiled, &lines, &taken) {
                    Some(place) => drop(blamed.insert(place)),
                    None => strays.push(format!("{}: {}", error.code, error.message)),
                }
            }
            assert!(
                !blamed.is_empty(),
                "no error stands at a hostile text: {:#?}\n{strays:#?}\n{:#?}",
                library::findings(&compiled),
                taken
                    .iter()
                    .map(|(place, text)| format!("{} {:?}", place.1.pointer, text.chars().take(20).collect::<String>()))
                    .collect::<Vec<_>>()
            );
            blamed.iter().for_each(|place| drop(taken.remove(place)));
            at_once.get_or_insert_with(|| blamed.clone());
            refused.extend(blamed);
        }
    }

    /// Compiles with another name of one part.
    pub fn rename(&self, (file, field): &Place, name: &str) -> Compiled {
        let mut other = self.clone();
        let value = if *file == File::Profile { &mut other.profile } else { &mut other.system };
        let (above, key) = field.pointer.rsplit_once('/').expect("a key stands in a map");
        let map = value.pointer_mut(above).and_then(Value::as_object_mut).expect("a map");
        let part = map.shift_remove(&key.replace("~1", "/").replace("~0", "~")).expect("it is there");
        map.insert(name.to_owned(), part);
        other.compile(&BTreeMap::new()).0
    }

    fn compile(&self, texts: &BTreeMap<Place, String>) -> (Compiled, BTreeMap<String, (File, Vec<String>)>) {
        let print = |file, value: &Value| {
            let mut value = value.clone();
            for ((_, field), text) in texts.iter().filter(|((at, _), _)| *at == file) {
                *value.pointer_mut(&field.pointer).expect("a place of it") = written(text, field.form).into();
            }
            let mut lines = Vec::new();
            emit(&value, String::new(), (String::new(), ""), &mut lines);
            let (text, pointers): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
            (text.concat(), pointers)
        };
        let (profile, profile_lines) = print(File::Profile, &self.profile);
        let (system, system_lines) = print(File::System, &self.system);
        let lines = BTreeMap::from([
            ("profile.yaml".to_owned(), (File::Profile, profile_lines)),
            ("./carrier.system.yaml".to_owned(), (File::System, system_lines)),
        ]);
        (library::system(&profile, "./carrier.system.yaml", &system), lines)
    }
}

/// Messages in which a control character or an invisible mark is itself.
fn raw(compiled: &Compiled) -> Vec<String> {
    let (found, sources) = (&compiled.diagnostics, &compiled.sources);
    let options = human::Options { colour: false, width: 120 };
    let rendered = [
        human::render(found, sources, options),
        json::render(found, sources),
        github::render(found, sources),
        sarif::render(found, sources),
    ];
    let mut lines = Vec::new();
    for text in &rendered {
        lines.extend(text.lines().filter(|line| line.chars().any(deceives)).map(|line| format!("raw: {line:?}")));
    }
    lines
}

/// The text as the file must say it.
fn written(text: &str, form: Form) -> String {
    if form != Form::Computed || !(text.contains("{{") || text.contains("{%")) {
        return text.to_owned();
    }
    let literal: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            ' '..='~' => c.to_string(),
            _ => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        })
        .collect();
    format!("{{{{ \"{literal}\" }}}}")
}

/// The hostile text an error points at.
fn blame(
    error: &Diagnostic,
    compiled: &Compiled,
    lines: &BTreeMap<String, (File, Vec<String>)>,
    texts: &BTreeMap<Place, String>,
) -> Option<Place> {
    let shown = |text: &str| [text.escape_debug().to_string(), Unprintable::shown(text)];
    let names = |text: &str| shown(text.trim()).iter().any(|shown| error.message.contains(&format!("`{shown}`")));
    // What an expression makes has no place of its own; the message shows it.
    let Some(label) = error.primary() else {
        return texts.iter().find(|(_, text)| names(text)).map(|(place, _)| place.clone());
    };
    let span = label.span;
    let source = compiled.sources.get(span.source)?;
    let (file, pointers) = lines.get(source.name())?;
    let pointer = pointers.get(source.position(span.start).line - 1)?;
    let exact = texts.keys().find(|(at, field)| at == file && field.pointer == *pointer).cloned();
    // Or it names the text, and stands at the part of the file that the text is in.
    exact.or_else(|| {
        let inside = |field: &Field| field.pointer.starts_with(pointer.rsplit_once('/').map_or("", |(above, _)| above));
        let mut near = texts.iter().filter(|((at, field), text)| at == file && inside(field) && names(text));
        near.next().map(|(place, _)| place.clone())
    })
}

/// Writes a value as YAML in JSON's form, each line with the pointer of what stands on it. Nothing but printable ASCII is
/// written, so that every text is one that a file can hold.
fn emit(value: &Value, pointer: String, (before, after): (String, &str), lines: &mut Vec<(String, String)>) {
    let between = |index: usize, count: usize| if index + 1 < count { "," } else { "" };
    match value {
        Value::Object(map) if !map.is_empty() => {
            lines.push((format!("{before}{{\n"), pointer.clone()));
            for (index, (key, value)) in map.iter().enumerate() {
                let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                emit(value, pointer, (format!(" {}: ", quoted(key)), between(index, map.len())), lines);
            }
            lines.push((format!(" }}{after}\n"), pointer));
        }
        Value::Array(items) if !items.is_empty() => {
            lines.push((format!("{before}[\n"), pointer.clone()));
            for (index, value) in items.iter().enumerate() {
                emit(value, format!("{pointer}/{index}"), (" ".into(), between(index, items.len())), lines);
            }
            lines.push((format!(" ]{after}\n"), pointer));
        }
        Value::String(text) => lines.push((format!("{before}{}{after}\n", quoted(text)), pointer)),
        other => lines.push((format!("{before}{other}{after}\n"), pointer)),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out + "\""
}
