//! Give time to stop.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "stop-grace",
    title: "Give time to stop",
    why: "Docker kills after ten seconds; a database or a game world that is still being written is damaged by it.",
    boundary: Boundary::ContainerInside,
    severity: Severity::Note,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["none: checklists ask about attackers, and this is about data that a hard stop loses"],
};

#[derive(Debug)]
pub struct StopGrace;

impl Control for StopGrace {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.stop_grace.enforce(META.id);
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(grace) = service.hardening.stop_grace.get() else { return Vec::new() };
        vec![live::claim(
            service,
            stack,
            format!("has {grace} to stop"),
            Ask::inspect("/Config/StopTimeout"),
            Expect::equals(grace.as_seconds()),
        )]
    }
}
