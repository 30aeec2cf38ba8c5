//! Several systems of one profile: what a user's own one calls its own gets its key of the profile in front, so that no two
//! of them clash. The system itself keeps its words: its expressions, its containers' host names and its files below
//! `/run/secrets` say what its file says.

use crate::format::system::{Edge, Mount, System, Upstream, VolumeKind};
use crate::text::Spanned;
use crate::values::{BundlePath, NetworkName, SecretName, ServiceName, SystemName, VolumeName};
use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Names of one system that are not the ones of its file, as the stack has them, with the word of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    services: BTreeMap<ServiceName, ServiceName>,
    networks: BTreeMap<NetworkName, NetworkName>,
    secrets: BTreeMap<SecretName, SecretName>,
    volumes: BTreeMap<VolumeName, VolumeName>,
    containers: BTreeMap<ServiceName, ServiceName>,
    sites: BTreeMap<String, String>,
    /// The folder that its paths begin with.
    folder: Option<BundlePath>,
    paths: BTreeMap<BundlePath, BundlePath>,
}

impl Names {
    /// What the system's file calls a service; nothing for one of another system that has a word of this file.
    pub fn service<'n>(&'n self, name: &'n ServiceName) -> Option<&'n ServiceName> {
        word(&self.services, name)
    }

    /// What the system's file calls a network, as [`service`](Self::service).
    pub fn network<'n>(&'n self, name: &'n NetworkName) -> Option<&'n NetworkName> {
        word(&self.networks, name)
    }

    /// What the system's file calls a secret, as [`service`](Self::service). Those of a list are called after it.
    pub fn secret(&self, name: &SecretName) -> Option<SecretName> {
        let of_list = |(list, word): (&SecretName, &SecretName)| {
            let item = name.as_str().strip_prefix(list.as_str())?.strip_prefix('_')?;
            format!("{word}_{item}").parse().ok()
        };
        self.secrets.iter().find_map(of_list).or_else(|| word(&self.secrets, name).cloned())
    }

    /// A secret of the stack by what the system's file calls it.
    pub fn secret_of(&self, word: &SecretName) -> SecretName {
        let of_list = |(list, written): (&SecretName, &SecretName)| {
            let item = word.as_str().strip_prefix(written.as_str())?.strip_prefix('_')?;
            format!("{list}_{item}").parse().ok()
        };
        let whole = new(&self.secrets, word.as_str()).and_then(|name| name.parse().ok());
        whole.or_else(|| self.secrets.iter().find_map(of_list)).unwrap_or_else(|| word.clone())
    }

    /// Further names of a service on its networks.
    pub fn aliases(&self, name: &ServiceName) -> Vec<ServiceName> {
        self.services.get(name).into_iter().cloned().collect()
    }

    /// A command of the system's file, in the words of the stack: its paths, and what it asks the engine about.
    pub fn command(&self, text: &str) -> String {
        /// Commands of an engine that name one container, and those that name several.
        const ONE: [&str; 9] = ["exec", "logs", "inspect", "top", "port", "diff", "cp", "run", "attach"];
        const SEVERAL: [&str; 6] = ["restart", "stop", "start", "up", "kill", "stats"];
        if *self == Self::default() {
            return text.to_owned();
        }
        let is_word = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
        let (mut out, mut rest, mut asks, mut again) = (String::new(), text, false, false);
        while let Some(first) = rest.chars().next() {
            let end = if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
            let (word, behind) = rest.split_at(end);
            rest = behind;
            if "|;&\n".contains(first) {
                asks = false;
            }
            if ONE.contains(&word) || SEVERAL.contains(&word) {
                (asks, again) = (true, SEVERAL.contains(&word));
            }
            let named = if asks { new(&self.containers, word).or_else(|| new(&self.services, word)) } else { None };
            match named {
                Some(name) => {
                    asks = again;
                    out.push_str(&name);
                }
                None => out.push_str(&self.path(word)),
            }
        }
        out
    }

