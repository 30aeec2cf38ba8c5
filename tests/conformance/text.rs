//! Parsers and linters on every text file of every bundle.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use serde_json::Value;

use crate::support::generated::Generated;
use crate::support::tools;

#[test]
fn json_and_yaml_are_read_by_their_parsers() {
    for case in Generated::all() {
        for path in case.texts() {
            let text = case.read(path);
            let read = match path.rsplit('.').next() {
                Some("json") => serde_json::from_str::<Value>(&text).map(drop).map_err(|e| e.to_string()),
                Some("yaml" | "yml") => {
                    serde_yaml::from_str::<serde_yaml::Value>(&text).map(drop).map_err(|e| e.to_string())
                }
                _ => Ok(()),
            };
            read.unwrap_or_else(|error| panic!("{}: {path}: {error}", case.name));
        }
    }
}

#[test]
fn yamllint_accepts_every_yaml_file() {
    let rules = "{extends: relaxed, rules: {line-length: disable}}";
    // One that is in several bundles is looked at once.
    let mut known = HashSet::new();
    for case in Generated::all() {
        let mut files: Vec<_> = case.texts().filter(|path| path.ends_with(".yaml") || path.ends_with(".yml")).collect();
        files.retain(|path| known.insert(case.read(path)));
        if files.is_empty() {
            continue;
        }
        let arguments: Vec<_> = ["--strict", "-d", rules].into_iter().chain(files).collect();
        tools::run(&case.folder(), "yamllint", &arguments).accepted(&case.name);
    }
}

/// A checker's own run over the compose files: each report has an answer for every line that it names.
#[test]
fn what_dclint_finds_is_explained() {
    let cases: Vec<_> = Generated::all().collect();
    let file = |case: &Generated| case.folder().join("compose.yaml").display().to_string();
    let files: Vec<_> = cases.iter().map(file).collect();
    // On a pipe it ends before it has said all.
    let out = tempfile::NamedTempFile::new().expect("a file");
    let to = out.path().to_str().expect("a plain path");
    let arguments: Vec<_> =
        ["--formatter", "json", "--output-file", to].into_iter().chain(files.iter().map(|f| &**f)).collect();
    tools::run(Path::new("/"), "dclint", &arguments).accepted("all cases");
    let said: Vec<Value> = serde_json::from_reader(&out).expect("JSON");
    let mut found = 0;
    for (case, file) in cases.iter().zip(&files) {
        let report: Value = serde_json::from_str(&case.read("report.json")).expect("JSON");
        let explained = |rule: &str, line: &Value| {
            let mut own = report["checkers"].as_array().expect("a list").iter();
            let own = own.find(|it| it["checker"] == "dclint" && it["rule"] == rule);
            let places = own.and_then(|it| it["places"].as_array());
            // The order of keys is explained once, at `services`.
            places.is_some_and(|places| rule == "service-keys-order" || places.iter().any(|it| it["line"] == *line))
        };
        let said = said.iter().find(|it| it["filePath"].as_str().is_some_and(|path| file.ends_with(path)));
        let said = said.unwrap_or_else(|| panic!("dclint did not look at {file}"));
        for finding in said["messages"].as_array().expect("a list") {
            let rule = finding["rule"].as_str().expect("a word");
            assert!(explained(rule, &finding["line"]), "{}: compose.yaml:{}: {rule}", case.name, finding["line"]);
            found += 1;
        }
    }
    assert!(found > 200, "dclint says next to nothing: {found}");
}

/// The same of another one, both ways: what the report says of it, it says.
#[test]
fn what_compose_lint_finds_is_explained_and_nothing_else() {
    let (mut all, mut wrong) = (BTreeSet::new(), Vec::new());
    for case in Generated::all() {
        // The file alone: no `.env` and no other file beside it is looked for.
        let arguments =
            ["check", "--format", "json", "--no-env", "--no-merge-overrides", "--fail-on", "critical", "compose.yaml"];
        let said: Value = serde_json::from_str(&tools::run(&case.folder(), "compose-lint", &arguments).out)
            .unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let number = |line: &Value| line.as_u64().expect("a line");
        let found: BTreeSet<(String, u64)> = said["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| (it["rule_id"].as_str().expect("a word").to_owned(), number(&it["line"])))
            .collect();
        let report: Value = serde_json::from_str(&case.read("report.json")).expect("JSON");
        let own = report["checkers"].as_array().expect("a list").iter().filter(|it| it["checker"] == "compose-lint");
        let explained: BTreeSet<(String, u64)> = own
            .flat_map(|it| {
                let rule = it["rule"].as_str().and_then(|rule| rule.split(' ').next()).expect("a rule").to_owned();
                it["places"].as_array().expect("a list").iter().map(move |place| (rule.clone(), number(&place["line"])))
            })
            .collect();
        let differ = |what: &str, one: &BTreeSet<_>, other: &BTreeSet<_>| {
            one.difference(other).map(|(rule, line)| format!("{}:{line}: {rule} {what}", case.name)).collect::<Vec<_>>()
        };
        wrong.extend(differ("is not explained", &found, &explained));
        wrong.extend(differ("is explained, and not found", &explained, &found));
        all.extend(found.into_iter().map(|(rule, _)| rule));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all.len() > 8, "compose-lint says next to nothing: {all:?}");
}

#[test]
fn shellcheck_accepts_every_script() {
    let mut scripts = 0;
    // One that is in several bundles is looked at once, with what it reads there.
    let mut known = HashSet::new();
    for case in Generated::all() {
        let mut found: Vec<_> = case.texts().filter(|path| is_script(&case.read(path))).collect();
        scripts += found.len();
        found.retain(|path| known.insert(case.read(path)));
        if found.is_empty() {
            continue;
        }
        let arguments: Vec<_> = ["--severity=style", "--external-sources"].into_iter().chain(found).collect();
        tools::run(&case.folder(), "shellcheck", &arguments).accepted(&case.name);
    }
    assert!(scripts > 20, "{scripts} scripts were looked at");
}

/// Whether the first line names a shell; nft's own files have a first line, too.
fn is_script(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.starts_with("#!") && first.ends_with("sh")
}

/// Trailing blanks, tabs and a missing line end are how a template shows through.
#[test]
fn text_files_are_tidy() {
    for case in Generated::all() {
        for path in case.texts().filter(|path| !path.ends_with(".nft") || !path.contains("data/")) {
            let text = case.read(path);
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{}: the end of {path}", case.name);
            for (number, line) in (1..).zip(text.lines()) {
                assert!(line.trim_end() == line, "{}: {path}:{number} ends in blanks", case.name);
                let template = line.contains("{%") || line.contains("{{ ") && !path.contains("compose");
                assert!(!template || case.name.ends_with("-everything"), "{}: {path}:{number}: {line}", case.name);
            }
            assert!(
                path.ends_with(".md") || !text.contains("\n\n\n"),
                "{}: {path} has two blank lines in a row",
                case.name
            );
        }
    }
}
