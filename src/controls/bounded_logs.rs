//! Bound container logs.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

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

#[derive(Debug)]
pub struct BoundedLogs;

impl Control for BoundedLogs {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.logs.enforce(META.id);
    }
}
