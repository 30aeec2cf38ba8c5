//! `report.json`: its schema, every recommendation, and places that exist.

use std::collections::HashMap;

use serde_json::Value;

use crate::support::generated::Generated;

/// Systems with their guides: how cases of them begin, how recommendations do, and how many there are.
const GUIDES: [(&str, &str, usize); 4] = [
    ("hyos", "HYOS", 77),
    ("proactions-hub", "PROACTIONS", 151),
    ("proxyos", "PROXYOS", 33),
    ("stellarstack", "STELLAR", 64),
];

#[test]
fn every_report_is_of_its_format() {
    let schema = serde_json::to_value(stockade::inside::report::schema()).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("our own schema is a schema");
    for case in Generated::all() {
        let report = report(&case);
        let errors: Vec<_> = validator.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", case.name);
    }
}

/// What version 1 promised holds as long as it is called version 1: fields may come, none may go or change. The frozen file
/// is rewritten by hand, together with the version.
#[test]
fn version_1_keeps_its_promise() {
    let frozen: Value = serde_json::from_str(include_str!("../fixtures/report-v1.frozen.json")).expect("JSON");
    let current = serde_json::to_value(stockade::inside::report::schema()).expect("a schema is JSON");
    let mut broken = Vec::new();
    kept(&frozen, &current, "#", &mut broken);
    assert!(broken.is_empty(), "scripts would break; give the format a new version instead: {broken:#?}");

    // The comparison itself sees what it should.
    for (at, change) in [
        ("/properties/summary", Value::Null),
        ("/$defs/Place/properties/line/type", "string".into()),
        ("/$defs/Status/oneOf/0/const", "done".into()),
        ("/required", Value::Array(Vec::new())),
    ] {
        let mut other = current.clone();
        *other.pointer_mut(at).unwrap_or_else(|| panic!("{at} is no place of the schema")) = change;
        let mut broken = Vec::new();
        kept(&frozen, &other, "#", &mut broken);
        assert!(!broken.is_empty(), "{at}");
    }
}

/// Says where `current` lacks or changes something of `frozen`; descriptions may change.
fn kept(frozen: &Value, current: &Value, at: &str, broken: &mut Vec<String>) {
    match (frozen, current) {
        (Value::Object(frozen), Value::Object(current)) => {
            for (key, value) in frozen.iter().filter(|(key, value)| *key != "description" || !value.is_string()) {
                match current.get(key) {
                    Some(found) => kept(value, found, &format!("{at}/{key}"), broken),
                    None => broken.push(format!("{at}/{key} is gone")),
                }
            }
        }
        (Value::Array(frozen), Value::Array(current)) if at.ends_with("/required") => {
            broken.extend(
                frozen.iter().filter(|key| !current.contains(key)).map(|key| format!("{at}: {key} is optional")),
            );
        }
        // A word may come, as an answer did; it stands behind those that scripts know.
        (Value::Array(frozen), Value::Array(current))
            if frozen.len() == current.len() || (at.ends_with("/oneOf") && frozen.len() < current.len()) =>
        {
            for (number, (frozen, current)) in frozen.iter().zip(current).enumerate() {
                kept(frozen, current, &format!("{at}/{number}"), broken);
            }
        }
        _ if frozen == current => {}
        _ => broken.push(format!("{at} was {frozen} and is {current}")),
    }
}

#[test]
fn every_recommendation_of_the_guide_is_answered_in_order() {
    for case in Generated::all() {
        let Some((_, id, count)) = GUIDES.iter().find(|(system, ..)| case.name.starts_with(system)) else { continue };
        let report = report(&case);
        let ids: Vec<_> = list(&report["recommendations"]).iter().map(|line| line["id"].clone()).collect();
        let wanted: Vec<Value> = (1..=*count).map(|number| format!("{id}-{number:02}").into()).collect();
        assert_eq!(ids, wanted, "{}", case.name);
        let markdown = case.read("HARDENING.md");
        for id in wanted {
            let id = id.as_str().expect("just made from text").to_owned();
            assert!(markdown.contains(&id), "{}: HARDENING.md does not name {id}", case.name);
        }
    }
}

