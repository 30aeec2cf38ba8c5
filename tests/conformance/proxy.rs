//! The reverse proxies, each in a root that holds what `compose.yaml` mounts and nothing else, as the user it names.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use stockade::inside::certs::{self, CertRequest, Names};

use crate::support::container::Container;
use crate::support::generated::Generated;
use crate::support::tools;

/// The service that Stockade adds.
const PROXY: &str = "proxy";

#[test]
fn nginx_accepts_its_configuration() {
    each("nginx", |case, container| {
        let words = container.process().join(" ");
        assert!(words.contains("nginx"), "{}: {words}", case.name);
        container.run("enter nginx -e stderr -p /tmp/ -c /etc/nginx/nginx.conf -t -q").accepted(&case.name);
    });
}

#[test]
fn crossplane_reads_every_nginx_configuration() {
    each("nginx", |case, _| {
        let file =
            case.texts().find(|path| path.ends_with("nginx.conf")).expect("nginx has a configuration").to_owned();
        let text = tools::run(&case.folder(), "crossplane", &["parse", "--no-catch", "--single-file", &file])
            .accepted(&case.name);
        let parsed: Value = serde_json::from_str(&text).expect("crossplane prints JSON");
        assert_eq!(parsed["errors"], serde_json::json!([]), "{}", case.name);
    });
}

#[test]
fn caddy_accepts_its_configuration() {
    each("caddy", |case, container| {
        let said = container.run("enter caddy validate --config /etc/caddy/Caddyfile --adapter caddyfile");
        // The server on the HTTP port only redirects, and means to. A shared one may have no stacks yet.
        let nobody = |line: &str| line.contains("No files matching import glob pattern");
        let expected = |line: &str| line.contains("listening only on the HTTP port") || nobody(line);
        let warned = said.err.lines().filter(|line| line.contains("\"level\":\"warn\"") && !expected(line));
        assert_eq!(warned.collect::<Vec<_>>(), Vec::<&str>::new(), "{}", case.name);
        said.accepted(&case.name);
        let file = case.texts().find(|path| path.ends_with("Caddyfile")).expect("Caddy has a Caddyfile").to_owned();
        let formatted = tools::run(&case.folder(), "caddy", &["fmt", &file]);
        assert_eq!(formatted.out, case.read(&file), "{}: `caddy fmt` would change it", case.name);
    });
}

/// Traefik has no dry run, and a mistake in its routes leaves it healthy and empty: so it is started and asked.
#[test]
fn traefik_loads_every_router_and_middleware() {
    each("traefik", |case, container| {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let asked = with_api(case, folder.path());
        let container = container.with("traefik.yml", asked);
        let said = container.run(
            "start traefik --configFile=/etc/traefik/traefik.yml &\n\
             ask() { curl -fsS \"http://127.0.0.1:9099/api/$1\"; }\n\
             for _ in $(seq 600); do ask http/routers 2>/dev/null | grep -q @file && break; sleep 0.1; done\n\
             ask http/routers; echo; ask http/middlewares; echo; ask http/services; echo\n\
             curl -fsS http://127.0.0.1:8082/ping; echo\ncat /mnt/out /mnt/err",
        );
        let out = said.accepted(&case.name);
        let mut lines = out.lines().filter(|line| !line.is_empty());
        let mut answer = || -> Value {
            serde_json::from_str(lines.next().unwrap_or_default())
                .unwrap_or_else(|e| panic!("{}: {e} in {out}", case.name))
        };
        let (routers, middlewares, services) = (answer(), answer(), answer());
        assert_eq!(lines.next(), Some("OK"), "{}: ping", case.name);
        for line in lines.filter(|line| line.starts_with('{')) {
            let trouble = ["\"level\":\"error\"", "\"level\":\"warn\"", "\"level\":\"fatal\""];
            let offline = line.contains("acme") || line.contains("Starting") || line.contains("insecure");
            // It says so whenever an entry point takes encoded characters; each site's routes judge them.
            let known = line.contains("Traefik can reject some encoded characters");
            assert!(offline || known || !trouble.iter().any(|word| line.contains(word)), "{}: {line}", case.name);
        }
        let declared = declared(case);
        for (kind, loaded) in [("routers", &routers), ("middlewares", &middlewares), ("services", &services)] {
            for name in declared.iter().filter(|(of, _)| of == kind).map(|(_, name)| name) {
                let found = loaded.as_array().into_iter().flatten().find(|it| it["name"] == format!("{name}@file"));
                let found = found.unwrap_or_else(|| panic!("{}: {kind} {name} is not loaded: {loaded:#}", case.name));
                assert_eq!(found["status"], "enabled", "{}: {found:#}", case.name);
                assert!(found["error"].is_null(), "{}: {found:#}", case.name);
            }
        }
        let alone = case.name.starts_with("shared");
        assert!(alone || declared.iter().any(|(kind, _)| kind == "routers"), "{} declares no router", case.name);
    });
}

/// Every case whose proxy is of this kind.
fn each(kind: &str, judge: impl Fn(&Generated, Container)) {
    let pem = tempfile::tempdir().expect("a temporary folder can be made");
    let mut seen = 0;
    for case in Generated::all() {
        let compose = case.compose();
        let image = compose["services"][PROXY]["image"].as_str().unwrap_or_default();
        if !image.starts_with(kind) {
            continue;
        }
        seen += 1;
        let case = case.own();
        let (certificate, key) = operator_files(pem.path());
        let container = Container::new(&compose, case.folder(), PROXY)
            .with("certs/clients/ca.crt", certificate.clone())
            .with("our-clients.pem", certificate.clone())
            .with("fullchain.pem", certificate)
            .with("privkey.pem", key);
        judge(&case, container);
    }
    assert!(seen > 2, "{seen} cases have {kind}");
}

/// A certificate that an operator would bring, readable for the proxy's user.
fn operator_files(folder: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("fullchain.pem"), folder.join("privkey.pem"));
    if !key.exists() {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("our own folder");
        let names = Names::new(["play.example.com"], []).expect("a name");
        let request = CertRequest::new("play.example.com", names, time::UtcDateTime::now(), 90).expect("a request");
        let issued = certs::issue(&request, &mut rand::rngs::SysRng).expect("a certificate");
        std::fs::write(&certificate, issued.fullchain).expect("written");
        std::fs::write(&key, issued.server_key.expose()).expect("written");
    }
    (certificate, key)
}

/// The static configuration with the API switched on.
fn with_api(case: &Generated, folder: &Path) -> PathBuf {
    let name = case.texts().find(|path| path.ends_with("traefik.yml")).expect("Traefik has a static configuration");
    let mut root: Value = serde_yaml::from_str(&case.read(name)).expect("YAML");
    root["api"] = serde_json::json!({"dashboard": false, "insecure": true});
    root["entryPoints"]["traefik"] =
        serde_json::json!({"address": "127.0.0.1:9099", "http": {"aliasHeadersStrategy": "delete"}});
    let path = folder.join("asked.yml");
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("our own folder");
    std::fs::write(&path, serde_yaml::to_string(&root).expect("YAML")).expect("written");
    path
}

/// Kind and name of everything in the dynamic configuration.
fn declared(case: &Generated) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for path in case.texts().filter(|path| path.contains("/dynamic/")) {
        let root: Value = serde_yaml::from_str(&case.read(path)).expect("YAML");
        for (kind, entries) in root["http"].as_object().into_iter().flatten() {
            all.extend(entries.as_object().into_iter().flatten().map(|(name, _)| (kind.clone(), name.clone())));
        }
    }
    all
}
