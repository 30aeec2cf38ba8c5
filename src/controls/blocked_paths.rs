//! Block paths nobody needs.

use super::{Control, Facts, Meta, Reach};
use crate::diagnostics::Severity;
use crate::profile::Level;
use crate::stack::Location;
use crate::systems::format::Boundary;

/// What is known about it.
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

/// The control.
#[derive(Debug)]
pub struct BlockedPaths;

impl Control for BlockedPaths {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, _: &Facts) {
        location.blocked.enforce(META.id);
    }
}
