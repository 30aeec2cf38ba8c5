//! Let only the methods in use pass.

use super::{Control, Facts, Meta, Reach};
use crate::diagnostics::Severity;
use crate::profile::Level;
use crate::stack::Location;
use crate::systems::format::Boundary;

/// What is known about it.
pub static META: Meta = Meta {
    id: "allowed-methods",
    title: "Let only the methods in use pass",
    why: "A path that is open for one purpose would otherwise also take writes and methods nobody has thought of.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP ASVS 4.0.3 14.5.1", "CWE-650"],
};

/// The control.
#[derive(Debug)]
pub struct AllowedMethods;

impl Control for AllowedMethods {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, _: &Facts) {
        location.methods.enforce(META.id);
    }
}
