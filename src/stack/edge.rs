//! The reverse proxy as data: sites, locations with everything they inherit, and what controls made of them.
//!
//! Complete and proxy-neutral: a back end turns each location into its server's words and decides nothing.

use super::{Audience, Enforced};
use crate::format::system::{Abilities, Encoded};
use crate::text::Spanned;
use crate::values::{
    ByteSize, Cidr, Domain, Duration, HeaderName, HeaderValue, Host, Line, Method, NetworkName, Port, ProxyKind, Rate,
    SecretName, ServiceName, TlsMode, TlsPolicy, UrlPattern,
};
use std::collections::{BTreeMap, BTreeSet};

/// Port on which every proxy listens for HTTP inside its container; above 1024, so that no capability is needed.
pub const HTTP_PORT: u16 = 8080;
/// Port on which every proxy listens for HTTPS inside its container.
pub const HTTPS_PORT: u16 = 8443;
/// Port on which every proxy answers its health check, on loopback inside its container.
pub const HEALTH_PORT: u16 = 8082;

/// Strict-Transport-Security where a system wants no other: two years, as Mozilla asks; no `preload`, which cannot be taken
/// back.
pub const HSTS: &str = "max-age=63072000; includeSubDomains";

/// The reverse proxy.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The server.
    pub kind: ProxyKind,
    /// What the server can do.
    pub can: Abilities,
    /// Its service.
    pub service: ServiceName,
    /// Port for HTTP on the host; `None` publishes none.
    pub http_port: Option<Port>,
    /// Port for HTTPS on the host.
    pub https_port: Port,
    /// Whether its ports are published on IPv6.
    pub ipv6: bool,
    /// Certificates.
    pub tls: Tls,
    /// Networks of admin surfaces.
    pub admin: Vec<Cidr>,
    /// Proxies in front whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// The slowest upload that is waited for, in bytes a second.
    pub slowest_upload: ByteSize,
    /// Rate classes by name.
    pub rates: BTreeMap<String, RateClass>,
    /// Virtual hosts.
    pub sites: Vec<Site>,
    /// Whether an access log is wanted.
    pub wants_access_log: bool,
    /// Requests are logged as JSON on standard output, without credentials.
    pub access_log: Enforced<()>,
    /// Forwarding headers are overwritten with what the proxy itself saw.
    pub forwarded: Enforced<()>,
    /// Requests for other host names get no answer of substance, and nothing tells the server's version.
    pub hidden: Enforced<()>,
}

impl Edge {
    /// Seconds that a body of a location may take to arrive: a minute, and what its largest takes at the slowest speed.
    pub fn upload_seconds(&self, location: &Location) -> u64 {
        let largest = location.body.get().unwrap_or(&location.body_limit).get();
        60 + largest.div_ceil(self.slowest_upload.get().max(1))
    }

    /// [`Self::upload_seconds`] of the location that may take longest.
    pub fn longest_upload(&self) -> u64 {
        let locations = self.sites.iter().flat_map(|site| &site.locations);
        let answering = locations.filter(|location| location.block_reason.is_none() && location.answer.is_none());
        answering.map(|location| self.upload_seconds(location)).max().unwrap_or(60)
    }
}

/// Certificates and protocol versions.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Where the certificate comes from.
    pub mode: TlsMode,
    /// Address for the ACME authority.
    pub email: Option<Line>,
    /// Protocol versions and suites that are wanted.
    pub wanted_policy: TlsPolicy,
    /// Protocol versions and suites.
    pub policy: Enforced<TlsPolicy>,
    /// Whether Strict-Transport-Security is right here: only where browsers trust the certificate.
    pub wants_hsts: bool,
    /// Strict-Transport-Security.
    pub hsts: Enforced<HeaderValue>,
}

/// Requests per client address.
#[derive(Debug, Clone)]
pub struct RateClass {
    /// The rate.
    pub rate: Rate,
    /// Requests above it that are let through at once.
    pub burst: u32,
    /// Whether each value of the path's first `*` has a count of its own.
    pub each: bool,
    /// Whether answers tell the limit.
    pub announce: bool,
}

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// What answers.
    pub target: Target,
    /// Port it answers on.
    pub port: Port,
    /// The network the proxy reaches it over.
    pub network: NetworkName,
    /// What the system's file calls the service, and so its certificate.
    pub called: Option<ServiceName>,
    /// Whether connections to it are kept open.
    pub keep_alive: bool,
    /// Who vouches for its certificate, where it speaks TLS.
    pub tls: Option<Trust>,
}

/// Who vouches for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The authorities that browsers trust.
    Public,
    /// The authority whose certificate is in this secret.
    Authority(SecretName),
}

/// What answers requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A service of the stack.
    Service(ServiceName),
    /// Something outside it.
    Host(Host),
}

impl Upstream {
    /// The service, where one answers.
    pub fn service(&self) -> Option<&ServiceName> {
        match &self.target {
            Target::Service(service) => Some(service),
            Target::Host(_) => None,
        }
    }

    /// Name or address without the port.
    pub fn host(&self) -> String {
        match &self.target {
            Target::Service(service) => service.to_string(),
            Target::Host(host) => host.to_string(),
        }
    }

    /// Name in its certificate, where it speaks TLS.
    pub fn tls_name(&self) -> Option<String> {
        self.tls.as_ref().map(|_| self.called.as_ref().map_or_else(|| self.host(), ToString::to_string))
    }

