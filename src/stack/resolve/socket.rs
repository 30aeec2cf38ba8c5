//! The Docker socket: a filtering proxy without network, or the socket itself where the operator insists.

use super::socket_filter;
use super::{Context, service, storage};
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::{ApiMode, Condition};
use crate::stack::service::{Group, Mount, MountSource, Origin};
use crate::stack::{Stack, Volume, cause};
use crate::systems;
use crate::values::{ByteSize, Gid, Line, Mode, ServiceName, User, VolumeName};
use crate::yaml::Sources;

/// Wires every service that asks the Docker engine.
pub fn add(context: &mut Context, stack: &mut Stack, sources: &mut Sources) {
    let askers: Vec<_> = stack
        .services
        .values()
        .filter_map(|service| Some((service.name.clone(), service.docker.clone()?, service.declared.user)))
        .filter(|(_, docker, _)| docker.mode != ApiMode::None)
        .collect();
    if askers.is_empty() {
        return;
    }
    let Some(gid) = context.profile.docker.socket_gid.as_ref().map(|gid| gid.value) else {
        let asked = |name: &ServiceName| {
            let (_, service) = context.system.services.iter().find(|(key, _)| key.value == *name)?;
            let mode = &service.docker_api.as_ref()?.mode.text;
            cause::of_text(context.profile, context.system, &mode.value)
        };
        let cause = askers.iter().find_map(|(name, ..)| asked(name));
        let at = cause.unwrap_or_else(|| context.profile.near("docker.socket_gid"));
        context.scope.diagnostics.push(
            Diagnostic::error(codes::MISSING_KEY, "the group of the Docker socket is not known")
                .at(at, "a service asks the Docker engine")
                .help("run `stat -c %g /var/run/docker.sock` on the host and write `docker: {socket_gid: NUMBER}`"),
        );
        return;
    };
    let Ok(reason) = "the Docker socket".parse::<Line>() else { return };
    let host = MountSource::Host(stack.docker_socket.clone());
    for (name, docker, user) in askers {
        match docker.mode {
            ApiMode::None => {}
            ApiMode::Raw => {
                if let Some(service) = stack.services.get_mut(&name) {
                    service.groups.push(Group { id: Gid(gid), reason: reason.clone() });
                    service.mounts.push(Mount { source: host.clone(), target: docker.socket.clone(), read_only: true });
                }
            }
            ApiMode::Filtered => {
                let Some(component) = context.scope.diagnostics.absorb(systems::component("socket-proxy", sources))
                else {
                    continue;
                };
                let (Ok(proxy), Ok(volume)) =
                    (format!("{name}-docker").parse::<ServiceName>(), format!("{name}-docker").parse::<VolumeName>())
                else {
                    continue;
                };
                storage::volumes(context, &component.volumes, stack);
                let Ok(purpose) = "the filtered Docker socket".parse() else { continue };
                // The proxy makes the socket as the asker's user, so the directory belongs to that user alone. Nothing
                // runs as root for an asker that does: without capabilities that one is let in like anybody else, and
                // nobody but the two sees the directory.
                let (owner, directory, socket) = match user.uid {
                    0 => (component.service.user.value, Mode(0o755), Mode(0o666)),
                    _ => (user, Mode(0o700), Mode(0o600)),
                };
                let memory = Some((owner, directory, ByteSize::bytes(1 << 20)));
                stack.volumes.insert(volume.clone(), Volume { name: volume.clone(), purpose, memory });
                let mut filter = service::one(context, proxy.clone(), Origin::Component, &component.service, stack);
                filter.declared.user = User { uid: owner.uid, gid };
                filter.isolated = true;
                filter.command = Some(socket_filter::arguments(
                    &docker.calls,
                    &docker.bind_mounts_from,
                    "/sock/docker.sock",
                    socket,
                ));
                filter.mounts.push(Mount { source: host.clone(), target: stack_socket(), read_only: true });
                filter.mounts.push(Mount {
                    source: MountSource::Volume(volume.clone()),
                    target: sock(),
                    read_only: false,
                });
                stack.services.insert(proxy.clone(), filter);
                if let Some(service) = stack.services.get_mut(&name) {
                    service.mounts.push(Mount {
                        source: MountSource::Volume(volume),
                        target: docker.directory.clone(),
                        read_only: true,
                    });
                    service.depends_on.insert(proxy, Condition::Started.into());
                }
            }
        }
    }
}

fn sock() -> crate::values::ContainerPath {
    "/sock".parse().expect("an absolute path")
}

fn stack_socket() -> crate::values::ContainerPath {
    "/var/run/docker.sock".parse().expect("an absolute path")
}
