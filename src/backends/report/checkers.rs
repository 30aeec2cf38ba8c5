//! What third-party checkers say about the generated compose file, and why each line of it is right as it is. Read from
//! the file itself, so that nothing is explained which is not there.

use super::Place;
use super::files::Files;
use crate::controls::Hardened;
use crate::source::{Node, Route};
use crate::stack::Service;
use std::collections::BTreeMap;

/// One rule of one checker, with all its places in the compose file that are right for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The checker.
    pub checker: &'static str,
    /// Its rule, in its own words.
    pub rule: &'static str,
    /// Whether it reports the places; `false` names what it passes over.
    pub raised: bool,
    /// Where.
    pub places: Vec<Place>,
    /// Why it is right as it is.
    pub reason: String,
}

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

/// Everything the checkers say, grouped by checker, rule and reason.
pub(super) fn findings(stack: &Hardened, files: &Files) -> Vec<Finding> {
    let Some(tree) = files.get(COMPOSE).and_then(|file| file.tree()) else {
        return Vec::new();
    };
    let mut said = Said { files, findings: BTreeMap::new() };
    for entry in tree.get("services").map(Node::entries).unwrap_or_default() {
        let service = stack.services.get(entry.name());
        let at = Route::root().key("services").key(entry.name());
        let seen = Seen { stack, service, node: &entry.value, at };
        privileges(&seen, &mut said);
        ports(&seen, &mut said);
        storage(&seen, &mut said);
        devices(&seen, &mut said);
        life(&seen, &mut said);
        secrets(&seen, &mut said);
    }
    let reason = "A service's keys stand in the order in which they are read: what runs, what it may do, where it \
                  writes, whom it reaches, how it is kept alive. The order has no effect.";
    said.say(DCLINT, "service-keys-order", &Route::root().key("services"), reason);
    if tree.get("version").is_none() {
        passed_over(tree, &mut said);
    }
    said.finish()
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

type Key = (&'static str, &'static str, bool, String);

/// Findings by checker, rule and reason.
struct Said<'a> {
    files: &'a Files,
    findings: BTreeMap<Key, Vec<Place>>,
}

impl Said<'_> {
    fn say(&mut self, checker: &'static str, rule: &'static str, at: &Route, reason: impl Into<String>) {
        self.note((checker, rule, true, reason.into()), at);
    }

    fn note(&mut self, key: Key, at: &Route) {
        let line = self.files.get(COMPOSE).and_then(|file| file.line_of(at));
        let place = Place { artifact: COMPOSE.to_owned(), line, key: Some(at.to_string()) };
        self.findings.entry(key).or_default().push(place);
    }

    fn finish(self) -> Vec<Finding> {
        let finding = |((checker, rule, raised, reason), mut places): (Key, Vec<Place>)| {
            places.sort();
            places.dedup();
            Finding { checker, rule, raised, places, reason }
        };
        let mut findings: Vec<_> = self.findings.into_iter().map(finding).collect();
        findings.sort_by_key(|finding| !finding.raised);
        findings
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
            let reason = seen.unless_waived("non-root-user", "The image's own user is kept.");
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
    let bind_service = seen.list("cap_drop").any(|(_, c)| c.as_text().is_some_and(|c| c.ends_with("NET_BIND_SERVICE")));
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
            let reason = "Browsers and certificate authorities ask at 80 and 443. The engine binds them on the host; \
                          inside the container the process listens on a high port and needs no capability.";
            said.say(BENCH, "5.8 Ensure privileged ports are not mapped within containers", &at, reason);
        }
        if [published, container].into_iter().flatten().any(|port| port < KICS_UNPRIVILEGED) && !bind_service {
            let reason = "All capabilities are dropped, NET_BIND_SERVICE with them; KICS wants that one by name.";
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
            let component = seen.service.is_some_and(|service| service.origin == crate::stack::Origin::Component);
            let reason = seen.unless_waived("docker-socket", if component { filtered } else { raw });
            said.say(
                BENCH,
                "5.32 Ensure that the Docker socket is not mounted inside any containers",
                &at,
                reason.clone(),
            );
            if !short.is_empty() {
                said.say(KICS, "Docker Socket Mounted In Container", &at, reason);
            }
        }
        let below =
            |folder: &&str| source.strip_prefix(*folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if let Some(folder) = SENSITIVE.iter().find(|folder| below(folder)).filter(|_| !source.ends_with(".sock")) {
            let how = if read_only { "read-only" } else { "for writing" };
            let reason = format!("One path below {folder} is mounted {how}, not the folder; it belongs to this stack.");
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
        said.note((KICS, rules, false, reason.to_owned()), &at);
    }
    let reason = "All six compose rules of semgrep read only files with a `version:` line, so none of them looks at this \
                  file, whatever it says.";
    said.note(("semgrep", "yaml.docker-compose.security", false, reason.to_owned()), &at);
}
