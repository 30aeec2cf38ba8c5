use serde_json::Value;

use super::human::Options;
use super::{Texts, github, human, json, sarif};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::text::{SourceFile, SourceId, Span};
use std::ops::Range;

const TEXT: &str = "version: 1\nnmae: hi\nservices:\n  web: &w\n    ports: [x]\n";

/// Files of which everything may be shown.
struct Sources(Vec<SourceFile>);

impl Sources {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn add(&mut self, file: SourceFile) -> SourceId {
        self.0.push(file);
        SourceId::new(self.0.len() as u32 - 1)
    }
}

impl Texts for Sources {
    fn file(&self, id: SourceId) -> Option<&SourceFile> {
        self.0.get(id.index())
    }

    fn withheld(&self, _: SourceId) -> Vec<Range<usize>> {
        Vec::new()
    }
}

fn sample() -> (Diagnostics, Sources) {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("my file.yaml", TEXT));
    let other = sources.add(SourceFile::new("system.yaml", "keys:\n  - name\n"));
    let span = |id: SourceId, text: &str, word: &str| {
        let at = text.find(word).expect("word is in the text");
        Span::new(id, at, at + word.len())
    };
    let error = Diagnostic::error(codes::UNKNOWN_KEY, "unknown key `nmae`")
        .at(span(id, TEXT, "nmae"), "not known here")
        .also(span(other, "keys:\n  - name\n", "name"), "the name is defined here")
        .help("did you mean `name`?")
        .with_note("100% of keys, checked: all");
    let warning = Diagnostic::warning(codes::MISSING_KEY, "nowhere");
    ([error, warning].into_iter().collect(), sources)
}

#[test]
fn people_get_source_places_and_a_way_out() {
    let (diagnostics, sources) = sample();
    let text = human::render(&diagnostics, &sources, Options::default());
    let expected = "\
error[unknown-key]: unknown key `nmae`
 --> my file.yaml:2:1
  |
2 | nmae: hi
  | ^^^^ not known here
  |
 ::: system.yaml:2:5
  |
2 |   - name
  |     ---- the name is defined here
  |
  = note: 100% of keys, checked: all
  = help: did you mean `name`?

warning[missing-key]: nowhere
";
    assert_eq!(text, expected, "{text}");
    let coloured = human::render(&diagnostics, &sources, Options { colour: true, width: 80 });
    assert!(coloured.contains("\u{1b}[") && !text.contains('\u{1b}'));
}

#[test]
fn nothing_reaches_the_terminal_raw() {
    let mut sources = Sources::new();
    let text = "a: \u{202e}evil\u{200f}\tü\u{9b}2J x\n";
    let id = sources.add(SourceFile::new("n\u{1b}[2J\u{202e}", text));
    let at = text.find('x').unwrap();
    let item = Diagnostic::error(codes::INVALID_VALUE, "bad \u{1b}[31m \u{2066}")
        .at(Span::new(id, at, at + 1), "label\n\u{202e}")
        .help("help \u{7}");
    let all = Diagnostics::from(item);
    for out in [human::render(&all, &sources, Options::default()), github::render(&all, &sources)] {
        let raw: Vec<char> = out.chars().filter(|c| *c != '\n' && super::escape::deceives(*c)).collect();
        assert!(raw.is_empty(), "{raw:?} in {out}");
    }
    let out = human::render(&all, &sources, Options::default());
    let lines: Vec<&str> = out.lines().collect();
    let shown = lines.iter().position(|line| line.contains("\\u{202e}evil")).unwrap();
    let column = |line: &str, c: char| line.chars().position(|found| found == c).unwrap();
    assert_eq!(column(lines[shown], 'x'), column(lines[shown + 1], '^'), "{out}");
}

#[test]
fn odd_places_never_panic_and_long_lines_are_cut() {
    let mut sources = Sources::new();
    let long = format!("a: {}ü{}\nb:\n{}", "x".repeat(200_000), "y".repeat(200_000), "- z\n".repeat(50));
    let id = sources.add(SourceFile::new("f", long.as_str()));
    let empty = sources.add(SourceFile::new("e", ""));
    let crlf = sources.add(SourceFile::new("c", "a: 1\r\nb: 2\r\n"));
    let middle = 3 + 200_000;
    for (span, most) in [
        (Span::new(id, middle, middle + 2), 3_000),
        (Span::new(id, middle + 1, middle + 1), 3_000),
        (Span::new(id, 0, long.len()), 900_000),
        (Span::new(id, long.len() - 40, long.len()), 3_000),
        (Span::new(id, long.len(), long.len() + 99), 3_000),
        (Span::new(empty, 0, 0), 200),
        (Span::new(crlf, 4, 6), 300),
        (Span::new(crlf, 6, 12), 300),
        (Span::new(SourceId::new(77), 0, 1), 200),
    ] {
        let all = Diagnostics::from(Diagnostic::error(codes::INVALID_VALUE, "m").at(span, "l"));
        let out = human::render(&all, &sources, Options::default());
        assert!(out.len() < most, "{span:?}: {} bytes", out.len());
        json::render(&all, &sources);
        sarif::render(&all, &sources);
        github::render(&all, &sources);
    }
}

#[test]
fn json_is_version_1() {
    let (diagnostics, sources) = sample();
    let value: Value = serde_json::from_str(&json::render(&diagnostics, &sources)).unwrap();
    assert_eq!(value["version"], 1);
    let first = &value["diagnostics"][0];
    for (key, expected) in [
        ("code", "\"unknown-key\""),
        ("severity", "\"error\""),
        ("file", "\"my file.yaml\""),
        ("line", "2"),
        ("column", "1"),
        ("endLine", "2"),
        ("endColumn", "5"),
        ("help", "\"did you mean `name`?\""),
    ] {
        assert_eq!(first[key].to_string(), expected, "{key}");
    }
    assert_eq!(first["labels"][1]["file"], "system.yaml");
    assert_eq!(first["labels"][1]["primary"], false);
    assert_eq!(value["diagnostics"][1].get("line"), None);
}

#[test]
fn sarif_lists_rules_and_regions() {
    let (diagnostics, sources) = sample();
    let value: Value = serde_json::from_str(&sarif::render(&diagnostics, &sources)).unwrap();
    let run = &value["runs"][0];
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(rules, ["missing-key", "unknown-key"]);
    let result = &run["results"][0];
    assert_eq!(result["ruleIndex"], 1);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "my%20file.yaml");
    assert_eq!(place["region"]["endColumn"], 5);
    assert_eq!(result["relatedLocations"][0]["message"]["text"], "the name is defined here");
    assert_eq!(run["results"][1]["locations"], Value::Array(Vec::new()));
}

#[test]
fn github_commands_cannot_be_broken_out_of() {
    let (diagnostics, sources) = sample();
    let out = github::render(&diagnostics, &sources);
    assert_eq!(
        out,
        "::error file=my file.yaml,line=2,endLine=2,col=1,endColumn=5,title=unknown-key::unknown key `nmae`%0Anote: 100%25 of keys, checked: all%0Ahelp: did you mean `name`?\n::warning title=missing-key::nowhere\n"
    );
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("a,line=9::b\n::error::", "x"));
    let evil = Diagnostic::error(codes::UNKNOWN_KEY, "x\n::set-env name=A::b\r").at(Span::new(id, 0, 1), "");
    let out = github::render(&evil.into(), &sources);
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(out.starts_with("::error file=a%2Cline=9%3A%3Ab%0A%3A%3Aerror%3A%3A,line=1,"), "{out}");
}
