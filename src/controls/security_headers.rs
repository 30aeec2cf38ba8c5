//! Send security headers.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::{Location, Site};
use crate::values::{Boundary, Level};

const HSTS: &str = "Strict-Transport-Security";

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
        // Strict-Transport-Security has its own control: it must not be sent with every certificate.
        let wanted = site.wanted_headers.iter().filter(|(name, _)| !name.as_str().eq_ignore_ascii_case(HSTS));
        let headers: Vec<_> = wanted.cloned().collect();
        if !headers.is_empty() {
            site.headers.set(META.id, headers);
        }
        if !site.wanted_own.is_empty() {
            site.own_answers.set(META.id, site.wanted_own.clone());
        }
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        if !location.wanted_headers.is_empty() {
            location.headers.set(META.id, location.wanted_headers.clone());
        }
    }
}
