//! What the reverse proxy does for the services.

use super::{Audience, Computed, When};
use crate::text::Spanned;
use crate::values::{
    ByteSize, Cidrs, Domain, Duration, HeaderName, HeaderValue, Host, Line, Method, NetworkName, Port, Rate,
    SecretName, ServiceName, UrlPath, UrlPattern,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the reverse proxy does for the services.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// Network over which the proxy publishes its ports and reaches the outside.
    pub front: Spanned<NetworkName>,
    /// Rate classes that paths refer to.
    #[serde(default)]
    pub rates: BTreeMap<Spanned<String>, RateClass>,
    /// One virtual host each.
    pub sites: BTreeMap<Spanned<String>, Site>,
}

/// A rate class: requests per client address.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateClass {
    /// The rate.
    pub rate: Rate,
    /// Requests above the rate that are still let through at once.
    pub burst: u32,
    /// What it protects.
    pub purpose: Line,
    /// Whether each value of the path's first `*` has a count of its own, where the proxy can do that; others count per
    /// client address alone, which is stricter.
    #[serde(default)]
    pub each: bool,
    /// Whether answers tell the limit, as `X-RateLimit-Limit`.
    #[serde(default)]
    pub announce: bool,
}

/// One virtual host.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// What it is.
    pub title: Spanned<Line>,
    /// Whether it exists.
    pub when: Option<When>,
    /// Its host name. Computed.
    pub host: Computed<Domain>,
    /// Where on that host it is, such as `/apps/wiki`; default `/`. Its paths are written without it and the upstream does
    /// not see it; all else on the host answers 404. Computed.
    pub base_path: Option<Computed<UrlPath>>,
    /// Where requests go.
    pub upstream: Upstream,
    /// Who may reach it.
    pub audience: Visitors,
    /// Why the proxy itself must ask who somebody is, where it must.
    pub authentication: Option<Authentication>,
    /// Headers that no answer has, be they the application's or set anyway.
    #[serde(default)]
    pub hide: Vec<Spanned<HeaderName>>,
    /// The Content-Security-Policy the application stands. Computed.
    pub content_security_policy: Option<Computed<HeaderValue>>,
    /// Strict-Transport-Security instead of Stockade's own value; sent only where the certificate is trusted. Computed.
    pub strict_transport_security: Option<Computed<HeaderValue>>,
    /// Further response headers, or other values for those that are set anyway. Computed.
    #[serde(default)]
    pub headers: BTreeMap<HeaderName, Computed<HeaderValue>>,
    /// Headers that are set or hidden anyway and of which the application's own stand instead.
    #[serde(default)]
    pub pass_headers: Vec<Spanned<HeaderName>>,
    /// Characters that may stand encoded in a path; default all but `slash` and `double`.
    pub encoded: Option<Vec<Encoded>>,
    /// Whether unsafe methods from other sites are refused, for applications without tokens of their own.
    #[serde(default)]
    pub refuse_cross_site_writes: bool,
    /// Default rate class.
    pub rate: Option<Spanned<String>>,
    /// Default limit of a request's body. Computed.
    pub body: Computed<ByteSize>,
    /// Paths that differ from the rest.
    #[serde(default)]
    pub paths: Vec<Spanned<PathRule>>,
}

/// Who may visit a site or a path: a proxy serves people, so it is never for containers alone. What nobody is to reach has
/// `block`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Visitors {
    /// Everybody.
    Public,
    /// The admin networks.
    Admin,
}

impl From<Visitors> for Audience {
    fn from(visitors: Visitors) -> Self {
        match visitors {
            Visitors::Public => Self::Public,
            Visitors::Admin => Self::Admin,
        }
    }
}

/// A character with a meaning of its own in a URL, which stands encoded (`%2F`) where a path means the bare character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoded {
    /// `%2F`; rules of paths take it for `/`.
    Slash,
    /// `%23`; rules of paths take it for the end.
    Hash,
    /// `%3F`; rules of paths take it for the end.
    QuestionMark,
    /// `%3B`; rules of paths take it for `;`.
    Semicolon,
    /// `%25` in front of anything but two hexadecimal digits.
    Percent,
    /// `%25` in front of two hexadecimal digits, which whoever decodes twice takes for another character.
    Double,
}

impl Encoded {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Slash, Self::Hash, Self::QuestionMark, Self::Semicolon, Self::Percent, Self::Double];
    /// Those that pass where nobody says otherwise: no rule of a path can be evaded with them.
    pub const DEFAULT: [Self; 4] = [Self::Hash, Self::QuestionMark, Self::Semicolon, Self::Percent];
}

