//! Restart on purpose.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

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

#[derive(Debug)]
pub struct RestartPolicy;

impl Control for RestartPolicy {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.restart.enforce(META.id);
    }
}
