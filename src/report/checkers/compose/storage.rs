//! What checkers say of mounts, scratch space and devices of the host.

use super::super::Said;
use super::{BENCH, KICS, OWASP, Seen};
use crate::stack::{MountSource, Origin};
use crate::yaml::Node;

/// Folders of the host that KICS calls sensitive.
const SENSITIVE: [&str; 15] = [
    "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/media", "/proc", "/root", "/run", "/sbin", "/srv", "/sys",
    "/usr", "/var",
];

/// Mounts and scratch space.
pub(super) fn storage(seen: &Seen, said: &mut Said) {
    for (at, mount) in seen.list("volumes") {
        let short: Vec<&str> = parts(mount);
        let (source, read_only) = source(mount);
        if source.ends_with("docker.sock") {
            let filtered = "Only this proxy holds the socket, in a container without a network; what it lets through \
                            is listed by method and path, and everything else is refused.";
            let raw = "The application asks for the socket itself, which is root on the host.";
            let component = seen.service.is_some_and(|service| service.origin == Origin::Component);
            let reason = seen.unless_waived("docker-socket", if component { filtered } else { raw });
            said.say(
                BENCH,
                "5.32 Ensure that the Docker socket is not mounted inside any containers",
                &at,
                reason.clone(),
            );
            if !short.is_empty() {
                said.say(KICS, "Docker Socket Mounted In Container", &at, reason.clone());
            }
            if sensitive(source).is_some() {
                said.say(KICS, "Volume Has Sensitive Host Directory", &at, reason);
            }
        }
        if let Some(folder) = sensitive(source).filter(|_| !source.ends_with("docker.sock")) {
            let how = if read_only { "read-only" } else { "for writing" };
            let mounts = seen.service.map(|service| service.mounts.as_slice()).unwrap_or_default();
            let why = mounts.iter().find_map(|mount| match &mount.source {
                MountSource::HostDirectory(path, why) if path.as_str() == source => Some(format!(": {why}")),
                _ => None,
            });
            let why = why.unwrap_or_else(|| "; it belongs to this stack".to_owned());
            let reason = match source == folder {
                true => format!("{folder} of the host is mounted {how}{why}"),
                false => format!("One path below {folder} is mounted {how}, not the folder{why}"),
            };
            said.say(KICS, "Volume Has Sensitive Host Directory", &at, reason);
        }
        if !short.is_empty() && !source.starts_with(['/', '.', '~']) && short.len() > 1 {
            let reason = "KICS takes every named volume in short form for a shared one.";
            said.say(KICS, "Shared Volumes Between Containers", &at, reason);
        }
    }
    for (at, tmpfs) in seen.list("tmpfs") {
        let text = tmpfs.as_text().unwrap_or_default();
        let (target, options) = text.split_once(':').unwrap_or((text, ""));
        if options.split(',').any(|option| option == "exec") {
            let own = seen.service.and_then(|s| s.tmpfs.iter().find(|tmpfs| tmpfs.target.as_str() == target));
            let why = own.and_then(|tmpfs| tmpfs.exec.as_ref());
            let reason = why.map_or_else(|| format!("Files in {target} are run."), ToString::to_string);
            said.say(OWASP, "Rule 8: noexec on temporary file systems", &at, reason);
        }
    }
}

/// The parts of a mount in short form.
fn parts(mount: &Node) -> Vec<&str> {
    mount.as_text().map(|text| text.split(':').collect()).unwrap_or_default()
}

/// What is mounted, and whether it cannot be written.
pub(super) fn source(mount: &Node) -> (&str, bool) {
    let short = parts(mount);
    let long = |key| mount.get(key).and_then(Node::as_text);
    let source = short.first().copied().or_else(|| long("source")).unwrap_or_default();
    let read_only = short.get(2).is_some_and(|mode| mode.contains("ro")) || long("read_only") == Some("true");
    (source, read_only)
}

/// The folder of those KICS calls sensitive that a path is in.
fn sensitive(path: &str) -> Option<&'static str> {
    let below = |folder: &&str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    SENSITIVE.into_iter().find(below)
}

/// Devices of the host.
pub(super) fn devices(seen: &Seen, said: &mut Said) {
    for (at, device) in seen.list("devices") {
        let host = device.as_text().and_then(|text| text.split(':').next()).unwrap_or_default();
        let own = seen.service.and_then(|s| s.declared.devices.iter().find(|device| device.host.as_str() == host));
        let why = own.map_or("the application needs it", |device| device.reason.as_str());
        let reason = format!("One device and no other, {host}: {why}");
        let reason = seen.unless_waived("device-rights", reason);
        said.say(BENCH, "5.18 Ensure that host devices are not directly exposed to containers", &at, reason);
    }
}
