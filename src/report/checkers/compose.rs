//! What checkers of compose files and of containers say.

use super::super::files::Files;
use super::Said;
use crate::controls::Hardened;
use crate::stack::{MountSource, Origin, Service};
use crate::yaml::{Node, Route};

const COMPOSE: &str = "compose.yaml";
const BENCH: &str = "docker-bench-security";
const CIS: &str = "CIS Docker Benchmark, by hand";
const OWASP: &str = "OWASP Docker Security Cheat Sheet, by hand";
const KICS: &str = "KICS";
const DCLINT: &str = "dclint";
const SCANNERS: &str = "Secret scanners";

/// Folders of the host that KICS calls sensitive.
const SENSITIVE: [&str; 15] = [
    "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/media", "/proc", "/root", "/run", "/sbin", "/srv", "/sys",
    "/usr", "/var",
];

/// Lowest port that the CIS benchmark does not call privileged (5.8).
const UNPRIVILEGED: u32 = 1025;
/// The same for KICS.
const KICS_UNPRIVILEGED: u32 = 1024;

pub(super) fn look(stack: &Hardened, files: &Files, said: &mut Said) {
    let Some(tree) = files.get(COMPOSE).and_then(|file| file.tree()) else { return };
    for entry in tree.get("services").map(Node::entries).unwrap_or_default() {
        let service = stack.services.get(entry.name());
        let at = Route::root().key("services").key(entry.name());
        let seen = Seen { stack, service, node: &entry.value, at };
        privileges(&seen, said);
        ports(&seen, said);
        storage(&seen, said);
        devices(&seen, said);
        life(&seen, said);
        secrets(&seen, said);
    }
    let reason = "A service's keys stand in the order in which they are read: what runs, what it may do, where it \
                  writes, whom it reaches, how it is kept alive. The order has no effect.";
    said.say(DCLINT, "service-keys-order", &Route::root().key("services"), reason);
    if tree.get("version").is_none() {
        passed_over(tree, said);
    }
}

/// One service as the checkers see it.
struct Seen<'a> {
    stack: &'a Hardened,
    service: Option<&'a Service>,
    node: &'a Node,
    at: Route,
}

impl Seen<'_> {
    fn key(&self, key: &str) -> Route {
        self.at.clone().key(key)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.node.get(key).and_then(Node::as_text)
    }

    fn list(&self, key: &str) -> impl Iterator<Item = (Route, &Node)> {
        let items = self.node.get(key).map(Node::items).unwrap_or_default();
        items.iter().enumerate().map(move |(index, item)| (self.key(key).index(index), &*item.node))
    }

    /// The operator's own words where the control is waived here, else ours.
    fn unless_waived(&self, control: &str, reason: impl Into<String>) -> String {
        let name = self.service.map(|service| &service.name);
        let waiver =
            self.stack.waivers.iter().find(|waiver| {
                waiver.control == control && (waiver.service.is_none() || waiver.service.as_ref() == name)
            });
        match waiver {
            Some(waiver) => format!("Waived until {}: {}", waiver.until, waiver.reason),
            None => reason.into(),
        }
    }
}

impl Said<'_> {
    fn say(&mut self, checker: &'static str, rule: &'static str, at: &Route, reason: impl Into<String>) {
        self.at_key((checker, rule, true, reason.into()), COMPOSE, at);
    }

    fn pass(&mut self, checker: &'static str, rule: &'static str, at: &Route, reason: &str) {
        self.at_key((checker, rule, false, reason.to_owned()), COMPOSE, at);
    }
}

