//! Check health.

use super::{Control, Facts, Meta, Reach};
use crate::diagnostics::Severity;
use crate::profile::Level;
use crate::stack::Service;
use crate::systems::format::Boundary;

/// What is known about it.
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

/// The control.
#[derive(Debug)]
pub struct Healthcheck;

impl Control for Healthcheck {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Facts) {
        service.hardening.healthcheck.enforce(META.id);
    }
}
