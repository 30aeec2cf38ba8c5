//! What the template of one virtual host prints.

use super::super::marked::{Auth, Header, Name};
use super::super::tls::Policy;
use crate::controls::Id;
use crate::stack::Because;
use serde::Serialize;

/// Everything `proxy/traefik/dynamic/site.yml.j2` prints.
#[derive(Debug, Serialize)]
pub struct View {
    /// A word that begins all names of the file.
    pub id: String,
    /// Host name.
    pub host: String,
    /// Unknown names get no certificate.
    pub hidden: Option<Because<()>>,
    /// Protocol versions and suites.
    pub policy: Option<Because<Policy>>,
    /// Who signs the certificates that clients must show.
    pub clients: Option<Named<String>>,
    /// Routers, the root first.
    pub routers: Vec<Router>,
    /// Port people see, for the way from HTTP to HTTPS; `None` where HTTP is not published.
    pub redirect: Option<Redirect>,
    /// Headers on every answer.
    pub headers: Option<Headers>,
    /// Headers on the answers of some paths.
    pub api_headers: Vec<Headers>,
    /// What the application is told of the request.
    pub forwarded: Option<Named<Forwarded>>,
    /// Removes `Upgrade` where nothing streams.
    pub no_upgrade: Option<String>,
    /// Who may come in.
    pub allowed: Vec<Named<Ranges>>,
    /// Refuses paths whose steps are hidden.
    pub odd: Option<String>,
    /// Refuses everybody, as if there were nothing.
    pub closed: Option<Named<()>>,
    /// Refuses everybody.
    pub nobody: Option<Named<()>>,
    /// Refuses everybody's method.
    pub no_method: Option<Named<()>>,
    /// Prefixes that upstreams do not see, as regular expressions.
    pub stripped: Vec<Named<String>>,
    /// Rate limits.
    pub rates: Vec<Named<Rate>>,
    /// Password file.
    pub authentication: Option<Named<Auth>>,
    /// Largest bodies, in bytes.
    pub bodies: Vec<Named<u64>>,
    /// Where requests go: one for each timeout.
    pub services: Vec<Service>,
}

/// The way from HTTP to HTTPS.
#[derive(Debug, Serialize)]
pub struct Redirect {
    /// Name of the middleware.
    pub name: String,
    /// `https://HOST[:PORT]` as people see it, with the rest of the address behind it.
    pub replacement: String,
}

/// A router. A child has neither entry points nor TLS, a parent no service.
#[derive(Debug, Serialize)]
pub struct Router {
    /// Its name.
    pub name: String,
    /// Entry points of a root.
    pub entry_points: Vec<&'static str>,
    /// Parent of a child.
    pub parent: Option<String>,
    /// Which requests.
    pub rule: String,
    /// Children with a higher one are asked first.
    pub priority: Option<usize>,
    /// Middlewares from the outside in.
    pub middlewares: Vec<String>,
    /// Where requests go; a parent has none.
    pub service: Option<String>,
    /// Whether it is the root for TLS.
    pub tls: bool,
    /// Whether Traefik gets its certificate itself.
    pub acme: bool,
}

/// A middleware with a name, a value and ids of controls.
#[derive(Debug, Serialize)]
pub struct Named<T> {
    /// Its name.
    pub name: String,
    /// What it does.
    pub value: T,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// A middleware that sets and removes response headers.
#[derive(Debug, Serialize)]
pub struct Headers {
    /// Its name.
    pub name: String,
    /// Set.
    pub set: Vec<Header>,
    /// Removed.
    pub removed: Vec<Name>,
}

/// Networks that may come in.
#[derive(Debug, Serialize)]
pub struct Ranges {
    /// The networks.
    pub networks: Vec<String>,
    /// Proxies in front, whose addresses do not count.
    pub excluded: Vec<String>,
}

/// What an application is told of a request beside what Traefik writes by itself.
#[derive(Debug, Serialize)]
pub struct Forwarded {
    /// `HOST[:PORT]` as people see it.
    pub authority: String,
    /// Whether proxies in front are believed.
    pub balanced: bool,
    /// Headers that only a proxy may say.
    pub foreign: &'static [&'static str],
}

/// Requests per client address.
#[derive(Debug, Serialize)]
pub struct Rate {
    /// Requests.
    pub average: u32,
    /// `60s`
    pub period: String,
    /// Size of the bucket.
    pub burst: u32,
    /// Proxies in front, whose addresses do not count.
    pub excluded: Vec<String>,
}

/// Where requests go.
#[derive(Debug, Serialize)]
pub struct Service {
    /// Its name, also that of its transport.
    pub name: String,
    /// `http://SERVICE:PORT`
    pub url: String,
    /// Name in the certificate, where it speaks TLS.
    pub tls_name: Option<String>,
    /// File with the one authority that counts, where it is no public one.
    pub tls_authority: Option<String>,
    /// Whether it is asked under its own name instead of the site's.
    pub own_host: bool,
    /// `60s`: time until the answer begins.
    pub timeout: String,
    /// Whether connections are kept open.
    pub keep_alive: bool,
}
