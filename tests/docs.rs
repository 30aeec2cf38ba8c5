//! The documentation names everything there is: diagnostic codes, profile keys, facts of expressions.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use stockade::inside::Profile;
use stockade::inside::codes;

const HEAD: &str = "# Diagnostics

Every finding carries one of these codes, in each output format. Codes are stable and never reused. A finding of a control
carries the control's id instead, see [controls.md](controls.md). This page is written by
`STOCKADE_BLESS=1 cargo nextest run docs` from `src/diagnostics/codes.rs`.

| code | what it says | why | way out |
|---|---|---|---|
";

const EXAMPLES: &str = "
## Examples
What is wrong and its mended form, for every code but `bug`. Where nothing else is said, the lines stand behind the five with which a profile
begins. `stockade explain CODE` shows them too, and a test runs every one; `src/diagnostics/examples.yaml` is where they are written.
";

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

fn read(name: &str) -> String {
    let path = docs(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn every_code_is_documented() {
    let mut page = HEAD.to_owned();
    for info in codes::ALL {
        let (title, why, way_out) = (cell(info.title), cell(info.explanation), cell(info.way_out));
        writeln!(page, "| `{}` | {title} | {why} | {way_out} |", info.code).expect("a string takes all");
    }
    let examples = include_str!("../src/diagnostics/examples.yaml");
    let examples: serde_yaml::Mapping = serde_yaml::from_str(examples).expect("the examples are YAML");
    page.push_str(EXAMPLES);
    for (code, example) in &examples {
        let text = |key: &str| example[key].as_str().expect("an example has both forms");
        let code = code.as_str().expect("a code is text");
        let (language, place) = match example["form"].as_str() {
            None => ("yaml", ""),
            Some("profile") => ("yaml", ", a profile"),
            Some("system") => ("yaml", ", in a system file"),
            Some("commands") => ("bash", ""),
            Some(other) => panic!("{code}: {other}"),
        };
        let [bad, good] = [text("bad"), text("good")].map(str::trim_end);
        writeln!(page, "\n### {code}\nWrong{place}:\n```{language}\n{bad}\n```\nRight:\n```{language}\n{good}\n```")
            .expect("a string takes all");
    }
    if std::env::var_os("STOCKADE_BLESS").is_some() {
        std::fs::write(docs("diagnostics.md"), &page).expect("docs/ can be written");
    }
    assert!(
        read("diagnostics.md") == page,
        "docs/diagnostics.md is stale; run STOCKADE_BLESS=1 cargo nextest run docs"
    );
}

#[test]
fn every_profile_key_is_documented() {
    let schema = serde_json::to_value(schemars::schema_for!(Profile)).expect("a schema is JSON");
    let mut keys = Vec::new();
    collect(&schema, &mut keys);
    assert!(keys.len() > 40, "the schema has lost its keys: {keys:?}");
    // Keys stand in code spans, alone or as parts of a path such as `proxy.tls.mode`.
    let page = read("profile.md");
    let code: Vec<_> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .flat_map(|span| span.split(|c: char| c != '_' && !c.is_ascii_alphabetic()))
        .collect();
    let missing: Vec<_> = keys.iter().filter(|key| !code.contains(&key.as_str())).collect();
    assert!(missing.is_empty(), "docs/profile.md does not name {missing:?}");
}

/// Every property name of a schema, wherever it stands.
fn collect(value: &serde_json::Value, keys: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(entries) => {
            if let Some(serde_json::Value::Object(properties)) = entries.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            entries.values().for_each(|value| collect(value, keys));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(|p| root.join(p)).into();
    for folder in ["docs", "docs/howto"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.extension().is_some_and(|end| end == "md") {
                pages.push(path);
            }
        }
    }
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let file = page.parent().unwrap_or(root).join(target);
            assert!(file.exists(), "{} links to `{link}`, which is not there", page.display());
        }
    }
}

/// The golden case of an example is the example itself.
#[test]
fn examples_are_their_golden_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in std::fs::read_dir(root.join("examples")).expect("examples/ is there") {
        let folder = entry.expect("examples/ can be listed").path();
        let name = folder.file_name().expect("it has a name").to_string_lossy().into_owned();
        for entry in std::fs::read_dir(&folder).expect("it is a folder") {
            let file = entry.expect("it can be listed").path();
            let system = file.file_name().expect("it has a name").to_string_lossy().into_owned();
            let golden = root.join("golden").join(&name);
            if !system.ends_with(".system.yaml") || !golden.join(&system).is_file() {
                continue;
            }
            seen += 1;
            for (example, case) in [(&*system, &*system), ("stockade.yaml", "profile.yaml")] {
                let read = |path: PathBuf| {
                    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
                };
                assert!(read(folder.join(example)) == read(golden.join(case)), "examples/{name}/{example} differs");
            }
        }
    }
    assert!(seen >= 3, "{seen} examples have a golden case");
}
