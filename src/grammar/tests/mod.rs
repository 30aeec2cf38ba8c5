//! Examples per grammar; `hostile` has the properties, `lexers` what reads them back where no crate does.
#![allow(clippy::unwrap_used)]

mod hostile;
mod lexers;

use minijinja::Value;

use super::{Form, Grammar, code_span, print};

fn written(grammar: Grammar, text: &str) -> Option<(String, Form)> {
    let mut out = String::new();
    let form = grammar.string(text, &mut out).ok()?;
    Some((out, form))
}

#[test]
fn every_grammar_refuses_nul_and_leaves_the_output_alone() {
    for grammar in Grammar::ALL {
        let mut out = String::from("before");
        let refusal = grammar.string("a\0b\u{202e}", &mut out).unwrap_err();
        assert_eq!(out, "before");
        assert_eq!(refusal.value, "a\\u{0}b\\u{202e}");
    }
}

#[test]
fn refusals_name_what_is_wrong() {
    for (grammar, text, part) in [
        (Grammar::Nginx, "$host", "variable"),
        (Grammar::Nginx, "~.*", "regular expression"),
        (Grammar::Nginx, "a\nb", "control"),
        (Grammar::Nginx, &"x".repeat(4096), "4000"),
        (Grammar::Caddy, "{env.HOME}", "placeholder"),
        (Grammar::Caddy, "<<EOF", "heredoc"),
        (Grammar::Caddy, "\\`", "backtick"),
        (Grammar::Caddy, "import", "import"),
        (Grammar::Nft, "a\"b", "escape"),
        (Grammar::Nft, &"x".repeat(129), "128"),
        (Grammar::Nft, "br-*", "pattern"),
        (Grammar::Dotenv, "it's", "'"),
        (Grammar::Dotenv, "a\\", "end in"),
        (Grammar::Systemd, "a b", "unit file"),
        (Grammar::Iptables, "a b", "iptables takes only"),
        (Grammar::Iptables, "-j", "option"),
        (Grammar::Haproxy, "%[env(HOME)]", "log format"),
        (Grammar::Haproxy, "-f", "flag"),
        (Grammar::Gitignore, "!x", ".gitignore"),
    ] {
        let refusal = grammar.string(text, &mut String::new()).unwrap_err();
        assert!(refusal.reason.contains(part), "{grammar}: {refusal}");
        assert!(refusal.value.chars().count() <= 49, "{grammar}: {refusal}");
    }
}

#[test]
fn words_stay_bare_where_the_grammar_allows() {
    for grammar in [
        Grammar::Nginx,
        Grammar::Caddy,
        Grammar::Iptables,
        Grammar::Nft,
        Grammar::Haproxy,
        Grammar::Systemd,
        Grammar::Shell,
    ] {
        for word in ["60s", "10.8.0.0/24", "fe80::1", "play.example.com", "tls-alpn"] {
            assert_eq!(written(grammar, word), Some((word.to_owned(), Form::Bare)), "{grammar}");
        }
    }
    assert_eq!(written(Grammar::Systemd, "50%"), Some(("50%%".to_owned(), Form::Bare)));
    assert_eq!(written(Grammar::Shell, ""), Some(("''".to_owned(), Form::Quoted)));
}

#[test]
fn documents_stay_readable() {
    let markdown = |text| written(Grammar::Markdown, text).unwrap().0;
    assert_eq!(markdown("play.example.com is read-only: a|b"), "play.example.com is read-only: a\\|b");
    assert_eq!(markdown("- www.x.y https://z"), "\\- www\\.x.y https\\://z");
    assert_eq!(markdown("Set A_B=1 (not 2), then wait."), "Set A_B=1 (not 2), then wait.");
    assert_eq!(markdown("1. x"), "1\\. x");
    assert_eq!(markdown("0.0.0.0 or 1.5"), "0.0.0.0 or 1.5");
    assert_eq!(markdown("_a_ # b"), "\\_a\\_ \\# b");
    assert_eq!(code_span("a"), "`a`");
    assert_eq!(code_span("a``b`"), "``` a``b` ```");
    assert_eq!(code_span("a|b"), "<code>a&#124;b</code>");
}

#[test]
fn kinds_print_in_the_grammars_own_form() {
    let printed = |grammar, value: Value| {
        let mut out = String::new();
        print(grammar, &value, &mut out).map(|_| out)
    };
    assert_eq!(printed(Grammar::Yaml, true.into()).unwrap(), "true");
    assert_eq!(printed(Grammar::Shell, false.into()).unwrap(), "false");
    assert_eq!(printed(Grammar::Json, ().into()).unwrap(), "null");
    assert_eq!(printed(Grammar::Nginx, 8443.into()).unwrap(), "8443");
    for grammar in [Grammar::Nginx, Grammar::Caddy, Grammar::Nft] {
        assert!(printed(grammar, true.into()).is_err(), "{grammar}");
    }
    assert!(printed(Grammar::Shell, ().into()).is_err());
    assert!(printed(Grammar::Yaml, f64::INFINITY.into()).is_err());
    assert!(printed(Grammar::Yaml, Value::from_bytes(vec![1])).is_err());
    let list = Value::from(vec!["${A}", "{{ b }}"]);
    assert_eq!(printed(Grammar::Compose, list.clone()).unwrap(), r#"["$${A}", "{{ b }}"]"#);
    assert_eq!(
        printed(Grammar::Traefik, list.clone()).unwrap(),
        r#"["$\u007bA\u007d", "\u007b\u007b b \u007d\u007d"]"#
    );
    assert!(printed(Grammar::Nginx, list).is_err());
    let map = Value::from_pairs([("a", Value::from(vec![1])), ("b: ", Value::from("x\0"))]);
    assert!(printed(Grammar::Json, map).is_err(), "a NUL inside a map is found");
    let map = Value::from_pairs([("$a", 1)]);
    assert!(printed(Grammar::Compose, map.clone()).is_err(), "compose keys are not interpolated");
    assert_eq!(printed(Grammar::Json, map).unwrap(), r#"{"$a": 1}"#);
}

#[test]
fn file_names_choose_the_grammar() {
    for (name, grammar) in [
        ("orchestrator/compose.yaml.j2", Grammar::Compose),
        ("orchestrator/service.compose.yaml.j2", Grammar::Compose),
        ("systems/a/settings.yml", Grammar::Yaml),
        ("proxy/traefik/dynamic.yaml.j2", Grammar::Traefik),
        ("proxy/nginx.conf.j2", Grammar::Nginx),
        ("proxy/site.nginx.j2", Grammar::Nginx),
        ("proxy/Caddyfile.j2", Grammar::Caddy),
        ("firewall/apply.sh.j2", Grammar::Shell),
        (".env.j2", Grammar::Dotenv),
        (".gitignore.j2", Grammar::Gitignore),
        ("proxy/haproxy.cfg.j2", Grammar::Haproxy),
        ("firewall/stockade.service.j2", Grammar::Systemd),
        ("firewall/stockade.rules.j2", Grammar::Iptables),
    ] {
        assert_eq!(Grammar::of(name), Some(grammar), "{name}");
    }
    for name in ["a.txt", "a.conf", "a", "a.j2", "a.yaml.txt.j2", "a.yaml.j2.j2"] {
        assert_eq!(Grammar::of(name), None, "{name}");
    }
    assert!(Grammar::ALL.iter().all(|g| Grammar::from_id(g.id()) == Some(*g)));
}
