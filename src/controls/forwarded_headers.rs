//! Overwrite forwarding headers.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Edge;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "forwarded-headers",
    title: "Overwrite forwarding headers",
    why: "A client could otherwise claim any address, and with it escape rate limits, allow-lists and the log.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Stack,
    references: &["RFC 7239 8.1", "CWE-348"],
};

#[derive(Debug)]
pub struct ForwardedHeaders;

impl Control for ForwardedHeaders {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn edge(&self, edge: &mut Edge, _: &Surroundings) {
        edge.forwarded.enforce(META.id);
    }
}
