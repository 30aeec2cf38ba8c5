//! Sites and locations: every path gets all it inherits.

use super::Context;
use crate::diagnostics::{Diagnostic, codes};
use crate::profile::{Level, ProxyAuth, TlsMode, TlsPolicy};
use crate::stack::edge::{Abilities, Edge, Location, RateClass, Site, Tls};
use crate::stack::{Certificate, Enforced, Stack};
use crate::systems::format::{self, Audience, PathRule};
use crate::values::{ByteSize, Duration, HeaderName, HeaderValue, ServiceName, UrlPath, User};
use std::collections::BTreeMap;

/// Longest silence on a path that says nothing else.
const TIMEOUT: Duration = Duration::seconds(60);

/// Adds the reverse proxy, where any site exists.
pub fn resolve(context: &mut Context, can: Abilities, stack: &mut Stack) {
    let Some(description) = &context.system.edge else { return };
    let mut sites = Vec::new();
    for (name, site) in &description.sites {
        if context.scope.holds(&site.when)
            && stack.services.contains_key(&site.upstream.service.value)
            && let Some(resolved) = self::site(context, &name.value, site)
        {
            context.claims.add("site", &name.value, name.span);
            context.claims.add("host name", &resolved.host, name.span);
            sites.push(resolved);
        }
    }
    let Ok(service) = "proxy".parse::<ServiceName>() else { return };
    if sites.is_empty() {
        return;
    }
    let profile = &context.profile.proxy;
    let rates = description
        .rates
        .iter()
        .map(|(name, class)| {
            let changed = profile.rate_limits.iter().find(|(key, _)| key.value == name.value);
            let rate = changed.map_or(class.rate, |(_, rate)| rate.value);
            (name.value.clone(), RateClass { rate, burst: class.burst })
        })
        .collect();
    if let Some(edge) = &mut stack.edge {
        return join(edge, sites, rates, context.system.name.as_str());
    }
    let tls = &profile.tls;
    let strict = context.choices.level == Level::Strict;
    let production = stack.is_production();
    stack.edge = Some(Edge {
        kind: context.choices.proxy,
        can,
        service,
        http_port: context.choices.http_port,
        https_port: context.choices.https_port,
        tls: Tls {
            mode: context.choices.tls,
            email: tls.email.as_ref().map(|email| email.value.clone()),
            files: tls.certificate.as_ref().zip(tls.key.as_ref()).map(|(c, k)| (c.value.clone(), k.value.clone())),
            wanted_policy: tls
                .policy
                .as_ref()
                .map_or(if strict { TlsPolicy::Modern } else { TlsPolicy::Intermediate }, |policy| policy.value),
            policy: Enforced::default(),
            wants_hsts: profile
                .headers
                .hsts
                .as_ref()
                .map_or(production && context.choices.trusted(), |hsts| hsts.value),
            hsts: Enforced::default(),
        },
        admin: context.choices.admin.clone(),
        trusted_proxies: profile.trusted_proxies.iter().flat_map(|list| &list.value).map(|cidr| cidr.value).collect(),
        rates,
        wants_access_log: context.profile.monitoring.access_log.as_ref().is_none_or(|log| log.value),
        access_log: Enforced::default(),
        forwarded: Enforced::default(),
        hidden: Enforced::default(),
        sites,
    });
}

/// Adds another system's sites. Its rate classes get its name in front where one is taken: clients are counted for each.
fn join(edge: &mut Edge, mut sites: Vec<Site>, rates: BTreeMap<String, RateClass>, system: &str) {
    let taken = rates.keys().any(|name| edge.rates.contains_key(name));
    let own = |name: &str| if taken { format!("{system}-{name}") } else { name.to_owned() };
    for class in
        sites.iter_mut().flat_map(|site| &mut site.locations).filter_map(|location| location.rate_class.as_mut())
    {
        *class = own(class);
    }
    edge.rates.extend(rates.into_iter().map(|(name, class)| (own(&name), class)));
    edge.sites.extend(sites);
}

