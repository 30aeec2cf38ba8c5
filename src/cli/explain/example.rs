//! Examples of codes: what is wrong, and the mended form.

use crate::text::SourceFile;
use crate::yaml::{Sources, read_as};
use serde::Deserialize;
use std::collections::BTreeMap;

const EXAMPLES: &str = include_str!("../../diagnostics/examples.yaml");

/// What the two texts of an example are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// What follows the first lines of a profile.
    #[default]
    Rest,
    /// A whole profile.
    Profile,
    /// A part of the file that a system begins with.
    System,
    /// Lines for a shell.
    Commands,
}

/// One example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), allow(dead_code))]
struct Example {
    #[serde(default)]
    form: Form,
    /// The line that the finding is about.
    line: Option<usize>,
    /// What the mended form stands in place of, where it does not stand in the starter.
    instead_of: Option<String>,
    bad: String,
    good: String,
}

/// All of them, by code.
fn all() -> BTreeMap<String, Example> {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::embedded("examples.yaml", EXAMPLES, None));
    read_as(&sources, id).value.unwrap_or_default()
}

/// The example of a code in words; nothing for what no file and no command can show.
pub(super) fn of(code: &str) -> String {
    let Some(example) = all().remove(code) else { return String::new() };
    let place = match example.form {
        Form::Rest => " in a profile",
        Form::Profile => ", a profile",
        Form::System => " in a system file",
        Form::Commands => "",
    };
    let lines = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    format!("  wrong{place}:\n{}  right:\n{}", lines(&example.bad), lines(&example.good))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::{Compiled, Input, compile};
    use crate::diagnostics::{Code, Diagnostic, Severity, codes};
    use crate::systems::{Own, STARTER};

    /// How a profile begins; the examples are what follows.
    const HEAD: &str = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";
    const OWN: &str = "./my-app.system.yaml";

    /// Compiles a form, and says in which line of its file it begins.
    fn compiled(example: &Example, text: &str) -> (Compiled, usize) {
        let mut sources = Sources::new();
        let mut systems = BTreeMap::new();
        let mut before = 0;
        let profile = match example.form {
            Form::Rest => format!("{HEAD}{text}"),
            Form::Profile => text.to_owned(),
            Form::System => {
                let there = example.instead_of.as_ref().unwrap_or(&example.good);
                let at = STARTER.find(there.as_str()).unwrap_or_else(|| panic!("{there:?} is not in the starter"));
                assert_eq!(STARTER.matches(there.as_str()).count(), 1, "{there:?} stands twice");
                before = STARTER[..at].lines().count();
                let file = sources.add(SourceFile::new(OWN, STARTER.replacen(there, text, 1)));
                systems.insert(OWN.to_owned(), Own { file, templates: BTreeMap::new() });
                HEAD.replace("system: hyos", &format!("system: {OWN}"))
            }
            Form::Commands => panic!("a shell runs it"),
        };
        let profile = sources.add(SourceFile::new("stockade.yaml", profile));
        let today = "2026-11-30".parse().expect("a day");
        (compile(Input { sources, profile, systems, today }), before)
    }

    /// What commands show is run by `tests/explained.rs`.
    #[test]
    fn every_example_shows_its_code_and_its_mended_form_is_sound() {
        let mut wrong = Vec::new();
        for (code, example) in all().iter().filter(|(_, example)| example.form != Form::Commands) {
            assert!(Code::find(code).is_some(), "{code} is no code");
            let (bad, before) = compiled(example, &example.bad);
            let line = |found: &Diagnostic| {
                let span = found.primary()?.span;
                Some(bad.sources.get(span.source)?.position(span.start).line - before)
            };
            let shown = |found: &Diagnostic| found.code.as_str() == code && line(found) == example.line;
            if !bad.diagnostics.iter().any(shown) {
                wrong.push(format!("{code}, wrong form: {:#?}", bad.diagnostics));
            }
            let (good, _) = compiled(example, &example.good);
            let spoilt = |found: &Diagnostic| found.code.as_str() == code || found.severity == Severity::Error;
            if good.diagnostics.iter().any(spoilt) {
                wrong.push(format!("{code}, right form: {:#?}", good.diagnostics));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_code_has_an_example() {
        let all = all();
        let without = codes::ALL.iter().map(|info| info.code).filter(|code| !all.contains_key(code.as_str()));
        // What would be a mistake of this program has none.
        assert_eq!(without.collect::<Vec<_>>(), [codes::BUG]);
    }
}
