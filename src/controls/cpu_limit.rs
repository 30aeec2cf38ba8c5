//! Limit processors.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "cpu-limit",
    title: "Limit processors",
    why: "One busy service, or a miner put into it, would otherwise starve every other one. The engine needs the kernel's cpu controller for it, which a rootless one must be delegated.",
    boundary: Boundary::HostContainer,
    severity: Severity::Note,
    level: Level::Hardened,
    reach: Reach::Service,
    references: &["CIS Docker 5.12", "OWASP Docker #7"],
};

#[derive(Debug)]
pub struct CpuLimit;

impl Control for CpuLimit {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.cpus.enforce(META.id);
    }
}
