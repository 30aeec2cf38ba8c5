//! What stands without quotes in YAML: readers of version 1.1 and of 1.2 and Docker Compose give the very text back.

use std::path::Path;

use minijinja::value::{Serde, Value as Printed};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use stockade::inside::grammar::{self, Grammar};

use super::texts;
use crate::support::{root, tools};

/// Texts that some reader takes for something else, or nearly, and texts as bundles hold them.
const KNOWN: &str = "y n Yes NO on oFF true FALSE null Null ~ nan .nan .NaN .inf -.inf +.INF inf = << - -- --- ... . .. ? : \
    0 00 -0 +1 1_000 0x1F 0X1f 0o17 017 0b101 1e3 1E-3 1.e+5 .5 -.5 5. 1.0 1_0.5 12e03 685_230.15 190:20:30 1:59 568:568 \
    60:60:60.5 2001-12-14 2001-12-14t21:59:43.10-05:00 2001-12-15T02:59:43Z 1,000 0,5 1.2.3 1.2.3.4 1.2.3.4.5 256.1.1.1 01.2.3.4 \
    10.8.0.0/24 0.0.0.0:80:8080/tcp 80:8080 ::1 fd00::1 fd00:: 2001:db8::/32 1g 64k 30s 1m30s 1.5m 1.0 0755 -n -x1 --v=1 -1x \
    -e5 e5 0e 1b 0xg 0x 0o 1__0 _1 1_ -_1 a:b a: :a a,b ,a a, [a] {a} a[b] a#b #a a=b =a @a a@b %a a%b !a &a *a |a >a `a \
    ./data ../data /tmp:rw,noexec,size=64m,mode=1777 traefik:v3.7.15 http://127.0.0.1:3000/api a~b ~a a'b a\"b \\ $a $$ é 1é";

/// Texts near the border.
fn drawn(count: usize) -> Vec<String> {
    let kinds = prop_oneof![
        "[-+.]{0,2}[0-9_.,:eExXobaf+-]{1,8}",
        "[0-9]{1,4}[-:.,][0-9]{1,3}[-:.,][0-9]{1,3}[ tTzZ.:0-9]{0,6}",
        "[a-zA-Z~=<.-]{1,4}",
        "[a-z0-9 ,:/._@%+=~-]{1,10}",
        "[ -~]{1,6}",
    ];
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let drawn = (0..count).map(|_| kinds.new_tree(&mut runner).expect("a text can be drawn").current());
    let words = KNOWN.split_whitespace().map(str::to_owned);
    words
        .chain(["a b", " a", "a ", "a  b", "a: b", "a :b", "a #b", "a - b", ""].map(str::to_owned))
        .chain(drawn)
        .collect()
}

/// A text as a value of a line, a key, and a value of a list and of a map in a line.
fn document(grammar: Grammar, texts: &[String]) -> (String, Value) {
    let mut written = "values:\n".to_owned();
    for text in texts {
        written.push_str("  - ");
        grammar.string(text, &mut written).expect("it can be written");
        written.push_str("  # why: x\n");
    }
    written.push_str("keys:\n");
    for text in texts {
        written.push_str("  - ");
        grammar.string(text, &mut written).expect("it can be written");
        written.push_str(": 1\n");
    }
    let mut print = |name: &str, value: &Printed| {
        written.push_str(name);
        grammar::print(grammar, value, &mut written).expect("it can be written");
        written.push('\n');
    };
    print("flow: ", &Printed::from(Serde(texts)));
    let maps: Vec<_> = texts.iter().map(|text| json!({"a": text, "b": [text], "c": text})).collect();
    print("maps: ", &Printed::from(Serde(&maps)));
    let keys: Vec<_> = texts.iter().map(|text| json!({text: 1})).collect();
    (written, json!({"values": texts, "keys": keys, "flow": texts, "maps": maps}))
}

#[test]
fn readers_of_both_versions_of_yaml_give_every_text_back() {
    let texts: Vec<String> =
        drawn(3000).into_iter().chain(texts(100).into_iter().filter(|it| it.len() < 900)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    // The engine's own list of YAML's grammars; Compose doubles `$`.
    for grammar in [Grammar::Yaml, Grammar::Compose, Grammar::Traefik] {
        let texts: Vec<String> =
            texts.iter().filter(|it| grammar != Grammar::Compose || !it.contains('$')).cloned().collect();
        let (written, expected) = document(grammar, &texts);
        let plain = written.lines().filter(|line| line.starts_with("  - ") && !line.contains('"')).count();
        assert!(plain > texts.len() / 4, "next to nothing is plain: {plain} lines");
        std::fs::write(folder.path().join("a.yaml"), written).expect("it can be written");
        let npm = root().join(".tools/node/node_modules");
        for (reader, arguments) in [
            (
                "python3",
                ["-c", "import json, yaml; print(json.dumps(yaml.safe_load(open('a.yaml', encoding='utf-8'))))"],
            ),
            ("node", ["-e", &node(&npm, "yaml", ".parse(text, {version: '1.1'})")]),
            ("node", ["-e", &node(&npm, "yaml", ".parse(text, {version: '1.2'})")]),
            ("node", ["-e", &node(&npm, "js-yaml", ".load(text)")]),
        ] {
            let read = tools::run(folder.path(), reader, &arguments).accepted(&format!("{grammar}: {arguments:?}"));
            let read: Value = serde_json::from_str(&read).expect("JSON");
            for key in ["values", "keys", "flow", "maps"] {
                let pairs =
                    texts.iter().zip(read[key].as_array().expect("a list")).zip(expected[key].as_array().unwrap());
                for ((text, read), expected) in pairs {
                    assert_eq!(read, expected, "{grammar}, {reader}, {key}: {text:?}: {arguments:?}");
                }
                assert_eq!(read[key], expected[key], "{grammar}, {reader}, {key}");
            }
        }
    }
}

fn node(packages: &Path, package: &str, read: &str) -> String {
    let package = packages.join(package);
    format!(
        "const text = require('fs').readFileSync('a.yaml', 'utf8'); \
         process.stdout.write(JSON.stringify(require({package:?}){read}))"
    )
}

#[test]
fn docker_compose_gives_every_text_back() {
    let texts = drawn(3000);
    let mut written = "name: a\nservices:\n  a:\n    image: a\n    command: ".to_owned();
    grammar::print(Grammar::Compose, &Printed::from(Serde(&texts)), &mut written).expect("it can be written");
    written.push_str("\n    environment:\n");
    for (number, text) in texts.iter().enumerate() {
        written.push_str(&format!("      K{number}: "));
        Grammar::Compose.string(text, &mut written).expect("it can be written");
        written.push('\n');
    }
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("compose.yaml"), written).expect("it can be written");
    let arguments = ["-f", "compose.yaml", "config", "--format", "json", "--no-interpolate"];
    for arguments in [&arguments[..5], &arguments[..]] {
        let read = tools::run(folder.path(), "docker-compose", arguments).accepted("compose.yaml");
        let read: Value = serde_json::from_str(&read).expect("JSON");
        let app = &read["services"]["a"];
        for (number, text) in texts.iter().enumerate() {
            // What it prints can be read again: a dollar sign is doubled once more.
            let doubled = text.replace('$', "$$");
            assert_eq!(app["environment"][format!("K{number}")], doubled.as_str(), "{arguments:?}");
            assert_eq!(app["command"][number], doubled.as_str(), "{arguments:?}");
        }
    }
}
