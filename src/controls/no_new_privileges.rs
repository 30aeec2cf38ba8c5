//! Forbid new privileges.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "no-new-privileges",
    title: "Forbid new privileges",
    why: "A set-user-id program in the image would otherwise turn any foothold into root of the container.",
    boundary: Boundary::HostContainer,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.26", "OWASP Docker #4"],
};

#[derive(Debug)]
pub struct NoNewPrivileges;

impl Control for NoNewPrivileges {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.no_new_privileges.set(META.id, ());
    }
}
