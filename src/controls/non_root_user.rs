//! Run as a numeric user.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "non-root-user",
    title: "Run as a numeric user",
    why: "Root in a container is root for the kernel: one escape and the host is lost. A number cannot be mapped to root by a changed image.",
    boundary: Boundary::HostContainer,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 4.1", "OWASP Docker #2"],
};

#[derive(Debug)]
pub struct NonRootUser;

impl Control for NonRootUser {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        // A service that must be root keeps the image's own user: the name of this control on it would be a lie.
        if service.declared.user.uid != 0 {
            service.hardening.user.set(META.id, service.declared.user);
        }
    }
}
