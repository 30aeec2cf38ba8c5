//! Refuse writes from other sites.

use super::{Control, Facts, Meta, Reach};
use crate::diagnostics::Severity;
use crate::profile::Level;
use crate::stack::{Location, Site};
use crate::systems::format::Boundary;

/// What is known about it.
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

/// The control.
#[derive(Debug)]
pub struct CrossSiteWrites;

impl Control for CrossSiteWrites {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn site(&self, site: &mut Site, _: &Facts) {
        site.same_site.enforce(META.id);
    }

    fn location(&self, location: &mut Location, _: &Facts) {
        location.origin.enforce(META.id);
    }
}
