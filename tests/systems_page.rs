//! `docs/systems.md` teaches the format by building a system from nothing: its blocks are put together as a reader would.

use serde_json::Value;

use crate::support::session::Session;
use crate::support::{library, root};

/// How a block begins that is not of the system the page builds.
const ASIDE: &str = "# another application";
const FILE: &str = "./guestbook.system.yaml";

/// Each section with its YAML blocks, and the line each begins on.
fn sections() -> Vec<(String, Vec<(usize, String)>)> {
    let text = std::fs::read_to_string(root().join("docs/systems.md")).expect("the page is there");
    let mut sections = vec![(String::new(), Vec::new())];
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            sections.push((title.to_owned(), Vec::new()));
        }
        let indent = line.len() - line.trim_start().len();
        let Some(language) = line.trim_start().strip_prefix("```") else { continue };
        let body = lines.by_ref().map(|(_, line)| line).take_while(|line| !line.trim_start().starts_with("```"));
        let body: String = body.map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect();
        if language == "yaml" {
            sections.last_mut().expect("there is one").1.push((number, body));
        }
    }
    sections
}

fn yaml(line: usize, text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("docs/systems.md:{line}: {error}"))
}

/// A later value replaces an earlier one, and lists grow.
fn merge(file: &mut Value, block: Value) {
    match (file, block) {
        (Value::Object(file), Value::Object(block)) => {
            block.into_iter().for_each(|(key, value)| merge(file.entry(key).or_insert(Value::Null), value));
        }
        (Value::Array(file), Value::Array(block)) => file.extend(block),
        (file, block) => *file = block,
    }
}

/// Says where the page's system is not the example.
fn difference(at: &str, page: &Value, example: &Value) -> Option<String> {
    match (page, example) {
        (Value::Object(page), Value::Object(example)) => page.iter().find_map(|(key, value)| {
            let inner = format!("{at}.{key}");
            example.get(key).map_or(Some(format!("{inner} is not there")), |other| difference(&inner, value, other))
        }),
        (Value::Array(page), Value::Array(example)) => {
            page.iter().find(|item| !example.contains(item)).map(|item| format!("{at} has no {item}"))
        }
        (page, example) => (page != example).then(|| format!("{at} is {example}, not {page}")),
    }
}

#[test]
fn the_page_builds_a_system_that_compiles_after_every_section() {
    let mut sections = sections().into_iter();
    let (_, introduction) = sections.next().expect("the page begins somewhere");
    let [(_, profile)] = &introduction[..] else { panic!("the introduction has one profile: {introduction:#?}") };
    let mut file = Value::Object(serde_json::Map::new());
    let mut built = Vec::new();
    for (title, blocks) in sections.filter(|(title, _)| title.starts_with(|first: char| first.is_ascii_digit())) {
        let own: Vec<_> = blocks.into_iter().filter(|(_, body)| !body.starts_with(ASIDE)).collect();
        if own.is_empty() {
            continue;
        }
        own.into_iter().for_each(|(line, body)| merge(&mut file, yaml(line, &body)));
        let text = serde_json::to_string_pretty(&file).expect("JSON");
        let compiled = library::system(profile, FILE, &text);
        let findings = library::findings(&compiled);
        assert!(findings.is_empty() && compiled.bundles.len() == 1, "after {title}: {findings:#?}\n{text}");
        built.push(title);
    }
    assert_eq!(built.len(), 10, "{built:#?}");

    let example = std::fs::read_to_string(root().join("examples/own-app/guestbook.system.yaml")).expect("the example");
    assert_eq!(difference("example", &file, &yaml(0, &example)), None);

    let session = Session::with_profile(profile);
    session.put("guestbook.system.yaml", serde_json::to_string_pretty(&file).expect("JSON"));
    session.run("generate --out bundle").exits(0);
    assert!(session.read("bundle/config/guestbook.json").contains("\"registration\": false"));
    assert!(session.read("bundle/compose.yaml").contains("memory: 336m,"));
}

/// Blocks beside the system know the format's keys, too.
#[test]
fn what_other_applications_need_is_of_the_format() {
    let schema: Value = serde_json::from_str(include_str!("../schemas/system.schema.json")).expect("a schema is JSON");
    let keys = |value: &Value| value["properties"].as_object().expect("properties").keys().cloned().collect::<Vec<_>>();
    let mut known = keys(&schema);
    known.extend(keys(&schema["$defs"]["Service"]));
    known.extend(keys(&schema["$defs"]["AppFile"]));
    let mut seen = 0;
    for (line, body) in sections().into_iter().flat_map(|(_, blocks)| blocks) {
        if body.starts_with(ASIDE) {
            seen += 1;
            for key in yaml(line, &body).as_object().expect("a mapping").keys() {
                assert!(known.contains(key), "docs/systems.md:{line}: there is no key `{key}`");
            }
        }
    }
    assert!(seen >= 8, "{seen} blocks");
}
