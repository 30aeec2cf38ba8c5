//! Parsers and linters on every text file of every bundle.

use crate::support::generated::Generated;
use crate::support::tools;

#[test]
fn json_and_yaml_are_read_by_their_parsers() {
    for case in Generated::all() {
        for path in case.texts() {
            let text = case.read(path);
            let read = match path.rsplit('.').next() {
                Some("json") => serde_json::from_str::<serde_json::Value>(&text).map(drop).map_err(|e| e.to_string()),
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
    for case in Generated::all() {
        let files: Vec<_> = case.texts().filter(|path| path.ends_with(".yaml") || path.ends_with(".yml")).collect();
        let arguments: Vec<_> = ["--strict", "-d", rules].into_iter().chain(files).collect();
        tools::run(&case.folder(), "yamllint", &arguments).accepted(&case.name);
    }
}

#[test]
fn shellcheck_accepts_every_script() {
    let mut scripts = 0;
    for case in Generated::all() {
        let found: Vec<_> = case.texts().filter(|path| is_script(&case.read(path))).collect();
        scripts += found.len();
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
