//! What compose-lint says. A test asks the program itself of every bundle, and wants the same lines.

use super::super::Said;
use super::{Seen, ports, storage};
use crate::stack::{MountSource, Origin};
use crate::yaml::Node;

const LINT: &str = "compose-lint";

/// Its rule for each capability that it knows.
const CAPABILITIES: [(&str, &[&str]); 6] = [
    ("CL-0011 Strong host-adjacent capability added", &["NET_ADMIN", "BPF", "SYS_BOOT"]),
    ("CL-0024 Host-code-execution capability added", &["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO"]),
    ("CL-0027 Bounded-grant capability added", &["SYS_PTRACE", "DAC_READ_SEARCH"]),
    ("CL-0028 Host-reaching capability added", &["PERFMON", "SYS_TIME"]),
    ("CL-0029 Host-availability capability added", &["SYS_NICE", "IPC_LOCK", "LEASE"]),
    ("CL-0030 Host-disclosure capability added", &["SYSLOG"]),
];

const SOCKET: &str = "CL-0001 Host control socket exposed";
const EXPOSED: &str = "CL-0013 Sensitive host path exposed";
const WRITABLE: &str = "CL-0025 Root-equivalent host path mounted writable";

/// Paths below which writing is root on the host, and reading tells about it.
const ROOT: [&str; 6] = ["/etc", "/root", "/boot", "/var/lib/docker", "/var/lib/containerd", "/proc"];
/// Paths below which only writing is.
const PROGRAMS: [&str; 8] =
    ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin", "/lib/modules", "/usr/lib/modules"];
/// The same of these directories themselves.
const TREES: [&str; 4] = ["/usr", "/usr/lib", "/lib", "/lib64"];
/// Directories that hold sockets of engines.
const SOCKETS: [&str; 4] = ["/run/containerd", "/run/systemd", "/var/run", "/run"];
/// Block devices and the kernel's log, by the beginning of their name.
const DEVICES: [&str; 19] = [
    "sd", "nvme", "vd", "xvd", "mmcblk", "md", "disk/", "block/", "loop", "dm-", "mapper/", "zfs", "rbd", "zd",
    "zvol/", "nbd", "mtdblock", "hd", "kmsg",
];

/// All of it of one service.
pub(super) fn lint(seen: &Seen, said: &mut Said) {
    rights(seen, said);
    mounts(seen, said);
    if seen.text("image").is_some_and(|image| !image.contains("@sha256:")) {
        let reason =
            "The version is fixed; its content is with a digest, which `stockade images pin` writes into the profile.";
        said.say(LINT, "CL-0019 Image tag without digest", &seen.key("image"), reason);
    }
    for (at, _) in seen.list("ports").filter(|(_, port)| ports::is_everywhere(port)) {
        let firewall = match seen.stack.firewall.get() {
            Some(_) => "the firewall of this bundle is asked before the engine's own rules",
            None => "who may come is up to the firewall in front of this host",
        };
        let reason = format!("It is published on every address of the host, and {firewall}; `proxy.bind` narrows it.");
        said.say(LINT, "CL-0005 Ports bound to all interfaces", &at, reason);
    }
    let limits = seen.node.get("deploy").and_then(|it| it.get("resources")).and_then(|it| it.get("limits"));
    for (key, old, control) in [("memory", "mem_limit", "memory-limit"), ("cpus", "cpus", "cpu-limit")] {
        if limits.is_none_or(|it| it.get(key).is_none()) && seen.node.get(old).is_none() {
            let reason = seen.unless_waived(control, "The control is off at this level.");
            said.say(LINT, "CL-0026 No resource limits", &seen.at, reason);
            break;
        }
    }
    let variables = seen.node.get("environment").map(Node::entries).unwrap_or_default();
    for entry in variables {
        let value = entry.value.as_text().unwrap_or_default();
        if is_credential(&entry.name().to_ascii_uppercase(), value) {
            let reason = "The name sounds like a secret, the value is none: secrets are files below `secrets/`.";
            let at = seen.key("environment").key(entry.name());
            said.say(LINT, "CL-0020 Credential-shaped env key with literal value", &at, reason);
        }
    }
}

