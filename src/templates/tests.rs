//! What a template can and cannot do, with templates written to break out.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use serde_json::json;

use super::{Engine, TemplateError};
use crate::artifact::Piece;
use crate::format::system::Template;
use crate::grammar::Grammar;
use crate::stack::hole;
use crate::text::SourceFile;
use crate::yaml::Sources;

const HOSTILE: &str = "x\"\nowned: ${HOME} {{ 1 }} # '\\";

fn render(files: &[(&str, &str)], view: &serde_json::Value) -> Result<String, TemplateError> {
    let mut names: Vec<_> = files.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let root = names.iter().find(|name| **name == "root.yaml.j2").unwrap_or(&names[0]);
    own(files).render(root, view)
}

fn own(files: &[(&str, &str)]) -> Engine {
    let mut sources = Sources::new();
    let folder = files.iter().map(|(name, text)| {
        let source = sources.add(SourceFile::new(*name, *text));
        ((*name).to_owned(), Template::new(source, &sources))
    });
    Engine::own(&Arc::new(folder.collect()))
}

fn yaml(template: &str) -> Result<String, TemplateError> {
    render(&[("root.yaml.j2", template)], &json!({ "v": HOSTILE, "n": 1 }))
}

fn bug(result: Result<String, TemplateError>) -> String {
    match result {
        Err(error @ TemplateError::Bug { .. }) => error.to_string(),
        other => panic!("not a bug: {other:?}"),
    }
}

#[test]
fn a_value_is_one_scalar() {
    let text = yaml("key: {{ v }}\nlist: [{{ v }}, {{ n }}]\n{{ v }}: 1\n").unwrap();
    let read: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(read["key"].as_str(), Some(HOSTILE));
    assert_eq!(read["list"][0].as_str(), Some(HOSTILE));
    assert_eq!(read[HOSTILE].as_i64(), Some(1));
    assert!(text.ends_with('\n') && !text.contains('\0'));
}

#[test]
fn nothing_goes_round_the_escape() {
    for template in [
        "{% autoescape false %}key: {{ v }}{% endautoescape %}",
        "{% autoescape 'none' %}key: {{ v }}{% endautoescape %}",
        "{% autoescape 'html' %}key: {{ v }}{% endautoescape %}",
        "{% autoescape 'json' %}key: {{ v }}{% endautoescape %}",
        "key: {{ v|safe }}",
        "key: {{ v|tojson }}",
        "key: {{ v|e }}",
        "key: {{ v|string|safe }}",
        "key: {{ safe(v) }}",
        "key: {{ v.upper() }}",
        "{% macro m(v) %}{{ v }}{% endmacro %}key: {{ m(v) }}",
        "{% set s %}{{ v }}{% endset %}key: {{ s }}",
        "{% set s %}text{% endset %}key: {{ s }}",
        "{% filter code %}{{ v }}{% endfilter %}",
        "{% block b %}{{ v }}{% endblock %}key: {{ self.b() }}",
        "key: {{ v if false }}",
        "key: {{ missing }}",
        "key: {{ v|why }}",
        "key: {{ [v]|why }}",
        "key: {{ v|code }}",
        "{% include '../secret.yaml' %}",
        "{% include '/etc/passwd.yaml' %}",
        "{% include v %}",
    ] {
        bug(yaml(template));
    }
    // These print, and what they print is still one scalar.
    for template in [
        "{% autoescape true %}key: {{ v }}{% endautoescape %}",
        "{% set s = v %}key: {{ s }}",
        "{% block b %}key: {{ v }}{% endblock %}",
        "{% with w = v %}key: {{ w }}{% endwith %}",
        "{% for k in [v] %}key: {{ k }}{% endfor %}",
    ] {
        let read: serde_yaml::Value = serde_yaml::from_str(&yaml(template).unwrap()).unwrap();
        assert_eq!(
            read,
            serde_yaml::from_str::<serde_yaml::Value>(&format!("key: {}", json!(HOSTILE))).unwrap(),
            "{template}"
        );
    }
    // A capture that is glued to something else loses the safe mark and meets the gate as a string with marks.
    assert!(yaml("{% set s %}{{ v }}{% endset %}key: {{ s ~ '' }}").is_err());
}

