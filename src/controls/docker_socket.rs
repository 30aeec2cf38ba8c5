//! Keep the Docker socket away.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::format::system::ApiMode;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "docker-socket",
    title: "Keep the Docker socket away",
    why: "Whoever may speak to the Docker socket is root on the host, and mounting it read-only changes nothing about that.",
    boundary: Boundary::HostContainer,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.32", "OWASP Docker #1"],
};

#[derive(Debug)]
pub struct DockerSocket;

impl Control for DockerSocket {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        if service.docker.as_ref().is_some_and(|docker| docker.mode != ApiMode::Raw) {
            service.hardening.docker_socket.set(META.id, ());
        }
    }
}
