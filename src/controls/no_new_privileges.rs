//! Forbid new privileges.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
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

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(()) = service.hardening.no_new_privileges.get() else { return Vec::new() };
        vec![live::claim(service, stack, "can gain no rights", Ask::process("NoNewPrivs"), Expect::equals("1"))]
    }
}
