//! Scripts that stand before an image's process: they hand it secrets it cannot read from files, and stop it cleanly.

use crate::artifact::Artifact;
use crate::controls::{Hardened, Id};
use crate::format::system::Replaces;
use crate::stack::{SHIM_TARGET, Service, Shim};
use crate::templates::{Engine, TemplateError};
use crate::values::BundlePath;
use serde::Serialize;

/// What `shims/entrypoint.sh.j2` prints.
#[derive(Serialize)]
struct Script<'a> {
    /// The service, as messages call it.
    service: &'a str,
    /// File mode creation mask.
    umask: Option<String>,
    /// Secrets to export.
    secrets: Vec<Export<'a>>,
    /// Controls behind their coming as files.
    secrets_why: &'a [Id],
    /// Links to make, as target and link.
    links: Vec<(&'a str, &'a str)>,
    /// Processes started in the background first.
    beside: &'a [Vec<String>],
    /// The real process.
    run: &'a [String],
    /// Pattern of the process that must receive SIGTERM.
    stop_process: Option<&'a str>,
}

/// A secret that becomes a variable.
#[derive(Serialize)]
struct Export<'a> {
    /// Its file below `/run/secrets`.
    name: &'a str,
    /// The variable.
    variable: &'a str,
    /// Shortest value that is accepted.
    min_length: u32,
}

/// The scripts of a stack.
///
/// # Errors
/// [`TemplateError::Refused`] when an argument of a process holds what no shell word can, a NUL character.
pub fn emit(stack: &Hardened, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let mut artifacts = Vec::new();
    for service in stack.services.values() {
        if let (Some(shim), Some(path)) = (&service.shim, path(service)) {
            artifacts.push(Artifact::script(path, engine.render("shims/entrypoint.sh.j2", &script(service, shim))?));
        }
    }
    Ok(artifacts)
}

/// The script of a service, where it has one.
pub fn path(service: &Service) -> Option<BundlePath> {
    let path = format!("shims/{}.sh", service.name);
    service.shim.is_some().then(|| path.parse().expect("a service name is a part of a path"))
}

/// What the container starts, as entrypoint and command; `None` leaves the image's own.
pub fn process(service: &Service) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let Some(shim) = &service.shim else {
        return (service.entrypoint.clone(), service.command.clone());
    };
    let script = vec![shim.shell.to_string(), SHIM_TARGET.to_owned()];
    match shim.replaces {
        Replaces::Command => (service.entrypoint.clone(), Some(script)),
        Replaces::Entrypoint => (Some(script), Some(Vec::new())),
    }
}

fn script<'a>(service: &'a Service, shim: &'a Shim) -> Script<'a> {
    let export = |(name, reading): (&'a crate::values::SecretName, &'a crate::stack::SecretUse)| {
        Some(Export {
            name: reading.file.as_ref().unwrap_or(name).as_str(),
            variable: reading.environment.as_ref()?.as_str(),
            // An empty secret is never meant, and some applications take it for "no authentication".
            min_length: reading.min_length.unwrap_or(1).max(1),
        })
    };
    Script {
        service: service.name.as_str(),
        umask: shim.umask.map(|mask| mask.to_string()),
        secrets: service.secrets.iter().filter_map(export).collect(),
        secrets_why: service.hardening.secrets.why(),
        links: shim.links.iter().map(|link| (link.to.as_str(), link.from.as_str())).collect(),
        beside: &shim.beside,
        run: &shim.run,
        stop_process: shim.stop_process.as_deref(),
    }
}

#[cfg(test)]
#[path = "shims_tests.rs"]
mod tests;
