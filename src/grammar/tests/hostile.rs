//! Hostile values, read back by a parser of each grammar. Real nginx, Caddy, Compose and nft read them in `tests/`.

use std::process::Command;

use proptest::collection::vec;
use proptest::prelude::*;
use saphyr_parser::{Event, Parser};

use super::lexers::{caddy_tokens, nginx_words};
use super::written;
use crate::grammar::{Form, Grammar, chars, code_span};

/// Fragments that mean something in at least one of the grammars.
const FRAGMENTS: &[&str] = &[
    "\"",
    "'",
    "`",
    "\\",
    "\\\"",
    "\\'",
    "\n",
    "\r\n",
    "\t",
    "\u{7f}",
    "\u{1b}[31m",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    "\u{200d}",
    "$",
    "$$",
    "${HOME}",
    "$(id)",
    "`id`",
    "{{ x }}",
    "{%",
    "{$X}",
    "#",
    " #",
    ": ",
    "- ",
    "*/",
    "-->",
    "<script>",
    "&amp;",
    "%s",
    "%[src]",
    "~",
    "@",
    "!",
    "|",
    ";",
    ";}",
    "{",
    "}",
    "<<EOF",
    "import *",
    "&&",
    "*",
    "[a](b)",
    "www.x.y",
    "https://x",
    "1. ",
    "---",
    "...",
    "null",
    "true",
    "1e3",
    "a",
    " ",
    "😀",
    "é",
    "אב",
    "EOF\n",
    "\u{1}",
    "\u{0}",
    "\u{10ffff}",
    "\u{fffe}",
];

fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => proptest::sample::select(FRAGMENTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[ -~]{0,8}",
    ];
    let long = proptest::sample::select(FRAGMENTS).prop_map(|f| f.repeat(65536 / f.len()));
    prop_oneof![30 => vec(part, 0..12).prop_map(|parts| parts.concat()), 1 => long]
}

fn ascii_or_word(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' '..='~') || c.is_alphanumeric())
}

/// The one scalar of a document, as a YAML 1.2 event parser of other origin than libyaml sees it.
fn saphyr_scalar(text: &str) -> Option<String> {
    Parser::new_from_str(text).find_map(|event| match event.ok()?.0 {
        Event::Scalar(value, ..) => Some(value.into_owned()),
        _ => None,
    })
}

