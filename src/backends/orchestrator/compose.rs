//! `compose.yaml` after the Compose specification, as Docker Compose v2.30 and later read it.

use super::service::{self, ServiceView};
use super::storage::{self, NetworkView, Places, SecretView, VolumeView};
use crate::artifact::Artifact;
use crate::backends::templates::{Engine, TemplateError};
use crate::controls::{Hardened, Id};
use crate::systems::format::ContainerEngine;
use crate::values::{BundlePath, HostPath};
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

/// What `orchestrator/podman-secrets.sh.j2` prints.
#[derive(Serialize)]
struct Handover<'a> {
    /// Where the bundle is, where that is fixed.
    base: Option<&'a str>,
    /// Secrets that some container mounts, by name.
    secrets: Vec<SecretView<'a>>,
    /// Controls behind it.
    why: Vec<&'a Id>,
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
    let path = |name: &str| -> BundlePath { name.parse().expect("a plain name is a path") };
    let mut artifacts = vec![Artifact::text(path("compose.yaml"), text)];
    if stack.engine == ContainerEngine::Podman && !view.secrets.is_empty() {
        let why = stack.services.values().flat_map(|service| service.hardening.secrets.why()).next();
        let base = stack.base.as_ref().map(HostPath::as_str);
        let view = Handover { base, secrets: view.secrets, why: why.into_iter().collect() };
        let text = engine.render("orchestrator/podman-secrets.sh.j2", &view)?;
        artifacts.push(Artifact::script(path("podman/secrets"), text));
    }
    Ok(artifacts)
}