/// The certificate the bundle makes itself, for the proxy that runs as `reader`.
pub fn certificate(edge: &Edge, reader: User) -> Option<Certificate> {
    let mut names: Vec<_> = edge.sites.iter().map(|site| site.host.clone()).collect();
    names.sort_unstable();
    names.dedup();
    (edge.tls.mode == TlsMode::SelfSigned).then_some(Certificate { names, reader })
}

fn site(context: &mut Context, name: &str, site: &format::Site) -> Option<Site> {
    let host = context.scope.compute(&site.host)?;
    let body = context.scope.compute(&site.body)?;
    let mut rules = Vec::new();
    for rule in &site.paths {
        if context.scope.holds(&rule.when) {
            rules.push((path(context, rule)?, rule));
        }
    }
    let mut locations: Vec<Location> = Vec::new();
    for ((path, exact), rule) in &rules {
        locations.push(location(context, site, body, path, *exact, rule, &rules)?);
    }
    if !locations.iter().any(|l| l.path.as_str() == "/" && !l.exact) {
        locations.push(base(site, body, "/".parse().ok()?));
    }
    // Exact before prefix, long before short: the order in which every server then looks.
    locations.sort_by(|a, b| {
        b.exact.cmp(&a.exact).then(b.path.as_str().len().cmp(&a.path.as_str().len())).then(a.path.cmp(&b.path))
    });
    let profile = &context.profile.proxy;
    let wants_authentication =
        site.authentication.is_some() && profile.auth.mode.as_ref().is_none_or(|mode| mode.value == ProxyAuth::Basic);
    Some(Site {
        name: name.to_owned(),
        title: site.title.clone(),
        host,
        upstream: site.upstream.service.value.clone(),
        port: site.upstream.port,
        keep_alive: site.upstream.keep_alive,
        audience: site.audience,
        hide: Enforced::default(),
        headers: Enforced::default(),
        wanted_headers: headers(context, site),
        wanted_hsts: site.strict_transport_security.as_ref().and_then(|value| context.scope.compute(value)),
        wanted_hidden: site.hide.clone(),
        authentication_reason: site.authentication.as_ref().map(|a| a.reason.clone()),
        wants_authentication,
        authentication: Enforced::default(),
        wants_same_site: site.refuse_cross_site_writes,
        same_site: Enforced::default(),
        locations,
    })
}

fn path(context: &mut Context, rule: &PathRule) -> Option<(UrlPath, bool)> {
    match (&rule.exact, &rule.prefix) {
        (Some(exact), None) => Some((exact.value.clone(), true)),
        (None, Some(prefix)) => Some((prefix.value.clone(), false)),
        (both, _) => {
            let at = both.as_ref().map_or(crate::source::Span::UNKNOWN, |path| path.span);
            context.scope.diagnostics.push(
                Diagnostic::error(codes::INVALID_SYSTEM, "a path has neither or both of `exact` and `prefix`")
                    .at(at, "")
                    .help("write one of the two"),
            );
            None
        }
    }
}

fn base(site: &format::Site, body: ByteSize, path: UrlPath) -> Location {
    Location {
        path,
        exact: false,
        block_reason: None,
        blocked: Enforced::default(),
        rate_class: site.rate.as_ref().map(|rate| rate.value.clone()),
        rate: Enforced::default(),
        body_limit: body,
        body: Enforced::default(),
        timeout: TIMEOUT,
        api: false,
        api_headers: Enforced::default(),
        streaming: false,
        audience: site.audience,
        allow: Enforced::default(),
    }
}

type Rule<'a> = ((UrlPath, bool), &'a PathRule);