    fn path(&self, word: &str) -> String {
        let bare = word.strip_prefix("./").unwrap_or(word);
        let below = |(moved, written): (&BundlePath, &BundlePath)| {
            let rest = bare.strip_prefix(written.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{moved}{rest}"))
        };
        self.paths.iter().find_map(below).unwrap_or_else(|| match self.artifact(bare) {
            same if same == bare => word.to_owned(),
            moved => moved,
        })
    }

    /// A place `ARTEFACT#key` of the system's file, in the words of the stack.
    pub fn place(&self, place: &str) -> String {
        let (path, key) = place.split_once('#').map_or((place, None), |(path, key)| (path, Some(key)));
        let path = self.artifact(path);
        match key {
            None => path,
            Some(key) => format!("{path}#{}", self.key(key)),
        }
    }

    fn artifact(&self, path: &str) -> String {
        let moved = self.paths.iter().find(|(_, written)| written.as_str() == path).map(|(moved, _)| moved.to_string());
        let named = || {
            let (folder, name) = path.split_once('/')?;
            match folder {
                "secrets" => new(&self.secrets, name).map(|name| format!("secrets/{name}")),
                "shims" => new(&self.services, name.strip_suffix(".sh")?).map(|name| format!("shims/{name}.sh")),
                "proxy" => {
                    let site = name.strip_prefix("dynamic/site-")?.strip_suffix(".yml")?;
                    let (new, _) = self.sites.iter().find(|(_, word)| *word == site)?;
                    Some(format!("proxy/dynamic/site-{new}.yml"))
                }
                _ => None,
            }
        };
        moved.or_else(named).unwrap_or_else(|| path.to_owned())
    }

    fn key(&self, key: &str) -> String {
        let parts: Vec<&str> = key.splitn(3, '.').collect();
        let [section, name, ..] = parts[..] else { return key.to_owned() };
        let name = match section {
            "services" => new(&self.services, name),
            "networks" => new(&self.networks, name),
            "secrets" => new(&self.secrets, name),
            _ => None,
        };
        match (name, parts.get(2)) {
            (None, _) => key.to_owned(),
            (Some(name), None) => format!("{section}.{name}"),
            (Some(name), Some(rest)) => format!("{section}.{name}.{rest}"),
        }
    }
}

fn new<T: Borrow<str> + ToString>(names: &BTreeMap<T, T>, word: &str) -> Option<String> {
    names.iter().find(|(_, written)| Borrow::<str>::borrow(*written) == word).map(|(new, _)| new.to_string())
}

fn word<'n, T: Ord>(names: &'n BTreeMap<T, T>, name: &'n T) -> Option<&'n T> {
    names.get(name).or_else(|| (!names.values().any(|written| written == name)).then_some(name))
}

fn change<T: Ord + Clone>(names: &BTreeMap<T, T>, name: &mut Spanned<T>) {
    if let Some((new, _)) = names.iter().find(|(_, written)| **written == name.value) {
        name.value.clone_from(new);
    }
}

fn keys<T: Ord, V>(map: &mut BTreeMap<Spanned<T>, V>, change: &dyn Fn(&mut Spanned<T>)) {
    let renamed = |(mut key, value): (Spanned<T>, V)| {
        change(&mut key);
        (key, value)
    };
    *map = std::mem::take(map).into_iter().map(renamed).collect();
}

fn move_to(names: &Names, path: &mut BundlePath) {
    if let Some(moved) = names.folder.as_ref().and_then(|folder| folder.join(path.as_str()).ok()) {
        *path = moved;
    }
}

/// The systems with names of their own. What users describe under `systems` has its key in front of every name, whatever else is
/// in the profile: adding, moving or removing another one renames nothing. Built-in systems keep the names their guides speak of.
pub fn all<'s>(systems: &[(Option<&Spanned<SystemName>>, bool, &'s System)]) -> Vec<(Cow<'s, System>, Names)> {
    let one = |(key, own, system): &(Option<&Spanned<SystemName>>, bool, &'s System)| {
        let names = key.filter(|_| *own).map(|key| names(key.as_str(), system)).unwrap_or_default();
        let mut system = Cow::Borrowed(*system);
        if names != Names::default() {
            rename(system.to_mut(), &names);
        }
        (system, names)
    };
    systems.iter().map(one).collect()
}

/// A user's own system as one of several of a profile sees it, by its key there.
pub fn among_several(key: &SystemName, system: &System) -> System {
    let names = names(key.as_str(), system);
    let mut system = system.clone();
    rename(&mut system, &names);
    system
}

