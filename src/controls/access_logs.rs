//! Log requests.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Edge;
use crate::values::{Boundary, Level};

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

#[derive(Debug)]
pub struct AccessLogs;

impl Control for AccessLogs {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn edge(&self, edge: &mut Edge, _: &Surroundings) {
        edge.access_log.enforce(META.id);
    }
}
