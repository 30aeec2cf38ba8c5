//! Mounts inside other mounts. The engine makes a mount point that is missing, and every directory on the way to it, as root,
//! and cannot make one where the mount around it is read-only. So what lies in the bundle is made before, with the owner of
//! what is around it; what does not is a finding.

use super::Context;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::Policy;
use crate::stack::service::{Mount, MountSource, Service, Tmpfs};
use crate::stack::{AppFile, Body, Directory, Stack};
use crate::text::Span;
use crate::values::{BundlePath, ContainerPath, HostPath, Mode, ServiceName, User};

/// A mount that is seen inside another one.
struct Inner<'a> {
    /// Where it is seen.
    target: &'a ContainerPath,
    /// The same, from the mount around it on.
    below: &'a str,
    /// Whether it is a file.
    is_file: bool,
    /// The mount around it; `None` is scratch space.
    around: Option<&'a Mount>,
}

/// A mount point that is to be made in the bundle.
struct Point {
    /// Where.
    path: BundlePath,
    /// Whether a file is mounted there.
    is_file: bool,
    /// The user that sees it.
    user: User,
}

/// Makes the mount points of the bundle, and says where one cannot be made.
pub(super) fn all(contexts: &mut [Context], stack: &mut Stack) {
    let mut points = Vec::new();
    let mut found = Vec::new();
    for service in stack.services.values() {
        for inner in inners(service, stack) {
            match inner.around.map(|around| &around.source) {
                Some(MountSource::Bundle(outer)) => {
                    let user = service.declared.user;
                    points.extend(outer.join(inner.below).map(|path| Point { path, is_file: inner.is_file, user }));
                }
                Some(MountSource::Host(_) | MountSource::HostDirectory(..)) => {}
                None | Some(MountSource::Volume(_)) => found.extend(unmade(&service.name, &inner)),
            }
        }
    }
    for point in points {
        make(point, stack);
    }
    for (service, target, finding) in found {
        for context in contexts.iter_mut() {
            if let Some(at) = place(context, &service, &target) {
                context.scope.diagnostics.push(finding.clone().at(at, ""));
            }
        }
    }
}

/// Directories that must be in a directory of the host, because something is mounted there.
pub fn in_host(service: &Service, stack: &Stack) -> Vec<HostPath> {
    let inside = inners(service, stack).into_iter().filter_map(|inner| {
        let around = inner.around?;
        let MountSource::HostDirectory(outer, _) = &around.source else { return None };
        let below = if inner.is_file { inner.below.rsplit_once('/')?.0 } else { inner.below };
        Some(outer.join(&below.parse().ok()?))
    });
    inside.collect()
}

fn inners<'a>(service: &'a Service, stack: &Stack) -> Vec<Inner<'a>> {
    let mounts = service.mounts.iter().map(|mount| (&mount.target, is_file(&mount.source, stack)));
    let scratch = service.tmpfs.iter().map(|tmpfs| (&tmpfs.target, false));
    let inner = |(target, is_file): (&'a ContainerPath, bool)| {
        let outer = service.mounts.iter().map(|mount| (&mount.target, Some(mount)));
        let outer = outer.chain(service.tmpfs.iter().map(|Tmpfs { target, .. }| (target, None)));
        let around = outer.filter_map(|(outer, mount)| Some((below(target.as_str(), outer.as_str())?, mount)));
        let (below, around) = around.min_by_key(|(below, _)| below.len())?;
        Some(Inner { target, below, is_file, around })
    };
    mounts.chain(scratch).filter_map(inner).collect()
}

fn below<'a>(inner: &'a str, outer: &str) -> Option<&'a str> {
    inner.strip_prefix(outer)?.strip_prefix('/').filter(|rest| !rest.is_empty())
}

fn is_file(source: &MountSource, stack: &Stack) -> bool {
    match source {
        MountSource::Bundle(path) => {
            let made = stack.directories.iter().any(|directory| directory.path.value == *path);
            let holds = |file: &AppFile| below(file.path.as_str(), path.as_str()).is_some();
            !made && !stack.files.iter().any(holds)
        }
        MountSource::Host(_) => true,
        MountSource::Volume(_) | MountSource::HostDirectory(..) => false,
    }
}

