//! Hostile text in the profile's own fields.

use serde_json::{Value, json};

use super::{file, taken, texts};
use crate::support::{library, tools};

/// Texts drawn by chance for each field, beside the fixed ones.
const DRAWN: usize = 150;

/// A profile as JSON, which is YAML.
fn profile(change: impl FnOnce(&mut Value)) -> String {
    let mut profile = json!({
        "version": 1, "name": "hyos", "system": "hyos", "domain": "play.example.com", "admin": ["10.8.0.0/24"],
    });
    change(&mut profile);
    serde_json::to_string_pretty(&profile).expect("JSON")
}

fn environment(values: &[String]) -> String {
    let map: serde_json::Map<String, Value> =
        values.iter().enumerate().map(|(n, text)| (format!("V{n}"), text.as_str().into())).collect();
    profile(|profile| profile["services"] = json!({"hyos-server": {"environment": map}}))
}

#[test]
fn variables_reach_the_container_as_they_are() {
    let all = taken(&texts(DRAWN), true, |text| library::profile(&environment(&[text.to_owned()])));
    for batch in all.chunks(100) {
        let compiled = library::profile(&environment(batch));
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("compose.yaml"), file(&compiled, "compose.yaml")).expect("written");
        let arguments = ["-f", "compose.yaml", "config", "--format", "json"];
        let read = tools::run(folder.path(), "docker-compose", &arguments).accepted("hostile variables");
        let read: Value = serde_json::from_str(&read).expect("JSON");
        for (number, text) in batch.iter().enumerate() {
            let found = read["services"]["hyos-server"]["environment"][format!("V{number}")].as_str();
            // Compose prints what it read ready to be read again.
            assert_eq!(found.map(|found| found.replace("$$", "$")).as_deref(), Some(text.as_str()));
        }
    }
}

fn headers(kind: &str, values: &[String]) -> String {
    let map: serde_json::Map<String, Value> =
        values.iter().enumerate().map(|(n, text)| (format!("X-T{n}"), text.as_str().into())).collect();
    profile(|profile| {
        profile["proxy"] = json!({"kind": kind, "tls": {"mode": "self-signed"}, "headers": {"set": map}});
    })
}

fn headers_taken(kind: &str) -> Vec<String> {
    taken(&texts(DRAWN), true, |text| library::profile(&headers(kind, &[text.to_owned()])))
}

#[test]
fn nginx_sends_headers_as_they_are() {
    for batch in headers_taken("nginx").chunks(20) {
        let compiled = library::profile(&headers("nginx", batch));
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("nginx.conf"), file(&compiled, "proxy/nginx.conf")).expect("written");
        let arguments = ["parse", "--no-catch", "--single-file", "nginx.conf"];
        let read = tools::run(folder.path(), "crossplane", &arguments).accepted("hostile headers");
        let read: Value = serde_json::from_str(&read).expect("JSON");
        let mut found = Vec::new();
        add_headers(&read["config"][0]["parsed"], &mut found);
        expect_headers(batch, |name| {
            found.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
        });
    }
}

fn add_headers(block: &Value, found: &mut Vec<(String, String)>) {
    for directive in block.as_array().into_iter().flatten() {
        let words: Vec<_> = directive["args"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if let ("add_header", [name, value, ..]) = (directive["directive"].as_str().unwrap_or_default(), &words[..]) {
            // nginx reads `\\` in a quoted word as one backslash, crossplane leaves both.
            found.push(((*name).to_owned(), value.replace("\\\\", "\\")));
        }
        add_headers(&directive["block"], found);
    }
}

#[test]
fn caddy_sends_headers_as_they_are() {
    for batch in headers_taken("caddy").chunks(40) {
        let compiled = library::profile(&headers("caddy", batch));
        let folder = tempfile::tempdir().expect("a folder");
        let text = file(&compiled, "proxy/Caddyfile");
        // The file of users is a secret, which only a real run has.
        let text: String =
            text.lines().filter(|line| !line.trim().starts_with("import /run/")).map(|l| format!("{l}\n")).collect();
        std::fs::write(folder.path().join("Caddyfile"), text).expect("written");
        let read = tools::run(folder.path(), "caddy", &["adapt", "--config", "Caddyfile"]).accepted("hostile headers");
        let read: Value = serde_json::from_str(&read).expect("JSON");
        let mut found = Vec::new();
        members(&read, &mut found);
        expect_headers(batch, |name| {
            let values = found.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
            values.filter_map(|value| Some(value[0].as_str()?.to_owned())).collect()
        });
    }
}

#[test]
fn traefik_sends_headers_as_they_are() {
    for batch in headers_taken("traefik").chunks(60) {
        let compiled = library::profile(&headers("traefik", batch));
        let path = "proxy/dynamic/site-manager.yml";
        let text = file(&compiled, path);
        // Traefik runs the text through Go templates before it reads the YAML.
        assert!(!text.contains("{{"), "{path} holds a template");
        let read: Value = serde_yaml::from_str(&text).expect("YAML");
        let mut found = Vec::new();
        members(&read, &mut found);
        expect_headers(batch, |name| {
            let values = found.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
            values.filter_map(|value| Some(value.as_str()?.to_owned())).collect()
        });
    }
}

fn expect_headers(batch: &[String], find: impl Fn(&str) -> Vec<String>) {
    for (number, text) in batch.iter().enumerate() {
        let found = find(&format!("X-T{number}"));
        assert!(!found.is_empty(), "the header for {text:?} is lost");
        assert!(found.iter().all(|value| value == text), "{text:?} became {found:?}");
    }
}

/// Every key with its value, at any depth.
fn members(value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                found.push((key.clone(), value.clone()));
                members(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, found)),
        _ => {}
    }
}

