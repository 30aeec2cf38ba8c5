//! Restart on purpose.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::format::system::Restart;
use crate::stack::{Service, Stack};
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

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(restart) = service.hardening.restart.get() else { return Vec::new() };
        let policy = match restart {
            Restart::UnlessStopped => "unless-stopped",
            Restart::OnFailure => "on-failure",
            Restart::No => "no",
        };
        vec![live::claim(
            service,
            stack,
            "comes back after a failure as the bundle says",
            Ask::inspect("/HostConfig/RestartPolicy/Name"),
            Expect::equals(policy),
        )]
    }
}
