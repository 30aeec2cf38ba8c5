//! Places of the bundle's folder that a program reads whatever lies there.

use super::orchestrator::READ_AS_WELL;
use crate::artifact::{Artifact, Scope, Watched};
use crate::controls::Hardened;
use crate::stack::MountSource;
use std::collections::BTreeMap;

/// Folders that a container sees as a whole, and files that Docker Compose reads beside its own.
pub fn places(stack: &Hardened, artifacts: &[Artifact]) -> Vec<Watched> {
    let mut folders = BTreeMap::new();
    for (name, service) in &stack.services {
        for mount in &service.mounts {
            let MountSource::Bundle(path) = &mount.source else { continue };
            // A directory with an owner of its own is the application's, to fill as it likes.
            let is_named = artifacts.iter().any(|artifact| artifact.path == *path);
            let is_above = |artifact: &Artifact| {
                artifact.path.as_str().strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
            };
            if mount.read_only && !is_named && artifacts.iter().any(is_above) {
                folders.entry(path.clone()).or_insert_with(|| format!("the service `{name}`"));
            }
        }
    }
    let folder = |(path, reader)| Watched { path, scope: Scope::Folder, reader };
    let file = |name: &&str| {
        let path = name.parse().expect("names that Docker Compose knows are plain");
        Watched { path, scope: Scope::File, reader: "Docker Compose".to_owned() }
    };
    let is_ours = |watched: &Watched| artifacts.iter().any(|artifact| artifact.path == watched.path);
    let files = READ_AS_WELL.iter().map(file).filter(|watched| !is_ours(watched));
    folders.into_iter().map(folder).chain(files).collect()
}