/// Where requests go.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// The service; or `host`.
    pub service: Option<Spanned<ServiceName>>,
    /// Instead of a service: name or address of what answers outside the stack, such as a process of the host. Computed.
    pub host: Option<Computed<Host>>,
    /// Its port. Computed.
    pub port: Computed<Port>,
    /// The network the proxy reaches it over.
    pub network: Spanned<NetworkName>,
    /// Whether it speaks TLS: `true`, or an expression. Its certificate is always verified, for the name under which it is
    /// asked.
    pub tls: Option<When>,
    /// With `tls`, the secret that holds the certificate of the authority that vouches for it, in PEM; a `service` needs
    /// one. Without it public authorities count.
    pub authority: Option<Spanned<SecretName>>,
    /// Whether connections are kept open between requests; default yes.
    #[serde(default = "yes")]
    pub keep_alive: bool,
}

fn yes() -> bool {
    true
}

/// Authentication at the proxy.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authentication {
    /// Why the application's own is not enough.
    pub reason: Line,
}

/// A fixed answer of the proxy, such as `robots.txt`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Its status: 200, 403, 404, 410, 451 or 503; default 200.
    #[schemars(extend("enum" = STATUSES))]
    pub status: Option<Spanned<u16>>,
    /// Its Content-Type; default `text/plain; charset=utf-8`.
    pub content_type: Option<Spanned<HeaderValue>>,
    /// Its text, line by line; without one the server's own words for the status. Computed.
    #[serde(default)]
    pub lines: Vec<Computed<Line>>,
}

/// What a fixed answer may have as its status.
pub const STATUSES: [u16; 6] = [200, 403, 404, 410, 451, 503];

/// A path that differs from the rest; it inherits what it does not say from the closest path around it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathRule {
    /// Exactly this path; `*` stands for any one segment.
    pub exact: Option<Spanned<UrlPattern>>,
    /// This path and everything below it; `*` stands for any one segment.
    pub prefix: Option<Spanned<UrlPattern>>,
    /// Why it is not served at all.
    pub block: Option<Line>,
    /// What the proxy says itself, instead of asking anybody; paths below do not inherit it.
    pub answer: Option<Answer>,
    /// Whether it is served although a path around it is blocked.
    #[serde(default)]
    pub serve: bool,
    /// Where requests go, where not to the site's own.
    pub upstream: Option<Upstream>,
    /// Whether the upstream sees the path without this prefix; only with `prefix` and without `*`.
    pub strip_prefix: Option<bool>,
    /// The methods that pass; others are answered 405. HEAD passes with GET.
    pub methods: Option<Vec<Method>>,
    /// The Content-Security-Policy of its answers, instead of the site's. Computed.
    pub content_security_policy: Option<Computed<HeaderValue>>,
    /// Further response headers of its answers, instead of the site's. Computed.
    #[serde(default)]
    pub headers: BTreeMap<HeaderName, Computed<HeaderValue>>,
    /// Headers that its answers have as the application sets them.
    #[serde(default)]
    pub pass_headers: Vec<Spanned<HeaderName>>,
    /// Headers that none of its answers has.
    #[serde(default)]
    pub hide: Vec<Spanned<HeaderName>>,
    /// Characters that may stand encoded in it, instead of the site's list.
    pub encoded: Option<Vec<Encoded>>,
    /// Whether unsafe methods pass only with the site's own `Origin`, for applications without tokens of their own.
    pub require_origin: Option<bool>,
    /// Networks that alone may reach it, as one text with commas; an empty one lets nobody in. Instead of `audience`.
    /// Computed.
    pub from: Option<Computed<Cidrs>>,
    /// Rate class.
    pub rate: Option<Spanned<String>>,
    /// Limit of a request's body. Computed.
    pub body: Option<Computed<ByteSize>>,
    /// How long the application may be silent; default 60s. What an upload may take follows from `body`.
    pub timeout: Option<Duration>,
    /// Whether answers are for programs: never stored, never sniffed.
    pub api: Option<bool>,
    /// Whether answers stream (server-sent events, WebSocket): no buffering, upgrades pass.
    pub streaming: Option<bool>,
    /// Who may reach it, where narrower than the site.
    pub audience: Option<Visitors>,
    /// Whether it applies.
    pub when: Option<When>,
}
