//! Mount the root file system read-only.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "read-only-root",
    title: "Mount the root file system read-only",
    why: "Whoever breaks in could otherwise replace programs or leave tools that survive until the container is made anew.",
    boundary: Boundary::ContainerInside,
    severity: Severity::Warning,
    level: Level::Hardened,
    reach: Reach::Service,
    references: &["CIS Docker 5.13", "OWASP Docker #8"],
};

#[derive(Debug)]
pub struct ReadOnlyRoot;

impl Control for ReadOnlyRoot {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        if service.declared.writable_root.is_none() {
            service.hardening.read_only.set(META.id, ());
        }
    }
}
