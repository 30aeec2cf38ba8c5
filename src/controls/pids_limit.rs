//! Limit processes.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect, Limit};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "pids-limit",
    title: "Limit processes",
    why: "A fork bomb would otherwise use up the host's process numbers, and nobody could log in to stop it.",
    boundary: Boundary::HostContainer,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.29", "OWASP Docker #7"],
};

#[derive(Debug)]
pub struct PidsLimit;

impl Control for PidsLimit {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.pids.enforce(META.id);
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(pids) = service.hardening.pids.get() else { return Vec::new() };
        vec![
            live::claim(
                service,
                stack,
                format!("may have {pids} processes and threads"),
                Ask::inspect("/HostConfig/PidsLimit"),
                Expect::equals(*pids),
            ),
            live::claim(
                service,
                stack,
                "is held to that by the kernel",
                Ask::Cgroup { limit: Limit::Pids },
                Expect::equals(*pids),
            )
            .part("kernel"),
        ]
    }
}
