//! Ask for a password at the proxy.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::{BasicAuth, Site};
use crate::values::{Boundary, Level};

/// Where the proxy sees its `user:hash` lines.
const FILE: &str = "/run/secrets/proxy_users";

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
        if site.wants_authentication {
            let realm = site.title.as_str().to_owned();
            site.authentication.set(META.id, BasicAuth { realm, file: FILE.to_owned() });
        }
    }
}
