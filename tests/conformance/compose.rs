//! Docker Compose v5 on `compose.yaml`.

use serde_json::Value;

use crate::support::generated::Generated;
use crate::support::tools;

#[test]
fn docker_compose_accepts_every_bundle() {
    for case in Generated::all() {
        let said = tools::run(&case.folder(), "docker-compose", &["-f", "compose.yaml", "config", "-q"]);
        // Podman keeps secrets itself and heeds owner and mode; Docker outside of Swarm says that it would not.
        let podman = case.folder().join("podman/secrets").is_file();
        let meant = |line: &&str| podman && line.contains("is not supported outside Swarm mode");
        let warned: Vec<_> = said.err.lines().filter(|line| !meant(line)).collect();
        assert_eq!(warned, Vec::<&str>::new(), "{}: docker-compose warns", case.name);
        said.accepted(&case.name);
    }
}

/// What every container of a bundle at level hardened has, whatever the file looks like.
#[test]
fn docker_compose_reads_the_hardening_of_every_service() {
    for case in Generated::all().filter(|case| !case.read("report.json").contains("\"level\": \"baseline\"")) {
        let compose = case.compose();
        for (name, service) in compose["services"].as_object().expect("there are services") {
            let waived = |control: &str| waived(&case, control, name);
            let here = format!("{}: {name}: {service:#}", case.name);
            assert!(waived("read-only-root") || service["read_only"] == true, "{here}");
            assert!(service["cap_drop"] == serde_json::json!(["ALL"]), "{here}");
            assert!(service["security_opt"].to_string().contains("no-new-privileges:true"), "{here}");
            assert!(service["user"].as_str().is_some_and(|user| !user.starts_with("0:")), "{here}");
            let limits = &service["deploy"]["resources"]["limits"];
            assert!(limits["memory"].is_string() && limits["pids"].is_number(), "{here}");
            assert!(
                service["image"].as_str().is_some_and(|image| image.contains(':') && !image.ends_with(":latest")),
                "{here}"
            );
            assert!(service["privileged"].is_null() && service["network_mode"] != "host", "{here}");
            assert!(service["logging"]["options"]["max-size"].is_string(), "{here}");
        }
    }
}

/// A device comes with the rights and the group that its system file names; no other bundle hands one over.
#[test]
fn devices_are_those_of_the_system_file() {
    for case in Generated::all().filter(|case| case.name != "jellyfin-device") {
        for path in case.texts().filter(|path| path.ends_with("compose.yaml")) {
            assert!(!case.read(path).contains("\n    devices:"), "{}: {path}", case.name);
        }
    }
    let case = Generated::named("jellyfin-device").remove(0);
    let compose = case.compose();
    let path = "/dev/dri/renderD128";
    let device = serde_json::json!([{"source": path, "target": path, "permissions": "rw"}]);
    for (name, service) in compose["services"].as_object().expect("there are services") {
        let (devices, groups) = match name.as_str() {
            "jellyfin" => (device.clone(), serde_json::json!(["104"])),
            _ => (Value::Null, Value::Null),
        };
        assert_eq!((&service["devices"], &service["group_add"]), (&devices, &groups), "{name}");
    }
}

/// The game's port and the proxy's are all that is published, and on TrueNAS nothing is left to interpolate.
#[test]
fn only_declared_ports_are_published() {
    for case in Generated::all().filter(|case| case.name.starts_with("hyos")) {
        let compose = case.compose();
        let publishing: Vec<_> = compose["services"]
            .as_object()
            .expect("there are services")
            .iter()
            .filter(|(_, service)| service["ports"].as_array().is_some_and(|ports| !ports.is_empty()))
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(publishing.iter().all(|name| ["hyos-server", "proxy"].contains(name)), "{}: {publishing:?}", case.name);
    }
}

#[test]
fn a_truenas_app_is_one_self_contained_file() {
    let mut seen = 0;
    for case in Generated::all().filter(|case| case.name.contains("truenas")) {
        seen += 1;
        let text = case.read("compose.yaml");
        for (number, line) in (1..).zip(text.lines()) {
            let unescaped = line.replace("$$", "");
            assert!(!unescaped.contains('$'), "{}: line {number} is interpolated: {line}", case.name);
            assert!(!line.contains("./"), "{}: line {number} has a relative path: {line}", case.name);
        }
        assert!(!text.contains("env_file") && !case.folder().join(".env").exists(), "{}", case.name);
    }
    assert!(seen > 0, "no case is for TrueNAS");
}

fn waived(case: &Generated, control: &str, service: &str) -> bool {
    let report: Value = serde_json::from_str(&case.read("report.json")).expect("report.json is JSON");
    report["waivers"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|waiver| waiver["control"] == control && (waiver["service"].is_null() || waiver["service"] == service))
}
