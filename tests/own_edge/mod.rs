//! A system that is its own reverse proxy: the start configuration of its Caddy, loaded by a real one and asked. The real
//! image has two modules more, a web application firewall and a DNS provider; what needs them is cut out first.

mod asked;
mod refusals;
mod scripts;

use serde_json::{Value, json};
use std::path::Path;

use crate::support::generated::Generated;
use crate::support::tools;

/// Where the start configuration lies in the bundle.
const CONFIG: &str = "config/base-config.json";

/// Without the modules that no stock Caddy has, with paths of the container moved to this machine.
fn stock(config: &Value, bundle: &Path, scratch: &Path) -> Value {
    let foreign = |value: &Value| {
        let dns =
            value["issuers"].as_array().is_some_and(|all| all.iter().any(|it| !it["challenges"]["dns"].is_null()));
        value["handler"] == "waf" || dns
    };
    match config {
        Value::Array(items) => {
            items.iter().filter(|item| !foreign(item)).map(|item| stock(item, bundle, scratch)).collect()
        }
        Value::Object(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.clone(), stock(value, bundle, scratch))).collect())
        }
        Value::String(text) => json!(
            text.replace("/run/secrets/tls_certificate", &bundle.join("certs/server.crt").to_string_lossy())
                .replace("/run/secrets/tls_key", &bundle.join("certs/server.key").to_string_lossy())
                .replace("/data/proxyos/", &format!("{}/", scratch.display()))
        ),
        plain => plain.clone(),
    }
}

#[test]
fn caddy_takes_every_start_configuration() {
    let mut seen = 0;
    let scratch = tempfile::tempdir().expect("a temporary folder can be made");
    for case in Generated::all().filter(|case| case.texts().any(|path| path == CONFIG)).map(Generated::own) {
        seen += 1;
        let config: Value = serde_json::from_str(&case.read(CONFIG)).expect("JSON");
        let operator = case.folder().join("certs/server.crt");
        if !operator.exists() {
            // The operator's own certificate is not in the bundle.
            let (certificate, key) = asked::certificate(&["proxy.example.com"]);
            std::fs::create_dir_all(case.folder().join("certs")).expect("a folder of ours");
            std::fs::write(&operator, certificate).expect("written");
            std::fs::write(case.folder().join("certs/server.key"), key).expect("written");
        }
        let file = scratch.path().join("caddy.json");
        std::fs::write(&file, stock(&config, &case.folder(), scratch.path()).to_string()).expect("written");
        let said = tools::run(scratch.path(), "caddy", &["validate", "--config", "caddy.json"]);
        said.accepted(&case.name);
        assert_eq!(config["admin"]["listen"], "localhost:2019", "{}", case.name);
    }
    assert!(seen > 5, "{seen} cases are their own proxy");
}
