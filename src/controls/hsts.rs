//! Insist on HTTPS.

use super::{Control, Facts, Meta, Reach};
use crate::diagnostics::Severity;
use crate::profile::Level;
use crate::stack::Edge;
use crate::systems::format::Boundary;

/// Two years, as Mozilla asks; no `preload`, which cannot be taken back.
pub(crate) const VALUE: &str = "max-age=63072000; includeSubDomains";

/// What is known about it.
pub static META: Meta = Meta {
    id: "hsts",
    title: "Insist on HTTPS",
    why: "On the first plain request of a visit somebody on the line could otherwise answer in the server's place.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Stack,
    references: &["RFC 6797", "MDN HTTP Observatory: Strict-Transport-Security", "CWE-319"],
};

/// The control.
#[derive(Debug)]
pub struct Hsts;

impl Control for Hsts {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn edge(&self, edge: &mut Edge, _: &Facts) {
        if edge.tls.wants_hsts {
            edge.tls.hsts.set(META.id, VALUE.parse().expect("the constant is a header value"));
        }
    }
}