/// User, capabilities, root file system.
fn privileges(seen: &Seen, said: &mut Said) {
    let declared = seen.service.map(|service| &service.declared);
    for (at, capability) in seen.list("cap_add") {
        let name = capability.as_text().unwrap_or_default();
        let needed = declared.and_then(|declared| {
            declared.capabilities.iter().find(|(own, _)| own.as_str() == name.trim_start_matches("CAP_"))
        });
        let reason = match needed {
            Some((_, why)) => format!("`{name}` is given back after all were dropped: {why}"),
            None => format!("`{name}` is given back after all were dropped, because the image needs it"),
        };
        said.say(KICS, "Container Capabilities Unrestricted", &at, reason);
    }
    match seen.text("user").map(|user| user.split(':').next().unwrap_or_default()) {
        Some("0" | "root") => {
            let why = declared.and_then(|declared| declared.root_user.as_ref());
            let reason = why.map_or("the image works as root only".to_owned(), ToString::to_string);
            said.say(CIS, "4.1 Ensure that a user for the container has been created", &seen.key("user"), reason);
        }
        Some(_) => {}
        None => {
            let root = declared.and_then(|declared| declared.root_user.as_ref());
            let own = root.map_or_else(
                || "The image's own user is kept, which is root where the image names none.".to_owned(),
                |why| format!("The image's own user is kept, which is root: {why}"),
            );
            let reason = seen.unless_waived("non-root-user", own);
            said.say(BENCH, "4.1 Ensure that a user for the container has been created", &seen.at, reason);
        }
    }
    if seen.text("read_only") != Some("true") {
        let why = declared.and_then(|declared| declared.writable_root.as_ref());
        let reason = why.map_or_else(
            || seen.unless_waived("read-only-root", "The root file system stays writable at this level."),
            ToString::to_string,
        );
        said.say(BENCH, "5.13 Ensure that the container's root filesystem is mounted as read only", &seen.at, reason);
    }
    if !seen.list("security_opt").any(|(_, option)| option.as_text() == Some("no-new-privileges:true")) {
        let reason = seen.unless_waived("no-new-privileges", "The control is off at this level.");
        said.say(
            BENCH,
            "5.26 Ensure that the container is restricted from acquiring additional privileges",
            &seen.at,
            reason.clone(),
        );
        said.say(KICS, "No New Privileges Not Set", &seen.at, reason);
    }
}

/// Published ports.
fn ports(seen: &Seen, said: &mut Said) {
    let has = |key: &str, name: &str| {
        let named = |c: &Node| c.as_text().is_some_and(|c| c.trim_start_matches("CAP_").eq_ignore_ascii_case(name));
        seen.list(key).any(|(_, c)| named(c))
    };
    let dropped_by_name = has("cap_drop", "NET_BIND_SERVICE");
    let binds = Binding {
        added: has("cap_add", "NET_BIND_SERVICE") || has("cap_add", "ALL"),
        dropped: has("cap_drop", "ALL") || dropped_by_name,
        root: seen.text("user").is_none_or(|user| matches!(user.split(':').next(), Some("0" | "root"))),
    };
    for (at, port) in seen.list("ports") {
        let Some(Published { address, port: published, container, long }) = Published::read(port) else { continue };
        if address.as_deref().is_none_or(|address| matches!(address, "0.0.0.0" | "::" | "[::]")) {
            let reason = "The port is meant for everybody the firewall lets through, so it is bound to every address \
                          of the host; `proxy.bind` narrows it.";
            said.say(
                BENCH,
                "5.14 Ensure that incoming container traffic is bound to a specific host interface",
                &at,
                reason,
            );
        }
        if long || address.as_deref().is_none_or(|address| address.contains(':')) {
            let reason = match &address {
                Some(address) => format!("It is bound to {address}; KICS reads addresses in the short form only."),
                None => "It is published on every address of the host.".to_owned(),
            };
            said.say(KICS, "Container Traffic Not Bound To Host Interface", &at, reason);
        }
        if address.is_none() {
            said.say(DCLINT, "no-unbound-port-interfaces", &at, "It is published on every address of the host.");
        }
        if !long {
            let reason = "Every port stands in double quotes, so that none is read as a number; the rule counts single \
                          ones only.";
            said.say(DCLINT, "require-quotes-in-ports", &at, reason);
        }
        if published.is_some_and(|port| port < UNPRIVILEGED) {
            let asked = match published {
                Some(80 | 443) => "Browsers and certificate authorities ask at 80 and 443.".to_owned(),
                _ => format!("Clients ask at {}.", published.unwrap_or_default()),
            };
            let reason = format!("{asked} The engine binds it on the host; {}", binds.inside(container));
            said.say(BENCH, "5.8 Ensure privileged ports are not mapped within containers", &at, reason);
        }
        if [published, container].into_iter().flatten().any(|port| port < KICS_UNPRIVILEGED) && !dropped_by_name {
            let reason = match (binds.dropped, binds.added) {
                (true, false) => {
                    "All capabilities are dropped, NET_BIND_SERVICE with them; KICS wants that one by name.".to_owned()
                }
                (true, true) => {
                    format!("All capabilities are dropped and NET_BIND_SERVICE given back; {}", binds.inside(container))
                }
                (false, _) => seen.unless_waived("least-capabilities", "The engine's own capabilities are kept."),
            };
            said.say(KICS, "Privileged Ports Mapped In Container", &at, reason);
        }
        let reason = "Meant to be published; the ports table above says for whom. No other port of the stack is.";
        said.say(BENCH, "5.9 Ensure that only needed ports are open on the container", &at, reason);
    }
    if seen.text("network_mode") == Some("host") {
        let reason = seen.unless_waived("no-host-namespaces", "The service needs the host's network.");
        said.say(KICS, "Shared Host Network Namespace", &seen.key("network_mode"), reason);
    }
}

