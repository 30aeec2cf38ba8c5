//! Refuse writes from other sites.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::{Location, Site};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "cross-site-writes",
    title: "Refuse writes from other sites",
    why: "Another web page could otherwise make the browser of someone who is logged in change things here.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["W3C Fetch Metadata", "CWE-352"],
};

#[derive(Debug)]
pub struct CrossSiteWrites;

impl Control for CrossSiteWrites {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn site(&self, site: &mut Site, _: &Surroundings) {
        site.same_site.enforce(META.id);
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        location.origin.enforce(META.id);
    }
}
