//! Hostile text in what a system's own templates print, and templates that reach for what is not theirs.

use serde_json::{Value, json};
use stockade::Compiled;
use stockade::Content;
use stockade::inside::Piece;

use super::system::{PROFILE, system};
use super::{file, taken, texts};
use crate::support::{library, tools};

/// One template for each kind of file a system may bring; the names say which grammar escapes the values.
const TEMPLATES: &[(&str, &str)] = &[
    (
        "app.toml.j2",
        "{% for text in settings.texts %}\n[[entry]]\ntext = {{ text }}\n{{ text }} = {{ loop.index }}\n{% endfor %}\n",
    ),
    (
        "app.yaml.j2",
        "texts:\n{% for text in settings.texts %}\n  - {{ text }}\n{% endfor %}\nall: {{ settings.texts }}\n",
    ),
    (
        "app.json.j2",
        "{\"texts\": [{% for text in settings.texts %}{{ text }}{% if not loop.last %}, {% endif %}{% endfor %}]}\n",
    ),
    ("app.sh.j2", "{% for text in settings.texts %}\nprintf '%s\\0' {{ text }}\n{% endfor %}\n"),
];

/// The small system with a list of texts and a file from every template.
fn templated(texts: &[String]) -> String {
    system(|system| {
        system["settings"]["texts"] =
            json!({"purpose": "Texts.", "type": {"list": {"max_length": 70_000}}, "default": texts});
        for (number, (template, _)) in TEMPLATES.iter().enumerate() {
            system["files"][format!("t{number}")] = json!({
                "purpose": "Texts.", "path": format!("config/{}", template.trim_end_matches(".j2")),
                "policy": "managed", "owner": "70:70", "mode": "0444", "format": "text", "template": template,
            });
        }
    })
}

fn compile(texts: &[String]) -> Compiled {
    library::templates(PROFILE, "./notes.system.yaml", &templated(texts), TEMPLATES)
}

#[test]
fn what_templates_print_is_read_back_as_it_is() {
    let all = taken(&texts(150), false, |text| compile(&[text.to_owned()]));
    for batch in all.chunks(60) {
        let compiled = compile(batch);
        assert!(!compiled.bundles.is_empty(), "{:#?}", library::findings(&compiled));
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["app.toml", "app.sh"] {
            std::fs::write(folder.path().join(name), file(&compiled, &format!("config/{name}"))).expect("written");
        }
        let script = "import json, tomllib; print(json.dumps(tomllib.load(open('app.toml', 'rb'))))";
        let toml = tools::run(folder.path(), "python3", &["-c", script]).accepted("app.toml");
        let toml: Value = serde_json::from_str(&toml).expect("JSON");
        for (number, text) in batch.iter().enumerate() {
            let entry = &toml["entry"][number];
            let key = entry.get(text).and_then(Value::as_u64);
            // The key `text` is taken already.
            assert_eq!((entry["text"].as_str(), key), (Some(text.as_str()), Some(number as u64 + 1)));
        }
        let said = tools::run(folder.path(), "sh", &["app.sh"]).accepted("app.sh");
        assert_eq!(said.split_terminator('\0').collect::<Vec<_>>(), *batch);
        let yaml: Value = serde_yaml::from_str(&file(&compiled, "config/app.yaml")).expect("YAML");
        assert_eq!(yaml, json!({"texts": batch, "all": batch}));
        let json: Value = serde_json::from_str(&file(&compiled, "config/app.json")).expect("JSON");
        assert_eq!(json["texts"], json!(batch));
    }
}

/// A file of the small system from one template.
fn from(name: &str, text: &str) -> Compiled {
    let system = system(|system| {
        system["files"]["own"] = json!({
            "purpose": "A file.", "path": "config/own", "policy": "managed", "owner": "70:70", "mode": "0400",
            "format": "text", "template": name,
        });
    });
    library::templates(PROFILE, "./notes.system.yaml", &system, &[(name, text)])
}

#[test]
fn templates_see_the_facts_of_the_run() {
    let template = "name = {{ name }}\nurl = {{ url }}\nproxy = {{ proxy.kind }}\nport = {{ proxy.https_port }}\n\
        admin = [{% for network in admin %}{{ network }}, {% endfor %}]\ngreeting = {{ settings.greeting }}\n\
        memory = {{ limits.app.memory }}\nmib = {{ limits.app.memory.mib }}\nimage = {{ images['app'] }}\n\
        host = {{ variable('app', 'DATABASE_HOST') }}\nwaived = {{ waived('pids-limit') }}\ntls = {{ tls.trusted }}\n\
        {% for key, value in settings|items %}\n# {{ key }}: {{ value }}\n{% endfor %}\n";
    let compiled = from("own.toml.j2", template);
    assert!(!compiled.bundles.is_empty(), "{:#?}", library::findings(&compiled));
    let expected = "name = \"notes\"\nurl = \"https://notes.example.com\"\nproxy = \"traefik\"\nport = 443\n\
        admin = [\"10.8.0.0/24\", ]\ngreeting = \"Notes\"\nmemory = \"256m\"\nmib = 256\n\
        image = \"registry.example.com/notes/app:1.4.2\"\nhost = \"database\"\nwaived = false\ntls = true\n\
        # \"greeting\": \"Notes\"\n";
    assert_eq!(file(&compiled, "config/own"), expected);
}

