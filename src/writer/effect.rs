//! What a plan changes for a stack that may be running: which containers Compose will make anew, and what else waits for a
//! person. It lies in the lock while files are renamed, so that what a broken run changed is not forgotten.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use super::{Change, Choice, Entry, Stale};
use crate::backends::next::Next;
use crate::backends::secrets::MARKS;
use crate::report::MARKDOWN;

/// What Compose leaves out when it compares a service with its container.
const NO_MATTER: [&str; 3] = ["depends_on", "pull_policy", "profiles"];

/// What of a running stack is touched.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Effect {
    /// Nothing was generated here before.
    pub first: bool,
    /// Some of it is what an earlier run changed that did not get to its end.
    #[serde(skip)]
    pub unfinished: bool,
    /// Name of the compose project that this bundle was before.
    pub project: Option<String>,
    /// Volumes whose data stays with that project.
    pub volumes: BTreeSet<String>,
    /// Kinds of firewall that this bundle had before, each with a script beside the firewall that removes its rules.
    #[serde(skip)]
    pub kinds: BTreeSet<String>,
    /// Services whose containers Compose makes anew by itself.
    pub anew: BTreeSet<String>,
    /// Services that are new.
    pub added: BTreeSet<String>,
    /// Services that are no more, whose containers stay until somebody removes them.
    pub removed: BTreeSet<String>,
    /// Services that mount a file which was brought back to what it was: for Compose nothing has changed.
    pub forced: BTreeSet<String>,
    /// Ports on which people are cut off for a moment, as `443/tcp`.
    pub cut: Vec<String>,
    /// Ports that are no longer published.
    pub closed: Vec<String>,
    /// Ports that were not published before.
    pub opened: Vec<String>,
    /// The compose file itself differs.
    pub compose: bool,
    /// Firewall rules differ.
    pub firewall: bool,
    /// Sites of the proxy or its certificates differ.
    pub sites: bool,
    /// Some secret is another one.
    pub secrets: bool,
    /// Names of secrets that have another value than the last run left.
    pub rotated: BTreeSet<String>,
    /// Owners and modes are to be set by root, or the script that does it differs.
    pub install: bool,
    /// Steps outside the bundle, as names in the DNS, that it did not need before.
    pub steps: Vec<String>,
    /// Commands that show what a person types to log in, which nobody was shown before.
    pub logins: Vec<String>,
    /// Files that were removed here, and stay wherever the bundle was copied to before.
    pub gone: Vec<String>,
    /// There is a new authority to be trusted.
    pub authority: bool,
}

impl Effect {
    /// Of what becomes of files and of what is stale, on the stack that `next` describes. `first` where no run has written
    /// a lock.
    pub(super) fn of(entries: &[Entry], stale: &[Stale], first: bool, next: &Next) -> Self {
        let entry = |path: &str| entries.iter().find(|entry| entry.path.as_str() == path);
        let changes = entries.iter().filter(|entry| entry.change.is_one());
        let written: Vec<&Entry> = changes.filter(|entry| !entry.directory && entry.change != Change::Access).collect();
        let below = |folder: &str| written.iter().any(|entry| entry.path.as_str().starts_with(folder));
        let at = |path: &str| written.iter().any(|entry| entry.path.as_str() == path);
        let is_new = |path: &str| entry(path).is_some_and(|entry| entry.change == Change::Create);
        let secrets = || entries.iter().filter(|entry| entry.path.as_str().starts_with("secrets/"));
        let mut effect = Self {
            // A clone of a repository has the lock and no secrets.
            first: first
                || (is_new(MARKS) && secrets().next().is_some() && secrets().all(|it| it.change == Change::Create)),
            compose: at("compose.yaml"),
            firewall: below("firewall/"),
            sites: below("proxy/") || below("certs/"),
            secrets: below("secrets/"),
            install: at("install.sh") || written.iter().any(|entry| entry.settled.choice == Choice::Shared),
            steps: steps(entry(MARKDOWN), next, false),
            logins: steps(entry(MARKDOWN), next, true),
            gone: removed(stale, next),
            authority: is_new("certs/ca.crt") && is_new("certs/server.crt"),
            ..Self::default()
        };
        // Where nothing was there, nothing is compared.
        let compared = |entry: &&Entry| entry.change.is_one() && (entry.old.is_some() || !effect.first);
        if let Some(entry) = entry("compose.yaml").filter(compared) {
            let text = |bytes: &Option<super::render::Bytes>| bytes.as_deref().and_then(read);
            let (old, new) = (text(&entry.old).unwrap_or_default(), text(&entry.new).unwrap_or_default());
            effect.compare(&old, &new);
        }
        let changed: BTreeSet<&str> = written.iter().map(|entry| entry.path.as_str()).collect();
        let touched =
            next.services.iter().filter(|(_, part)| part.inputs.iter().any(|path| changed.contains(path.as_str())));
        effect.forced = touched
            .map(|(name, _)| name.clone())
            .filter(|name| !effect.anew.contains(name) && !effect.added.contains(name))
            .collect();
        effect
    }

