use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use crate::diagnostics::render::{github, human, json, sarif};
use crate::text::Spanned;
use crate::yaml::{Sources, read_as, route_at, route_at_line};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Target {
    a: Spanned<u8>,
    b: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    c: BTreeMap<String, Target>,
    d: Option<Choice>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum Choice {
    One,
    Two(bool),
    Three { a: f64 },
}

/// Pieces that make YAML-like text far more often than random characters do.
fn yamlish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "a: ", "b: ", "c:\n", "d: ", "  ", "\n", "- ", "[", "]", "{", "}", ", ", "&x ", "*x", "<<: ", "one", "two: ", "three: ",
            "1", "'", "\"", "|\n", ">\n", "\r\n", "\t", "#", "? ", ": ", "!!str ", "---\n", "~", "é", "\u{202e}", "%", "\\",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_and_every_failure_is_reported(text in yamlish()) {
        let mut sources = Sources::new();
        let Ok(id) = sources.add_bytes("f", text.as_bytes()) else { return Ok(()) };
        let file = sources.get(id).unwrap();
        let findings = match super::read(file, id) {
            Err(error) => error.into(),
            Ok(root) => {
                prop_assert!(file.text().get(root.span.start..root.span.end).is_some());
                for line in 0..file.line_count() + 2 {
                    route_at_line(&root, file, line);
                    route_at(&root, line);
                }
                let decoded = read_as::<Target>(&sources, id);
                prop_assert!(decoded.value.is_some() || decoded.diagnostics.has_errors(), "failed without a word");
                decoded.diagnostics
            }
        };
        human::render(&findings, &sources, human::Options::default());
        json::render(&findings, &sources);
        sarif::render(&findings, &sources);
        github::render(&findings, &sources);
    }
}