/// Paths of the bundle that a system decides.
fn paths(system: &System) -> impl Iterator<Item = &BundlePath> {
    let volumes = system.volumes.values().filter_map(|volume| match &volume.kind {
        VolumeKind::Directory { path, .. } => Some(path),
        VolumeKind::Named | VolumeKind::Memory { .. } => None,
    });
    volumes.chain(system.files.values().map(|file| &file.path.value))
}

fn names(key: &str, system: &System) -> Names {
    // All systems share the network on which the proxy publishes its ports.
    let front = system.edge.as_ref().map(|edge| &edge.front.value);
    let networks = system.networks.keys().map(|it| &it.value).filter(|name| Some(*name) != front);
    let sites = system.edge.iter().flat_map(|edge| edge.sites.keys());
    let folder: Option<BundlePath> = key.parse().ok();
    let moved = |path: &BundlePath| Some((folder.as_ref()?.join(path.as_str()).ok()?, path.clone()));
    Names {
        containers: renamed(key, system.services.values().filter_map(|service| service.container_name.as_ref())),
        volumes: renamed(key, system.volumes.keys().map(|it| &it.value)),
        services: renamed(key, system.services.keys().map(|it| &it.value)),
        networks: renamed(key, networks),
        secrets: renamed(key, system.secrets.keys().map(|it| &it.value)),
        sites: sites.map(|name| (format!("{key}-{}", name.value), name.value.clone())).collect(),
        paths: paths(system).filter_map(moved).collect(),
        folder,
    }
}

/// New names by the written ones; what would be no name stays as it is.
fn renamed<'s, T: FromStr + Ord + Clone + std::fmt::Display + 's>(
    key: &str,
    names: impl Iterator<Item = &'s T>,
) -> BTreeMap<T, T> {
    names.filter_map(|name| Some((format!("{key}-{name}").parse::<T>().ok()?, name.clone()))).collect()
}

/// Gives a system the names, everywhere it says them.
fn rename(system: &mut System, names: &Names) {
    let services = |name: &mut Spanned<ServiceName>| change(&names.services, name);
    let networks = |name: &mut Spanned<NetworkName>| change(&names.networks, name);
    let secrets = |name: &mut Spanned<SecretName>| change(&names.secrets, name);
    keys(&mut system.services, &services);
    keys(&mut system.networks, &networks);
    keys(&mut system.secrets, &secrets);
    keys(&mut system.volumes, &|name| change(&names.volumes, name));
    for volume in system.volumes.values_mut() {
        if let VolumeKind::Directory { path, .. } = &mut volume.kind {
            move_to(names, path);
        }
    }
    for file in system.files.values_mut() {
        move_to(names, &mut file.path.value);
    }
    for service in system.services.values_mut() {
        keys(&mut service.depends_on, &services);
        keys(&mut service.networks, &networks);
        if let Some(name) = service.container_name.as_mut()
            && let Some((new, _)) = names.containers.iter().find(|(_, written)| *written == name)
        {
            name.clone_from(new);
        }
        for Mount { volume, file, .. } in &mut service.mounts {
            volume.iter_mut().for_each(|name| change(&names.volumes, name));
            file.iter_mut().for_each(|path| move_to(names, &mut path.value));
        }
    }
    for secret in system.secrets.values_mut() {
        secret.deliver.iter_mut().for_each(|delivery| services(&mut delivery.service));
        secret.rotation.iter_mut().flat_map(|rotation| &mut rotation.restart).for_each(services);
        if let Some(of) = secret.kind.source_mut()
            && let Some(new) = new(&names.secrets, of)
        {
            *of = new;
        }
    }
    system.host_ports.values_mut().flat_map(|port| &mut port.networks).for_each(networks);
    system.own_edge.iter_mut().for_each(|own| services(&mut own.service));
    if let Some(Edge { front, sites, .. }) = &mut system.edge {
        networks(front);
        keys(sites, &|name| {
            change(&names.sites, name);
        });
        for site in sites.values_mut() {
            let upstreams = site.paths.iter_mut().filter_map(|path| path.value.upstream.as_mut());
            for Upstream { service, network, authority, .. } in upstreams.chain(std::iter::once(&mut site.upstream)) {
                service.iter_mut().for_each(services);
                networks(network);
                authority.iter_mut().for_each(secrets);
            }
        }
    }
}
