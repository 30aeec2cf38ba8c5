//! Every error rule of every built-in system, seen refusing a profile; and wrong combinations that are refused elsewhere.
//! A table beside this file lists, for each system, what is changed in a profile that is right.

use serde_json::Value;
use stockade::Compiled;
use stockade::inside::LintSeverity;
use stockade::inside::systems;
use stockade::{Diagnostic, Severity};

use crate::support::library;

/// A table: a profile that is right, what each rule refuses, and what other parts refuse.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The profile that is right.
    pub profile: Value,
    /// Changes by rule.
    rules: std::collections::BTreeMap<String, Value>,
    /// Changes that another check refuses.
    #[serde(default)]
    elsewhere: Vec<Elsewhere>,
}

impl Table {
    /// Whether a rule, or a wrong combination that another check refuses, is seen here.
    pub fn sees(&self, name: &str) -> bool {
        self.rules.contains_key(name) || self.elsewhere.iter().any(|entry| entry.wrong == name)
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Elsewhere {
    /// What it would be.
    wrong: String,
    /// Code of the finding.
    code: String,
    /// A part of its message.
    says: String,
    change: Value,
}

#[test]
fn every_rule_refuses_a_profile_and_lets_the_right_one_pass() {
    let mut wrong = Vec::new();
    for (name, text) in systems::builtins() {
        let table = table(name);
        let right = compile(&table.profile);
        assert!(errors(&right).next().is_none(), "{name}: {:#?}", library::findings(&right));
        let rules = rules(text);
        for (rule, severity) in &rules {
            if *severity == LintSeverity::Warning && !table.rules.contains_key(rule) {
                continue;
            }
            let Some(change) = table.rules.get(rule) else {
                wrong.push(format!("{name}: tests/lints/{name}.yaml has no profile that `{rule}` refuses"));
                continue;
            };
            let compiled = compile(&merged(&table.profile, change));
            let found = compiled.diagnostics.iter().find(|finding| is_of(finding, rule)).map(|found| found.severity);
            let wanted = if *severity == LintSeverity::Error { Severity::Error } else { Severity::Warning };
            let refused = compiled.bundles.is_empty();
            if found != Some(wanted) || refused != (wanted == Severity::Error) {
                wrong.push(format!("{name}: {rule}: {:#?}", library::findings(&compiled)));
            }
            if let Some(placeless) = compiled.diagnostics.iter().find(|finding| finding.labels.is_empty()) {
                wrong.push(format!("{name}: {rule}: nowhere: {}", placeless.message));
            }
            if right.diagnostics.iter().any(|finding| is_of(finding, rule)) {
                wrong.push(format!("{name}: {rule} is said of the right profile too"));
            }
        }
        for rule in table.rules.keys() {
            if !rules.iter().any(|(known, _)| known == rule) {
                wrong.push(format!("{name}: there is no rule `{rule}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_no_rule_can_see_is_refused_elsewhere() {
    let mut seen = 0;
    for (name, _) in systems::builtins() {
        let table = table(name);
        for Elsewhere { wrong, code, says, change } in &table.elsewhere {
            seen += 1;
            let compiled = compile(&merged(&table.profile, change));
            let found = errors(&compiled).any(|error| error.code.to_string() == *code && error.message.contains(says));
            assert!(found, "{name}: {wrong}: {:#?}", library::findings(&compiled));
        }
    }
    assert!(seen > 10, "{seen}");
}

/// The table of a system.
pub fn table(name: &str) -> Table {
    let path = crate::support::root().join(format!("tests/lints/{name}.yaml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Rules of a system file by name.
fn rules(text: &str) -> Vec<(String, LintSeverity)> {
    let mut sources = stockade::Sources::new();
    let id = sources.add(stockade::SourceFile::new("system", text));
    let (system, _) = systems::read(&sources, id);
    let lints = system.expect("a built-in system can be read").lints;
    lints.iter().map(|lint| (lint.code.value.to_string(), lint.severity)).collect()
}

/// Compiles a profile.
pub fn compile(profile: &Value) -> Compiled {
    library::profile(&serde_yaml::to_string(profile).expect("a profile is YAML"))
}

fn errors(compiled: &Compiled) -> impl Iterator<Item = &Diagnostic> {
    compiled.diagnostics.iter().filter(|finding| finding.severity == Severity::Error)
}

fn is_of(finding: &Diagnostic, rule: &str) -> bool {
    finding.notes.iter().any(|note| note.starts_with(&format!("rule `{rule}` of ")))
}

/// Maps are merged, everything else is replaced; null takes a key away.
pub fn merged(base: &Value, change: &Value) -> Value {
    let (Value::Object(base), Value::Object(change)) = (base, change) else { return change.clone() };
    let mut all = base.clone();
    for (key, value) in change {
        match value {
            Value::Null => drop(all.remove(key)),
            value => drop(all.insert(key.clone(), merged(base.get(key).unwrap_or(&Value::Null), value))),
        }
    }
    Value::Object(all)
}
