//! Block paths nobody needs.

use super::{Control, Meta, Reach, Surroundings, sites};
use crate::checks::{Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Location, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "blocked-paths",
    title: "Block paths nobody needs",
    why: "Setup pages, debug endpoints and backdoors of an application answer whoever knows their address.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CWE-425", "CWE-489"],
};

#[derive(Debug)]
pub struct BlockedPaths;

impl Control for BlockedPaths {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        location.blocked.enforce(META.id);
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (edge, site) in sites::asked(stack) {
            for location in site.locations.iter().filter(|location| location.blocked.is_set()) {
                let client = sites::whole(site).map_or_else(|| sites::friend(location), sites::friend);
                let ask = sites::request(edge, stack, client, "GET", location.path.as_str());
                let text = format!("`{}{}` is answered by nobody", site.host, location.path);
                let claim = Claim::new(sites::subject(edge, site), text, ask, Expect::status_of(404));
                claims.push(claim.part(location.path.as_str().trim_start_matches('/')));
            }
        }
        claims
    }
}
