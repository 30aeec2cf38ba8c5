//! What containers see beside their image: volumes, files, directories of the host, memory.

use super::Context;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system;
use crate::stack::Stack;
use crate::stack::service::SHIM_TARGET;
use crate::stack::service::{Mount, MountSource, Tmpfs};
use crate::values::{HostPath, ServiceName, User};

/// Mounts of a service: volumes, files of the bundle, directories of the host, and its shim.
pub(super) fn all(
    context: &mut Context,
    description: &system::Service,
    name: &ServiceName,
    shim: bool,
    stack: &Stack,
) -> Vec<Mount> {
    let mut mounts = Vec::new();
    for mount in &description.mounts {
        if !context.scope.holds(&mount.when) {
            continue;
        }
        if let Some(host) = &mount.host {
            mounts.extend(host_mount(context, mount, host, name));
            continue;
        }
        let Some(target) = mount.target.as_ref().map(|target| target.value.clone()) else {
            if context.system.damaged {
                continue;
            }
            let at = mount.volume.as_ref().map_or(description.image.span, |volume| volume.span);
            let missing = format!("a mount of `{name}` has no `target`");
            let missing = Diagnostic::error(codes::INVALID_SYSTEM, missing).at(at, "");
            context.scope.diagnostics.push(missing.help("write where it is seen, such as `target: /data`"));
            continue;
        };
        let source = match (&mount.volume, &mount.file) {
            (Some(volume), None) => super::storage::mount_source(context, volume, mount.path.as_ref(), stack),
            (None, Some(file)) => Some(MountSource::Bundle(file.value.clone())),
            (None, None) if context.system.damaged => None,
            _ => {
                context.scope.diagnostics.push(
                    Diagnostic::error(
                        codes::INVALID_SYSTEM,
                        format!("a mount of `{name}` has neither or both of `volume` and `file`"),
                    )
                    .at(mount.volume.as_ref().map_or(description.image.span, |volume| volume.span), "")
                    .help("write one of the two"),
                );
                None
            }
        };
        if let Some(source) = source {
            let read_only = mount.read_only || mount.file.is_some();
            mounts.push(Mount { source, target, read_only });
        }
    }
    if shim && let (Ok(path), Ok(target)) = (format!("shims/{name}.sh").parse(), SHIM_TARGET.parse()) {
        mounts.push(Mount { source: MountSource::Bundle(path), target, read_only: true });
    }
    mounts
}

/// Directories of the host that hold what makes it the host; whoever writes there, and often whoever reads there, is root.
const NOT_FOR_CONTAINERS: [&str; 16] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/run",
];

/// A directory of the host.
fn host_mount(
    context: &mut Context,
    mount: &system::Mount,
    host: &system::Computed<HostPath>,
    name: &ServiceName,
) -> Option<Mount> {
    let damaged = context.system.damaged;
    let mut wrong = |says: String, help: &str| {
        let wrong = Diagnostic::error(codes::INVALID_SYSTEM, says).at(host.text.span, "");
        context.scope.diagnostics.push(wrong.help(help));
        None
    };
    if mount.volume.is_some() || mount.file.is_some() || mount.path.is_some() {
        return wrong(format!("a mount of `{name}` has `host` and another source"), "write one of the two");
    }
    let Some(reason) = mount.reason.clone() else {
        // The one that is written may have been refused when the file was read.
        if damaged {
            return None;
        }
        return wrong(format!("a mount of `{name}` from the host has no reason"), "write `reason:` and what needs it");
    };
    let path = context.scope.compute(host)?;
    let inside =
        |outer: &str| path.as_str().strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    // What is around one of these holds it.
    let around = |inner: &&&str| {
        inner.strip_prefix(path.as_str().trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
    };
    let held = NOT_FOR_CONTAINERS.iter().find(|outer| inside(outer)).or_else(|| NOT_FOR_CONTAINERS.iter().find(around));
    if let Some(held) = held {
        let says = format!("`{path}` would give `{name}` the host's own `{held}`");
        let refused = Diagnostic::error(codes::INVALID_SYSTEM, says).at(host.text.span, "");
        let help = match path.as_str().ends_with(".sock") && path.as_str().contains("docker") {
            true => "describe what it asks the engine under `docker_api`; docs/systems.md has an example",
            false => "mount a directory that holds the application's data alone",
        };
        context.scope.diagnostics.push(refused.help(help));
        return None;
    }
    let target = match &mount.target {
        Some(target) => target.value.clone(),
        None => path.as_str().parse().ok()?,
    };
    Some(Mount { source: MountSource::HostDirectory(path, reason), target, read_only: mount.read_only })
}

/// Directories of a service that live in memory.
pub(super) fn tmpfs(context: &mut Context, description: &system::Service) -> Vec<Tmpfs> {
    let mut all = Vec::new();
    for tmpfs in &description.tmpfs {
        if !context.scope.holds(&tmpfs.when) {
            continue;
        }
        let Some(size) = context.scope.compute(&tmpfs.size) else { continue };
        let open = crate::values::Mode(0o1777);
        let mode = tmpfs.mode.unwrap_or(open);
        let owner = tmpfs.owner.or_else(|| (mode != open).then_some(description.user.value));
        all.push(Tmpfs {
            target: tmpfs.target.value.clone(),
            size,
            mode,
            owner: owner.filter(|o| *o != User::ROOT),
            exec: tmpfs.exec.clone(),
        });
    }
    all
}
