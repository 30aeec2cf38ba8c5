//! What is known of other people's images, from `images.yaml`.

use crate::diagnostics::Diagnostics;
use crate::text::SourceFile;
use crate::values::{Capability, ContainerPath, ImageRef, Line};
use crate::yaml::{Sources, read_as};
use serde::Deserialize;
use std::sync::OnceLock;

/// What decides whether a family of images starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// How names begin, without the registry.
    images: Vec<Line>,
    /// What tags of images hold that need none of it.
    #[serde(default)]
    unless: Vec<Line>,
    /// What it does before its program runs.
    pub starts: Line,
    /// Why it is root, where it does not drop its rights.
    pub root: Option<Line>,
    /// Capabilities it cannot do without.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    /// Where it runs what it has written.
    pub executable: Option<ContainerPath>,
    /// What of its root file system it writes.
    pub writes: Option<ContainerPath>,
}

/// What is known of an image, where anything is.
pub fn known(image: &ImageRef) -> Option<&'static Known> {
    static LIST: OnceLock<Vec<Known>> = OnceLock::new();
    let name = without_registry(&image.repository);
    let list = LIST.get_or_init(|| read().0);
    let tag = image.tag.as_deref().unwrap_or_default();
    list.iter().find(|known| {
        known.images.iter().any(|start| begins(name, start.as_str()))
            && !known.unless.iter().any(|word| tag.contains(word.as_str()))
    })
}

/// Whether a name is this one, or is one below it where it ends with `/`.
fn begins(name: &str, start: &str) -> bool {
    if start.ends_with('/') { name.starts_with(start) } else { name == start }
}

/// A first part with a dot or a port is a registry (distribution reference grammar).
fn without_registry(repository: &str) -> &str {
    let registry = |first: &str| first.contains(['.', ':']) || first == "localhost";
    repository.split_once('/').filter(|(first, _)| registry(first)).map_or(repository, |(_, rest)| rest)
}

fn read() -> (Vec<Known>, Diagnostics) {
    let mut sources = Sources::default();
    let id = sources.add(SourceFile::embedded("images.yaml", include_str!("images.yaml"), None));
    let decoded = read_as::<Vec<Known>>(&sources, id);
    (decoded.value.unwrap_or_default(), decoded.diagnostics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_whole_and_found_by_any_registry() {
        let (list, found) = read();
        assert!(found.is_empty() && list.len() >= 3, "{found:?}");
        for image in [
            "linuxserver/sonarr:4.0.15",
            "lscr.io/linuxserver/sonarr:4",
            "ghcr.io/hotio/radarr:5",
            "docker.io/jlesage/x:1",
            "gitea/gitea:1.24.2",
            "codeberg.org/forgejo/forgejo:11",
            "pihole/pihole:2025.06.2",
            "ghcr.io/home-assistant/home-assistant:2025.7",
        ] {
            assert!(image.parse().is_ok_and(|image| known(&image).is_some()), "{image}");
        }
        for image in [
            "node:22",
            "ghcr.io/example/linuxserver/sonarr:4",
            "linuxserverx/app:1",
            "example.com/hotio:1",
            "gitea/gitea:1.24.2-rootless",
            "codeberg.org/forgejo/forgejo:11-rootless",
            "gitea/gitea-runner:1",
        ] {
            assert!(image.parse().is_ok_and(|image| known(&image).is_none()), "{image}");
        }
    }
}
