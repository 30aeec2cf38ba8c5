//! Sites and locations: every path gets all it inherits.

use super::{Context, order};
use crate::diagnostics::{Diagnostic, codes};
use crate::profile::{Level, ProxyAuth, TlsMode};
use crate::source::Spanned;
use crate::stack::edge::{Abilities, Answer, Edge, Location, RateClass, Site, Target, Tls, Trust, Upstream};
use crate::stack::service::PortAudience;
use crate::stack::{Certificate, Enforced, Stack};
use crate::systems::format::{self, Audience, PathRule};
use crate::values::{ByteSize, Cidr, Duration, HeaderName, HeaderValue, Line, ServiceName, UrlPattern, User};
use std::collections::BTreeMap;

/// Longest silence on a path that says nothing else.
const TIMEOUT: Duration = Duration::seconds(60);

/// Adds the reverse proxy, where any site exists.
pub fn resolve(context: &mut Context, can: Abilities, stack: &mut Stack) {
    let Some(description) = &context.system.edge else { return };
    let mut sites = Vec::new();
    for (name, site) in &description.sites {
        if context.scope.holds(&site.when)
            && site.upstream.service.as_ref().is_none_or(|service| stack.services.contains_key(&service.value))
            && let Some(resolved) = self::site(context, &name.value, site, can, stack)
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
            (name.value.clone(), RateClass { rate, burst: class.burst, each: class.each, announce: class.announce })
        })
        .collect();
    if let Some(edge) = &mut stack.edge {
        return join(edge, sites, rates, context.system.name.as_str());
    }
    let tls = &profile.tls;
    stack.edge = Some(Edge {
        kind: context.choices.proxy,
        can,
        service,
        http_port: context.choices.http_port,
        https_port: context.choices.https_port,
        ipv6: context.choices.publishes_ipv6(),
        tls: Tls {
            mode: context.choices.tls,
            email: tls.email.as_ref().map(|email| email.value.clone()),
            wanted_policy: context.choices.tls_policy,
            policy: Enforced::default(),
            wants_hsts: context.choices.wants_hsts(context.profile),
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

fn site(context: &mut Context, name: &str, site: &format::Site, can: Abilities, stack: &Stack) -> Option<Site> {
    let host = context.scope.compute(&site.host)?;
    let body = context.scope.compute(&site.body)?;
    let upstream = self::upstream(context, &site.upstream, stack)?;
    let base_path = match &site.base_path {
        Some(path) => context.scope.compute(path)?.as_str().trim_end_matches('/').to_owned(),
        None => String::new(),
    };
    let mut rules = Vec::new();
    for rule in &site.paths {
        if context.scope.holds(&rule.when) {
            let (path, exact) = path(context, rule)?;
            rules.push(((below(&base_path, &path)?, exact), rule));
        }
    }
    if let Some(double) = double(&rules) {
        context.scope.diagnostics.push(double);
        return None;
    }
    let mut locations: Vec<Location> = Vec::new();
    let root: UrlPattern = "/".parse().ok()?;
    let own = below(&base_path, &root)?;
    let rest = Location {
        strip: (!base_path.is_empty()).then(|| own.clone()),
        ..base(site, upstream.clone(), body, own.clone())
    };
    for ((path, exact), rule) in &rules {
        let plain = Location { path: path.clone(), exact: *exact, ..rest.clone() };
        locations.push(location(context, (site, can), plain, rule, (&rules, &base_path), stack)?);
    }
    if !locations.iter().any(|known| !known.exact && known.path.is_same(&own)) {
        locations.push(rest.clone());
    }
    if !base_path.is_empty() {
        let block_reason = format!("What is served here lies below {base_path}.").parse().ok();
        locations.push(Location { path: root, strip: None, block_reason, ..rest });
    }
    order::sort(&mut locations);
    let profile = &context.profile.proxy;
    let wants_authentication =
        site.authentication.is_some() && profile.auth.mode.as_ref().is_none_or(|mode| mode.value == ProxyAuth::Basic);
    Some(Site {
        name: name.to_owned(),
        title: site.title.clone(),
        host,
        upstream,
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

/// Where requests go. What names a service that is not there, or both a service and a host, is reported.
fn upstream(context: &mut Context, upstream: &format::Upstream, stack: &Stack) -> Option<Upstream> {
    let port = context.scope.compute(&upstream.port);
    let wrong = |context: &mut Context, at, says: String, help: &str| {
        context.scope.diagnostics.push(Diagnostic::error(codes::INVALID_SYSTEM, says).at(at, "").help(help));
        None
    };
    let at = upstream.network.span;
    let target = match (&upstream.service, &upstream.host) {
        // What the file does not describe was said when it was read.
        (Some(service), None) if !context.system.services.keys().any(|known| known.value == service.value) => {
            return None;
        }
        (Some(service), None) if !stack.services.contains_key(&service.value) => {
            let says = format!("there is no service `{}` here", service.value);
            return wrong(context, service.span, says, "give the path or site the service's `when`");
        }
        (Some(service), None) => Target::Service(service.value.clone()),
        (None, Some(host)) => Target::Host(context.scope.compute(host)?),
        _ => {
            let says = "an upstream has neither or both of `service` and `host`".to_owned();
            return wrong(context, at, says, "write one of the two");
        }
    };
    let speaks_tls = upstream.tls.is_some() && context.scope.holds(&upstream.tls);
    let tls = match (&upstream.authority, &target) {
        _ if !speaks_tls => None,
        (Some(secret), _) if !stack.secrets.contains_key(&secret.value) => {
            // One that the file does not have at all was said when it was read.
            if !context.system.secrets.keys().any(|known| known.value == secret.value) {
                return None;
            }
            let says = format!("there is no secret `{}` here", secret.value);
            return wrong(context, secret.span, says, "give `tls` the secret's `when`");
        }
        (Some(secret), _) => Some(Trust::Authority(secret.value.clone())),
        (None, Target::Host(_)) => Some(Trust::Public),
        (None, Target::Service(service)) => {
            let says = format!("no public authority vouches for `{service}`, a name of the stack alone");
            return wrong(context, at, says, "name the secret with its authority's certificate, `authority: NAME`");
        }
    };
    Some(Upstream {
        target,
        port: port?,
        network: upstream.network.value.clone(),
        keep_alive: upstream.keep_alive,
        tls,
    })
}

/// A path of a site that begins at another one.
fn below(base_path: &str, path: &UrlPattern) -> Option<UrlPattern> {
    match (base_path, path.as_str()) {
        ("", _) => Some(path.clone()),
        (base, "/") => base.parse().ok(),
        (base, path) => format!("{base}{path}").parse().ok(),
    }
}

fn path(context: &mut Context, rule: &Spanned<PathRule>) -> Option<(UrlPattern, bool)> {
    match (&rule.exact, &rule.prefix) {
        (Some(exact), None) => Some((exact.value.clone(), true)),
        (None, Some(prefix)) => Some((prefix.value.clone(), false)),
        (both, _) => {
            let at = both.as_ref().map_or(rule.span, |path| path.span);
            context.scope.diagnostics.push(
                Diagnostic::error(codes::INVALID_SYSTEM, "a path has neither or both of `exact` and `prefix`")
                    .at(at, "")
                    .help("write one of the two"),
            );
            None
        }
    }
}

/// Two rules for one path, of which a proxy would see the first alone.
fn double(rules: &[Rule]) -> Option<Diagnostic> {
    let written =
        |rule: &Spanned<PathRule>| rule.exact.as_ref().or(rule.prefix.as_ref()).map_or(rule.span, |path| path.span);
    rules.iter().enumerate().find_map(|(at, ((path, exact), rule))| {
        let ((other, _), first) = rules[..at].iter().find(|((other, kind), _)| kind == exact && other.is_same(path))?;
        let says = format!("`{path}` and `{other}` are one path: rules hold whatever the case and a final `/`");
        let double = Diagnostic::error(codes::INVALID_SYSTEM, says).at(written(rule), "");
        Some(double.also(written(first), "the other one").help("write one rule with all keys"))
    })
}

fn base(site: &format::Site, upstream: Upstream, body: ByteSize, path: UrlPattern) -> Location {
    Location {
        path,
        exact: false,
        block_reason: None,
        blocked: Enforced::default(),
        answer: None,
        rate_class: site.rate.as_ref().map(|rate| rate.value.clone()),
        rate: Enforced::default(),
        body_limit: body,
        body: Enforced::default(),
        timeout: TIMEOUT,
        api: false,
        api_headers: Enforced::default(),
        streaming: false,
        upstream,
        strip: None,
        wanted_methods: None,
        methods: Enforced::default(),
        wanted_headers: Vec::new(),
        headers: Enforced::default(),
        wants_origin: false,
        origin: Enforced::default(),
        sources: None,
        audience: site.audience,
        allow: Enforced::default(),
    }
}

type Rule<'a> = ((UrlPattern, bool), &'a Spanned<PathRule>);

/// A path with what it says itself and what it inherits.
fn location(
    context: &mut Context,
    (site, can): (&format::Site, Abilities),
    mut result: Location,
    own: &Spanned<PathRule>,
    (rules, base_path): (&[Rule], &str),
    stack: &Stack,
) -> Option<Location> {
    let whole = result.strip.clone();
    // From the outside in: what a closer path says replaces what a wider one said.
    let is_itself = |path: &UrlPattern| !result.exact && path.is_same(&result.path);
    let is_around = |(path, exact): &(UrlPattern, bool)| !exact && !is_itself(path) && path.encloses(&result.path);
    let mut around: Vec<&Rule> = rules.iter().filter(|(path, _)| is_around(path)).collect();
    around.sort_by_key(|((path, _), _)| (path.as_str().len(), !path.has_wildcard()));
    for rule in around.into_iter().map(|(_, rule)| *rule).chain([own]) {
        if let Some(rate) = &rule.rate {
            result.rate_class = Some(rate.value.clone());
        }
        if let Some(limit) = &rule.body {
            result.body_limit = context.scope.compute(limit)?;
        }
        if let Some(upstream) = &rule.upstream {
            result.upstream = self::upstream(context, upstream, stack)?;
            result.strip.clone_from(&whole);
        }
        if let Some(strip) = rule.strip_prefix {
            result.strip = if strip { Some(below(base_path, &stripped(context, rule)?)?) } else { whole.clone() };
        }
        if let Some(policy) = &rule.content_security_policy
            && let (Ok(name), Some(policy)) =
                ("Content-Security-Policy".parse::<HeaderName>(), context.scope.compute(policy))
        {
            result.wanted_headers = vec![(name, policy)];
        }
        if let Some(from) = &rule.from {
            result.sources = Some(context.scope.compute(from)?.0);
        }
        if let Some(methods) = &rule.methods {
            result.wanted_methods = Some(methods.clone());
        }
        result.wants_origin = rule.require_origin.unwrap_or(result.wants_origin);
        result.timeout = rule.timeout.unwrap_or(result.timeout);
        result.api = rule.api.unwrap_or(result.api);
        result.streaming = rule.streaming.unwrap_or(result.streaming);
        result.audience = rule.audience.unwrap_or(result.audience).max(site.audience);
        let serve = rule.serve || rule.answer.is_some();
        result.block_reason = rule.block.clone().or(result.block_reason.filter(|_| !serve));
    }
    if let Some(answer) = &own.answer {
        self::answer(context, can, own, answer, &mut result)?;
    }
    Some(result)
}

/// What the proxy says itself; where it cannot, the path is closed, and that is said.
fn answer(
    context: &mut Context,
    can: Abilities,
    rule: &PathRule,
    answer: &format::Answer,
    location: &mut Location,
) -> Option<()> {
    let at = rule.exact.as_ref().or(rule.prefix.as_ref()).map_or(crate::source::Span::UNKNOWN, |path| path.span);
    if rule.block.is_some() {
        let double = Diagnostic::error(codes::INVALID_SYSTEM, "a path has both `block` and `answer`");
        context.scope.diagnostics.push(double.at(at, "").help("write one of the two"));
        return None;
    }
    let status = answer.status.as_ref().map_or(200, |status| status.value);
    if !format::STATUSES.contains(&status) {
        let known = format::STATUSES.map(|status| status.to_string()).join(", ");
        let wrong = Diagnostic::error(codes::INVALID_SYSTEM, format!("no path can answer {status} by itself"));
        let span = answer.status.as_ref().map_or(at, |status| status.span);
        context.scope.diagnostics.push(wrong.at(span, "").help(format!("write one of {known}")));
        return None;
    }
    if !can.answers {
        let kind = context.choices.proxy;
        let says = format!("`{kind}` says nothing by itself, so `{}` is closed", location.path);
        context.scope.diagnostics.push(
            Diagnostic::warning(codes::LEFT_OUT, says)
                .at(at, "")
                .help("choose `proxy.kind: nginx` or `caddy`, or let a service of the system answer"),
        );
        location.block_reason = "The proxy here says nothing by itself.".parse().ok();
        return Some(());
    }
    let content_type = match &answer.content_type {
        Some(given) => given.clone(),
        None => "text/plain; charset=utf-8".parse().ok()?,
    };
    let lines: Vec<Line> = answer.lines.iter().filter_map(|line| context.scope.compute(line)).collect();
    location.answer = Some(Answer { status, content_type, lines });
    Some(())
}

/// The prefix that an upstream does not see.
fn stripped(context: &mut Context, rule: &Spanned<PathRule>) -> Option<UrlPattern> {
    let plain = rule.prefix.as_ref().filter(|prefix| !prefix.value.has_wildcard());
    if plain.is_none() {
        let at = rule.exact.as_ref().or(rule.prefix.as_ref()).map_or(rule.span, |path| path.span);
        context.scope.diagnostics.push(
            Diagnostic::error(codes::INVALID_SYSTEM, "only a `prefix` without `*` can be stripped")
                .at(at, "")
                .help("strip the plain prefix around it; paths below inherit that"),
        );
    }
    plain.map(|prefix| prefix.value.clone())
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

/// Who may reach the edge at all: everybody where any path is for everybody, else whom its paths name, and the proxies in
/// front, which ask in their name.
pub fn audience(edge: &Edge) -> PortAudience {
    let answering = || edge.sites.iter().flat_map(|site| &site.locations).filter(|at| at.block_reason.is_none());
    if answering().any(|at| at.sources.is_none() && at.audience == Audience::Public) {
        return PortAudience::Public;
    }
    let mut sources: Vec<Cidr> = answering().flat_map(|at| at.sources.iter().flatten().copied()).collect();
    sources.extend(&edge.trusted_proxies);
    if sources.is_empty() {
        return PortAudience::Admin;
    }
    if answering().any(|at| at.sources.is_none()) {
        sources.extend(&edge.admin);
    }
    sources.sort_unstable();
    sources.dedup();
    PortAudience::From(sources)
}