#[test]
fn includes_escape_for_the_file_they_end_up_in() {
    let view = json!({ "v": HOSTILE });
    let part = "{% include 'part.yaml.j2' %}";
    let text = render(&[("root.yaml.j2", part), ("part.yaml.j2", "key: {{ v }}\n")], &view).unwrap();
    let read: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(read["key"].as_str(), Some(HOSTILE));
    for other in ["part.sh.j2", "part.compose.yaml.j2", "part.txt"] {
        let root = format!("key: {{% include '{other}' %}}");
        let ignoring = format!("key: {{% include '{other}' ignore missing %}}");
        let extending = format!("{{% extends '{other}' %}}");
        for root in [root, ignoring, extending] {
            let files =
                [("root.yaml.j2", root.as_str()), ("part.sh.j2", "{{ v }}"), ("part.compose.yaml.j2", "{{ v }}")];
            let message = bug(render(&files, &view));
            assert!(message.contains("another grammar"), "{message}");
        }
    }
}

#[test]
fn quoted_values_stand_alone() {
    let view = json!({ "v": "a b", "nested": { "a": [1] } });
    for (name, template) in [
        ("a.yaml", "key: \"{{ v }}\""),
        ("a.yaml", "key: '{{ v }}'"),
        ("a.yaml", "key: x-{{ v }}"),
        ("a.yaml", "key: x {{ v }}"),
        ("a.yaml", "key:{{ v }}"),
        ("a.yaml", "key: {{ v }}x"),
        ("a.yaml", "key: {{ v }}{{ v }}"),
        ("a.yaml", "key: {{ v }} x"),
        ("a.yaml", "key: {{ v }}#x"),
        ("a.yaml", "key: a, {{ v }}"),
        ("a.yaml", "key: {{ v|remark }}"),
        ("a.yaml", "key: \"a # {{ v|remark }}\""),
        ("a.nginx", "root {{ v|remark }};"),
        ("a.json", "{\"a\": \"{{ v }}\"}"),
        ("a.json", "{\"a\": {{ v }} # no\n}"),
        ("a.toml", "a = \"{{ v }}\""),
        ("a.nginx", "add_header X \"{{ v }}\";"),
        ("a.nginx", "add_header X \"a {{ v }} b\";"),
        ("a.nginx", "root /srv/{{ v }};"),
        ("a.nginx", "root {{ v }}/x;"),
        ("Caddyfile", "respond \"{{ v }}\""),
        ("Caddyfile", "respond a{{ v }}"),
        ("Caddyfile", "{{ v }}, b {"),
        ("a.sh", "echo \"{{ v }}\""),
        ("a.sh", "echo '{{ v }}'"),
        ("a.sh", "echo \"\nfoo {{ v }}\""),
        ("a.sh", "echo $\"{{ v }}\""),
        ("a.sh", "echo ${{ v }}"),
        ("a.sh", "echo \\{{ v }}"),
        ("a.sh", "echo `{{ v }}`"),
        ("a.sh", "cat <<EOF\n{{ v }}\nEOF\n"),
        ("a.sh", "cat <<-'EOF'\n\t{{ v }}\n\tEOF\n"),
        ("a.sh", "echo \"$(cat \"{{ v }}\")\""),
        ("a.nft", "comment \"{{ v }}\""),
        ("a.cfg", "server \"{{ v }}\""),
        ("a.env", "A={{ v }}x"),
        ("a.env", "A=\"{{ v }}\""),
        ("a.html", "<a href={{ v }}>"),
        ("a.html", "<{{ v }}>"),
        ("a.html", "<script>x = {{ v }}</script>"),
    ] {
        let message = bug(render(&[(name, template)], &view));
        assert!(message.contains("on line"), "{name} {template}: {message}");
    }
    for (name, template, expected) in [
        ("a.yaml", "- {{ v }}\n- - {{ v }} # c\n", "- a b\n- - a b # c\n"),
        ("a.yaml", "a: [x, {{ v }}]\n# {{ v }} x\n", "a: [x, a b]\n# a b x\n"),
        ("a.yaml", "a: {{ v|quoted }} # {{ v }}\n", "a: \"a b\" # a b\n"),
        ("a.yaml", "a: {{ nested }}", "a: {a: [1]}"),
        ("compose.yaml", "a: {{ 'x,y' }}\n", "a: x,y\n"),
        ("compose.yaml", "- {a: {{ 'x,y' }}, b: {{ v }}}\n", "- {a: \"x,y\", b: a b}\n"),
        ("compose.yaml", "# {{ 'x; y, \"z\" & é' |remark }}\n", "# x; y, \"z\" & é\n"),
        ("compose.yaml", "a: 1  # {{ 'x # why: y'|remark }}\n", "a: 1  # \"x # why: y\"\n"),
        ("a.nginx", "# {{ 'x { y'|remark }}\n", "# \"x { y\"\n"),
        ("a.sh", "true # {{ v|remark }}\n", "true # a b\n"),
        ("a.json", "[{{ v }}, {{ v }}]", "[\"a b\", \"a b\"]"),
        ("a.toml", "[x.{{ v }}]\na = {{ v }}\n", "[x.\"a b\"]\na = \"a b\"\n"),
        ("a.nginx", "a {{ v }} {{ v }};# {{ v }}\n", "a \"a b\" \"a b\";# \"a b\"\n"),
        ("Caddyfile", "respond {{ v }} 200\n# it's {{ v }}\n", "respond \"a b\" 200\n# it's \"a b\"\n"),
        ("a.sh", "a={{ v }}:/x # don't {{ v }}\n", "a='a b':/x # don't 'a b'\n"),
        ("a.sh", "cat <<EOF\nit's\nEOF\necho {{ v }}", "cat <<EOF\nit's\nEOF\necho 'a b'"),
        ("a.sh", "x=\"$(echo {{ v }})\"", "x=\"$(echo 'a b')\""),
        (
            "a.sh",
            "case {{ v }} in a) echo \"x\" ;; esac; echo {{ v }}",
            "case 'a b' in a) echo \"x\" ;; esac; echo 'a b'",
        ),
        ("a.nft", "elements = { {{ v }}, {{ v }} }", "elements = { \"a b\", \"a b\" }"),
        ("a.env", "A={{ v }}\nB=x\n", "A='a b'\nB=x\n"),
        ("a.html", "<a href=\"{{ v }}\">{{ v }}</a>", "<a href=\"a b\">a b</a>"),
    ] {
        assert_eq!(render(&[(name, template)], &view).as_deref(), Ok(expected), "{name}");
    }
}

