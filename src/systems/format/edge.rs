//! What the reverse proxy does for the services.

use super::{Audience, Computed, When};
use crate::source::Spanned;
use crate::values::{
    ByteSize, Domain, Duration, HeaderName, HeaderValue, Line, NetworkName, Port, Rate, ServiceName, UrlPath,
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
}

/// One virtual host.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// What it is.
    pub title: Line,
    /// Whether it exists.
    pub when: Option<When>,
    /// Its host name. Computed.
    pub host: Computed<Domain>,
    /// Where requests go.
    pub upstream: Upstream,
    /// Who may reach it.
    pub audience: Audience,
    /// Why the proxy itself must ask who somebody is, where it must.
    pub authentication: Option<Authentication>,
    /// Headers of the application's answers that are removed.
    #[serde(default)]
    pub hide: Vec<HeaderName>,
    /// The Content-Security-Policy the application stands. Computed.
    pub content_security_policy: Option<Computed<HeaderValue>>,
    /// Strict-Transport-Security instead of Stockade's own value; sent only where the certificate is trusted. Computed.
    pub strict_transport_security: Option<Computed<HeaderValue>>,
    /// Further response headers. Computed.
    #[serde(default)]
    pub headers: BTreeMap<HeaderName, Computed<HeaderValue>>,
    /// Whether unsafe methods from other sites are refused, for applications without tokens of their own.
    #[serde(default)]
    pub refuse_cross_site_writes: bool,
    /// Default rate class.
    pub rate: Option<Spanned<String>>,
    /// Default limit of a request's body. Computed.
    pub body: Computed<ByteSize>,
    /// Paths that differ from the rest.
    #[serde(default)]
    pub paths: Vec<PathRule>,
}

/// Where requests go.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// The service.
    pub service: Spanned<ServiceName>,
    /// Its port.
    pub port: Port,
    /// The network the proxy reaches it over.
    pub network: Spanned<NetworkName>,
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

/// A path that differs from the rest; it inherits what it does not say from the closest path around it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathRule {
    /// Exactly this path.
    pub exact: Option<Spanned<UrlPath>>,
    /// This path and everything below it.
    pub prefix: Option<Spanned<UrlPath>>,
    /// Why it is not served at all.
    pub block: Option<Line>,
    /// Whether it is served although a path around it is blocked.
    #[serde(default)]
    pub serve: bool,
    /// Rate class.
    pub rate: Option<Spanned<String>>,
    /// Limit of a request's body. Computed.
    pub body: Option<Computed<ByteSize>>,
    /// Longest silence of either side.
    pub timeout: Option<Duration>,
    /// Whether answers are for programs: never stored, never sniffed.
    pub api: Option<bool>,
    /// Whether answers stream (server-sent events, WebSocket): no buffering, upgrades pass.
    pub streaming: Option<bool>,
    /// Who may reach it, where narrower than the site.
    pub audience: Option<Audience>,
    /// Whether it applies.
    pub when: Option<When>,
}