/// An answer without its reason, place or command is no answer.
#[test]
fn every_answer_says_what_its_kind_needs() {
    for case in Generated::all() {
        for line in list(&report(&case)["recommendations"]) {
            let here = format!("{}: {line:#}", case.name);
            let said = |key: &str| line[key].as_str().is_some_and(|text| !text.is_empty());
            // What prints nothing either way answers with its status alone; built-in systems never ask so.
            let command = line["verify"].as_str().unwrap_or_default();
            let silent = command.starts_with("! ") || command.contains("test ") || command.contains("grep -q");
            let guided = GUIDES.iter().any(|(system, ..)| case.name.starts_with(system));
            assert!(command.is_empty() || said("expect") || (silent && !guided), "no `expect`: {here}");
            match line["status"].as_str() {
                Some("enforced") => assert!(!list(&line["places"]).is_empty(), "{here}"),
                Some("relaxed") => {
                    assert!(list(&line["values"]).iter().any(|value| value["weaker"] == true), "{here}");
                }
                Some("compensated" | "not-applicable") => assert!(said("because"), "{here}"),
                Some("manual") => assert!(said("because") && said("verify"), "{here}"),
                Some("waived") => assert!(line["waiver"]["reason"].is_string(), "{here}"),
                _ => panic!("{here}"),
            }
        }
    }
}

/// How long the short form may be, by how the names of cases begin: what a person reads in one sitting.
const LONGEST: [(&str, usize); 6] =
    [("hyos", 300), ("joined", 300), ("proactions-hub", 600), ("stellarstack", 360), ("proxyos", 280), ("", 160)];

#[test]
fn hardening_md_can_be_read_in_one_sitting() {
    for case in Generated::all() {
        let (_, most) = LONGEST.iter().find(|(system, _)| case.name.starts_with(system)).expect("the last fits all");
        // A bundle of several systems is as long as they are together.
        let several = list(&report(&case)["systems"]).len();
        let lines = case.read("HARDENING.md").lines().count();
        assert!(lines <= most * several, "{}: {lines} lines, not {most}", case.name);
    }
}

/// A step whose command stands elsewhere leads to it, and no command stands twice.
#[test]
fn numbers_lead_to_commands() {
    let mut followed = 0;
    for case in Generated::all() {
        let text = case.read("HARDENING.md");
        let (mut chapter, mut item) = (String::new(), String::new());
        let mut commands = std::collections::BTreeMap::new();
        let mut asked = Vec::new();
        for line in text.lines() {
            let trimmed = line.trim_start();
            if let Some(heading) = line.strip_prefix("### ").or(line.strip_prefix("## ")) {
                chapter = heading.split(' ').next().unwrap_or_default().trim_end_matches('.').to_owned();
            } else if let Some(command) = line.strip_prefix("        ") {
                let known = commands.insert(command, item.clone());
                assert!(known.is_none(), "{}: {item} has the command of {known:?}: {command}", case.name);
            } else if let Some((number, _)) = trimmed.split_once(". ").filter(|_| line.len() - trimmed.len() < 4)
                && number.parse::<usize>().is_ok()
            {
                item = format!("{chapter}.{number}");
            }
            asked.extend(
                line.split("(command: that of ")
                    .skip(1)
                    .map(|rest| rest.split([' ', ')']).next().unwrap_or_default().to_owned()),
            );
        }
        for number in asked {
            followed += 1;
            assert!(commands.values().any(|item| *item == number), "{}: {number} leads to no command", case.name);
        }
    }
    assert!(followed > 20, "{followed} were followed");
}

/// What a person reads: one title, chapters in order, single blank lines, lines that fit, nothing at their ends.
/// What is typed on the host is typed as root, or with `sudo`; nobody has to find out where the engine refuses them.
#[test]
fn what_the_runbook_asks_of_the_engine_is_asked_with_sudo() {
    let mut asked = 0;
    for case in Generated::all() {
        let report = report(&case);
        let steps = list(&report["runbook"]).iter().flat_map(|procedure| list(&procedure["steps"]));
        // A check of a recommendation is the same text wherever it stands.
        let checks = |run: &str| list(&report["recommendations"]).iter().any(|it| it["verify"] == run);
        let runs = steps.chain(list(&report["verification"])).filter_map(|step| step["run"].as_str());
        for run in runs.filter(|run| !checks(run)) {
            for (at, word) in run.match_indices("docker ").chain(run.match_indices("podman ")) {
                let before = run[..at].trim_end();
                let begins = before.is_empty() || before.ends_with(['&', '|', ';', '(', '{']);
                assert!(!begins, "{}: {word}without sudo: {run}", case.name);
                asked += usize::from(before.ends_with("sudo"));
            }
        }
    }
    assert!(asked > 100, "{asked}");
}

