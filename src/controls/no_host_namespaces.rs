//! Keep namespaces apart.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "no-host-namespaces",
    title: "Keep namespaces apart",
    why: "A container in a namespace of the host sees its processes, shared memory or network, and can signal or listen to them.",
    boundary: Boundary::HostContainer,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &[
        "CIS Docker 5.10",
        "CIS Docker 5.16",
        "CIS Docker 5.17",
        "CIS Docker 5.21",
        "CIS Docker 5.25",
        "CIS Docker 5.31",
    ],
};

#[derive(Debug)]
pub struct NoHostNamespaces;

impl Control for NoHostNamespaces {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.namespaces.set(META.id, ());
    }
}