proptest! {
    #[test]
    fn yaml_reads_back(text in hostile()) {
        match written(Grammar::Yaml, &text) {
            None => prop_assert!(text.contains('\0')),
            Some((out, _)) => {
                prop_assert!(ascii_or_word(&out));
                let document = format!("key: {out} # comment\n\"{{\": [{out}, {out}]\n");
                let read: serde_yaml::Value = serde_yaml::from_str(&document).unwrap();
                prop_assert_eq!(read["key"].as_str(), Some(text.as_str()));
                prop_assert_eq!(read["{"][1].as_str(), Some(text.as_str()));
                prop_assert_eq!(saphyr_scalar(&out), Some(text));
            }
        }
    }

    #[test]
    fn compose_reads_back_after_interpolation(text in hostile()) {
        if let Some((out, _)) = written(Grammar::Compose, &text) {
            let read: String = serde_yaml::from_str(&out).unwrap();
            prop_assert!(!read.replace("$$", "").contains('$'), "an odd number of dollars interpolates");
            prop_assert_eq!(read.replace("$$", "$"), text);
        }
    }

    #[test]
    fn traefik_reads_back_and_shows_go_no_braces(text in hostile()) {
        if let Some((out, _)) = written(Grammar::Traefik, &text) {
            prop_assert!(!out.contains(['{', '}']), "braces in {}", out);
            prop_assert_eq!(serde_yaml::from_str::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn json_reads_back(text in hostile()) {
        match written(Grammar::Json, &text) {
            None => prop_assert!(text.contains('\0')),
            Some((out, _)) => {
                prop_assert!(ascii_or_word(&out));
                prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
            }
        }
    }

    #[test]
    fn toml_is_the_shared_basic_string(text in hostile()) {
        let mut quoted = String::new();
        let form = Grammar::Yaml.quoted(&text, &mut quoted).ok();
        prop_assert_eq!(written(Grammar::Toml, &text), form.map(|form| (quoted, form)));
    }

    #[test]
    fn nginx_reads_one_word_or_refuses(text in hostile()) {
        if let Some((out, _)) = written(Grammar::Nginx, &text) {
            prop_assert!(!out.contains(['$', '\n']) && out.len() < 4096);
            prop_assert_eq!(nginx_words(&format!("{out};")), Some(vec![text]));
        }
    }

    #[test]
    fn caddy_reads_one_token_or_refuses(text in hostile()) {
        if let Some((out, _)) = written(Grammar::Caddy, &text) {
            prop_assert!(!out.contains(['{', '}', '\n']), "{}", out);
            prop_assert_eq!(caddy_tokens(&format!("{out} end")), vec![text, "end".to_owned()]);
        }
    }

    #[test]
    fn nft_has_one_string_or_refuses(text in hostile()) {
        if let Some((out, form)) = written(Grammar::Nft, &text) {
            let inner = if form == Form::Quoted { &out[1..out.len() - 1] } else { &out };
            prop_assert_eq!(inner, &text);
            prop_assert!(!inner.contains(['"', '\\', '\n']) && inner.len() <= 128);
        }
    }

    #[test]
    fn haproxy_and_dotenv_have_one_literal_or_refuse(text in hostile()) {
        for grammar in [Grammar::Haproxy, Grammar::Dotenv] {
            if let Some((out, Form::Quoted)) = written(grammar, &text) {
                let inner = &out[1..out.len() - 1];
                prop_assert_eq!(inner, &text);
                prop_assert!(!inner.contains(['\'', '\n', '\r']));
                prop_assert!(grammar != Grammar::Dotenv || !inner.ends_with('\\'));
            }
        }
    }

    #[test]
    fn token_grammars_print_tokens_only(text in hostile()) {
        for grammar in [Grammar::Gitignore, Grammar::Iptables, Grammar::Systemd] {
            if let Some((out, form)) = written(grammar, &text) {
                prop_assert_eq!(form, Form::Bare);
                prop_assert!(out.bytes().all(|b| b.is_ascii_graphic()) && !out.contains(['#', '!', '*', '$', '"']));
            }
        }
    }

    #[test]
    fn html_has_no_markup_and_reads_back(text in hostile()) {
        if let Some((out, _)) = written(Grammar::Html, &text) {
            prop_assert!(!out.contains(['<', '>', '"', '\'', '`', '\u{202e}', '\u{1b}']), "{}", out);
            let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#96;", "`"), ("&amp;", "&")];
            let read = entities.iter().fold(out, |read, (from, to)| read.replace(from, to));
            let mut shown = String::new();
            for c in text.chars() {
                if matches!(c, '\n' | '\t') { shown.push(c) } else { chars::push_visible(c, &mut shown) }
            }
            prop_assert_eq!(read, shown);
        }
    }

    #[test]
    fn markdown_leaves_no_active_character(text in hostile()) {
        if let Some((out, _)) = written(Grammar::Markdown, &text) {
            prop_assert!(!out.contains(['\n', '\r', '\u{202e}']), "{}", out);
            let plain = out.replace("<br>", "");
            let mut chars = plain.chars().peekable();
            let mut before = None;
            while let Some(c) = chars.next() {
                let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
                match c {
                    '\\' => prop_assert!(chars.next().is_some_and(|c| c.is_ascii_punctuation())),
                    '_' => prop_assert!(word(before) && word(chars.peek().copied()), "{c} is active in {out}"),
                    _ => prop_assert!(!"<>`*[]{}|~$@".contains(c), "{c} is active in {out}"),
                }
                before = Some(c);
            }
        }
    }

    // At the start of a line, where blocks begin, and behind a template's own `]`.
    #[test]
    fn markdown_begins_no_block_and_no_link(text in hostile(), mark in "[0-9]{0,9}[-+.)=:#(> ]{1,3}[a-z]?") {
        for text in [format!("{mark}{text}"), mark] {
            if let Some((out, _)) = written(Grammar::Markdown, &text) {
                let begin = out.trim_start();
                prop_assert!(!begin.starts_with(['-', '+', '#', '>', '=', ':', '(', '~', '|']), "{}", out);
                let after = begin.trim_start_matches(|c: char| c.is_ascii_digit());
                let list = after.strip_prefix(['.', ')']);
                prop_assert!(!list.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\u{a0}'])), "{}", out);
                prop_assert!(!out.replace("\\:", "_").contains(":/") && !out.to_lowercase().contains("www."), "{}", out);
            }
        }
    }

    #[test]
    fn a_code_span_is_closed_by_its_own_fence_only(text in hostile()) {
        let span = code_span(&text);
        prop_assert!(!span.contains(['\n', '|']));
        if let Some(inner) = span.strip_prefix("<code>") {
            prop_assert!(!inner.strip_suffix("</code>").unwrap().contains(['<', '`', '*', '_', '[', '\\']));
        } else {
            let fence = span.len() - span.trim_start_matches('`').len();
            let inner = &span[fence..span.len() - fence];
            prop_assert!(inner.split(|c| c != '`').all(|run| run.len() != fence));
            prop_assert!(!inner.starts_with('`') && !inner.ends_with('`'));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn bash_reads_back_exactly(texts in vec(hostile().prop_map(|text| text.replace('\0', "")), 1..60)) {
        let mut script = String::from("printf '%s\\0'");
        for text in &texts {
            let (word, _) = written(Grammar::Shell, text).unwrap();
            script.push(' ');
            script.push_str(&word);
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script.sh");
        std::fs::write(&path, script).unwrap();
        for shell in ["bash", "sh"] {
            let output = Command::new(shell).arg(&path).output().unwrap();
            let read = String::from_utf8(output.stdout).unwrap();
            let read: Vec<_> = read.split_terminator('\0').collect();
            prop_assert_eq!(read, texts.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
