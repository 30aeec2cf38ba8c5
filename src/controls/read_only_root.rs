//! Mount the root file system read-only.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
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

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(()) = service.hardening.read_only.get() else { return Vec::new() };
        vec![
            live::claim(
                service,
                stack,
                "was made with a read-only root file system",
                Ask::inspect("/HostConfig/ReadonlyRootfs"),
                Expect::equals(true),
            ),
            live::claim(
                service,
                stack,
                "cannot write to its root file system",
                Ask::Mounted { target: "/".to_owned() },
                Expect::Holds(vec!["ro".to_owned()]),
            )
            .part("kernel"),
        ]
    }
}
