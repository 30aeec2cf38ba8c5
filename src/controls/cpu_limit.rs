//! Limit processors.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect, Limit};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "cpu-limit",
    title: "Limit processors",
    why: "One busy service, or a miner put into it, would otherwise starve every other one. The engine needs the kernel's cpu controller for it, which a rootless one must be delegated.",
    boundary: Boundary::HostContainer,
    severity: Severity::Note,
    level: Level::Hardened,
    reach: Reach::Service,
    references: &["CIS Docker 5.12", "OWASP Docker #7"],
};

#[derive(Debug)]
pub struct CpuLimit;

impl Control for CpuLimit {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.cpus.enforce(META.id);
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(cpus) = service.hardening.cpus.get() else { return Vec::new() };
        vec![
            live::claim(
                service,
                stack,
                format!("may use {cpus} processors"),
                Ask::inspect("/HostConfig/NanoCpus"),
                Expect::equals(cpus.billionths()),
            ),
            live::claim(
                service,
                stack,
                "is held to that by the kernel",
                Ask::Cgroup { limit: Limit::Cpus },
                Expect::equals(cpus.billionths()),
            )
            .part("kernel"),
        ]
    }
}
