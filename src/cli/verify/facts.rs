//! What the engine says of one container or network, as checks ask for it.

use super::engine::{Objects, PROJECT, SERVICE, runs};
use crate::writer::LOCK;
use serde_json::Value;
use std::path::Path;

/// Folder of secrets in a container.
const SECRETS: &str = "/run/secrets/";
/// Folders that hold sockets of engines, and what lies above them.
const ABOVE_SOCKETS: [&str; 4] = ["/", "/run", "/var", "/var/run"];
/// Compose's mark of a container that was run once, by hand.
const ONCE: &str = "com.docker.compose.oneoff";
/// Compose's mark of the folder in which it was run.
const FOLDER: &str = "com.docker.compose.project.working_dir";
/// Length of the name of a volume that nobody named.
const UNNAMED: usize = 64;

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn access(mount: &Value) -> &'static str {
    if mount["RW"] == false { "ro" } else { "rw" }
}

/// Mounts but secrets, as `SOURCE:TARGET:rw` or `:ro`. What an image calls a volume gets one without a name, which nobody shares.
pub fn mounts(container: &Value, bundle: &Path) -> Value {
    let source = |mount: &Value| match (text(&mount["Type"]), text(&mount["Source"])) {
        ("volume", _) => text(&mount["Name"]).to_owned(),
        ("bind", path) => match Path::new(path).strip_prefix(bundle) {
            Ok(rest) => format!("./{}", rest.display()),
            Err(_) => path.to_owned(),
        },
        (kind, _) => kind.to_owned(),
    };
    let unnamed = |mount: &Value| {
        let name = text(&mount["Name"]);
        mount["Type"] == "volume" && name.len() == UNNAMED && name.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let shown = list(&container["Mounts"]).filter(|mount| !text(&mount["Destination"]).starts_with(SECRETS));
    let shown = shown.filter(|mount| !unnamed(mount));
    shown.map(|mount| format!("{}:{}:{}", source(mount), text(&mount["Destination"]), access(mount))).collect()
}

/// Names of secrets, with `:rw` where they can be written.
pub fn secrets(container: &Value) -> Value {
    let named = list(&container["Mounts"]).filter_map(|mount| {
        let name = text(&mount["Destination"]).strip_prefix(SECRETS)?;
        Some(if access(mount) == "ro" { name.to_owned() } else { format!("{name}:rw") })
    });
    named.collect()
}

/// Mounts over which an engine can be reached.
pub fn sockets(container: &Value) -> Value {
    let is_one = |path: &str| {
        path.ends_with("docker.sock") || path.ends_with("podman.sock") || path.ends_with("containerd.sock")
    };
    let reached = list(&container["Mounts"]).map(|mount| text(&mount["Source"]));
    reached.filter(|source| is_one(source) || ABOVE_SOCKETS.contains(source)).collect()
}

/// Published ports, as `ADDRESS:PORT:PORT/PROTOCOL`.
pub fn ports(container: &Value) -> Value {
    let bindings = container["HostConfig"]["PortBindings"].as_object().into_iter().flatten();
    let one = |inside: &str, binding: &Value| {
        let address = match text(&binding["HostIp"]) {
            "" => "0.0.0.0".to_owned(),
            address if address.contains(':') => format!("[{address}]"),
            address => address.to_owned(),
        };
        format!("{address}:{}:{inside}", text(&binding["HostPort"]))
    };
    bindings.flat_map(|(inside, bound)| list(bound).map(move |binding| one(inside, binding))).collect()
}

/// Devices, as `HOST:CONTAINER:RIGHTS`, and whatever else opens some.
pub fn devices(container: &Value) -> Value {
    let host = &container["HostConfig"];
    let one = |device: &Value| {
        let part = |key: &str| text(&device[key]).to_owned();
        format!("{}:{}:{}", part("PathOnHost"), part("PathInContainer"), part("CgroupPermissions"))
    };
    let rules = list(&host["DeviceCgroupRules"]).map(|rule| format!("rule {}", text(rule)));
    let requests = list(&host["DeviceRequests"]).map(|request| format!("request {}", text(&request["Driver"])));
    list(&host["Devices"]).map(one).chain(rules).chain(requests).collect()
}

/// Networks of a container.
pub fn networks(container: &Value) -> Value {
    container["NetworkSettings"]["Networks"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// Services on a network; a container of nobody's by its own name.
pub fn members(network: &Value, objects: &Objects) -> Value {
    let on = network["Containers"].as_object().or(network["containers"].as_object()).into_iter().flatten();
    let name = |container: &Value| {
        let name = container["Name"].as_str().or(container["name"].as_str()).unwrap_or_default();
        objects.names.get(name).cloned().unwrap_or_else(|| format!("container {name}"))
    };
    on.map(|(_, container)| name(container)).collect()
}

/// Names of containers of the project that the bundle does not make: of services that it does not know, more than one of a service,
/// and those that somebody runs once.
pub fn unknown(objects: &Objects, project: &str, services: &[String]) -> Value {
    let is_unknown = |container: &&Value| {
        let labels = &container["Config"]["Labels"];
        let service = text(&labels[SERVICE]);
        let of_bundle = services.iter().any(|known| known == service) && !objects.containers.contains_key(service);
        match labels[PROJECT] == project {
            true if labels[ONCE] == "True" => runs(container),
            of_project => of_project && !of_bundle,
        }
    };
    objects.beside.iter().filter(is_unknown).map(|container| text(&container["Name"]).trim_start_matches('/')).collect()
}

/// Names of running containers that reach a socket of an engine and lie in no bundle, where they are judged by its own checks.
pub fn commanders(objects: &Objects) -> Value {
    let reaches =
        |container: &&Value| runs(container) && sockets(container).as_array().is_some_and(|all| !all.is_empty());
    let of_bundle = |container: &Value| {
        let folder = text(&container["Config"]["Labels"][FOLDER]);
        !folder.is_empty() && Path::new(folder).join(LOCK).is_file()
    };
    let found = objects.beside.iter().filter(reaches).filter(|container| !of_bundle(container));
    found.map(|container| text(&container["Name"]).trim_start_matches('/')).collect()
}

/// Every text that whoever may ask the engine sees of a container.
pub fn open_texts(container: &Value) -> Vec<&str> {
    let config = &container["Config"];
    let lists =
        [&config["Env"], &config["Cmd"], &config["Entrypoint"], &config["Healthcheck"]["Test"], &container["Args"]];
    let labels = config["Labels"].as_object().into_iter().flatten().map(|(_, value)| text(value));
    lists.into_iter().flat_map(list).map(text).chain(labels).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn mounts_are_told_as_the_bundle_writes_them() {
        let container = json!({"Mounts": [
            {"Type": "bind", "Source": "/srv/b/data", "Destination": "/data", "RW": true},
            {"Type": "bind", "Source": "/etc/ssl", "Destination": "/ssl", "RW": false},
            {"Type": "volume", "Name": "app_files", "Source": "/x", "Destination": "/files", "RW": true},
            {"Type": "volume", "Name": "a".repeat(64), "Source": "/x", "Destination": "/cache", "RW": true},
            {"Type": "bind", "Source": "/srv/b/secrets/key", "Destination": "/run/secrets/key", "RW": true},
            {"Type": "bind", "Source": "/run", "Destination": "/host", "RW": false},
        ]});
        let expected = ["./data:/data:rw", "/etc/ssl:/ssl:ro", "app_files:/files:rw", "/run:/host:ro"];
        assert_eq!(mounts(&container, Path::new("/srv/b")), json!(expected));
        assert_eq!(secrets(&container), json!(["key:rw"]));
        assert_eq!(sockets(&container), json!(["/run"]), "the socket lies below");
    }

    #[test]
    fn what_stands_beside_a_stack_is_told() {
        let container = |name: &str, service: &str, once: &str, source: &str| {
            let labels = json!({PROJECT: if service.is_empty() { "other" } else { "p" }, SERVICE: service, ONCE: once});
            let mounts = json!([{"Source": source, "Destination": "/x"}]);
            json!({"Name": name, "Config": {"Labels": labels}, "State": {"Running": true}, "Mounts": mounts})
        };
        let mut objects = Objects::default();
        objects.containers.insert("app".to_owned(), json!({}));
        objects.beside = vec![
            container("/foreign", "", "False", "/srv"),
            container("/portal", "", "False", "/run/docker.sock"),
            container("/set-up", "set-up", "False", "/srv"),
            container("/p-app-2", "app", "False", "/srv"),
            container("/p-once", "set-up", "True", "/srv"),
            container("/p-spare", "spare", "False", "/var"),
        ];
        let services = ["app".to_owned(), "set-up".to_owned()];
        assert_eq!(unknown(&objects, "p", &services), json!(["p-app-2", "p-once", "p-spare"]));
        assert_eq!(commanders(&objects), json!(["portal", "p-spare"]));
        objects.beside.iter_mut().for_each(|container| container["State"]["Running"] = json!(false));
        assert_eq!(unknown(&objects, "p", &services), json!(["p-app-2", "p-spare"]), "what was run once has ended");
        assert_eq!(commanders(&objects), json!([]));
    }

    #[test]
    fn whatever_opens_a_device_is_told() {
        let device = json!({"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "rw"});
        let host =
            json!({"Devices": [device], "DeviceCgroupRules": ["c 1:3 r"], "DeviceRequests": [{"Driver": "nvidia"}]});
        let container = json!({ "HostConfig": host });
        assert_eq!(devices(&container), json!(["/dev/a:/dev/b:rw", "rule c 1:3 r", "request nvidia"]));
        assert_eq!(devices(&json!({"HostConfig": {"Devices": null}})), json!([]));
    }

    #[test]
    fn ports_are_told_with_their_address() {
        let bound = json!({"443/tcp": [{"HostIp": "", "HostPort": "8443"}, {"HostIp": "::1", "HostPort": "1"}]});
        let container = json!({"HostConfig": {"PortBindings": bound}});
        assert_eq!(ports(&container), json!(["0.0.0.0:8443:443/tcp", "[::1]:1:443/tcp"]));
    }
}
