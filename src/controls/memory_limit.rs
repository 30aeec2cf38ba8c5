//! Limit memory.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect, Limit};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "memory-limit",
    title: "Limit memory",
    why: "One leaking or flooded service would otherwise have the kernel kill others, the SSH server included. The kernel needs its memory controller for it, and swap accounting for the part on swap; where they are off, limits are void.",
    boundary: Boundary::HostContainer,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.11", "OWASP Docker #7"],
};

#[derive(Debug)]
pub struct MemoryLimit;

impl Control for MemoryLimit {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.memory.enforce(META.id);
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(memory) = service.hardening.memory.get() else { return Vec::new() };
        vec![
            live::claim(
                service,
                stack,
                format!("may use {memory} of memory"),
                Ask::inspect("/HostConfig/Memory"),
                Expect::equals(memory.get()),
            ),
            live::claim(
                service,
                stack,
                "may not swap beyond that",
                Ask::inspect("/HostConfig/MemorySwap"),
                Expect::equals(memory.get()),
            )
            .part("swap"),
            live::claim(
                service,
                stack,
                "is held to that by the kernel",
                Ask::Cgroup { limit: Limit::Memory },
                Expect::equals(memory.get()),
            )
            .part("kernel"),
        ]
    }
}