#[test]
fn hardening_md_is_a_document() {
    for case in Generated::all() {
        let text = case.read("HARDENING.md");
        let mut inside = false;
        let mut titles = Vec::new();
        let mut blank = false;
        for line in text.lines() {
            if line.trim_start().starts_with("```") {
                inside = !inside;
            }
            if !inside {
                assert!(!(blank && line.is_empty()), "{}: two blank lines", case.name);
                assert_eq!(line, line.trim_end(), "{}: blanks at a line's end", case.name);
                titles.extend(line.starts_with("# ").then_some("title"));
                titles.extend(line.strip_prefix("## ").and_then(|section| section.split('.').next()));
                // Rows and commands are as long as they are; a code span is not broken.
                let free = line.starts_with("| ") || line.starts_with("      ") || line.contains('`');
                assert!(free || line.chars().count() <= 160, "{}: a line too long: {line}", case.name);
            }
            blank = line.is_empty();
        }
        assert!(!inside, "{}: a code block stays open", case.name);
        assert_eq!(titles, ["title", "1", "2", "3", "4", "5", "6", "7", "8"], "{}", case.name);
    }
}

#[test]
fn every_place_in_a_report_exists() {
    let mut places = 0;
    for case in Generated::all() {
        let report = report(&case);
        let mut parsed = HashMap::new();
        for line in list(&report["recommendations"]).iter().chain(list(&report["controls"])) {
            for place in list(&line["places"]) {
                places += 1;
                let wrong = missing(&case, place, &mut parsed);
                assert!(wrong.is_none(), "{}: {}: {}: {place}", case.name, line["id"], wrong.unwrap_or_default());
            }
        }
    }
    assert!(places > 1000, "{places} places were looked up");
}

/// Why a place does not exist; files that have keys are parsed once.
fn missing(case: &Generated, place: &Value, parsed: &mut HashMap<String, Value>) -> Option<String> {
    let name = place["artifact"].as_str().unwrap_or_default();
    let path = case.folder().join(name);
    if !path.exists() {
        return Some("there is no such file".into());
    }
    let line = place["line"].as_u64();
    let key = place["key"].as_str();
    if path.is_dir() {
        return (line.is_some() || key.is_some()).then(|| "a directory has no lines".into());
    }
    let text = case.read(name);
    if let Some(line) = line {
        let found = text.lines().nth(usize::try_from(line).expect("a small number").saturating_sub(1));
        if found.is_none_or(|found| found.trim().is_empty()) {
            return Some("there is nothing on that line".into());
        }
    }
    let key = key?;
    if !parsed.contains_key(name) {
        let root: Value = match name.rsplit('.').next() {
            Some("json") => serde_json::from_str(&text).expect("JSON"),
            Some("yaml" | "yml") => {
                let mut root: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
                root.apply_merge().expect("what is merged is a mapping");
                serde_json::to_value(root).expect("keys are texts")
            }
            _ => return Some("such a file has no keys".into()),
        };
        parsed.insert(name.to_owned(), root);
    }
    resolve(&parsed[name], key).is_none().then(|| "there is no such key".into())
}

/// The value at `services.app.ports[0]`; keys with dots stand in brackets and quotes.
fn resolve<'a>(root: &'a Value, key: &str) -> Option<&'a Value> {
    let mut at = root;
    let mut rest = key;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (index, after) = inside.split_once(']')?;
            at = match index.trim_matches('"').parse::<usize>() {
                Ok(number) if !index.starts_with('"') => at.get(number)?,
                _ => at.get(index.trim_matches('"'))?,
            };
            rest = after.strip_prefix('.').unwrap_or(after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            at = at.get(&rest[..end])?;
            rest = rest[end..].strip_prefix('.').unwrap_or(&rest[end..]);
        }
    }
    Some(at)
}

fn report(case: &Generated) -> Value {
    serde_json::from_str(&case.read("report.json")).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
