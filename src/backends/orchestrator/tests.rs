//! The compose file read back as YAML; the real `docker compose` reads it in the conformance tests.
#![allow(clippy::unwrap_used)]

use super::{emit, fixture};
use crate::artifact::Content;
use crate::controls::enforce;
use crate::stack::Stack;
use crate::templates::Engine;
use serde_yaml::Value;

fn text(stack: Stack) -> String {
    let artifacts = emit(&enforce(stack), &Engine::builtin()).unwrap();
    match &artifacts[..] {
        [file] if file.path.as_str() == "compose.yaml" => match &file.content {
            Content::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn yaml(stack: Stack) -> Value {
    let mut file: Value = serde_yaml::from_str(&text(stack)).unwrap();
    file.apply_merge().unwrap();
    file
}

fn words(value: &Value) -> Vec<&str> {
    value.as_sequence().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn every_service_is_closed() {
    let file = yaml(fixture::stack());
    for (name, service) in file["services"].as_mapping().unwrap() {
        assert_eq!(words(&service["cap_drop"]), ["ALL"], "{name:?}");
        assert_eq!(words(&service["security_opt"]), ["no-new-privileges:true"], "{name:?}");
        assert_eq!(service["read_only"], Value::Bool(true), "{name:?}");
        assert_eq!(service["ipc"].as_str(), Some("private"), "{name:?}");
        assert_eq!(service["deploy"]["resources"]["limits"]["memory"], service["memswap_limit"], "{name:?}");
        assert!(service["user"].is_string() && service["build"].is_null() && service["privileged"].is_null());
        for mount in service["volumes"].as_sequence().unwrap() {
            let bind = mount["type"].as_str() == Some("bind");
            assert_eq!(mount["bind"]["create_host_path"] == Value::Bool(false), bind, "{mount:?}");
        }
    }
    assert_eq!(words(&file["services"]["game"]["cap_add"]), ["CHOWN"]);
    assert_eq!(words(&file["services"]["game"]["devices"]), ["/dev/dri/renderD129:/dev/dri/renderD128:rw"]);
    assert!(file["services"]["panel"]["devices"].is_null());
    assert_eq!(words(&file["services"]["filter"]["group_add"]), ["999"]);
    assert_eq!(file["networks"]["core"]["internal"], Value::Bool(true));
    assert!(file["networks"]["front"]["internal"].is_null() && file["version"].is_null());
    assert_eq!(
        file["networks"]["core"]["driver_opts"]["com.docker.network.bridge.name"].as_str(),
        Some("br-play-core")
    );
}

#[test]
fn lines_name_their_controls() {
    let text = text(fixture::stack());
    for line in [
        "  read_only: true  # why: read-only-root",
        "    # for other containers only: 3000/tcp  # why: only-proxy-published",
        "  cap_drop: [ALL]  # why: least-capabilities",
        "    cap_add:  # why: least-capabilities",
        "  ipc: private  # why: no-host-namespaces",
        "    internal: true  # why: internal-networks",
        "      COOKIE_SECURE: \"true\"  # why: cookie-flags",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(text.ends_with('\n') && text.lines().all(|line| line.trim_end() == line));
}

/// A key that some service lacks stands in the others; the rest stays said once.
#[test]
fn what_one_service_lacks_is_said_in_the_others() {
    let mut stack = fixture::stack();
    stack.waivers.push(crate::stack::Waiver {
        control: "read-only-root",
        service: Some("game".parse().unwrap()),
        reason: "a test".into(),
        until: "2030-01-01".parse().unwrap(),
    });
    let text = text(stack.clone());
    let (common, services) = text.split_once("\nservices:\n").unwrap();
    assert!(common.contains("  cap_drop: [ALL]") && !common.contains("read_only"), "{text}");
    assert!(!services.contains("cap_drop"), "{text}");
    let file = yaml(stack);
    assert!(file["services"]["game"]["read_only"].is_null());
    assert_eq!(file["services"]["panel"]["read_only"], Value::Bool(true));
}

#[test]
fn what_was_waived_is_left_to_the_engine_and_still_starts() {
    let mut stack = fixture::stack();
    for control in [
        "tmpfs-flags",
        "device-rights",
        "least-capabilities",
        "read-only-root",
        "non-root-user",
        "only-proxy-published",
    ] {
        stack.waivers.push(crate::stack::Waiver {
            control,
            service: None,
            reason: "a test".into(),
            until: "2030-01-01".parse().unwrap(),
        });
    }
    let file = yaml(stack);
    let game = &file["services"]["game"];
    assert_eq!(words(&game["tmpfs"]), ["/tmp:exec"]);
    assert_eq!(words(&game["cap_add"]), ["CHOWN"]);
    assert_eq!(words(&game["devices"]), ["/dev/dri/renderD129:/dev/dri/renderD128"]);
    assert!(game["cap_drop"].is_null() && game["read_only"].is_null() && game["user"].is_null());
    assert_eq!(words(&file["services"]["panel"]["tmpfs"]), ["/tmp"]);
}

#[test]
fn ports_stand_on_every_bound_address_and_nowhere_else() {
    let mut stack = fixture::stack();
    for service in stack.services.values_mut() {
        service.ports.iter_mut().for_each(|port| port.bound = crate::stack::Enforced::default());
    }
    let file = yaml(stack);
    assert_eq!(words(&file["services"]["game"]["ports"]), ["0.0.0.0:5520:5520/udp", "[::]:5520:5520/udp"]);
    assert!(file["services"]["panel"]["ports"].is_null());
}

#[test]
fn a_script_takes_the_place_its_shim_says() {
    let file = yaml(fixture::stack());
    let (game, panel) = (&file["services"]["game"], &file["services"]["panel"]);
    assert_eq!(words(&game["command"]), ["/bin/sh", "/stockade/entrypoint.sh"]);
    assert!(game["entrypoint"].is_null());
    assert_eq!(words(&panel["entrypoint"]), ["/bin/sh", "/stockade/entrypoint.sh"]);
    assert_eq!(words(&panel["command"]), [""; 0]);
    let mount = panel["volumes"].as_sequence().unwrap().last().unwrap();
    assert_eq!(mount["source"].as_str(), Some("./shims/panel.sh"));
    assert_eq!(mount["read_only"], Value::Bool(true));
}

#[test]
fn only_mounted_secrets_are_defined_and_certificates_are_found() {
    let file = yaml(fixture::stack());
    let secrets = &file["secrets"];
    assert_eq!(secrets["session_secret"]["file"].as_str(), Some("./secrets/session_secret"));
    assert_eq!(secrets["tls_key"]["file"].as_str(), Some("./certs/server.key"));
    assert!(secrets["owner_password"].is_null());
}

#[test]
fn a_self_contained_file_has_absolute_paths_only() {
    let mut stack = fixture::stack();
    stack.base = Some("/mnt/tank/apps/play".parse().unwrap());
    let text = text(stack);
    assert!(!text.contains("./"), "{text}");
    assert!(
        text.contains("source: /mnt/tank/apps/play/data,")
            && text.contains("session_secret: {file: /mnt/tank/apps/play/secrets/session_secret}")
    );
}

#[test]
fn values_stay_values() {
    let text = text(fixture::stack());
    assert!(text.contains(r#"GREETING: "costs $$5 $${HOME} \"now\"\nno""#), "{text}");
    let mut stack = fixture::stack();
    let evil = "x\"\n    privileged: true\n# ${A:?} {{ 1 }}";
    for service in stack.services.values_mut() {
        for variable in service.environment.values_mut() {
            variable.value = evil.into();
        }
        service.command = service.command.as_ref().map(|_| vec![evil.into()]);
        service.platform = Some(evil.into());
    }
    let file = yaml(stack);
    let doubled = evil.replace('$', "$$");
    assert_eq!(file["services"]["panel"]["environment"]["EMPTY"].as_str(), Some(doubled.as_str()));
    assert_eq!(words(&file["services"]["proxy"]["command"]), [doubled.as_str()]);
    assert!(file["services"].as_mapping().unwrap().values().all(|service| service["privileged"].is_null()));
}
