//! Insist on HTTPS.

use super::{Control, Meta, Reach, Surroundings, sites};
use crate::checks::Claim;
use crate::diagnostics::Severity;
use crate::stack::{Edge, Site, Stack};
use crate::values::{Boundary, Level};

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

#[derive(Debug)]
pub struct Hsts;

impl Control for Hsts {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn site(&self, site: &mut Site, _: &Surroundings) {
        site.hsts.enforce(META.id);
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        let one = |(edge, site): (&Edge, &Site)| {
            let header = vec![("Strict-Transport-Security".parse().ok()?, site.hsts.get()?.clone())];
            sites::has_headers(edge, site, stack, "tells browsers to use HTTPS alone", &header)
        };
        sites::asked(stack).filter_map(one).collect()
    }
}
