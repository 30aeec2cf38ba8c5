//! Let only the methods in use pass.

use super::{Control, Meta, Reach, Surroundings, sites};
use crate::checks::{Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Location, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "allowed-methods",
    title: "Let only the methods in use pass",
    why: "A path that is open for one purpose would otherwise also take writes and methods nobody has thought of.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP ASVS 4.0.3 14.5.1", "CWE-650"],
};

#[derive(Debug)]
pub struct AllowedMethods;

impl Control for AllowedMethods {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        location.methods.enforce(META.id);
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (edge, site) in sites::asked(stack).filter(|(_, site)| !site.authentication.is_set()) {
            let limited =
                site.locations.iter().find(|location| location.methods.is_set() && !location.blocked.is_set());
            let Some(location) = limited else { continue };
            let ask = sites::request(edge, stack, sites::friend(location), sites::STRANGE, location.path.as_str());
            let text = format!("`{}{}` takes no other methods than it needs", site.host, location.path);
            claims.push(Claim::new(sites::subject(edge, site), text, ask, Expect::status_of(405)));
        }
        claims
    }
}