#[test]
fn a_refused_value_is_told_with_its_place() {
    let view = json!({ "v": "$host" });
    let files = [("a.nginx", "worker 1;\n{% include 'b.nginx' %}\n"), ("b.nginx", "\n\nroot {{ v }};\n")];
    let Err(TemplateError::Refused { template, line, refusal }) = render(&files, &view) else {
        panic!("not refused");
    };
    assert_eq!((template.as_str(), line), ("b.nginx", Some(3)));
    assert_eq!((refusal.grammar, refusal.value.as_str()), (Grammar::Nginx, "$host"));
    assert!(refusal.reason.contains("variable"));
}

#[test]
fn a_bug_names_template_and_line() {
    let message = bug(yaml("a: 1\nb: {{ nope }}\n"));
    assert!(message.starts_with("template `root.yaml.j2`, line 2: undefined value"), "{message}");
    let message = bug(yaml("a: 1\n{% if %}\n"));
    assert!(message.starts_with("template `root.yaml.j2`, line 2: syntax error"), "{message}");
}

#[test]
fn why_prints_ids_or_nothing() {
    let view = json!({ "why": ["cap-drop", "no-new-privileges"], "nothing": [], "bad": ["a\nb"] });
    let line = |name, template| render(&[(name, template)], &view);
    for name in ["a.yaml", "a.nginx", "Caddyfile", "a.nft", "a.sh", "compose.yaml", "a.cfg", "a.toml"] {
        // `caddy fmt` keeps one space before a comment, yamllint asks for two.
        let gap = if name == "Caddyfile" { " " } else { "  " };
        let expected = format!("x 1{gap}# why: cap-drop, no-new-privileges\n");
        assert_eq!(line(name, "x {{ 1 }}{{ why|why }}\n"), Ok(expected), "{name}");
        assert_eq!(line(name, "x {{ 1 }}{{ nothing|why }}\n").as_deref(), Ok("x 1\n"), "{name}");
    }
    for name in ["a.json", "a.html", "a.md", "a.env", ".gitignore", "a.service"] {
        bug(line(name, "{{ why|why }}"));
    }
    bug(line("a.yaml", "{{ bad|why }}"));
    let quoted = line("a.yaml", "key: {{ 'x' }}{{ why|why }}\n").unwrap();
    assert_eq!(quoted, "key: x  # why: cap-drop, no-new-privileges\n");
}

