//! Drop all capabilities.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "least-capabilities",
    title: "Drop all capabilities",
    why: "A process that was taken over keeps the kernel powers its container has; without any it cannot change owners, load rules or open raw sockets.",
    boundary: Boundary::HostContainer,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.4", "OWASP Docker #3"],
};

#[derive(Debug)]
pub struct LeastCapabilities;

impl Control for LeastCapabilities {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.capabilities.set(META.id, ());
    }
}
