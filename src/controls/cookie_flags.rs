//! Protect session cookies.
//!
//! The application decides this, so nothing of the stack is marked: the system file writes the value into the
//! application's own configuration, unless `waived('cookie-flags')`, and its recommendations name the place for the report.

use super::{Control, Meta, Reach};
use crate::diagnostics::Severity;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "cookie-flags",
    title: "Protect session cookies",
    why: "A session cookie without Secure, HttpOnly and SameSite can be read on the line, by injected scripts, or ridden from another site.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Stack,
    references: &["MDN HTTP Observatory: cookies", "CWE-614", "CWE-1004"],
};

#[derive(Debug)]
pub struct CookieFlags;

impl Control for CookieFlags {
    fn meta(&self) -> &'static Meta {
        &META
    }
}
