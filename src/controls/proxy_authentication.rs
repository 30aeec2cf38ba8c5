//! Ask for a password at the proxy.

use super::{Control, Meta, Reach, Surroundings, sites};
use crate::checks::{Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Edge, Site, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "proxy-authentication",
    title: "Ask for a password at the proxy",
    why: "Where the application itself lets anybody in, or can be made to, the proxy is the only one left to ask.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["RFC 7617", "CWE-306"],
};

#[derive(Debug)]
pub struct ProxyAuthentication;

impl Control for ProxyAuthentication {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn site(&self, site: &mut Site, _: &Surroundings) {
        site.authentication.enforce(META.id);
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        let one = |(edge, site): (&Edge, &Site)| {
            let location = sites::whole(site)?;
            let ask = sites::request(edge, stack, sites::friend(location), "GET", location.path.as_str());
            let text = format!("`{}` asks for a password", site.host);
            let claim = || Claim::new(sites::subject(edge, site), text, ask, Expect::status_of(401));
            site.authentication.is_set().then(claim)
        };
        sites::asked(stack).filter_map(one).collect()
    }
}
