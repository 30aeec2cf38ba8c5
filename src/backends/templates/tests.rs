//! What a template can and cannot do, with templates written to break out.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Engine, TemplateError};
use crate::backends::escape::Grammar;

const HOSTILE: &str = "x\"\nowned: ${HOME} {{ 1 }} # '\\";

fn render(files: &[(&str, &str)], view: &serde_json::Value) -> Result<String, TemplateError> {
    let files: BTreeMap<_, _> = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let first = files.keys().next().cloned().unwrap_or_default();
    let root = if files.contains_key("root.yaml.j2") { "root.yaml.j2".to_owned() } else { first };
    Engine::with_extra(files)?.render(&root, view)
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
            let result = Engine::with_extra(BTreeMap::from([
                ("root.yaml.j2".to_owned(), root),
                ("part.sh.j2".to_owned(), "{{ v }}".to_owned()),
                ("part.compose.yaml.j2".to_owned(), "{{ v }}".to_owned()),
            ]));
            let message = bug(result.unwrap().render("root.yaml.j2", &view));
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
        ("a.yaml", "- {{ v }}\n- - {{ v }} # c\n", "- \"a b\"\n- - \"a b\" # c\n"),
        ("a.yaml", "a: [x, {{ v }}]\n# {{ v }} x\n", "a: [x, \"a b\"]\n# \"a b\" x\n"),
        ("a.yaml", "a: {{ nested }}", "a: {\"a\": [1]}"),
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
    assert_eq!(quoted, "key: \"x\"  # why: cap-drop, no-new-privileges\n");
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
        let files = BTreeMap::from([(name.to_owned(), String::new())]);
        assert!(Engine::with_extra(files).is_err(), "{name}");
        assert!(Engine::builtin().render(name, &()).is_err(), "{name}");
    }
    let message = bug(Engine::builtin().render("missing.yaml", &()));
    assert!(message.contains("does not exist"), "{message}");
}

/// Every built-in template parses and has a grammar, whether or not a golden case reaches it.
#[test]
fn builtin_templates_parse() {
    fn walk(folder: &include_dir::Dir, engine: &Engine) {
        for file in folder.files() {
            let name = file.path().to_str().unwrap();
            if name.ends_with(".j2") {
                super::names::check(name).unwrap();
                engine.environment.get_template(name).unwrap();
            }
        }
        folder.dirs().for_each(|folder| walk(folder, engine));
    }
    walk(&super::TEMPLATES, &Engine::builtin());
}

#[test]
fn three_hundred_lines_take_well_under_a_millisecond() {
    let template = "{% for s in services %}\n  {{ s.name }}:{{ s.why|why }}\n    image: {{ s.image }}\n{% endfor %}\n";
    let service = json!({ "name": "web", "image": "registry.example/web:1.2@sha256:aa", "why": ["read-only"] });
    let view = json!({ "services": vec![service; 150] });
    let engine = Engine::with_extra(BTreeMap::from([("compose.yaml.j2".to_owned(), template.to_owned())])).unwrap();
    let text = engine.render("compose.yaml.j2", &view).unwrap();
    assert_eq!(text.lines().count(), 300);
    let fastest = (0..20)
        .map(|_| {
            let start = Instant::now();
            engine.render("compose.yaml.j2", &view).unwrap();
            start.elapsed()
        })
        .min();
    let limit = if cfg!(debug_assertions) { 20 } else { 1 };
    assert!(fastest < Some(Duration::from_millis(limit)), "{fastest:?}");
}
