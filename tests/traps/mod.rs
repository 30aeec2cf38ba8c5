//! Every trap of every built-in system, in the order of its facts page, and what keeps a bundle out of it. A table beside
//! this file lists, for each trap, what the bundles of golden cases or of changed profiles hold, which rules of
//! `tests/lints` refuse the way into it, and what the format itself refuses.

use std::collections::BTreeMap;

use serde_json::Value;
use stockade::Compiled;
use stockade::Severity;
use stockade::inside::systems;

use crate::lints::{self, merged};
use crate::support::tree::{self, Tree};
use crate::support::{cases, library};

/// A table.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    /// The golden case whose bundle is meant where a check names none.
    case: String,
    traps: Vec<Trap>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Trap {
    /// Number and gist, as on the page.
    trap: String,
    #[serde(default)]
    bundle: Vec<Check>,
    /// Rules and entries of `elsewhere` in `tests/lints`, where each is seen refusing a profile.
    #[serde(default)]
    lints: Vec<String>,
    #[serde(default)]
    refused: Vec<Refused>,
}

/// What a file of a bundle holds.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    /// Another golden case.
    case: Option<String>,
    /// Changes of the right profile of `tests/lints` instead.
    with: Option<Value>,
    file: String,
    /// Where in a YAML or JSON file: a JSON pointer.
    at: Option<String>,
    is: Option<Value>,
    #[serde(default)]
    has: Many,
    #[serde(default)]
    lacks: Many,
    /// What follows at once wherever the other text stands.
    #[serde(default)]
    each: BTreeMap<String, String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    /// Changes of the right profile of `tests/lints`.
    with: Value,
    code: String,
    says: String,
}

/// One value or several.
#[derive(Default, serde::Deserialize)]
#[serde(untagged)]
enum Many {
    #[default]
    None,
    Several(Vec<Value>),
    One(Value),
}

impl Many {
    fn all(&self) -> &[Value] {
        match self {
            Self::None => &[],
            Self::Several(all) => all,
            Self::One(value) => std::slice::from_ref(value),
        }
    }
}

