//! Several systems of one profile: what a later one calls as an earlier one does gets the system's key of the profile in
//! front. The system itself keeps its words: its expressions, its containers' host names and its files below
//! `/run/secrets` say what its file says.

use crate::source::Spanned;
use crate::systems::format::{Edge, Mount, System, Upstream, VolumeKind};
use crate::values::{BundlePath, NetworkName, SecretName, ServiceName, SystemName, VolumeName};
use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, BTreeSet};
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
    /// The folder that its paths begin with, where an earlier system has one of them.
    folder: Option<BundlePath>,
    paths: BTreeMap<BundlePath, BundlePath>,
    /// Services whose word a later system uses for one of its own, with a name that is theirs alone on every network.
    shared: BTreeMap<ServiceName, ServiceName>,
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
        self.services.get(name).into_iter().chain(self.shared.get(name)).cloned().collect()
    }

    /// A name of a service that no other system uses, where its own is not one.
    pub fn unmistakable(&self, name: &ServiceName) -> Option<&ServiceName> {
        self.shared.get(name)
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

/// The systems with names of their own, in order. The first in the profile to use a name keeps it, so that a system added
/// below the others changes nothing of theirs.
pub fn all<'s>(systems: &[(Option<&Spanned<SystemName>>, &'s System)]) -> Vec<(Cow<'s, System>, Names)> {
    let mut order: Vec<usize> = (0..systems.len()).collect();
    order.sort_by_key(|index| systems[*index].0.map(|key| key.span.start));
    let mut named: Vec<_> =
        in_order(&order.iter().map(|index| systems[*index]).collect::<Vec<_>>()).into_iter().zip(order).collect();
    named.sort_by_key(|(_, index)| *index);
    named.into_iter().map(|(named, _)| named).collect()
}

fn in_order<'s>(systems: &[(Option<&Spanned<SystemName>>, &'s System)]) -> Vec<(Cow<'s, System>, Names)> {
    let mut taken = Taken::default();
    let mut done: Vec<(Cow<System>, Names)> = Vec::new();
    for (key, system) in systems {
        let names = key.map(|key| names(key.as_str(), system, &taken)).unwrap_or_default();
        let mut own = Cow::Borrowed(*system);
        if names != Names::default() {
            rename(own.to_mut(), &names);
        }
        for (name, written) in &names.services {
            let first = systems.iter().zip(&mut done).find(|(_, (earlier, _))| has(&earlier.services, written));
            if let Some(((Some(key), _), (_, earlier))) = first
                && let Ok(alias) = format!("{key}-{written}").parse::<ServiceName>()
                && alias != *name
            {
                earlier.shared.insert(written.clone(), alias);
            }
        }
        taken.add(&own);
        done.push((own, names));
    }
    done
}

/// What earlier systems have.
#[derive(Default)]
struct Taken {
    services: BTreeSet<ServiceName>,
    networks: BTreeSet<NetworkName>,
    fronts: BTreeSet<NetworkName>,
    volumes: BTreeSet<VolumeName>,
    secrets: BTreeSet<SecretName>,
    sites: BTreeSet<String>,
    paths: BTreeSet<BundlePath>,
}

impl Taken {
    fn add(&mut self, system: &System) {
        let front = system.edge.as_ref().map(|edge| edge.front.value.clone());
        self.services.extend(system.services.keys().map(|name| name.value.clone()));
        // Containers have names of their own, of which an engine has one.
        self.services.extend(system.services.values().filter_map(|service| service.container_name.clone()));
        let own = system.networks.keys().map(|name| name.value.clone()).filter(|name| Some(name) != front.as_ref());
        self.networks.extend(own);
        self.fronts.extend(front);
        self.volumes.extend(system.volumes.keys().map(|name| name.value.clone()));
        self.secrets.extend(system.secrets.keys().map(|name| name.value.clone()));
        self.sites.extend(system.edge.iter().flat_map(|edge| edge.sites.keys()).map(|name| name.value.clone()));
        self.paths.extend(paths(system).cloned());
    }
}

/// Paths of the bundle that a system decides.
fn paths(system: &System) -> impl Iterator<Item = &BundlePath> {
    let volumes = system.volumes.values().filter_map(|volume| match &volume.kind {
        VolumeKind::Directory { path, .. } => Some(path),
        VolumeKind::Named | VolumeKind::Memory { .. } => None,
    });
    volumes.chain(system.files.values().map(|file| &file.path))
}

fn names(key: &str, system: &System, taken: &Taken) -> Names {
    let front = system.edge.as_ref().map(|edge| &edge.front.value);
    let wants = |name: &NetworkName| match front == Some(name) {
        // All systems share the network on which the proxy publishes its ports.
        true => taken.networks.contains(name) && !taken.fronts.contains(name),
        false => taken.networks.contains(name) || taken.fronts.contains(name),
    };
    let sites = system.edge.iter().flat_map(|edge| edge.sites.keys()).filter(|name| taken.sites.contains(&name.value));
    let overlap = |a: &BundlePath, b: &BundlePath| a == b || below(a, b) || below(b, a);
    let folder = paths(system).any(|path| taken.paths.iter().any(|other| overlap(path, other)));
    let folder: Option<BundlePath> = folder.then(|| key.parse().ok()).flatten();
    let moved = |path: &BundlePath| Some((folder.as_ref()?.join(path.as_str()).ok()?, path.clone()));
    let moved: BTreeMap<_, _> = paths(system).filter_map(moved).collect();
    let containers = system.services.values().filter_map(|service| service.container_name.as_ref());
    Names {
        containers: renamed(key, containers, |name| taken.services.contains(name)),
        volumes: renamed(key, system.volumes.keys().map(|it| &it.value), |name| taken.volumes.contains(name)),
        services: renamed(key, system.services.keys().map(|it| &it.value), |name| taken.services.contains(name)),
        networks: renamed(key, system.networks.keys().map(|it| &it.value), wants),
        secrets: renamed(key, system.secrets.keys().map(|it| &it.value), |name| taken.secrets.contains(name)),
        sites: sites.map(|name| (format!("{key}-{}", name.value), name.value.clone())).collect(),
        folder,
        paths: moved,
        shared: BTreeMap::new(),
    }
}

fn below(path: &BundlePath, folder: &BundlePath) -> bool {
    path.as_str().strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

/// New names by the written ones; what would be no name, or is one of the system already, stays as it is.
fn renamed<'s, T: FromStr + Ord + Clone + std::fmt::Display + 's>(
    key: &str,
    names: impl Iterator<Item = &'s T>,
    wants: impl Fn(&T) -> bool,
) -> BTreeMap<T, T> {
    let own: BTreeSet<&T> = names.collect();
    let new = |name: &&T| Some((format!("{key}-{name}").parse::<T>().ok()?, (*name).clone()));
    let wanted = own.iter().copied().filter(|name| wants(name));
    wanted.filter_map(|name| new(&name)).filter(|(new, _)| !own.contains(new)).collect()
}

fn has<V>(map: &BTreeMap<Spanned<ServiceName>, V>, name: &ServiceName) -> bool {
    map.keys().any(|known| known.value == *name)
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
        move_to(names, &mut file.path);
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
