#![allow(clippy::unwrap_used)]

use super::*;
use crate::backends::orchestrator::fixture;
use crate::stack::hole;
use serde_json::json;

fn name(text: &str) -> SecretName {
    text.parse().unwrap()
}

/// The text with `VALUE` for every secret.
fn filled(content: &Content) -> String {
    match content {
        Content::Text(text) => text.clone(),
        Content::Pieces(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Secret { name, .. } => format!("VALUE-{name}"),
                Piece::Value { parts, .. } => parts.concat(),
                Piece::Inputs { .. } => String::new(),
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn holes_become_pieces_wherever_they_stand() {
    let tree = json!({
        "whole": hole(&name("a")),
        "middle": format!("x \" {} y {}", hole(&name("b")), hole(&name("a"))),
        "list": [hole(&name("b"))],
        "text": "\\u0001secret0\\u0001 \\x01 secretx 1",
    });
    for grammar in [Grammar::Json, Grammar::Yaml] {
        let content = tree::write(&tree, grammar).unwrap();
        let Content::Pieces(pieces) = &content else { panic!("{content:?}") };
        let grammars = pieces.iter().filter_map(|piece| match piece {
            Piece::Secret { grammar, .. } => Some(*grammar),
            Piece::Text(_) | Piece::Value { .. } | Piece::Inputs { .. } => None,
        });
        assert_eq!(grammars.collect::<Vec<_>>(), vec![grammar; 4]);
        let read: Value = match grammar {
            Grammar::Json => serde_json::from_str(&filled(&content)).unwrap(),
            _ => serde_yaml::from_str(&filled(&content)).unwrap(),
        };
        assert_eq!(read["whole"], "VALUE-a");
        assert_eq!(read["middle"], "x \" VALUE-b y VALUE-a");
        assert_eq!(read["list"][0], "VALUE-b");
        assert_eq!(read["text"], tree["text"]);
    }
}

#[test]
fn a_secret_always_stands_in_double_quotes() {
    let tree = json!({ "only": hole(&name("a")) });
    assert_eq!(filled(&tree::write(&tree, Grammar::Yaml).unwrap()), "only: \"VALUE-a\"\n");
    assert_eq!(filled(&tree::write(&tree, Grammar::Json).unwrap()), "{\n  \"only\": \"VALUE-a\"\n}\n");
}

#[test]
fn a_long_text_is_not_folded() {
    let tree = json!({ "only": format!("{} {} {}", "word ".repeat(60), hole(&name("a")), "word ".repeat(60)) });
    let content = tree::write(&tree, Grammar::Yaml).unwrap();
    let read: Value = serde_yaml::from_str(&filled(&content)).unwrap();
    assert_eq!(read["only"], format!("{} VALUE-a {}", "word ".repeat(60), "word ".repeat(60)));
}

#[test]
fn a_lone_nul_is_refused() {
    for text in ["\0", "a\0b", "\0No Name\0"] {
        assert!(tree::write(&json!([text]), Grammar::Json).is_err(), "{text:?}");
    }
}

#[test]
fn seeds_are_written_once_and_owners_are_kept() {
    let artifacts = emit(&fixture::hardened(), &Engine::builtin()).unwrap();
    let find = |path: &str| artifacts.iter().find(|artifact| artifact.path.as_str() == path).unwrap();
    let seed = find("data/.state/users.json");
    assert_eq!((seed.policy, seed.access.mode), (artifact::Policy::Once, Mode(0o600)));
    assert_eq!(seed.access.owner.map(|owner| owner.uid), Some(568));
    assert_eq!(find("config/app.yaml").policy, artifact::Policy::Managed);
    assert_eq!(find("data").content, Content::Directory);
    assert_eq!(find("data").access.mode, Mode(0o700));
}

#[test]
fn every_text_of_yaml_stays_a_text() {
    let tree = json!({
        "words": ["yes", "6:30", "1_000", "2001-01-01", "=", "<<", "", "plain", "0o7", "a\nb"],
        "yes": [], "1": {}, "a b": null, "log.level-x": [[1, [true]], {"a": [{"b": 1e21}], "c": -0.5}],
        "whole": 3.0, "small": 1e-9,
    });
    let text = filled(&tree::write(&tree, Grammar::Yaml).unwrap());
    assert_eq!(
        text,
        "words:\n  - \"yes\"\n  - \"6:30\"\n  - \"1_000\"\n  - \"2001-01-01\"\n  - \"=\"\n  - \"<<\"\n  - \"\"\n  - plain\n  - \"0o7\"\n  \
         - \"a\\nb\"\n\"yes\": []\n\"1\": {}\na b: null\nlog.level-x:\n  - - 1\n    - - true\n  - a:\n      - b: 1.0e+21\n    c: -0.5\n\
         whole: 3.0\nsmall: 1.0e-9\n"
    );
    assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), tree);
    for plain in [json!([]), json!("no"), json!(7)] {
        let text = filled(&tree::write(&plain, Grammar::Yaml).unwrap());
        assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), plain);
    }
}