#[test]
fn every_trap_is_kept_out_of() {
    let mut wrong = Vec::new();
    let mut checks = 0;
    for (name, _) in systems::builtins() {
        let mut bundles = Bundles { lints: lints::table(name), trees: BTreeMap::new() };
        let page = page(name);
        for (index, trap) in page.traps.iter().enumerate() {
            let mut say = |what: String| wrong.push(format!("{name}: {}: {what}", trap.trap));
            if trap.trap.split_once(". ").is_none_or(|(number, _)| number != (index + 1).to_string()) {
                say(format!("it is number {} of the page", index + 1));
            }
            if trap.bundle.is_empty() && trap.lints.is_empty() && trap.refused.is_empty() {
                say("nothing is said of it".into());
            }
            checks += trap.bundle.len() + trap.lints.len() + trap.refused.len();
            for check in &trap.bundle {
                if let Err(reason) = bundles.of(check, &page.case).and_then(|bundle| judge(bundle, check)) {
                    say(reason);
                }
            }
            for rule in trap.lints.iter().filter(|rule| !bundles.lints.sees(rule)) {
                say(format!("tests/lints/{name}.yaml sees nothing of `{rule}`"));
            }
            for Refused { with, code, says } in &trap.refused {
                let compiled = lints::compile(&merged(&bundles.lints.profile, with));
                let refusal = compiled.diagnostics.iter().any(|finding| {
                    let meant = finding.code.to_string() == *code && finding.message.contains(says);
                    meant && finding.severity == Severity::Error
                });
                if !refusal {
                    say(format!("no `{code}` with `{says}`: {:#?}", library::findings(&compiled)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checks > 200, "{checks} checks were made");
}

fn page(name: &str) -> Page {
    let path = crate::support::root().join(format!("tests/traps/{name}.yaml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Bundles of one system, each compiled once.
struct Bundles {
    lints: lints::Table,
    trees: BTreeMap<String, Tree>,
}

impl Bundles {
    fn of(&mut self, check: &Check, case: &str) -> Result<&Tree, String> {
        let key = match &check.with {
            Some(change) => change.to_string(),
            None => check.case.as_deref().unwrap_or(case).to_owned(),
        };
        if !self.trees.contains_key(&key) {
            let compiled = match &check.with {
                Some(change) => lints::compile(&merged(&self.lints.profile, change)),
                None => {
                    let case = cases().into_iter().find(|(name, _)| *name == key);
                    library::folder(&case.ok_or_else(|| format!("there is no golden case `{key}`"))?.1)
                }
            };
            self.trees.insert(key.clone(), files(&compiled)?);
        }
        Ok(&self.trees[&key])
    }
}

fn files(compiled: &Compiled) -> Result<Tree, String> {
    match compiled.bundles.is_empty() {
        true => Err(format!("there is no bundle: {:#?}", library::findings(compiled))),
        false => {
            let mut all: Tree = compiled.bundles.iter().flat_map(tree::of).collect();
            all.insert(tree::FINDINGS.into(), library::findings(compiled).join("\n"));
            Ok(all)
        }
    }
}

fn judge(bundle: &Tree, check: &Check) -> Result<(), String> {
    let Check { file, at, is, has, lacks, each, .. } = check;
    let text = bundle.get(file).ok_or_else(|| format!("the bundle has no `{file}`"))?;
    let found = match at {
        None => Value::String(text.clone()),
        Some(at) => {
            let broken = |error: serde_yaml::Error| format!("{file}: {error}");
            let mut data: serde_yaml::Value = serde_yaml::from_str(text).map_err(broken)?;
            data.apply_merge().map_err(broken)?;
            let data = serde_json::to_value(data).map_err(|error| format!("{file}: {error}"))?;
            data.pointer(at).cloned().ok_or_else(|| format!("{file} has nothing at {at}"))?
        }
    };
    let place = at.as_ref().map_or(file.clone(), |at| format!("{file}{at}"));
    let shown = if at.is_some() { format!(", but {found}") } else { String::new() };
    if is.is_none() && has.all().is_empty() && lacks.all().is_empty() {
        return Err(format!("{place}: nothing is asked"));
    }
    if is.as_ref().is_some_and(|is| *is != found) {
        return Err(format!("{place} is not {}{shown}", is.as_ref().unwrap_or(&Value::Null)));
    }
    if let Some(missing) = has.all().iter().find(|part| !holds(&found, part)) {
        return Err(format!("{place} does not hold {missing}{shown}"));
    }
    for (part, next) in each {
        let text = spaced(&uncommented(text));
        let part = spaced(part);
        let mut behind = text.split(&part).skip(1).map(str::trim_start).peekable();
        if behind.peek().is_none() || !behind.all(|rest| rest.starts_with(&spaced(next))) {
            return Err(format!("{place} has `{part}` without `{next}` behind it, or nowhere"));
        }
    }
    match lacks.all().iter().find(|part| holds(&found, part)) {
        Some(there) => Err(format!("{place} holds {there}{shown}")),
        None => Ok(()),
    }
}

/// Whether a text has a part, whatever stands between its words; a list an item; a map a key, or the same values
/// under some keys.
fn holds(found: &Value, part: &Value) -> bool {
    match (found, part) {
        (Value::String(text), Value::String(part)) => {
            let part = spaced(part);
            spaced(text).contains(&part) || spaced(&uncommented(text)).contains(&part)
        }
        (Value::Array(items), part) => {
            items.iter().any(|item| item == part || matches!(item, Value::Object(_)) && holds(item, part))
        }
        (Value::Object(map), Value::String(key)) => map.contains_key(key),
        (Value::Object(map), Value::Object(part)) => part.iter().all(|(key, value)| map.get(key) == Some(value)),
        _ => found == part,
    }
}

/// Without lines of comments.
fn uncommented(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("# ")).map(|line| format!("{line}\n")).collect()
}

/// Words with one space between them, without the comments that name controls.
fn spaced(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_once("# why: ").map_or(line, |(line, _)| line));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}
