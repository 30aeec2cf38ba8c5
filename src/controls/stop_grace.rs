//! Give time to stop.

use super::{Control, Facts, Meta, Reach};
use crate::diagnostics::Severity;
use crate::profile::Level;
use crate::stack::Service;
use crate::systems::format::Boundary;

/// What is known about it.
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

/// The control.
#[derive(Debug)]
pub struct StopGrace;

impl Control for StopGrace {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Facts) {
        service.hardening.stop_grace.enforce(META.id);
    }
}
