//! What one container sees of storage: mounts and scratch space in memory.

use super::storage::{Places, kernel_size};
use crate::backends::shims;
use crate::controls::Id;
use crate::format::system::{ApiMode, ContainerEngine};
use crate::stack::{Because, DockerAccess, Mount, MountSource, SHIM_TARGET, Service, Stack, Tmpfs};
use crate::values::{BundlePath, HostPath};
use serde::Serialize;

/// Storage at a path of the container.
#[derive(Serialize)]
pub(super) struct MountView<'a> {
    /// A path of the host, else a volume that the engine keeps.
    bind: bool,
    /// Why it is needed, for a directory of the host.
    reason: Option<&'a str>,
    /// That path or volume.
    source: String,
    /// Where it is seen.
    target: &'a str,
    /// SELinux label of a path of the bundle: `Z` for one container, `z` for several.
    label: Option<&'static str>,
    /// Whether it can only be read.
    read_only: bool,
    /// Controls behind its being there at all, for the socket of the engine.
    socket_why: &'a [Id],
}

/// Scratch space in memory.
#[derive(Serialize)]
pub(super) struct TmpfsView<'a> {
    /// Why files in it are executable.
    exec: Option<&'a str>,
    /// `TARGET:OPTIONS`.
    mount: String,
}

/// How paths of the host are mounted, which is said once for all of them, and the controls behind it.
pub(super) fn binds(stack: &Stack) -> Option<Because<()>> {
    let bound = |service: &&Service| {
        shims::path(service).is_some()
            || service.mounts.iter().any(|mount| !matches!(mount.source, MountSource::Volume(_)))
    };
    let service = stack.services.values().find(bound)?;
    let rules = stack.services.values().map(|service| &service.hardening.mounts);
    let why = rules.map(|rule| rule.why()).find(|why| !why.is_empty());
    Some(Because::new((), why.unwrap_or_else(|| service.hardening.mounts.why())))
}

pub(super) fn mounts<'a>(service: &'a Service, stack: &'a Stack, places: &Places) -> Vec<Because<MountView<'a>>> {
    let rule = &service.hardening.mounts;
    let view = |mount: &'a Mount| MountView {
        bind: !matches!(mount.source, MountSource::Volume(_)),
        reason: match &mount.source {
            MountSource::HostDirectory(_, reason) => Some(reason.as_str()),
            _ => None,
        },
        source: places.source(&mount.source),
        target: mount.target.as_str(),
        label: label(&mount.source, stack),
        read_only: mount.read_only,
        socket_why: if is_socket(mount, service.docker.as_ref(), &stack.docker_socket) {
            service.hardening.docker_socket.why()
        } else {
            &[]
        },
    };
    let mut views: Vec<_> = service.mounts.iter().map(view).collect();
    // Resolve may have mounted the script already; either way it is seen exactly once.
    if let Some(path) = shims::path(service)
        && service.mounts.iter().all(|mount| mount.target.as_str() != SHIM_TARGET)
    {
        views.push(MountView {
            bind: true,
            reason: None,
            source: places.bundle(&path),
            target: SHIM_TARGET,
            label: (stack.engine == ContainerEngine::Podman).then_some("Z"),
            read_only: true,
            socket_why: &[],
        });
    }
    views.into_iter().map(|view| Because::new(view, rule.why())).collect()
}

/// Paths of the host are never labelled: that would take them from the host's own programs.
fn label(source: &MountSource, stack: &Stack) -> Option<&'static str> {
    let MountSource::Bundle(path) = source else { return None };
    let under = |other: &MountSource| match other {
        MountSource::Bundle(other) => other == path || is_inside(path, other) || is_inside(other, path),
        _ => false,
    };
    let seen = stack.services.values().filter(|service| service.mounts.iter().any(|mount| under(&mount.source)));
    (stack.engine == ContainerEngine::Podman).then_some(if seen.count() > 1 { "z" } else { "Z" })
}

fn is_inside(inner: &BundlePath, outer: &BundlePath) -> bool {
    inner.as_str().strip_prefix(outer.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether the service speaks to the engine but sees no socket of it.
pub(super) fn socket_is_absent(service: &Service) -> bool {
    service.docker.as_ref().is_some_and(|docker| docker.mode == ApiMode::None)
}

fn is_socket(mount: &Mount, docker: Option<&DockerAccess>, engine: &HostPath) -> bool {
    mount.source == MountSource::Host(engine.clone()) || docker.is_some_and(|docker| mount.target == docker.directory)
}

pub(super) fn tmpfs(service: &Service) -> Vec<Because<TmpfsView<'_>>> {
    let rule = &service.hardening.tmpfs;
    let view = |tmpfs| {
        let mount = if rule.is_set() { flags(tmpfs) } else { bare(tmpfs) };
        Because::new(TmpfsView { exec: tmpfs_exec(tmpfs), mount }, rule.why())
    };
    service.tmpfs.iter().map(view).collect()
}

fn tmpfs_exec(tmpfs: &Tmpfs) -> Option<&str> {
    tmpfs.exec.as_ref().map(crate::values::Line::as_str)
}

/// The short syntax: only there can Compose say owner and `exec`.
fn flags(tmpfs: &Tmpfs) -> String {
    let Tmpfs { target, size, mode, owner, exec } = tmpfs;
    let exec = if exec.is_some() { "exec" } else { "noexec" };
    let mut text = format!("{target}:rw,{exec},nosuid,nodev,size={},mode={mode}", kernel_size(*size));
    if let Some(owner) = owner {
        text.push_str(&format!(",uid={},gid={}", owner.uid, owner.gid));
    }
    text
}

/// What the service cannot start without: the engine's own default is `noexec`.
fn bare(tmpfs: &Tmpfs) -> String {
    let exec = if tmpfs.exec.is_some() { ":exec" } else { "" };
    format!("{}{exec}", tmpfs.target)
}
