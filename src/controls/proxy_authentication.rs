//! Ask for a password at the proxy.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Site;
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
}
