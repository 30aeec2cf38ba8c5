//! Let only the methods in use pass.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Location;
use crate::values::{Boundary, Level};

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

#[derive(Debug)]
pub struct AllowedMethods;

impl Control for AllowedMethods {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        location.methods.enforce(META.id);
    }
}