/// User, capabilities, root file system, namespaces.
fn rights(seen: &Seen, said: &mut Said) {
    let declared = seen.service.map(|service| &service.declared);
    for (at, capability) in seen.list("cap_add") {
        let name = capability.as_text().unwrap_or_default().trim_start_matches("CAP_");
        let Some((rule, _)) = CAPABILITIES.iter().find(|(_, names)| names.contains(&name)) else { continue };
        let why = declared.and_then(|it| it.capabilities.iter().find(|(own, _)| own.as_str() == name));
        let why = why.map_or_else(|| "the image needs it".to_owned(), |(_, why)| why.to_string());
        said.say(LINT, rule, &at, format!("All others are dropped. {why}"));
    }
    if seen.text("user").is_some_and(|user| matches!(user.split(':').next(), Some("0" | "root"))) {
        let why = declared.and_then(|it| it.root_user.as_ref());
        let reason = why.map_or_else(|| "The image works as root only.".to_owned(), ToString::to_string);
        said.say(LINT, "CL-0018 Explicit root user", &seen.key("user"), reason);
    }
    let off = |control: &str| seen.unless_waived(control, "The control is off at this level.");
    if seen.text("read_only") != Some("true") {
        let why = declared.and_then(|it| it.writable_root.as_ref());
        let reason = why.map_or_else(|| off("read-only-root"), ToString::to_string);
        said.say(LINT, "CL-0007 Filesystem not read-only", &seen.at, reason);
    }
    if !seen.list("security_opt").any(|(_, option)| option.as_text() == Some("no-new-privileges:true")) {
        said.say(LINT, "CL-0003 Privilege escalation not blocked", &seen.at, off("no-new-privileges"));
    }
    if !seen.list("cap_drop").any(|(_, capability)| capability.as_text() == Some("ALL")) {
        said.say(LINT, "CL-0006 No capability restrictions", &seen.at, off("least-capabilities"));
    }
    for key in ["pid", "ipc", "uts", "userns_mode", "cgroup"] {
        if seen.text(key) == Some("host") {
            let reason = seen.unless_waived("no-host-namespaces", "The service needs the host's namespace.");
            said.say(LINT, "CL-0010 Host namespace sharing", &seen.key(key), reason);
        }
    }
    if seen.text("network_mode") == Some("host") {
        let reason = seen.unless_waived("no-host-namespaces", "The service needs the host's network.");
        said.say(LINT, "CL-0008 Host network mode", &seen.key("network_mode"), reason);
    }
}

