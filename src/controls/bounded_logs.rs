//! Bound container logs.

use super::{Control, Facts, Meta, Reach};
use crate::diagnostics::Severity;
use crate::profile::Level;
use crate::stack::Service;
use crate::systems::format::Boundary;

/// What is known about it.
pub static META: Meta = Meta {
    id: "bounded-logs",
    title: "Bound container logs",
    why: "Anyone who can cause log lines could otherwise fill the disk, and a full disk stops databases and backups.",
    boundary: Boundary::HostContainer,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP Docker #10", "CWE-770"],
};

/// The control.
#[derive(Debug)]
pub struct BoundedLogs;

impl Control for BoundedLogs {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Facts) {
        service.hardening.logs.enforce(META.id);
    }
}
