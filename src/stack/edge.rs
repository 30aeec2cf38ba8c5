//! The reverse proxy as data: sites, locations with everything they inherit, and what controls made of them.
//!
//! Complete and proxy-neutral: a back end turns each location into its server's words and decides nothing.

use super::{Audience, Enforced};
use crate::format::system::{Abilities, Encoded};
use crate::text::Spanned;
use crate::values::{
    ByteSize, Cidr, Domain, Duration, HeaderName, HeaderValue, Host, HostPath, Line, Method, NetworkName, Port,
    ProjectName, ProxyKind, Rate, SecretName, ServiceName, TlsMode, TlsPolicy, UrlPattern,
};
use std::collections::{BTreeMap, BTreeSet};

/// Port on which every proxy listens for HTTP inside its container; above 1024, so that no capability is needed.
pub const HTTP_PORT: u16 = 8080;
/// Port on which every proxy listens for HTTPS inside its container.
pub const HTTPS_PORT: u16 = 8443;
/// The secret that people type at the proxy.
pub const PROXY_PASSWORD: &str = "proxy_password";
/// The secret with the `user:hash` lines that the proxy checks passwords against.
pub const PROXY_USERS: &str = "proxy_users";
/// The authority that signs certificates of clients.
pub const CLIENT_AUTHORITY: &str = "client_authority";
/// Where a shared proxy sees what other stacks bring it.
pub const SHARED: &str = "/etc/stockade/edge";
/// Port on which every proxy answers its health check, on loopback inside its container.
pub const HEALTH_PORT: u16 = 8082;

/// Whose the proxy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// This stack's alone.
    Own,
    /// This stack's, and others may join it.
    Shared {
        /// The largest body that one of them may take.
        largest_upload: ByteSize,
    },
    /// That of another stack, which this one joins.
    Joined {
        /// The other stack.
        host: ProjectName,
        /// This one.
        guest: ProjectName,
    },
}

impl Standing {
    /// The stack whose proxy this one joins, and this one.
    pub fn joined(&self) -> Option<(&ProjectName, &ProjectName)> {
        match self {
            Self::Joined { host, guest } => Some((host, guest)),
            Self::Own | Self::Shared { .. } => None,
        }
    }

    /// The largest body of stacks that join, where any may.
    pub fn shared(&self) -> Option<ByteSize> {
        match self {
            Self::Shared { largest_upload } => Some(*largest_upload),
            Self::Own | Self::Joined { .. } => None,
        }
    }

    /// Where the proxy sees a secret of this stack.
    pub fn secret(&self, name: &str) -> String {
        match self {
            Self::Own | Self::Shared { .. } => format!("/run/secrets/{name}"),
            Self::Joined { guest, .. } => format!("{SHARED}/keys/{guest}/{name}"),
        }
    }
}

/// The reverse proxy.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The server.
    pub kind: ProxyKind,
    /// What the server can do.
    pub can: Abilities,
    /// Whose it is.
    pub standing: Standing,
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
    /// Who signs the certificates of clients, where it is not the bundle's own authority.
    pub client_authority: Option<Spanned<HostPath>>,
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
    /// Requests are logged as JSON on standard output, without credentials.
    pub access_log: Enforced<()>,
    /// Forwarding headers are overwritten with what the proxy itself saw.
    pub forwarded: Enforced<()>,
    /// Requests for other host names get no answer of substance, and nothing tells the server's version.
    pub hidden: Enforced<()>,
}

impl Edge {
    /// Whether any site wants certificates of its clients.
    pub fn knows_clients(&self) -> bool {
        self.sites.iter().any(|site| site.client_certificates.wished().is_some())
    }

    /// Seconds that a body of a location may take to arrive: a minute, and what its largest takes at the slowest speed.
    pub fn upload_seconds(&self, location: &Location) -> u64 {
        let largest = location.body.wished().map_or(0, |largest| largest.get());
        self.seconds(largest)
    }

    fn seconds(&self, body: u64) -> u64 {
        60 + body.div_ceil(self.slowest_upload.get().max(1))
    }

    /// [`Self::upload_seconds`] of the location that may take longest, or of a stack that joins.
    pub fn longest_upload(&self) -> u64 {
        let locations = self.sites.iter().flat_map(|site| &site.locations);
        let answering = locations.filter(|location| location.blocked.wished().is_none() && location.answer.is_none());
        let guests = self.standing.shared().map(|largest| self.seconds(largest.get()));
        answering.map(|location| self.upload_seconds(location)).chain(guests).max().unwrap_or(60)
    }
}

