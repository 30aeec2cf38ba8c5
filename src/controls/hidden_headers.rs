//! Hide what runs.

use super::{Control, Meta, Reach, Surroundings, sites};
use crate::checks::{Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Edge, Location, Site, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "hidden-headers",
    title: "Hide what runs",
    why: "Names and versions of the software tell a scanner which known flaw to try.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Note,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP Secure Headers", "CWE-497"],
};

#[derive(Debug)]
pub struct HiddenHeaders;

impl Control for HiddenHeaders {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn edge(&self, edge: &mut Edge, _: &Surroundings) {
        edge.hidden.enforce(META.id);
    }

    fn site(&self, site: &mut Site, _: &Surroundings) {
        site.hide.enforce(META.id);
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        location.hide.enforce(META.id);
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        let one = |(edge, site): (&Edge, &Site)| {
            let location = sites::whole(site)?;
            let names = site.hide.get()?.iter().map(|name| name.as_str().to_owned());
            // What the site sets itself is no header of the application's.
            let own = |name: &String| {
                site.headers.get().is_some_and(|set| set.iter().any(|(it, _)| it.as_str().eq_ignore_ascii_case(name)))
            };
            // nginx says its name, and never its version.
            let names: Vec<String> = names.filter(|name| !own(name) && !name.eq_ignore_ascii_case("Server")).collect();
            let ask = sites::request(edge, stack, sites::friend(location), "GET", location.path.as_str());
            let text = format!("`{}` does not tell what it is made with", site.host);
            (!names.is_empty()).then(|| Claim::new(sites::subject(edge, site), text, ask, Expect::without(names)))
        };
        sites::asked(stack).filter_map(one).collect()
    }
}
