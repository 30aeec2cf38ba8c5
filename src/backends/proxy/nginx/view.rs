//! What `proxy/nginx/nginx.conf.j2` prints.

use super::super::marked::{Auth, Header, Name};
use super::super::tls::Policy;
use crate::controls::Id;
use crate::stack::Because;
use crate::templates::Said;
use serde::Serialize;

/// The whole file.
#[derive(Debug, Serialize)]
pub struct View {
    /// Listeners in the container.
    pub http_port: u16,
    /// Listener for TLS.
    pub https_port: u16,
    /// Listener of the health check.
    pub health_port: u16,
    /// Whether to listen on IPv6.
    pub ipv6: bool,
    /// Certificate chain.
    pub certificate: String,
    /// Its key.
    pub key: String,
    /// Where other stacks put their sites, where they may.
    pub shared: Option<&'static str>,
    /// Whether requests for HTTP are sent on to HTTPS.
    pub redirects: bool,
    /// Access log as JSON; without it there is none.
    pub access_log: Option<Because<()>>,
    /// Unknown names get nothing, and no version is told.
    pub hidden: Option<Because<()>>,
    /// Forwarding headers are overwritten.
    pub forwarded: Option<Because<()>>,
    /// Protocol versions and suites.
    pub policy: Option<Because<Policy>>,
    /// Proxies in front whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// Counters of rate limits.
    pub zones: Vec<Zone>,
    /// Ids behind the rate limits; empty where there are none.
    pub limits_why: Vec<Id>,
    /// Whether rates are limited.
    pub limits: bool,
    /// Whether any site judges where writes come from.
    pub writes: bool,
    /// Whether connections to any site's application are closed after each request.
    pub closes: bool,
    /// Whether a refusal by a rate limit tells that nothing is left.
    pub announces: bool,
    /// Whether nginx says anything itself.
    pub answers: bool,
    /// Whether a dollar sign is in what it says.
    pub dollars: bool,
    /// What could hide a step of a path, as a regular expression.
    pub odd: String,
    /// What could hide a step of a path as it was sent, as a regular expression.
    pub hidden_steps: String,
    /// Methods that exist, as a regular expression.
    pub methods: String,
    /// Headers of requests that only a proxy may say.
    pub foreign: &'static [&'static str],
    /// Groups of upstreams.
    pub upstreams: Vec<Upstream>,
    /// Virtual hosts.
    pub sites: Vec<Site>,
}

/// Where requests go.
#[derive(Debug, Clone, Serialize)]
pub struct Upstream {
    /// Its group.
    pub group: String,
    /// `NAME:PORT`
    pub server: String,
    /// Whether the name is looked up again and again.
    pub resolve: bool,
    /// Whether connections are kept open.
    pub keep_alive: bool,
    /// Name in the certificate, where it speaks TLS.
    pub tls_name: Option<String>,
    /// File with certificates of the authorities that count, where it speaks TLS.
    pub tls_authorities: Option<String>,
    /// `Host` it is asked for instead of the site's.
    pub own_host: Option<String>,
}

/// A counter of requests per client address.
#[derive(Debug, Serialize)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// `20r/s`
    pub rate: String,
    /// Whether nginx cannot count as slowly as the profile asks.
    pub inexact: bool,
    /// Whether each value of the path's first wildcard is counted apart.
    pub each: bool,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// One virtual host.