/// Certificates and protocol versions.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Where the certificate comes from.
    pub mode: TlsMode,
    /// Address for the ACME authority.
    pub email: Option<Spanned<Line>>,
    /// Protocol versions and suites.
    pub policy: Enforced<TlsPolicy>,
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
    /// The name by which a proxy of another stack finds the service: names of services are each stack's own.
    pub abroad: Option<String>,
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
    pub fn tls_authority(&self, standing: &Standing) -> Option<String> {
        match self.tls.as_ref()? {
            Trust::Public => None,
            Trust::Authority(secret) => Some(standing.secret(secret.as_str())),
        }
    }

    /// The `Host` it wants instead of the site's: that of another machine, which serves many over TLS.
    pub fn own_host(&self) -> Option<String> {
        let elsewhere = self.tls.is_some() && self.service().is_none();
        elsewhere.then(|| if self.port.get() == 443 { self.host() } else { self.authority() })
    }

    /// `NAME:PORT`
    pub fn authority(&self) -> String {
        format!("{}:{}", self.abroad.clone().unwrap_or_else(|| self.host()), self.port)
    }
}

/// Response headers with their values, each value where it is said.
pub type SetHeaders = Vec<(HeaderName, Spanned<HeaderValue>)>;

/// One virtual host.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its name in the system file.
    pub name: String,
    /// What it is.
    pub title: Spanned<Line>,
    /// Its host name.
    pub host: Domain,
    /// Where requests go, where no path says otherwise.
    pub upstream: Upstream,
    /// Who may reach it.
    pub audience: Audience,
    /// Response headers of the application that are removed.
    pub hide: Enforced<Vec<HeaderName>>,
    /// Response headers on every answer, errors included.
    pub headers: Enforced<SetHeaders>,
    /// Strict-Transport-Security; wished only where browsers trust the certificate.
    pub hsts: Enforced<Spanned<HeaderValue>>,
    /// Response headers on the proxy's own answers alone, beside `headers`: the application's are its own matter there.
    pub own_answers: Enforced<SetHeaders>,
    /// Why the proxy must ask who somebody is.
    pub authentication_reason: Option<Line>,
    /// Basic authentication; the credential is stripped before the upstream.
    pub authentication: Enforced<BasicAuth>,
    /// A file in the container: only who shows a certificate signed by one in it gets an answer.
    pub client_certificates: Enforced<String>,
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
    pub content_type: Spanned<HeaderValue>,
    /// Its text.
    pub lines: Vec<Spanned<Line>>,
}

/// What browsers show where a proxy asks for a password. Never `off`, which nginx takes for no authentication at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm(String);

impl Realm {
    /// The title of what asks, or a word in its place.
    pub fn of(title: &Line) -> Self {
        let off = title.as_str().eq_ignore_ascii_case("off");
        Self(if off { "restricted".to_owned() } else { title.to_string() })
    }
}

impl std::fmt::Display for Realm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Basic authentication at the proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicAuth {
    /// Shown by browsers.
    pub realm: Spanned<Realm>,
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
    /// It answers 404, and why.
    pub blocked: Enforced<Line>,
    /// What the proxy says itself.
    pub answer: Option<Answer>,
    /// Name of its rate class.
    pub rate: Enforced<String>,
    /// Largest body.
    pub body: Enforced<ByteSize>,
    /// How long the application may be silent.
    pub timeout: Duration,
    /// Response headers where answers are for programs (`Cache-Control: no-store`), replacing the application's.
    pub api_headers: Enforced<SetHeaders>,
    /// Answers stream: no buffering, upgrades pass.
    pub streaming: bool,
    /// Where requests go.
    pub upstream: Upstream,
    /// A prefix that the upstream does not see.
    pub strip: Option<UrlPattern>,
    /// The methods it takes; others get 405.
    pub methods: Enforced<Vec<Method>>,
    /// Response headers instead of the site's.
    pub headers: Enforced<SetHeaders>,
    /// Response headers that do not pass, though the site or the application says them.
    pub hide: Enforced<Vec<HeaderName>>,
    /// Response headers that are the application's own here, though the site sets or hides them.
    pub passed: Vec<HeaderName>,
    /// Characters that may stand encoded in its paths.
    pub encoded: BTreeSet<Encoded>,
    /// Unsafe methods without the site's own origin get 403.
    pub origin: Enforced<()>,
    /// Who may reach it.
    pub audience: Audience,
    /// Whether it is for networks of its own instead of that audience.
    pub has_own_sources: bool,
    /// Networks it is limited to; others get 403.
    pub allow: Enforced<Vec<Cidr>>,
}