    /// Together with what a run changed that did not get to its end.
    pub(super) fn after(mut self, earlier: Option<&Self>) -> Self {
        let Some(earlier) = earlier else { return self };
        let sets = [
            (&mut self.volumes, &earlier.volumes),
            (&mut self.anew, &earlier.anew),
            (&mut self.added, &earlier.added),
            (&mut self.removed, &earlier.removed),
            (&mut self.forced, &earlier.forced),
            (&mut self.rotated, &earlier.rotated),
        ];
        for (now, before) in sets {
            now.extend(before.iter().cloned());
        }
        let lists = [
            (&mut self.cut, &earlier.cut),
            (&mut self.closed, &earlier.closed),
            (&mut self.opened, &earlier.opened),
            (&mut self.steps, &earlier.steps),
            (&mut self.logins, &earlier.logins),
            (&mut self.gone, &earlier.gone),
        ];
        for (now, before) in lists {
            let more: Vec<String> = before.iter().filter(|it| !now.contains(it)).cloned().collect();
            now.extend(more);
        }
        for (now, before) in [
            (&mut self.first, earlier.first),
            (&mut self.compose, earlier.compose),
            (&mut self.firewall, earlier.firewall),
            (&mut self.sites, earlier.sites),
            (&mut self.secrets, earlier.secrets),
            (&mut self.install, earlier.install),
            (&mut self.authority, earlier.authority),
        ] {
            *now |= before;
        }
        // What runs is from before the broken run.
        if earlier.project.is_some() {
            self.project.clone_from(&earlier.project);
        }
        self.unfinished = true;
        self
    }

    /// Whether a container is touched.
    pub fn starts(&self) -> bool {
        [&self.anew, &self.added, &self.removed].iter().any(|names| !names.is_empty())
    }

    fn compare(&mut self, old: &Value, new: &Value) {
        let (before, after) = (services(old), services(new));
        // A network that is made anew takes its containers along.
        let networks = |file: &Value, name: &str| file["networks"].get(name).cloned();
        for (name, service) in &after {
            let moved = || names(&service["networks"]).any(|name| networks(old, name) != networks(new, name));
            match before.get(name) {
                None => drop(self.added.insert(name.clone())),
                Some(known) if known != service || moved() => drop(self.anew.insert(name.clone())),
                Some(_) => {}
            }
        }
        self.removed.extend(before.keys().filter(|name| !after.contains_key(*name)).cloned());
        self.volumes = names(&old["volumes"]).map(str::to_owned).collect();
        let open = |services: &BTreeMap<String, Value>| services.values().flat_map(ports).collect::<Vec<_>>();
        let (were, are) = (open(&before), open(&after));
        // People are where the port was.
        let anew = before.iter().filter(|(name, _)| self.anew.contains(*name)).flat_map(|(_, it)| ports(it));
        self.cut = anew.filter(|port| are.contains(port)).collect();
        self.closed = were.iter().filter(|port| !are.contains(port)).cloned().collect();
        self.opened = are.into_iter().filter(|port| !were.contains(port)).collect();
    }
}

