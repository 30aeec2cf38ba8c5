//! Log requests.

use super::{Control, Facts, Meta, Reach};
use crate::diagnostics::Severity;
use crate::profile::Level;
use crate::stack::Edge;
use crate::systems::format::Boundary;

/// What is known about it.
pub static META: Meta = Meta {
    id: "access-logs",
    title: "Log requests",
    why: "Without a record nobody sees guessing, or can say afterwards what was taken.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Stack,
    references: &["CWE-778"],
};

/// The control.
#[derive(Debug)]
pub struct AccessLogs;

impl Control for AccessLogs {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn edge(&self, edge: &mut Edge, _: &Facts) {
        edge.access_log.enforce(META.id);
    }
}