fn waiver(reason: &str) -> String {
    profile(|profile| {
        profile["waivers"] = json!([{"control": "pids-limit", "reason": reason, "until": "2027-03-31"}]);
    })
}

#[test]
fn a_reason_stays_one_piece_of_text_in_both_reports() {
    let outline = |text: &str| -> Vec<String> {
        let shape = |line: &str| line.chars().take_while(|c| "#-*>|0123456789. ".contains(*c)).collect::<String>();
        // What goes on from the line before has none.
        text.lines().map(shape).map(|start| start.trim().to_owned()).filter(|start| !start.is_empty()).collect()
    };
    let plain = outline(&file(&library::profile(&waiver("plain")), "HARDENING.md"));
    for reason in taken(&texts(DRAWN), true, |text| library::profile(&waiver(text))) {
        let compiled = library::profile(&waiver(&reason));
        let report: Value = serde_json::from_str(&file(&compiled, "report.json")).expect("JSON");
        assert_eq!(report["waivers"][0]["reason"], reason.trim(), "{report:#}");
        let markdown = file(&compiled, "HARDENING.md");
        assert_eq!(outline(&markdown).len(), plain.len(), "{reason:?} changes the parts of HARDENING.md");
        assert!(!markdown.contains("<script>") && !markdown.contains("<!--"), "{reason:?} is HTML");
    }
}

fn address(kind: &str, email: &str) -> String {
    profile(|profile| profile["proxy"] = json!({"kind": kind, "tls": {"mode": "acme", "email": email}}))
}

#[test]
fn an_address_for_the_certificate_authority_stays_an_address() {
    for text in taken_or_refused(|text| library::profile(&address("caddy", text))) {
        let compiled = library::profile(&address("caddy", &text));
        let caddyfile: String = file(&compiled, "proxy/Caddyfile")
            .lines()
            .filter(|line| !line.trim().starts_with("import /run/"))
            .map(|line| format!("{line}\n"))
            .collect();
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("Caddyfile"), caddyfile).expect("written");
        let read = tools::run(folder.path(), "caddy", &["adapt", "--config", "Caddyfile"]).accepted(&text);
        let mut found = Vec::new();
        members(&serde_json::from_str(&read).expect("JSON"), &mut found);
        assert!(found.iter().any(|(key, value)| key == "email" && value == text.trim()), "{text:?} in {read}");
    }
    for text in taken_or_refused(|text| library::profile(&address("traefik", text))) {
        let compiled = library::profile(&address("traefik", &text));
        let mut found = Vec::new();
        members(&serde_yaml::from_str(&file(&compiled, "proxy/traefik.yml")).expect("YAML"), &mut found);
        assert!(found.iter().any(|(key, value)| key == "email" && value == text.trim()), "{text:?}");
    }
}

/// As [`taken`], for fields that rightly take almost nothing.
fn taken_or_refused(compile: impl Fn(&str) -> stockade::Compiled) -> Vec<String> {
    let sound = vec!["ops@example.com".to_owned(); 60];
    let all: Vec<_> = texts(20).into_iter().chain(sound).collect();
    let mut taken = taken(&all, true, compile);
    taken.dedup();
    taken
}
