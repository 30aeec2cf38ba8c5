//! Hide what runs.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::{Edge, Location, Site};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "hidden-headers",
    title: "Hide what runs",
    why: "Names and versions of the software tell a scanner which known flaw to try.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Note,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP Secure Headers", "CWE-497"],
};

#[derive(Debug)]
pub struct HiddenHeaders;

impl Control for HiddenHeaders {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn edge(&self, edge: &mut Edge, _: &Surroundings) {
        edge.hidden.enforce(META.id);
    }

    fn site(&self, site: &mut Site, _: &Surroundings) {
        site.hide.enforce(META.id);
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        location.hide.enforce(META.id);
    }
}
