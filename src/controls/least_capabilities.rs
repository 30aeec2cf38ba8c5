//! Drop all capabilities.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "least-capabilities",
    title: "Drop all capabilities",
    why: "A process that was taken over keeps the kernel powers its container has; without any it cannot change owners, load rules or open raw sockets.",
    boundary: Boundary::HostContainer,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.4", "OWASP Docker #3"],
};

#[derive(Debug)]
pub struct LeastCapabilities;

impl Control for LeastCapabilities {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.capabilities.set(META.id, ());
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(()) = service.hardening.capabilities.get() else { return Vec::new() };
        let kept = live::bits(service.declared.capabilities.iter().map(|(name, _)| name.as_str()));
        vec![
            live::claim(
                service,
                stack,
                "has no capability beyond those it needs",
                Ask::process("CapBnd"),
                Expect::equals(format!("{kept:016x}")),
            ),
            live::claim(
                service,
                stack,
                "is not privileged",
                Ask::inspect("/HostConfig/Privileged"),
                Expect::equals(false),
            )
            .part("privileged"),
        ]
    }
}
