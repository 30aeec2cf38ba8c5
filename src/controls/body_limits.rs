//! Limit request bodies.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Location;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "body-limits",
    title: "Limit request bodies",
    why: "One client could otherwise fill memory or disk with a single endless upload.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP API Security 2023 #4", "CWE-770"],
};

#[derive(Debug)]
pub struct BodyLimits;

impl Control for BodyLimits {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        location.body.enforce(META.id);
    }
}
