//! Keep the Docker socket away.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::format::system::ApiMode;
use crate::stack::{Service, Stack};
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

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let speaks = service.docker.is_some() || live::sees_socket(service, stack);
        if speaks && (!service.hardening.docker_socket.is_set() || live::sees_socket(service, stack)) {
            return Vec::new();
        }
        vec![live::claim(service, stack, "does not see the socket of the engine", Ask::Sockets, Expect::nothing())]
    }
}
