//! Check health.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "healthcheck",
    title: "Check health",
    why: "A service that hangs or was crippled would otherwise count as running, and nobody would be told.",
    boundary: Boundary::ContainerInside,
    severity: Severity::Note,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 4.6", "CIS Docker 5.27"],
};

#[derive(Debug)]
pub struct Healthcheck;

impl Control for Healthcheck {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.healthcheck.enforce(META.id);
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(health) = service.hardening.healthcheck.get() else { return Vec::new() };
        let test: Vec<&str> = std::iter::once("CMD").chain(health.command.iter().map(String::as_str)).collect();
        vec![
            live::claim(service, stack, "is healthy", Ask::inspect("/State/Health/Status"), Expect::equals("healthy")),
            live::claim(
                service,
                stack,
                "is asked what the bundle says",
                Ask::inspect("/Config/Healthcheck/Test"),
                Expect::equals(test),
            )
            .part("test"),
        ]
    }
}