/// What a service may do about ports below 1024.
struct Binding {
    added: bool,
    dropped: bool,
    root: bool,
}

impl Binding {
    /// How the process comes by its port in the container.
    fn inside(&self, container: Option<u32>) -> String {
        let Some(port) = container else { return "the container's port is the image's.".to_owned() };
        if port >= KICS_UNPRIVILEGED {
            return format!("inside the container the process listens on {port} and needs no capability for it.");
        }
        let by = match self {
            Self { added: true, .. } => "with NET_BIND_SERVICE, which is given to it",
            Self { dropped: false, root: true, .. } => "as root, with the engine's own capabilities",
            _ => "without a capability, because the engine opens such ports to every user of a container",
        };
        format!("inside the container the process listens on {port}, {by}.")
    }
}

/// A published port in either of its two forms.
struct Published {
    address: Option<String>,
    port: Option<u32>,
    container: Option<u32>,
    long: bool,
}

impl Published {
    fn read(node: &Node) -> Option<Self> {
        let number = |text: &str| text.split(['-', '/']).next().and_then(|text| text.parse().ok());
        let Some(text) = node.as_text() else {
            let text = |key| node.get(key).and_then(Node::as_text);
            return Some(Self {
                address: text("host_ip").map(str::to_owned),
                port: text("published").and_then(number),
                container: text("target").and_then(number),
                long: true,
            });
        };
        let (before, container) = text.rsplit_once(':')?;
        let (address, port) = match before.rsplit_once(':') {
            Some((address, port)) => (Some(address.to_owned()), port),
            None => (None, before),
        };
        Some(Self { address, port: number(port), container: number(container), long: false })
    }
}