#[test]
fn code_is_for_markdown() {
    let view = json!({ "v": "a`b" });
    assert_eq!(render(&[("a.md", "{{ v|code }} {{ v }}\n")], &view).as_deref(), Ok("``a`b`` a\\`b\n"));
}

#[test]
fn quoted_words_are_no_keywords() {
    let view = json!({ "v": "import" });
    let text = render(&[("a.nft", "{{ v }} comment {{ v|quoted }}\n")], &view);
    assert_eq!(text.as_deref(), Ok("import comment \"import\"\n"));
    bug(render(&[("a.nft", "comment \"{{ v|quoted }}\"")], &view));
}

#[test]
fn names_stay_in_the_folder() {
    for name in [
        "../a.yaml",
        "/a.yaml",
        "a/../b.yaml",
        "a//b.yaml",
        "./a.yaml",
        "a\\b.yaml",
        "c:a.yaml",
        "a\0.yaml",
        "a.txt",
        "",
    ] {
        assert!(own(&[(name, "")]).render(name, &()).is_err(), "{name}");
        assert!(Engine::builtin().render(name, &()).is_err(), "{name}");
    }
    let message = bug(render(&[("root.yaml.j2", "{% include 'orchestrator/compose.yaml.j2' %}")], &json!({})));
    assert!(message.contains("another grammar"), "{message}");
    let message = bug(render(&[("a.sh.j2", "{% include 'housekeeping/install.sh.j2' %}")], &json!({})));
    assert!(message.contains("not found"), "{message}");
    let message = bug(Engine::builtin().render("missing.yaml", &()));
    assert!(message.contains("does not exist"), "{message}");
}

/// Every built-in template parses and has a grammar, whether or not a golden case reaches it.
#[test]
fn builtin_templates_parse() {
    let engine = Engine::builtin();
    let names = crate::embedded::below(super::FOLDER).filter_map(|path| path.strip_prefix(super::FOLDER));
    let parsed = names.filter(|name| name.ends_with(".j2")).map(|name| {
        super::names::check(name).unwrap();
        engine.environment.get_template(name).unwrap();
    });
    assert!(parsed.count() > 30);
}

/// What a template with secrets becomes: text as it is, each value with secrets as its parts in brackets.
fn pieces(name: &str, template: &str) -> Result<String, TemplateError> {
    let facts = json!({ "s": hole(&"a-key".parse().unwrap()), "t": hole(&"other".parse().unwrap()), "v": HOSTILE });
    let pieces = own(&[(name, template)]).pieces(name, minijinja::value::Serde(facts))?;
    let grammar = Grammar::of(name).unwrap();
    Ok(pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value { parts, grammar: found } if *found == grammar => format!("{parts:?}"),
            other => panic!("{other:?}"),
        })
        .collect())
}

