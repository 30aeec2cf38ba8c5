//! `compose.yaml` after the Compose specification, as Docker Compose v2.30 and later read it.

use super::service::{self, ServiceView};
use super::storage::{self, NetworkView, Places, SecretView, VolumeView};
use crate::artifact::Artifact;
use crate::backends::templates::{Engine, TemplateError};
use crate::controls::{Hardened, Id};
use crate::values::BundlePath;
use serde::Serialize;

/// What `orchestrator/compose.yaml.j2` prints.
#[derive(Serialize)]
struct File<'a> {
    /// Who made the file.
    generator: &'static str,
    /// Name of the compose project.
    name: &'a str,
    /// Containers by name.
    services: Vec<ServiceView<'a>>,
    /// Networks by name.
    networks: Vec<NetworkView<'a>>,
    /// Volumes that the engine keeps, by name.
    volumes: Vec<VolumeView<'a>>,
    /// Secrets that some container mounts, by name.
    secrets: Vec<SecretView<'a>>,
}

/// A value and the controls that set it, none where it is only needed to work.
#[derive(Serialize)]
pub(super) struct Set<'a, T> {
    /// What is printed.
    pub value: T,
    /// Controls behind it.
    pub why: &'a [Id],
}

impl<'a, T> Set<'a, T> {
    pub(super) fn new(value: T, why: &'a [Id]) -> Self {
        Self { value, why }
    }
}

/// The compose file of a stack.
///
/// # Errors
/// [`TemplateError::Refused`] when a value holds what no YAML file can, a NUL character.
pub fn emit(stack: &Hardened, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let places = Places::of(stack);
    let view = File {
        generator: concat!("stockade ", env!("CARGO_PKG_VERSION")),
        name: stack.name.as_str(),
        services: stack.services.values().map(|service| service::view(service, stack, &places)).collect(),
        networks: storage::networks(stack),
        volumes: storage::volumes(stack),
        secrets: storage::secrets(stack, &places),
    };
    let text = engine.render("orchestrator/compose.yaml.j2", &view)?;
    let path: BundlePath = "compose.yaml".parse().expect("a plain name is a path");
    Ok(vec![Artifact::text(path, text)])
}