/// Mounts and scratch space.
fn storage(seen: &Seen, said: &mut Said) {
    for (at, mount) in seen.list("volumes") {
        let short: Vec<&str> = mount.as_text().map(|text| text.split(':').collect()).unwrap_or_default();
        let long = |key| mount.get(key).and_then(Node::as_text);
        let source = short.first().copied().or_else(|| long("source")).unwrap_or_default();
        let read_only = short.get(2).is_some_and(|mode| mode.contains("ro")) || long("read_only") == Some("true");
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

/// The folder of those KICS calls sensitive that a path is in.
fn sensitive(path: &str) -> Option<&'static str> {
    let below = |folder: &&str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    SENSITIVE.into_iter().find(below)
}

/// Devices of the host.
fn devices(seen: &Seen, said: &mut Said) {
    for (at, device) in seen.list("devices") {
        let host = device.as_text().and_then(|text| text.split(':').next()).unwrap_or_default();
        let own = seen.service.and_then(|s| s.declared.devices.iter().find(|device| device.host.as_str() == host));
        let why = own.map_or("the application needs it", |device| device.reason.as_str());
        let reason = format!("One device and no other, {host}: {why}");
        let reason = seen.unless_waived("device-rights", reason);
        said.say(BENCH, "5.18 Ensure that host devices are not directly exposed to containers", &at, reason);
    }
}

/// Image, health and restarts.
fn life(seen: &Seen, said: &mut Said) {
    if let Some(image) = seen.text("image") {
        let reason = "A fixed version starts the same program every day; a new one comes with a change of the profile, \
                      which can be read and taken back.";
        let rule = "5.28 Ensure that Docker commands always make use of the latest version of their image";
        said.say(CIS, rule, &seen.key("image"), reason);
        if !image.contains("@sha256:") {
            let reason = "The version is fixed, its content is not, because a publisher can move a tag; the profile key \
                          `services.<name>.image` takes a digest.";
            said.say(OWASP, "Rule 13: supply chain", &seen.key("image"), reason);
        }
    }
    if seen.node.get("ulimits").is_none() {
        let processes = match seen.node.get("deploy").is_some() || seen.node.get("pids_limit").is_some() {
            true => " `pids` limits processes.",
            false => "",
        };
        let reason = format!("The engine's own limits hold, of open files and the like.{processes}");
        let rule = "5.19 Ensure that the default ulimit is overwritten at runtime if needed";
        said.say(BENCH, rule, &seen.at, reason);
    }
    if seen.node.get("healthcheck").is_none() {
        let why = seen.service.and_then(|service| service.declared.no_healthcheck.as_ref());
        let reason = why.map_or_else(
            || {
                seen.unless_waived(
                    "healthcheck",
                    "The image brings its own check, or the control is off at this level.",
                )
            },
            ToString::to_string,
        );
        said.say(BENCH, "5.27 Ensure that container health is checked at runtime", &seen.at, reason.clone());
        said.say(KICS, "Healthcheck Not Set", &seen.at, reason);
    }
    if let Some(policy @ ("unless-stopped" | "always")) = seen.text("restart") {
        let reason = format!(
            "The benchmark asks for five retries; `{policy}` has no such count, so a service that fails at night comes \
             back. The delay between two starts doubles each time, and the limits keep a loop from harming the host."
        );
        said.say(
            CIS,
            "5.15 Ensure that the 'on-failure' container restart policy is set to '5'",
            &seen.key("restart"),
            reason,
        );
    }
    for (key, rule) in [("pid", "Host Namespace is Shared"), ("ipc", "Shared Host IPC Namespace")] {
        if seen.text(key) == Some("host") {
            let reason = seen.unless_waived("no-host-namespaces", "The service needs the host's namespace.");
            said.say(KICS, rule, &seen.key(key), reason);
        }
    }
}

/// Names that look like secrets.
fn secrets(seen: &Seen, said: &mut Said) {
    let suspicious = |name: &str| ["PASSWORD", "SECRET", "TOKEN", "API_KEY"].iter().any(|word| name.contains(word));
    let variables = seen.node.get("environment").map(Node::entries).unwrap_or_default();
    for entry in variables.iter().filter(|entry| suspicious(entry.name())) {
        if entry.value.as_text().is_none_or(str::is_empty) {
            continue;
        }
        let reason = "The name sounds like a secret, the value is none: secrets are files below `secrets/` and are \
                      never written into this file.";
        let at = seen.key("environment").key(entry.name());
        said.say(SCANNERS, "a variable named like a credential", &at, reason);
    }
}

/// What rules that want a `version:` line do not see: the specification dropped it, and it is not written.
fn passed_over(tree: &Node, said: &mut Said) {
    let services = tree.get("services").map(Node::entries).unwrap_or_default();
    let at = Route::root().key("services");
    let has = |keys: &[&str]| services.iter().any(|entry| keys.iter().any(|key| entry.value.get(key).is_some()));
    if has(&["deploy", "mem_limit", "cpus"]) {
        let rules = "Memory Not Limited, Cpus Not Limited, Pids Limit Not Set";
        let reason = "These rules read only files with a `version:` line, which the specification dropped. Silence of \
                      KICS proves nothing here; the limits are in the services table above.";
        said.pass(KICS, rules, &at, reason);
    }
    let reason = "All six compose rules of semgrep read only files with a `version:` line, so none of them looks at this \
                  file, whatever it says.";
    said.pass("semgrep", "yaml.docker-compose.security", &at, reason);
}