#[test]
fn a_secret_in_a_template_is_named_and_never_printed() {
    let compiled = from("own.toml.j2", "url = {{ 'postgres://app:' ~ secret('database_password') ~ '@db' }}\n");
    let bundle = compiled.bundles.first().unwrap_or_else(|| panic!("{:#?}", library::findings(&compiled)));
    let own = bundle.artifacts.iter().find(|artifact| artifact.path.as_str() == "config/own").expect("it is there");
    let Content::Pieces(pieces) = &own.content else { panic!("{own:?}") };
    let Piece::Value { parts, .. } = &pieces[1] else { panic!("{pieces:?}") };
    assert_eq!(parts, &["postgres://app:", "database_password", "@db"]);
    assert!(file(&compiled, ".gitignore").contains("config/own"));
}

/// What is wrong with a template is said at its line, and where the system names it.
#[test]
fn a_broken_template_is_told_by_line() {
    for (name, text, expected) in [
        ("own.yaml.j2", "a: 1\n  {{ nope }}\n", "error bad-template own.yaml.j2:2:3"),
        ("own.yaml.j2", "a: 1\n{% if %}\n", "error bad-template own.yaml.j2:2:1"),
        ("own.yaml.j2", "a: {{ secret('database_pasword') }}\n", "error bad-template own.yaml.j2:1:1"),
        ("own.yaml.j2", "a: {{ omit }}\n", "error bad-template own.yaml.j2:1:1"),
        ("own.yaml.j2", "\n\na: {{ safe(1) }}\n", "error bad-template own.yaml.j2:3:1"),
        ("own.yaml.j2", "{% include '../notes.system.yaml' %}", "error bad-template own.yaml.j2:1:1"),
        ("own.yaml.j2", "{% include '/etc/hostname.yaml' %}", "error bad-template own.yaml.j2:1:1"),
        ("own.yaml.j2", "{% include 'orchestrator/compose.yaml.j2' %}", "error bad-template own.yaml.j2:1:1"),
        ("own.nginx", "a;\nroot {{ '$x' }};\n", "error unprintable-value own.nginx:2:1"),
        ("own.yaml.j2", "a: {{ secret('database_password')|replace('_', '-') }}\n", "error bad-template ./notes."),
        // Only the finished text shows these.
        ("own.yaml.j2", "a: '{{ name }}'\n", "error bad-template ./notes.system.yaml:"),
        ("own.txt", "a\n", "error bad-template ./notes.system.yaml:"),
    ] {
        let findings = library::findings(&from(name, text));
        assert!(findings.iter().any(|it| it.starts_with(expected)), "{text:?}: {findings:#?}");
    }
    // A value of a list that the profile says, in the loop that prints it.
    let system = system(|system| {
        system["settings"]["texts"] = json!({"purpose": "Texts.", "type": {"list": {"max_length": 9}}, "default": []});
        system["files"]["own"] = json!({
            "purpose": "A file.", "path": "config/own", "policy": "managed", "owner": "70:70", "mode": "0400",
            "format": "text", "template": "own.nginx",
        });
    });
    let text = "{% for text in settings.texts %}\nroot {{ text }};\n{% endfor %}\n";
    let profile = format!("{PROFILE}settings: {{texts: [fine, $x]}}\n");
    let findings =
        library::findings(&library::templates(&profile, "./notes.system.yaml", &system, &[("own.nginx", text)]));
    assert!(findings.iter().any(|it| it.starts_with("error unprintable-value 6:26 ")), "{findings:#?}");
    let missing = library::templates(
        PROFILE,
        "./notes.system.yaml",
        &templated(&[]),
        &[("app.tml.j2", ""), ("app.yaml.j2", ""), ("app.json.j2", ""), ("app.sh.j2", "")],
    );
    let finding = missing.diagnostics.iter().find(|it| it.code.as_str() == "invalid-system").expect("it is said");
    assert!(finding.message.contains("app.toml.j2") && finding.primary().is_some(), "{finding:?}");
    assert!(finding.help.as_deref().is_some_and(|help| help.contains("app.tml.j2")), "{finding:?}");
}
