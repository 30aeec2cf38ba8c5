//! `compose.yaml` after the Compose specification, as Docker Compose v2.30 and later read it.

use super::confined::Confined;
use super::mounts;
use super::service::{self, ServiceView};
use super::storage::{self, NetworkView, Places, SecretView, VolumeView};
use crate::artifact::Artifact;
use crate::controls::{Hardened, Id, Reach, catalogue};
use crate::format::system::ContainerEngine;
use crate::stack::{Because, Stack};
use crate::templates::{Engine, TemplateError};
use crate::values::{BundlePath, HostPath, ServiceName};
use serde::Serialize;

/// What `orchestrator/compose.yaml.j2` prints.
#[derive(Serialize)]
struct File<'a> {
    /// Who made the file.
    generator: &'static str,
    /// Name of the YAML anchor for how directories and files of the host are mounted, where several are.
    binds: Option<Because<()>>,
    /// What all services have in common.
    common: Option<Confined>,
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

/// A list whose controls stand once, behind its key, where they are the same for all of it.
#[derive(Serialize)]
pub(super) struct Listed<T> {
    /// Controls behind all of it.
    why: Vec<Id>,
    /// The items, with controls of their own where they differ.
    items: Vec<Because<T>>,
}

impl<T> Listed<T> {
    pub(super) fn new(mut items: Vec<Because<T>>) -> Option<Self> {
        let why = items.first()?.why.clone();
        if items.iter().any(|item| item.why != why) {
            return Some(Self { why: Vec::new(), items });
        }
        items.iter_mut().for_each(|item| item.why.clear());
        Some(Self { why, items })
    }
}

/// The compose file of a stack.
///
/// # Errors
/// [`TemplateError::Refused`] when a value holds what no YAML file can, a NUL character.
pub fn emit(stack: &Hardened, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let places = Places::of(stack);
    let mut services: Vec<_> = stack.services.values().map(|service| service::view(service, stack, &places)).collect();
    let common = Confined::shared(&services);
    if let Some(common) = &common {
        services.iter_mut().for_each(|service| service.own.leave_to(common));
    }
    let view = File {
        generator: concat!("stockade ", env!("CARGO_PKG_VERSION")),
        binds: mounts::binds(stack),
        common,
        name: stack.name.as_str(),
        waived: waived(stack, Reach::Stack, None),
        services,
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