#[derive(Debug, Serialize)]
pub struct Site {
    /// A word for variables and upstream groups.
    pub id: String,
    /// Host name.
    pub host: String,
    /// `https://HOST[:PORT]` as browsers see it.
    pub origin: String,
    /// `HOST[:PORT]` as browsers see it.
    pub authority: String,
    /// Where requests go, where no path says otherwise.
    pub upstream: Upstream,
    /// Whether `Host` depends on the path.
    pub hosts_differ: bool,
    /// A write with the site's own origin, as one word of a map; `None` where no path needs that.
    pub own_origin: Option<String>,
    /// Headers on every answer.
    pub headers: Vec<Header>,
    /// Headers on the way from HTTP to HTTPS.
    pub plain_headers: Vec<Header>,
    /// Headers whose value depends on the path.
    pub api_headers: Vec<ApiHeader>,
    /// Headers of nginx' own answers.
    pub own_answers: Vec<OwnAnswer>,
    /// Kind of answer that the rest of the site gives.
    pub kind: usize,
    /// Paths at which the kind of answer changes, least specific first.
    pub kinds: Vec<Kind>,
    /// Headers of the application that do not pass.
    pub removed: Vec<Name>,
    /// Cross-site writes are refused.
    pub same_site: Option<Because<()>>,
    /// Networks all locations are limited to.
    pub allow: Option<Because<Vec<String>>>,
    /// Password file.
    pub authentication: Option<Because<Auth>>,
    /// Who signs the certificates that clients must show.
    pub client_certificates: Option<Because<String>>,
    /// Encoded characters that no path may have, as a regular expression.
    pub encoded: Option<String>,
    /// Rate limit of all locations.
    pub rate: Option<Limit>,
    /// Seconds of silence.
    pub timeout: u64,
    /// Largest body in bytes.
    pub body: Option<Because<u64>>,
    /// Paths, in the order in which they are tried.
    pub locations: Vec<Location>,
}

/// A header whose value depends on the path.
#[derive(Debug, Serialize)]
pub struct ApiHeader {
    /// Its name.
    pub name: String,
    /// The variable with its value.
    pub variable: String,
    /// The variable with the application's own.
    pub upstream: String,
    /// Value on all other paths; `None` is the application's own.
    pub otherwise: Option<Said>,
    /// Value by kind of answer; `None` is the application's own.
    pub values: Vec<(usize, Option<Said>)>,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// A header that nginx says on answers of its own, where the application says it on all others.
#[derive(Debug, Serialize)]
pub struct OwnAnswer {
    /// Its name.
    pub name: String,
    /// The variable with its value.
    pub variable: String,
    /// The variable with the application's own.
    pub upstream: String,
    /// Value on nginx' own answers.
    pub value: Said,
    /// Whether it is the same on all paths.
    pub everywhere: bool,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// A path at which the kind of answer changes.
#[derive(Debug, Serialize)]
pub struct Kind {
    /// The path.
    pub regex: String,
    /// Zero is the application's own.
    pub kind: usize,
}

/// A rate limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Its counter.
    pub zone: String,
    /// Requests let through at once beyond the rate.
    pub burst: u32,
    /// Seconds until another request may pass.
    pub retry_after: u64,
    /// Ids of controls.
    pub why: Vec<Id>,
}

/// One path; settings that are the site's own are not repeated.
#[derive(Debug, Serialize)]
pub struct Location {
    /// `None` is the rest.
    pub regex: Option<String>,
    /// Answers 404.
    pub blocked: Option<Because<()>>,
    /// What nginx says itself.
    pub answer: Option<Answer>,
    /// Encoded characters that are refused, where not all paths refuse the same, as a regular expression.
    pub encoded: Option<String>,
    /// Methods that pass, as a regular expression.
    pub methods: Option<Because<String>>,
    /// Whether writes need the site's own origin.
    pub own_origin: Option<Because<()>>,
    /// Another upstream than the site's.
    pub upstream: Option<Upstream>,
    /// Prefix that the upstream does not see, as a regular expression.
    pub strip: Option<String>,
    /// All limits that count here, where they are not the site's.
    pub limits: Vec<Limit>,
    /// Seconds until another request may pass, with `limits`.
    pub retry_after: Option<u64>,
    /// Networks, where they are not the site's.
    pub allow: Option<Because<Vec<String>>>,
    /// Largest body in bytes, where it is not the site's.
    pub body: Option<Because<u64>>,
    /// Whether bodies pass through as they come.
    pub unbuffered: bool,
    /// Whether answers stream and connections may be upgraded.
    pub streaming: bool,
    /// Seconds of silence, where they are not the site's.
    pub timeout: Option<u64>,
}

/// What nginx says itself, in a location of its own: a `return` comes before allow-lists, passwords and rate limits, which
/// count in the location that leads there.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// Its location, without `@`.
    pub location: String,
    /// Status.
    pub status: u16,
    /// Content-Type.
    pub content_type: Said,
    /// Variables and what they hold.
    pub variables: Vec<(String, Said)>,
    /// Lines, each the names of variables.
    pub lines: Vec<Vec<String>>,
    /// Whether a line has a dollar sign.
    #[serde(skip)]
    pub dollars: bool,
}
