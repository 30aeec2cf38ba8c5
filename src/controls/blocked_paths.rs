//! Block paths nobody needs.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Location;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "blocked-paths",
    title: "Block paths nobody needs",
    why: "Setup pages, debug endpoints and backdoors of an application answer whoever knows their address.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CWE-425", "CWE-489"],
};

#[derive(Debug)]
pub struct BlockedPaths;

impl Control for BlockedPaths {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        location.blocked.enforce(META.id);
    }
}
