//! `compose.yaml` after the Compose specification, as Docker Compose v2.30 and later read it.

use super::service::{self, ServiceView};
use super::storage::{self, NetworkView, Places, SecretView, VolumeView};
use crate::artifact::Artifact;
use crate::backends::templates::{Engine, TemplateError};
use crate::controls::{Hardened, Id, Reach, catalogue};
use crate::stack::Stack;
use crate::systems::format::ContainerEngine;
use crate::values::{BundlePath, HostPath, ServiceName};
use serde::Serialize;

/// What `orchestrator/compose.yaml.j2` prints.
#[derive(Serialize)]
struct File<'a> {
    /// Who made the file.
    generator: &'static str,
    /// Name of the compose project.
    name: &'a str,
    /// Waivers of controls that concern the whole stack.
    waived: Vec<WaivedView<'a>>,
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
    why: Vec<Id>,
}

/// A control that is switched off where the comment stands.
#[derive(Serialize)]
pub(super) struct WaivedView<'a> {
    /// Its id.
    control: &'a str,
    /// The last day.
    until: String,
    /// Why.
    reason: &'a str,
}

/// Waivers that take something away from a service, or from the stack.
pub(super) fn waived<'a>(stack: &'a Stack, reach: Reach, service: Option<&ServiceName>) -> Vec<WaivedView<'a>> {
    let counts = |id: &str| {
        let meta = catalogue::find(id).map(|control| control.meta());
        meta.is_some_and(|meta| meta.reach == reach && meta.level <= stack.level)
    };
    let here = |one: &Option<ServiceName>| one.is_none() || one.as_ref() == service;
    let waivers = stack.waivers.iter().filter(|waiver| here(&waiver.service) && counts(waiver.control));
    waivers
        .map(|it| WaivedView { control: it.control, until: it.until.to_string(), reason: it.reason.as_str() })
        .collect()
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
        waived: waived(stack, Reach::Stack, None),
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
        let view = Handover { base, secrets: view.secrets, why: why.into_iter().copied().collect() };
        let text = engine.render("orchestrator/podman-secrets.sh.j2", &view)?;
        artifacts.push(Artifact::script(path("podman/secrets"), text));
    }
    Ok(artifacts)
}
