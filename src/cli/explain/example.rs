//! Examples of codes: what is wrong, and the mended form.

use crate::text::SourceFile;
use crate::yaml::{Sources, read_as};
use serde::Deserialize;
use std::collections::BTreeMap;

const EXAMPLES: &str = include_str!("../../diagnostics/examples.yaml");

/// How a profile begins; the examples are what follows.
#[cfg(test)]
const HEAD: &str = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";

/// One example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    /// Whether it is a profile by itself.
    #[serde(default)]
    #[cfg_attr(not(test), allow(dead_code))]
    whole: bool,
    /// The line that the finding is about.
    #[cfg_attr(not(test), allow(dead_code))]
    line: usize,
    bad: String,
    good: String,
}

/// All of them, by code.
fn all() -> BTreeMap<String, Example> {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::embedded("examples.yaml", EXAMPLES, None));
    read_as(&sources, id).value.unwrap_or_default()
}

/// The example of a code in words; nothing for what no profile alone can show.
pub(super) fn of(code: &str) -> String {
    let Some(example) = all().remove(code) else { return String::new() };
    let lines = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    format!("  wrong:\n{}  right:\n{}", lines(&example.bad), lines(&example.good))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::{Compiled, Input, compile};
    use crate::diagnostics::{Code, Severity};

    fn compiled(example: &Example, text: &str) -> Compiled {
        let head = if example.whole { "" } else { HEAD };
        let mut sources = Sources::new();
        let profile = sources.add(SourceFile::new("stockade.yaml", format!("{head}{text}")));
        let today = "2026-11-30".parse().expect("a day");
        compile(Input { sources, profile, systems: BTreeMap::new(), today })
    }

    #[test]
    fn every_example_shows_its_code_and_its_mended_form_is_sound() {
        let all = all();
        assert!(all.len() > 15, "{}", all.len());
        let mut wrong = Vec::new();
        for (code, example) in &all {
            assert!(Code::find(code).is_some(), "{code} is no code");
            let bad = compiled(example, &example.bad);
            let line = |found: &crate::diagnostics::Diagnostic| {
                let span = found.primary()?.span;
                Some(bad.sources.get(span.source)?.position(span.start).line)
            };
            let shown = |found: &crate::diagnostics::Diagnostic| {
                found.code.as_str() == code && line(found) == Some(example.line)
            };
            if !bad.diagnostics.iter().any(shown) {
                wrong.push(format!("{code}, wrong form: {:?}", bad.diagnostics));
            }
            let good = compiled(example, &example.good);
            let spoilt = |found: &crate::diagnostics::Diagnostic| {
                found.code.as_str() == code || found.severity == Severity::Error
            };
            if good.diagnostics.iter().any(spoilt) {
                wrong.push(format!("{code}, right form: {:?}", good.diagnostics));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