/// Adds the directories on the way, with the owner and mode of the nearest one around, and the mount point itself.
fn make(Point { path, is_file, user }: Point, stack: &mut Stack) {
    let whole = path.as_str();
    let around = stack.directories.iter().filter(|directory| below(whole, directory.path.as_str()).is_some());
    let around = around.max_by_key(|directory| directory.path.as_str().len()).cloned();
    let (owner, mode) = match &around {
        Some(Directory { owner, mode, .. }) => (*owner, *mode),
        // A directory of generated files, which everybody may read.
        None => (None, Mode(0o755)),
    };
    let ends = whole.match_indices('/').map(|(at, _)| at).chain((!is_file).then_some(whole.len()));
    let outer = around.map_or(0, |directory| directory.path.as_str().len());
    for path in ends.filter(|end| *end > outer).filter_map(|end| whole.get(..end)?.parse::<BundlePath>().ok()) {
        let holds = |file: &AppFile| file.path.value == path || below(file.path.as_str(), path.as_str()).is_some();
        let generated = owner.is_none() && stack.files.iter().any(holds);
        if !generated && !stack.directories.iter().any(|known| known.path.value == path) {
            stack.directories.push(Directory { path: path.into(), owner, mode });
        }
    }
    if is_file && !stack.files.iter().any(|file| file.path.value == path) {
        let Ok(purpose) = format!("What `{path}` is mounted over; it stays empty.").parse() else { return };
        stack.files.push(AppFile {
            name: format!("mount point {path}"),
            purpose,
            policy: Policy::Seed,
            owner: owner.unwrap_or(user),
            mode: Mode(mode.0 & 0o666),
            body: Body::Verbatim(String::new()),
            path: path.into(),
        });
    }
}

/// What is said of a mount point that only the engine can make.
fn unmade(service: &ServiceName, inner: &Inner) -> Option<(ServiceName, ContainerPath, Diagnostic)> {
    let Inner { target, below, around, .. } = inner;
    let what = match around {
        Some(Mount { source: MountSource::Volume(volume), .. }) => format!("the volume `{volume}`"),
        _ => "scratch space".to_owned(),
    };
    let on_the_way = below.rsplit_once('/').map(|(directories, _)| directories);
    let (says, help) = match (around, on_the_way) {
        (Some(around), _) if around.read_only => (
            format!(
                "`{target}` lies in {what}, which `{service}` sees read-only, so the engine cannot make the mount point"
            ),
            "mount it elsewhere, or make the volume a `directory` of the bundle, in which the mount point is made"
                .to_owned(),
        ),
        (Some(_), Some(way)) => (
            format!("`{target}` lies in {what}, where the engine makes `{way}` as root unless the image has it"),
            "mount it elsewhere, or make the volume a `directory` of the bundle, in which the owner is the volume's"
                .to_owned(),
        ),
        (None, Some(way)) => (
            format!("`{target}` lies in {what}, where the engine makes `{way}` as root"),
            format!(
                "mount it elsewhere, or give `{}` scratch space of its own",
                target.as_str().trim_end_matches(below).to_owned() + way
            ),
        ),
        _ => return None,
    };
    let finding = Diagnostic::warning(codes::MOUNT_POINT, says).help(help);
    Some((service.clone(), (*target).clone(), finding))
}

/// Where a system file says that target.
fn place(context: &Context, service: &ServiceName, target: &ContainerPath) -> Option<Span> {
    let (_, description) = context.system.services.iter().find(|(name, _)| name.value == *service)?;
    let mounts = description.mounts.iter().filter_map(|mount| mount.target.as_ref());
    let mut written = mounts.chain(description.tmpfs.iter().map(|tmpfs| &tmpfs.target));
    written.find(|written| written.value == *target).map(|written| written.span)
}
