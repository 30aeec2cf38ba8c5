//! Restart on purpose.

use super::{Control, Facts, Meta, Reach};
use crate::diagnostics::Severity;
use crate::profile::Level;
use crate::stack::Service;
use crate::systems::format::Boundary;

/// What is known about it.
pub static META: Meta = Meta {
    id: "restart-policy",
    title: "Restart on purpose",
    why: "A crash, provoked or not, would otherwise keep the service down until somebody notices.",
    boundary: Boundary::HostContainer,
    severity: Severity::Note,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.15", "OWASP Docker #7"],
};

/// The control.
#[derive(Debug)]
pub struct RestartPolicy;

impl Control for RestartPolicy {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Facts) {
        service.hardening.restart.enforce(META.id);
    }
}
