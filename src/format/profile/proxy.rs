//! The `proxy` section.

use super::bounds;
use crate::secrets::HtpasswdUser;
use crate::text::Spanned;
use crate::values::{
    ByteSize, Cidr, HeaderName, HeaderValue, HostIp, HostPath, ImageRef, Line, Port, ProjectName, ProxyAuth, ProxyKind,
    Rate, TlsMode, TlsPolicy, TrustedProxy, WafMode,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The reverse proxy in front of everything.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Proxy {
    /// `traefik` (default), `nginx` or `caddy`.
    pub kind: Option<Spanned<ProxyKind>>,
    /// Another image or digest of the same server.
    pub image: Option<Spanned<ImageRef>>,
    /// Addresses of the host to publish on; default all IPv4 addresses. A VPN address keeps the proxy off the internet.
    #[schemars(extend("minItems" = 1, "maxItems" = bounds::ADDRESSES))]
    pub bind: Option<Spanned<Vec<Spanned<HostIp>>>>,
    /// Port for HTTP on the host, which only redirects; default 80.
    pub http_port: Option<Spanned<Port>>,
    /// Port for HTTPS on the host; default 443.
    pub https_port: Option<Spanned<Port>>,
    /// Certificates and protocol versions.
    pub tls: Tls,
    /// Changes to the security headers.
    pub headers: Headers,
    /// Rates by class, replacing the system's, such as `login: 5/1m`.
    #[schemars(extend("maxProperties" = bounds::RATES))]
    pub rate_limits: BTreeMap<Spanned<String>, Spanned<Rate>>,
    /// How the proxy itself asks who somebody is.
    pub auth: ForwardedAuth,
    /// Certificates that clients must show before anything answers them (mutual TLS); default none.
    pub client_certificates: Option<Spanned<ClientCertificates>>,
    /// Web application firewall; none of the stock servers has one.
    pub waf: Option<Spanned<WafMode>>,
    /// Proxies before this one whose `X-Forwarded-For` is believed, or the name of a CDN; default none.
    #[schemars(extend("maxItems" = bounds::NETWORKS))]
    pub trusted_proxies: Option<Spanned<Vec<Spanned<TrustedProxy>>>>,
    /// Slowest upload that is waited for, in bytes a second; default `64k`.
    pub slowest_upload: Option<Spanned<ByteSize>>,
    /// The `name` of another stack of this host whose proxy serves this one too; this bundle then brings none.
    pub join: Option<Spanned<ProjectName>>,
    /// Whether other stacks of this host may join this proxy; without a `system` it serves them alone.
    pub shared: Option<Spanned<bool>>,
    /// With `shared`, the largest body that a stack which joins may take; default `15m`.
    pub largest_upload: Option<Spanned<ByteSize>>,
}

impl Proxy {
    /// Whether other stacks may join it.
    pub fn is_shared(&self) -> bool {
        self.shared.as_ref().is_some_and(|shared| shared.value)
    }

    /// Networks of the proxies before this one.
    pub fn trusted(&self) -> Vec<Cidr> {
        self.trusted_proxies.iter().flat_map(|list| &list.value).flat_map(|proxy| proxy.networks()).collect()
    }
}

/// Certificates and protocol versions.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// `acme`, `files` or `self-signed`.
    pub mode: Option<Spanned<TlsMode>>,
    /// Mozilla's `intermediate` (default, where the system asks for no other) or `modern` (default at level strict).
    pub policy: Option<Spanned<TlsPolicy>>,
    /// Address the ACME authority may write to.
    pub email: Option<Spanned<Line>>,
    /// Mode `files`: the certificate chain on the host, leaf first.
    pub certificate: Option<Spanned<HostPath>>,
    /// Mode `files`: the private key on the host.
    pub key: Option<Spanned<HostPath>>,
}

/// Changes to the security headers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Headers {
    /// Strict-Transport-Security; default on where the certificate is publicly trusted.
    pub hsts: Option<Spanned<bool>>,
    /// Replaces the system's Content-Security-Policy.
    pub content_security_policy: Option<Spanned<HeaderValue>>,
    /// Further response headers, or other values for ours.
    #[schemars(extend("maxProperties" = bounds::HEADERS))]
    pub set: BTreeMap<Spanned<HeaderName>, Spanned<HeaderValue>>,
    /// Headers that are set or hidden anyway and of which the applications' own stand instead.
    #[schemars(extend("maxItems" = bounds::HEADERS))]
    pub pass: Vec<Spanned<HeaderName>>,
    /// Headers that no answer has, be they an application's or set anyway.
    #[schemars(extend("maxItems" = bounds::HEADERS))]
    pub hide: Vec<Spanned<HeaderName>>,
}

/// Certificates that clients must show before anything answers them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientCertificates {
    /// Who signs them: a file with certificates in PEM on the host; default the bundle's own authority, which `stockade certs issue --client` makes.
    pub authority: Option<Spanned<HostPath>>,
    /// Sites that want one; default all.
    #[schemars(extend("minItems" = 1, "maxItems" = bounds::SITES))]
    pub sites: Option<Spanned<Vec<Spanned<String>>>>,
}

impl ClientCertificates {
    /// Whether a site wants one.
    pub fn wanted_by(&self, site: &str) -> bool {
        self.sites.as_ref().is_none_or(|sites| sites.value.iter().any(|name| name.value == site))
    }
}

/// How the proxy itself asks who somebody is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ForwardedAuth {
    /// `basic` or `none`; default what the system needs.
    pub mode: Option<Spanned<ProxyAuth>>,
    /// User name for `basic`; default `admin`.
    #[schemars(extend("type" = ["string", "number", "boolean"], "minimum" = 0, "pattern" = HtpasswdUser::PATTERN, "patternErrorMessage" = "wanted are at most 64 letters, digits, `.`, `_`, `@` and `-`"))]
    pub user: Option<Spanned<String>>,
}