    /// Where it speaks TLS, the file with the authority's certificate in the proxy's container; `None` is the public ones.
    pub fn tls_authority(&self) -> Option<String> {
        match self.tls.as_ref()? {
            Trust::Public => None,
            Trust::Authority(secret) => Some(format!("/run/secrets/{secret}")),
        }
    }

    /// The `Host` it wants instead of the site's: that of another machine, which serves many over TLS.
    pub fn own_host(&self) -> Option<String> {
        let elsewhere = self.tls.is_some() && self.service().is_none();
        elsewhere.then(|| if self.port.get() == 443 { self.host() } else { self.authority() })
    }

    /// `NAME:PORT`
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host(), self.port)
    }
}

/// One virtual host.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its name in the system file.
    pub name: String,
    /// What it is.
    pub title: Line,
    /// Its host name.
    pub host: Domain,
    /// Where requests go, where no path says otherwise.
    pub upstream: Upstream,
    /// Who may reach it.
    pub audience: Audience,
    /// Response headers of the application that are removed.
    pub hide: Enforced<Vec<HeaderName>>,
    /// Response headers on every answer, errors included.
    pub headers: Enforced<Vec<(HeaderName, HeaderValue)>>,
    /// Strict-Transport-Security instead of the usual value, where it is sent at all.
    pub wanted_hsts: Option<HeaderValue>,
    /// What the profile and the system want in `headers`.
    pub wanted_headers: Vec<(HeaderName, HeaderValue)>,
    /// What the proxy should say on answers of its own beside `headers`, where the application's are its own matter.
    pub wanted_own: Vec<(HeaderName, HeaderValue)>,
    /// Response headers on the proxy's own answers alone.
    pub own_answers: Enforced<Vec<(HeaderName, HeaderValue)>>,
    /// What the system wants hidden.
    pub wanted_hidden: Vec<HeaderName>,
    /// Why the proxy must ask who somebody is.
    pub authentication_reason: Option<Line>,
    /// Whether the proxy is to ask.
    pub wants_authentication: bool,
    /// Basic authentication; the credential is stripped before the upstream.
    pub authentication: Enforced<BasicAuth>,
    /// Whether the system wants cross-site writes refused.
    pub wants_same_site: bool,
    /// Unsafe methods from other sites are refused.
    pub same_site: Enforced<()>,
    /// Paths, most specific first; the last is `/`.
    pub locations: Vec<Location>,
}

/// What a proxy says itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its Content-Type.
    pub content_type: HeaderValue,
    /// Its text.
    pub lines: Vec<Spanned<Line>>,
}

impl Answer {
    /// Its lines without their places.
    pub fn texts(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().map(|line| &line.value)
    }
}

/// Basic authentication at the proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicAuth {
    /// Shown by browsers.
    pub realm: String,
    /// File in the container with `user:hash` lines.
    pub file: String,
}

/// One path of a site with everything it inherits.
#[derive(Debug, Clone)]
pub struct Location {
    /// The path.
    pub path: UrlPattern,
    /// Whether only the path itself is meant, or everything below it too (on segment borders).
    pub exact: bool,
    /// Why it is to be blocked.
    pub block_reason: Option<Line>,
    /// It answers 404.
    pub blocked: Enforced<()>,
    /// What the proxy says itself.
    pub answer: Option<Answer>,
    /// Name of the rate class it should have.
    pub rate_class: Option<String>,
    /// Name of its rate class.
    pub rate: Enforced<String>,
    /// Largest body it should take.
    pub body_limit: ByteSize,
    /// Largest body.
    pub body: Enforced<ByteSize>,
    /// How long the application may be silent.
    pub timeout: Duration,
    /// Answers are for programs.
    pub api: bool,
    /// Response headers for programs (`Cache-Control: no-store`), replacing the application's.
    pub api_headers: Enforced<Vec<(HeaderName, HeaderValue)>>,
    /// Answers stream: no buffering, upgrades pass.
    pub streaming: bool,
    /// Where requests go.
    pub upstream: Upstream,
    /// A prefix that the upstream does not see.
    pub strip: Option<UrlPattern>,
    /// The methods it should take; none is all.
    pub wanted_methods: Option<Vec<Method>>,
    /// The methods it takes; others get 405.
    pub methods: Enforced<Vec<Method>>,
    /// Response headers that it should have instead of the site's.
    pub wanted_headers: Vec<(HeaderName, HeaderValue)>,
    /// Response headers instead of the site's.
    pub headers: Enforced<Vec<(HeaderName, HeaderValue)>>,
    /// Response headers that it should not have, though the site or the application says them.
    pub wanted_hidden: Vec<HeaderName>,
    /// Response headers that do not pass.
    pub hide: Enforced<Vec<HeaderName>>,
    /// Response headers that are the application's own here, though the site sets or hides them.
    pub passed: Vec<HeaderName>,
    /// Characters that may stand encoded in its paths.
    pub encoded: BTreeSet<Encoded>,
    /// Whether unsafe methods should need the site's own origin.
    pub wants_origin: bool,
    /// Unsafe methods without the site's own origin get 403.
    pub origin: Enforced<()>,
    /// Networks that alone should reach it, instead of an audience.
    pub sources: Option<Vec<Cidr>>,
    /// Who may reach it.
    pub audience: Audience,
    /// Networks it is limited to; others get 403.
    pub allow: Enforced<Vec<Cidr>>,
}
