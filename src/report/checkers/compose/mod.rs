//! What checkers of compose files and of containers say.

mod lint;
mod ports;
mod storage;

use super::super::files::Files;
use super::Said;
use crate::controls::Hardened;
use crate::stack::Service;
use crate::yaml::{Node, Route};

const COMPOSE: &str = "compose.yaml";
const BENCH: &str = "docker-bench-security";
const CIS: &str = "CIS Docker Benchmark, by hand";
const OWASP: &str = "OWASP Docker Security Cheat Sheet, by hand";
const KICS: &str = "KICS";
const DCLINT: &str = "dclint";
const SCANNERS: &str = "Secret scanners";

pub(super) fn look(stack: &Hardened, files: &Files, said: &mut Said) {
    let Some(tree) = files.get(COMPOSE).and_then(|file| file.tree()) else { return };
    for entry in tree.get("services").map(Node::entries).unwrap_or_default() {
        let service = stack.services.get(entry.name());
        let at = Route::root().key("services").key(entry.name());
        let seen = Seen { stack, root: tree, service, node: &entry.value, at };
        privileges(&seen, said);
        ports::ports(&seen, said);
        storage::storage(&seen, said);
        storage::devices(&seen, said);
        life(&seen, said);
        secrets(&seen, said);
        lint::lint(&seen, said);
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
    /// The whole file.
    root: &'a Node,
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
