//! Hostile text in a user's own system file.

use std::path::Path;

use serde_json::{Value, json};
use stockade::Compiled;

use super::{file, taken, texts};
use crate::support::{library, root, tools};

pub(super) const PROFILE: &str =
    "version: 1\nname: notes\nsystem: ./notes.system.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n";

/// The small system of the golden case, changed.
pub(super) fn system(change: impl FnOnce(&mut Value)) -> String {
    let text = std::fs::read_to_string(root().join("golden/own-app/notes.system.yaml")).expect("the case is there");
    let mut system: Value = serde_yaml::from_str(&text).expect("YAML");
    change(&mut system);
    serde_json::to_string_pretty(&system).expect("JSON")
}

fn compile(kind: &str, system: &str) -> Compiled {
    library::system(
        &format!("{PROFILE}proxy: {{kind: {kind}, tls: {{mode: self-signed}}}}\n"),
        "./notes.system.yaml",
        system,
    )
}

/// The system with a text in every field that is words for people alone; a site's title is also the realm of its log-in.
fn words(text: &str) -> String {
    system(|system| {
        for path in [
            "/title",
            "/summary",
            "/settings/greeting/purpose",
            "/networks/front/purpose",
            "/networks/web/purpose",
            "/volumes/database/purpose",
            "/secrets/database_password/purpose",
            "/secrets/database_password/rotation/effect",
            "/services/app/title",
            "/services/database/title",
            "/edge/rates/general/purpose",
            "/edge/sites/web/paths/0/block",
            "/recommendations/0/guide",
            "/recommendations/2/guide",
        ] {
            *system.pointer_mut(path).unwrap_or_else(|| panic!("the system has no {path}")) = text.into();
        }
        system["services"]["app"]["capabilities"] = json!([{"name": "NET_RAW", "reason": text}]);
        system["services"]["app"]["devices"] = json!([{"host": "/dev/fuse", "reason": text}]);
        system["services"]["app"]["groups"] = json!([{"id": 104, "reason": text}]);
        system["services"]["app"]["tmpfs"] = json!([{"target": "/tmp", "size": "1m", "exec": text}]);
        system["services"]["database"]["writable_root"] = text.into();
        system["edge"]["sites"]["web"]["authentication"] = json!({"reason": text});
        system["recommendations"][0]["deviation"] = text.into();
        system["limitations"] = json!([text]);
        system["sources"] = json!([text]);
    })
}

/// What the parsers see of a bundle: everything but comments and documents.
fn seen(compiled: &Compiled, kind: &str, folder: &Path) -> Vec<String> {
    let put = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let text: String = file(compiled, path)
            .lines()
            .filter(|line| !line.trim().starts_with("import /run/"))
            .map(|l| format!("{l}\n"))
            .collect();
        std::fs::write(folder.join(name), text).expect("written");
        name.to_owned()
    };
    put("compose.yaml");
    let mut seen =
        vec![tools::run(folder, "docker-compose", &["-f", "compose.yaml", "config"]).accepted("compose.yaml")];
    match kind {
        "nginx" => {
            let arguments = ["parse", "--no-catch", "--single-file", "--indent=1", &put("proxy/nginx.conf")];
            let text = tools::run(folder, "crossplane", &arguments).accepted("nginx.conf");
            seen.push(text.lines().filter(|line| !line.contains("\"line\":")).collect());
        }
        "caddy" => seen
            .push(tools::run(folder, "caddy", &["adapt", "--config", &put("proxy/Caddyfile")]).accepted("Caddyfile")),
        _ => {
            for path in ["proxy/traefik.yml", "proxy/dynamic/site-web.yml"] {
                let text = file(compiled, path);
                assert!(!text.contains("{{") || path.ends_with("traefik.yml"), "{path} holds a template");
                seen.push(serde_yaml::from_str::<Value>(&text).expect("YAML").to_string());
            }
        }
    }
    for script in ["firewall/apply", "firewall/verify", "firewall/rollback", "install.sh"] {
        seen.push(tools::run(folder, "bash", &["--pretty-print", &put(script)]).accepted(script));
    }
    put("firewall/stockade.nft");
    let rules = tools::apart(folder, "nft -f stockade.nft\nnft -j list table inet stockade").accepted("stockade.nft");
    let mut rules: Value = serde_json::from_str(&rules).expect("JSON");
    strip(&mut rules, &["comment", "handle", "metainfo"]);
    seen.push(rules.to_string());
    seen
}

fn strip(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !keys.contains(&key.as_str()));
            map.values_mut().for_each(|value| strip(value, keys));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, keys)),
        _ => {}
    }
}