/// Ports of the host that a service publishes for others than the host itself, as `443/tcp`.
fn ports(service: &Value) -> Vec<String> {
    let all = service["ports"].as_sequence().into_iter().flatten().filter_map(Value::as_str);
    let shown = |port: &str| {
        let (way, protocol) = port.rsplit_once('/').unwrap_or((port, "tcp"));
        let (from, _) = way.rsplit_once(':')?;
        let (address, host) = from.rsplit_once(':').unwrap_or(("", from));
        (!["127.0.0.1", "[::1]"].contains(&address)).then(|| format!("{host}/{protocol}"))
    };
    let mut ports: Vec<String> = Vec::new();
    for port in all.filter_map(shown) {
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    ports
}

/// Steps that the runbook of the earlier run does not have. One that is not there any more tells nothing.
fn steps(runbook: Option<&Entry>, next: &Next, last: bool) -> Vec<String> {
    let Some(entry) = runbook.filter(|entry| entry.change.is_one() && entry.change != Change::Access) else {
        return Vec::new();
    };
    let old = entry.old.as_deref().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let is_known = |words: &str| old.lines().any(|line| line.trim() == words || line.ends_with(&format!(". {words}")));
    let steps = next.outside.iter().filter(|step| step.last == last && !is_known(&step.words));
    steps.map(|step| step.line.clone()).collect()
}

/// Paths are plain: letters, digits and marks without a meaning in a shell.
fn removed(stale: &[Stale], next: &Next) -> Vec<String> {
    let copied = next.host.as_ref().is_some_and(|(_, address)| !address.is_empty());
    let gone = stale.iter().filter(|stale| copied && stale.removable && !stale.directory);
    gone.map(|stale| shlex::try_quote(stale.path.as_str()).unwrap_or_default().into_owned()).collect()
}

/// What is said for several services counts as said in each.
fn read(text: &[u8]) -> Option<Value> {
    let mut file: Value = serde_yaml::from_slice(text).ok()?;
    file.apply_merge().ok()?;
    Some(file)
}

fn services(file: &Value) -> BTreeMap<String, Value> {
    let services = file["services"].as_mapping().into_iter().flatten();
    let what_matters = |service: &Value| {
        let mut service = service.clone();
        if let Some(service) = service.as_mapping_mut() {
            NO_MATTER.iter().for_each(|key| drop(service.remove(*key)));
        }
        service
    };
    services.filter_map(|(name, service)| Some((name.as_str()?.to_owned(), what_matters(service)))).collect()
}

/// Names of a mapping or of a list.
fn names(networks: &Value) -> impl Iterator<Item = &str> {
    let keys = networks.as_mapping().into_iter().flatten().map(|(name, _)| name);
    keys.chain(networks.as_sequence().into_iter().flatten()).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "services:\n  a: {image: x, networks: {n: {}}}\n  b: {image: x, depends_on: {a: {}}}\n  gone: {image: x}\n\
                       networks: {n: {internal: true}}\n";

    fn effect(new: &str) -> Effect {
        let mut effect = Effect::default();
        effect.compare(&read(OLD.as_bytes()).unwrap(), &read(new.as_bytes()).unwrap());
        effect
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn services_are_compared_as_compose_does() {
        assert_eq!(effect(OLD), Effect::default());
        let new = effect(&OLD.replace("b: {image: x", "b: {image: y").replace("gone:", "fresh:"));
        assert_eq!((new.anew, new.added, new.removed), (set(&["b"]), set(&["fresh"]), set(&["gone"])));
        assert_eq!(effect(&OLD.replace("depends_on: {a: {}}", "pull_policy: always")), Effect::default());
        assert_eq!(effect(&OLD.replace("internal: true", "internal: false")).anew, set(&["a"]));
        let shared = OLD.replace("services:\n  a: {image: x,", "x-a: &a {image: x}\nservices:\n  a: {<<: *a,");
        assert_eq!(effect(&shared), Effect::default(), "it is the same service, written otherwise");
        let (listed, mut moved) = (OLD.replace("networks: {n: {}}", "networks: [n]"), Effect::default());
        let inside = listed.replace("internal: true", "internal: false");
        moved.compare(&read(listed.as_bytes()).unwrap(), &read(inside.as_bytes()).unwrap());
        assert_eq!(moved.anew, set(&["a"]));
    }
}
