//! What a plan changes for a stack that may be running: which containers Compose will make anew, and what else waits for a
//! person.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::Value;

use super::{Change, Choice, Entry, LOCK, Plan};
use crate::backends::next::Next;
use crate::backends::secrets::MARKS;

/// What Compose leaves out when it compares a service with its container.
const NO_MATTER: [&str; 3] = ["depends_on", "pull_policy", "profiles"];

/// What of a running stack is touched.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Nothing was generated here before.
    pub first: bool,
    /// Services whose containers Compose makes anew by itself.
    pub anew: BTreeSet<String>,
    /// Services that are new.
    pub added: BTreeSet<String>,
    /// Services that are no more, whose containers stay until somebody removes them.
    pub removed: BTreeSet<String>,
    /// Services that mount a file which was brought back to what it was: for Compose nothing has changed.
    pub forced: BTreeSet<String>,
    /// The compose file itself differs.
    pub compose: bool,
    /// Firewall rules differ.
    pub firewall: bool,
    /// Some secret is another one.
    pub secrets: bool,
    /// Owners and modes are to be set by root, or the script that does it differs.
    pub install: bool,
    /// Files that were removed here, and stay wherever the bundle was copied to before.
    pub gone: Vec<String>,
    /// There is a new authority to be trusted.
    pub authority: bool,
}

impl Effect {
    /// Of a plan on the stack that `next` describes.
    pub fn of(plan: &Plan, next: &Next) -> Self {
        let entry = |path: &str| plan.entries.iter().find(|entry| entry.path.as_str() == path);
        let written: Vec<&Entry> =
            plan.changes().filter(|entry| !entry.directory && entry.change != Change::Access).collect();
        let below = |folder: &str| written.iter().any(|entry| entry.path.as_str().starts_with(folder));
        let at = |path: &str| written.iter().any(|entry| entry.path.as_str() == path);
        let is_new = |path: &str| entry(path).is_some_and(|entry| entry.change == Change::Create);
        let secrets = || plan.entries.iter().filter(|entry| entry.path.as_str().starts_with("secrets/"));
        let mut effect = Self {
            // A clone of a repository has the lock and no secrets.
            first: is_new(LOCK)
                || (is_new(MARKS) && secrets().next().is_some() && secrets().all(|it| it.change == Change::Create)),
            compose: at("compose.yaml"),
            firewall: below("firewall/"),
            secrets: below("secrets/"),
            install: at("install.sh") || written.iter().any(|entry| entry.settled.choice == Choice::Shared),
            gone: removed(plan, next),
            authority: is_new("certs/ca.crt") && is_new("certs/server.crt"),
            ..Self::default()
        };
        if let Some(entry) = entry("compose.yaml").filter(|entry| entry.change.is_one()) {
            let text =
                |bytes: &Option<super::render::Bytes>| bytes.as_deref().and_then(|it| serde_yaml::from_slice(it).ok());
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
        self.removed.extend(before.into_keys().filter(|name| !after.contains_key(name)));
    }
}

/// Paths are plain: letters, digits and marks without a meaning in a shell.
fn removed(plan: &Plan, next: &Next) -> Vec<String> {
    let copied = next.host.as_ref().is_some_and(|(_, address)| !address.is_empty());
    let gone = plan.stale.iter().filter(|stale| copied && stale.removable && !stale.directory);
    gone.map(|stale| shlex::try_quote(stale.path.as_str()).unwrap_or_default().into_owned()).collect()
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

fn names(networks: &Value) -> impl Iterator<Item = &str> {
    networks.as_mapping().into_iter().flatten().filter_map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "services:\n  a: {image: x, networks: {n: {}}}\n  b: {image: x, depends_on: {a: {}}}\n  gone: {image: x}\n\
                       networks: {n: {internal: true}}\n";

    fn effect(new: &str) -> Effect {
        let read = |text| serde_yaml::from_str(text).unwrap();
        let mut effect = Effect::default();
        effect.compare(&read(OLD), &read(new));
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
    }
}
