//! Send security headers.

use super::{Control, Meta, Reach, Surroundings, sites};
use crate::checks::Claim;
use crate::diagnostics::Severity;
use crate::stack::{Edge, Location, Site, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "security-headers",
    title: "Send security headers",
    why: "Browsers would otherwise let other sites frame the pages, guess content types and run injected scripts.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["MDN HTTP Observatory: Content-Security-Policy", "OWASP Secure Headers", "CWE-693"],
};

#[derive(Debug)]
pub struct SecurityHeaders;

impl Control for SecurityHeaders {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn site(&self, site: &mut Site, _: &Surroundings) {
        site.headers.enforce(META.id);
        site.own_answers.enforce(META.id);
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        location.headers.enforce(META.id);
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        let one = |(edge, site): (&Edge, &Site)| {
            let own = sites::whole(site).and_then(|location| location.headers.get());
            sites::has_headers(edge, site, stack, "answers with its headers", own.or(site.headers.get())?)
        };
        sites::asked(stack).filter_map(one).collect()
    }
}
