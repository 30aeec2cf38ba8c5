//! Keep API answers out of caches.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Location;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "api-response-headers",
    title: "Keep API answers out of caches",
    why: "Answers with tokens or personal data would otherwise lie in caches of browsers and proxies, or be run as a page.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["RFC 9111 5.2.2.5", "OWASP Secure Headers", "CWE-525"],
};

#[derive(Debug)]
pub struct ApiResponseHeaders;

impl Control for ApiResponseHeaders {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        location.api_headers.enforce(META.id);
    }
}