/// Mounts of the host, secrets that are files of it, scratch space, devices.
fn mounts(seen: &Seen, said: &mut Said) {
    for (at, mount) in seen.list("volumes") {
        let (source, read_only) = storage::source(mount);
        let Some(rule) = exposed(source, read_only) else { continue };
        let component = seen.service.is_some_and(|service| service.origin == Origin::Component);
        let all = seen.service.map(|service| service.mounts.as_slice()).unwrap_or_default();
        let why = all.iter().find_map(|mount| match &mount.source {
            MountSource::HostDirectory(path, why) if path.as_str() == source => Some(why.to_string()),
            _ => None,
        });
        let own = match (rule == SOCKET, component) {
            (true, true) => {
                "Only this proxy holds the socket, in a container without a network; it lets listed calls pass, and no other.".to_owned()
            }
            (true, false) => "The application asks for the socket itself, which is root on the host.".to_owned(),
            (false, _) => why.unwrap_or_else(|| "It belongs to this stack.".to_owned()),
        };
        let reason = if rule == SOCKET { seen.unless_waived("docker-socket", own) } else { own };
        said.say(LINT, rule, &at, reason);
    }
    let files = seen.root.get("secrets");
    for (at, secret) in seen.list("secrets") {
        let name = secret.as_text().or_else(|| secret.get("source").and_then(Node::as_text)).unwrap_or_default();
        let file = files.and_then(|all| all.get(name)?.get("file")?.as_text()).unwrap_or_default();
        if let Some(rule) = exposed(file, true) {
            let reason = "One file of the host and no other, read-only, for the service whose certificate it is.";
            said.say(LINT, rule, &at, reason);
        }
    }
    for (at, tmpfs) in seen.list("tmpfs") {
        let (target, options) = tmpfs.as_text().and_then(|text| text.split_once(':')).unwrap_or_default();
        if options.split(',').any(|option| matches!(option, "exec" | "suid")) {
            let own = seen.service.and_then(|it| it.tmpfs.iter().find(|tmpfs| tmpfs.target.as_str() == target));
            let why = own.and_then(|tmpfs| tmpfs.exec.as_ref());
            let reason = why.map_or_else(|| format!("Files in {target} are run."), ToString::to_string);
            said.say(LINT, "CL-0022 tmpfs mount re-enables exec/suid", &at, reason);
        }
    }
    for (at, device) in seen.list("devices") {
        let host = device.as_text().and_then(|text| text.split(':').next()).unwrap_or_default();
        if host.strip_prefix("/dev/").is_some_and(|name| DEVICES.iter().any(|kind| name.starts_with(kind))) {
            let own = seen.service.and_then(|it| it.declared.devices.iter().find(|it| it.host.as_str() == host));
            let why = own.map_or("the application needs it", |device| device.reason.as_str());
            let reason = seen.unless_waived("device-rights", format!("One device and no other, {host}: {why}"));
            said.say(LINT, "CL-0016 Dangerous host device exposed", &at, reason);
        }
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Its rule about a path of the host in a container.
fn exposed(path: &str, read_only: bool) -> Option<&'static str> {
    if !path.starts_with('/') {
        return None;
    }
    let below = |folders: &[&str]| folders.iter().any(|folder| is_below(path, folder));
    let holds_a_socket = SOCKETS.iter().any(|folder| path == *folder || is_below(folder, path));
    if path == "/" || holds_a_socket || path.contains("docker.sock") || path.contains("containerd.sock") {
        return Some(SOCKET);
    }
    let at_home = path == "/home" || path.strip_prefix("/home/").is_some_and(|rest| !rest.contains('/'));
    let time = matches!(path, "/etc/localtime" | "/etc/timezone");
    let inert = matches!(path, "/dev/null" | "/dev/zero" | "/dev/full" | "/dev/random" | "/dev/urandom");
    match (below(&ROOT) || path == "/var/lib", below(&PROGRAMS) || TREES.contains(&path), read_only) {
        _ if inert => None,
        _ if at_home || below(&["/sys", "/dev", "/run", "/var/run"]) => Some(EXPOSED),
        (true, _, true) if time => None,
        (true, _, true) => Some(EXPOSED),
        (true, _, false) if time => Some(EXPOSED),
        (true, _, false) | (_, true, false) => Some(WRITABLE),
        _ => None,
    }
}

/// Whether it takes a variable for a credential.
fn is_credential(name: &str, value: &str) -> bool {
    let words = [
        "PASSWORD",
        "PASSPHRASE",
        "TOKEN",
        "SECRET",
        "API_KEY",
        "APIKEY",
        "PRIVATE_KEY",
        "ACCESS_KEY",
        "ENCRYPTION_KEY",
        "CREDENTIAL",
    ];
    let ends = ["_PASS", "_PWD", "PASSWD", "_SALT", "_DSN"];
    let sounds = words.iter().any(|word| name.contains(word)) || ends.iter().any(|end| name.ends_with(end));
    let spared = name.ends_with("_FILE") || name.contains("ALLOW_EMPTY_") || name.contains("RANDOM_");
    let flag = matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "" | "yes" | "no" | "true" | "false" | "0" | "1" | "on" | "off"
    );
    let number = value.trim_end_matches(|c: char| "smhd".contains(c));
    let is_number = !number.is_empty() && number.parse::<f64>().is_ok();
    let harmless = spared || flag || (is_number && is_quantity(name)) || value.starts_with("${");
    sounds && !harmless
}

/// Names of how long, how many or how large.
fn is_quantity(name: &str) -> bool {
    let words = [
        "TTL",
        "TIMEOUT",
        "EXPIRE",
        "EXPIRY",
        "EXPIRATION",
        "VALIDITY",
        "LIFETIME",
        "MAX_AGE",
        "MAXAGE",
        "ROTATION",
        "INTERVAL",
        "RETENTION",
        "DURATION",
        "_SECONDS",
        "_SECS",
        "_MINUTES",
        "_MINS",
        "_HOURS",
        "_DAYS",
        "_MS",
        "MIN_LENGTH",
        "MINLENGTH",
        "MAX_LENGTH",
        "MAXLENGTH",
        "MIN_CHAR",
        "MINCHAR",
        "_LIMIT",
        "_SIZE",
        "REQUIREMENTS",
        "POLICY",
        "_BONUS",
        "TOKENS",
        "ROUNDS",
        "ITERATIONS",
        "_HISTORY",
        "_ATTEMPTS",
        "_RETRIES",
        "_LENGTH",
        "_STRENGTH",
    ];
    words.iter().any(|word| name.contains(word)) || name.ends_with("_PORT") || name.ends_with("_COST")
}
