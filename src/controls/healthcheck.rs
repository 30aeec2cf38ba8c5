//! Check health.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "healthcheck",
    title: "Check health",
    why: "A service that hangs or was crippled would otherwise count as running, and nobody would be told.",
    boundary: Boundary::ContainerInside,
    severity: Severity::Note,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 4.6", "CIS Docker 5.27"],
};

#[derive(Debug)]
pub struct Healthcheck;

impl Control for Healthcheck {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.healthcheck.enforce(META.id);
    }
}
