//! Mount single directories.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "narrow-mounts",
    title: "Mount single directories",
    why: "A mount of more than a service needs hands it other services' files; one that Docker creates itself belongs to root.",
    boundary: Boundary::HostContainer,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.6", "CIS Docker 5.20", "OWASP Docker #8"],
};

#[derive(Debug)]
pub struct NarrowMounts;

impl Control for NarrowMounts {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        if !service.mounts.is_empty() {
            service.hardening.mounts.set(META.id, ());
        }
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        vec![live::claim(service, stack, "has no other mounts", Ask::Mounts, Expect::set(live::mounts(service, stack)))]
    }
}