#[test]
fn a_secret_is_cut_out_as_a_whole_value() {
    for (name, template, expected) in [
        ("a.yaml", "key: {{ s }} # c\n", r#"key: ["", "a-key", ""] # c"#),
        ("a.json", "{\"k\": {{ s }}, \"l\": [{{ t }}]}\n", r#"{"k": ["", "a-key", ""], "l": [["", "other", ""]]}"#),
        ("a.toml", "k = {{ 'x://u:' ~ s ~ '@h/' ~ t }}\n", r#"k = ["x://u:", "a-key", "@h/", "other", ""]"#),
        ("a.sh", "export K={{ s }}:x\n", r#"export K=["", "a-key", ""]:x"#),
        ("a.env", "K={{ s }}\n", r#"K=["", "a-key", ""]"#),
        ("a.nginx", "set {{ s }};\n", r#"set ["", "a-key", ""];"#),
        ("a.yaml", "key: {{ [s, t]|join(v) }}\n", &format!("key: {:?}", ["", "a-key", HOSTILE, "other", ""])),
    ] {
        assert_eq!(pieces(name, template).as_deref(), Ok(format!("{expected}\n").as_str()), "{name} {template}");
    }
}

#[test]
fn a_secret_stands_only_where_any_value_may() {
    for (name, template) in [
        ("a.yaml", "key: \"{{ s }}\""),
        ("a.yaml", "key: x{{ s }}"),
        ("a.yaml", "key: {{ [s] }}"),
        ("a.yaml", "key: {{ s|upper }}"),
        ("a.yaml", "key: {{ 'x'|join(s) }}{{ s|replace('key', 'k y') }}"),
        ("a.sh", "# {{ s }}"),
        ("a.sh", "echo '{{ s }}'"),
        ("a.sh", "cat <<EOF\n{{ s }}\nEOF\n"),
        ("a.toml", "k = \"{{ s }}\""),
        ("a.md", "{{ s }}"),
        ("a.html", "{{ s }}"),
        ("a.service", "Environment={{ s }}"),
        (".gitignore", "{{ s }}"),
    ] {
        assert!(pieces(name, template).is_err(), "{name} {template}: {:?}", pieces(name, template));
    }
    // No text of a profile, system or template passes for a secret.
    for fake in ["\u{1}[\"\",\"a-key\",\"\"]", "\u{1}"] {
        for name in ["a.yaml", "a.json", "a.toml", "a.sh", "a.env", "Caddyfile", "a.nginx", "a.nft", "a.cfg", "a.html"]
        {
            let engine = own(&[(name, "{{ v }}")]);
            if let Ok(found) = engine.pieces(name, minijinja::value::Serde(json!({ "v": fake }))) {
                assert!(matches!(found.as_slice(), [Piece::Text(_)]), "{name}: {found:?}");
            }
        }
    }
}

#[test]
fn a_system_s_template_ends_and_stays_small() {
    for template in [
        "a: {{ 'a'|replace('a', 'aaaaaaaaaa')|replace('a', 'aaaaaaaaaa')|replace('a', 'aaaaaaaaaa')|replace('a', \
         'aaaaaaaaaa')|replace('a', 'aaaaaaaaaa')|replace('a', 'aaaaaaaaaa')|replace('a', 'aaaaaaaaaa') }}"
            .to_owned(),
        "{% set a = 'aaaaaaaa' %}".to_owned() + &"{% set a = a ~ a %}".repeat(60) + "a: {{ a }}",
        "{% set a = ['aaaaaaaa'] %}".to_owned() + &"{% set a = [a, a] %}".repeat(60) + "a: {{ a }}",
        "a: {{ n * v }}".to_owned(),
        "{% for a in many %}".repeat(9) + "x\n" + &"{% endfor %}".repeat(9),
        "{% for a in many %}".to_owned() + &"x".repeat(5000) + "\n{% endfor %}",
        "{% set a = 'aaaaaaaa' %}{% include 'root.yaml.j2' %}{% include 'root.yaml.j2' %}".to_owned(),
    ] {
        let view = json!({ "v": HOSTILE, "n": 1, "many": vec![1; 1000] });
        let cause = bug(render(&[("root.yaml.j2", &template)], &view));
        assert!(cause.len() < 300, "{cause}");
    }
}

#[test]
fn caddy_never_takes_a_value_for_the_path_of_a_directive() {
    let caddy = |template: &str, value: &str| render(&[("a.Caddyfile", template)], &json!({ "v": value }));
    for value in ["/x", "*", "/x y"] {
        assert!(
            bug(caddy("a.example.com {\n\trespond {{ v }} 200\n}\n", value)).contains("write `*` before it"),
            "{value}"
        );
        assert!(
            caddy("a.example.com {\n\trespond * {{ v }} 200\n\ttls {{ v }} {{ v }}\n}\n", value).is_ok(),
            "{value}"
        );
        assert!(caddy("@a path {{ v }}\n# respond {{ v }}\n", value).is_ok(), "{value}");
    }
    assert_eq!(caddy("respond {{ v }} 200\n", "x").unwrap(), "respond x 200\n");
}

#[test]
fn nft_words_are_those_that_its_scanner_reads_as_one() {
    let nft = |value: &str| render(&[("a.nft", "comment {{ v }}\n")], &json!({ "v": value })).unwrap();
    for text in ["https://a.example.com", "2001-01-01", "12:30", "a:b", "7x", "1.2.3"] {
        assert_eq!(nft(text), format!("comment \"{text}\"\n"));
    }
    for word in [
        "br-x",
        "tcp",
        "80",
        "80-90",
        "1h30m",
        "10/second",
        "10.0.0.0/8",
        "fe80::1",
        "aa:bb:cc:dd:ee:ff",
        "10.0.0.1-10.0.0.9",
        "0x1f",
    ] {
        assert_eq!(nft(word), format!("comment {word}\n"));
    }
}
