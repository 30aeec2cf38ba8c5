//! Refuse old TLS.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Edge;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "tls-floor",
    title: "Refuse old TLS",
    why: "Older protocol versions and ciphers without forward secrecy let recorded traffic be read later.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Stack,
    references: &["Mozilla TLS 5.7", "RFC 9325", "CWE-327"],
};

#[derive(Debug)]
pub struct TlsFloor;

impl Control for TlsFloor {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn edge(&self, edge: &mut Edge, _: &Surroundings) {
        edge.tls.policy.enforce(META.id);
    }
}
