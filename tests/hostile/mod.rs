//! Hostile text in every field that takes text: it is refused with a code and a place, or the real parser of every file
//! reads back exactly the value. Each run draws other texts; many are judged by one call of a tool.

mod carrier;
mod every;
mod fields;
mod plain;
mod profile;
mod seen;
mod system;
mod templates;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

use stockade::Compiled;
use stockade::Severity;

/// Texts that mean something to one of the grammars.
const PIECES: &[&str] = &[
    "'",
    "\"",
    "`",
    "\\",
    "\n",
    "\r\n",
    "\t",
    "${HOME}",
    "$HOME",
    "$$",
    "$(id)",
    "`id`",
    "{{ domain }}",
    "{{",
    "}}",
    "{%",
    "{#",
    "{$HOME}",
    "{env.HOME}",
    "{http.request.host}",
    "#",
    " #",
    ": ",
    ":",
    "- ",
    "? ",
    "| ",
    "> ",
    "&a",
    "*a",
    "!x",
    "%",
    "@",
    "*/",
    "/*",
    "//",
    "<!--",
    "-->",
    "<script>",
    "|",
    "---",
    "...",
    "~",
    "<<",
    "<<EOF",
    "null",
    "true",
    "0x1F",
    "1e3",
    "1_000",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    "&&",
    "||",
    "!",
    "(",
    ")",
    "=",
    "%s",
    "%n",
    "\u{7f}",
    "\u{1b}[31m",
    "\u{7}",
    "\u{85}",
    "\u{202e}",
    "\u{200b}",
    "\u{2028}",
    "\u{feff}",
    "é",
    "日本",
    "🙂",
    "a",
    "word",
    " ",
    "  ",
    "import x",
    "include /etc/passwd;",
    "EOF",
    "\u{fffd}",
    "-",
    "--",
    "-n",
    "..",
    "/",
    "../..",
    "[x](y)",
    "**",
    "__",
    "| a | b |",
    "# title",
    "1. ",
];

/// One hostile text: pieces in a row, sometimes very long.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 1..6).prop_map(|pieces| pieces.concat());
    let any = prop::collection::vec(any::<char>().prop_filter("NUL is in no file", |c| *c != '\0'), 1..24)
        .prop_map(|chars| chars.into_iter().collect::<String>());
    let printable = "[ -~]{1,40}";
    let long = prop::sample::select(PIECES).prop_map(|piece| piece.repeat(65_536 / piece.len().max(1)));
    prop_oneof![12 => pieces, 4 => any, 6 => printable, 1 => long]
}

/// So many texts, every piece alone among them.
fn texts(count: usize) -> Vec<String> {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let drawn = (0..count).map(|_| text().new_tree(&mut runner).expect("a text can be drawn").current());
    PIECES.iter().map(|piece| (*piece).to_owned()).chain(drawn).collect()
}

/// Texts that a compilation takes; the others are refused with a code and, where the field is in the profile, a place.
fn taken(texts: &[String], placed: bool, compile: impl Fn(&str) -> Compiled) -> Vec<String> {
    let mut taken = Vec::new();
    for text in texts {
        let compiled = compile(text);
        if !compiled.bundles.is_empty() {
            taken.push(text.clone());
            continue;
        }
        let errors: Vec<_> = compiled.diagnostics.iter().filter(|it| it.severity == Severity::Error).collect();
        let short: String = text.chars().take(80).collect();
        assert!(!errors.is_empty(), "{short:?} gives neither a bundle nor an error");
        for error in errors {
            assert_ne!(error.code.as_str(), "bug", "{short:?}: {}: {:?}", error.message, error.notes);
            assert!(!placed || error.primary().is_some(), "{short:?}: {} has no place: {}", error.code, error.message);
            let registered = error.code.info().is_some();
            assert!(registered && error.message.len() < 20_000, "{short:?}: {}", error.code);
        }
    }
    assert!(taken.len() * 10 > texts.len(), "only {} of {} texts are taken", taken.len(), texts.len());
    taken
}

/// Whether a character moves the cursor, hides, or changes the order in which a reader sees the others.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A file of the bundle that has no secrets in it.
fn file(compiled: &Compiled, path: &str) -> String {
    let bundle = compiled.bundles.first().expect("it compiles");
    let found = bundle.artifacts.iter().find(|artifact| artifact.path.as_str() == path);
    let text = found.and_then(|artifact| artifact.content.shown());
    text.unwrap_or_else(|| panic!("{path} is no text of this bundle"))
}
