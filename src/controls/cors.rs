//! Name allowed origins.
//!
//! The application decides this, so nothing of the stack is marked: the system file writes the value into the
//! application's own configuration, unless `waived('cors')`, and its recommendations name the place for the report.

use super::{Control, Meta, Reach};
use crate::diagnostics::Severity;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "cors",
    title: "Name allowed origins",
    why: "With every origin allowed, any page a logged-in person visits can read answers of the API.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Stack,
    references: &["MDN HTTP Observatory: CORS", "CWE-942"],
};

#[derive(Debug)]
pub struct Cors;

impl Control for Cors {
    fn meta(&self) -> &'static Meta {
        &META
    }
}