fn location(
    context: &mut Context,
    site: &format::Site,
    body: ByteSize,
    path: &UrlPath,
    exact: bool,
    own: &PathRule,
    rules: &[Rule],
) -> Option<Location> {
    let mut result = base(site, body, path.clone());
    result.exact = exact;
    // From the outside in: what a closer path says replaces what a wider one said.
    let mut around: Vec<&Rule> = rules.iter().filter(|((p, e), _)| !e && p != path && encloses(p, path)).collect();
    around.sort_by_key(|((p, _), _)| p.as_str().len());
    for rule in around.into_iter().map(|(_, rule)| *rule).chain([own]) {
        if let Some(rate) = &rule.rate {
            result.rate_class = Some(rate.value.clone());
        }
        if let Some(limit) = &rule.body {
            result.body_limit = context.scope.compute(limit)?;
        }
        result.timeout = rule.timeout.unwrap_or(result.timeout);
        result.api = rule.api.unwrap_or(result.api);
        result.streaming = rule.streaming.unwrap_or(result.streaming);
        result.audience = rule.audience.unwrap_or(result.audience).max(site.audience);
        result.block_reason = rule.block.clone().or(result.block_reason.filter(|_| !rule.serve));
    }
    Some(result)
}

/// Whether everything below `outer` includes `inner`, on segment borders.
fn encloses(outer: &UrlPath, inner: &UrlPath) -> bool {
    let (outer, inner) = (outer.as_str().trim_end_matches('/'), inner.as_str());
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn headers(context: &mut Context, site: &format::Site) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers: Vec<(HeaderName, HeaderValue)> = Vec::new();
    let mut set = |name: HeaderName, value: HeaderValue| {
        headers.retain(|(known, _)| !known.as_str().eq_ignore_ascii_case(name.as_str()));
        headers.push((name, value));
    };
    // MDN HTTP Observatory and OWASP Secure Headers; X-Frame-Options stands for browsers without CSP 2.
    const STANDARD: [(&str, &str); 3] = [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ];
    const STRICT: [(&str, &str); 3] = [
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        (
            "Permissions-Policy",
            "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
        ),
    ];
    let strict = context.choices.level == Level::Strict;
    for (name, value) in STANDARD.iter().chain(STRICT.iter().filter(|_| strict)) {
        if let (Ok(name), Ok(value)) = (name.parse(), value.parse()) {
            set(name, value);
        }
    }
    let profile = &context.profile.proxy.headers;
    let csp = match &profile.content_security_policy {
        Some(policy) => Some(policy.value.clone()),
        None => site.content_security_policy.as_ref().and_then(|policy| context.scope.compute(policy)),
    };
    if let (Some(csp), Ok(name)) = (csp, "Content-Security-Policy".parse()) {
        set(name, csp);
    }
    for (name, value) in &site.headers {
        if let Some(value) = context.scope.compute(value) {
            set(name.clone(), value);
        }
    }
    for (name, value) in &profile.set {
        set(name.value.clone(), value.value.clone());
    }
    headers
}

/// The largest body any location takes, in MiB; what a proxy must be able to hold.
pub fn largest_body(edge: &Edge) -> u64 {
    let largest = edge
        .sites
        .iter()
        .flat_map(|site| &site.locations)
        .filter(|l| l.block_reason.is_none())
        .map(|l| l.body_limit.get())
        .max();
    largest.unwrap_or(1 << 20).div_ceil(1 << 20)
}

/// Whether anything at the edge is for everybody.
pub fn is_public(edge: &Edge) -> bool {
    edge.sites.iter().flat_map(|site| &site.locations).any(|location| location.audience == Audience::Public)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_enclose_on_segment_borders() {
        let path = |text: &str| text.parse::<UrlPath>().expect("a path");
        assert!(
            encloses(&path("/api"), &path("/api/auth"))
                && encloses(&path("/"), &path("/x"))
                && encloses(&path("/api/"), &path("/api/x"))
        );
        assert!(!encloses(&path("/api"), &path("/apis")) && !encloses(&path("/api/x"), &path("/api")));
    }
}