/// Words for people end up in comments and documents: no parser sees a difference.
#[test]
fn words_for_people_are_never_read_by_a_machine() {
    for kind in ["traefik", "nginx", "caddy"] {
        let plain = compile(kind, &words("plain"));
        assert!(!plain.bundles.is_empty(), "{:#?}", library::findings(&plain));
        let folder = tempfile::tempdir().expect("a folder");
        let expected = seen(&plain, kind, folder.path());
        for text in taken(&texts(20), false, |text| compile(kind, &words(text))) {
            // The tools take half a second together: what can end a comment or a string is looked at, the rest compiled.
            if !text.contains(['\n', '"', '\'', '#', '*', '{', '$', '`', '\\', '<', '|', '-', ':']) || text.len() > 40 {
                continue;
            }
            let found = seen(&compile(kind, &words(&text)), kind, folder.path());
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found, expected, "{kind}: {text:?}");
            }
        }
    }
}

/// The system with texts as words of commands, variables and files.
fn machine(texts: &[String]) -> String {
    system(|system| {
        let settings: Vec<String> = (0..texts.len()).map(|number| format!("{{{{ settings.t{number} }}}}")).collect();
        for (number, text) in texts.iter().enumerate() {
            system["settings"][format!("t{number}")] =
                json!({"purpose": "A text.", "type": {"text": {"max_length": 70_000}}, "default": text});
            system["services"]["app"]["environment"][format!("T{number}")] = settings[number].as_str().into();
        }
        let run: Vec<_> = ["/usr/bin/printf", "%s\\0"].into_iter().map(str::to_owned).chain(settings.clone()).collect();
        system["services"]["app"]["shim"] = json!({"shell": "/bin/sh", "replaces": "entrypoint", "run": run});
        system["services"]["database"]["command"] = json!(settings);
        system["services"]["database"]["healthcheck"]["command"] = json!(settings);
        for (name, format) in [("a", "json"), ("b", "yaml")] {
            system["files"][name] = json!({
                "purpose": "Texts.", "path": format!("data/{name}.{format}"), "policy": "managed", "owner": "70:70",
                "mode": "0600", "format": format, "content": {"texts": settings},
            });
        }
    })
}

#[test]
fn values_reach_commands_variables_and_files_as_they_are() {
    let all = taken(&texts(150), false, |text| compile("traefik", &machine(&[text.to_owned()])));
    let all: Vec<_> = all.into_iter().filter(|text| !text.is_empty()).collect();
    for batch in all.chunks(80) {
        let compiled = compile("traefik", &machine(batch));
        assert!(!compiled.bundles.is_empty(), "{:#?}", library::findings(&compiled));
        let folder = tempfile::tempdir().expect("a folder");
        for path in ["compose.yaml", "shims/app.sh"] {
            let name = path.rsplit('/').next().unwrap_or(path);
            std::fs::write(folder.path().join(name), file(&compiled, path)).expect("written");
        }
        let arguments = ["-f", "compose.yaml", "config", "--format", "json"];
        let read = tools::run(folder.path(), "docker-compose", &arguments).accepted("hostile values");
        let read: Value = serde_json::from_str(&read).expect("JSON");
        let database = &read["services"]["database"];
        let texts = |value: &Value| -> Vec<String> {
            value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(|text| text.replace("$$", "$"))
                .collect()
        };
        assert_eq!(texts(&database["command"]), batch);
        assert_eq!(texts(&database["healthcheck"]["test"])[1..], *batch);
        for (number, text) in batch.iter().enumerate() {
            let found = read["services"]["app"]["environment"][format!("T{number}")].as_str();
            assert_eq!(found.map(|found| found.replace("$$", "$")).as_deref(), Some(text.as_str()));
        }
        // The real shell says which words the script hands on.
        let said = tools::run(folder.path(), "sh", &["app.sh"]).accepted("the shim");
        let words: Vec<_> = said.split_terminator('\0').collect();
        assert_eq!(words, batch.iter().map(String::as_str).collect::<Vec<_>>());
        let json: Value = serde_json::from_str(&file(&compiled, "data/a.json")).expect("JSON");
        assert_eq!(json["texts"], json!(batch));
        let yaml: Value = serde_yaml::from_str(&file(&compiled, "data/b.yaml")).expect("YAML");
        assert_eq!(yaml["texts"], json!(batch));
    }
}

/// Nothing crashes on text in place of any value of the file, whatever its type.
#[test]
fn no_value_of_a_system_can_crash_the_compiler() {
    let sound: Value = serde_json::from_str(&system(|_| {})).expect("JSON");
    let mut paths = Vec::new();
    leaves(&sound, String::new(), &mut paths);
    let texts = texts(60);
    for (number, path) in paths.iter().enumerate() {
        for text in texts.iter().skip(number % 7).step_by(7) {
            let mut changed = sound.clone();
            *changed.pointer_mut(path).expect("the path was found in it") = text.as_str().into();
            let compiled = compile("nginx", &changed.to_string());
            for finding in compiled.diagnostics.iter() {
                let short: String = text.chars().take(60).collect();
                let own = finding.code.as_str() == "bug" && finding.message.contains("template");
                assert!(finding.code.as_str() != "bug" || own, "{path} = {short:?}: {}", finding.message);
            }
        }
    }
}

fn leaves(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| leaves(value, format!("{path}/{key}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| leaves(value, format!("{path}/{index}"), found));
        }
        _ => found.push(path),
    }
}
