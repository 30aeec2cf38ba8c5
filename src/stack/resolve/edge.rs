//! The reverse proxy and its sites.

mod buffered;
mod encoded;
mod headers;
mod location;
mod upstream;

use self::location::{base, below, double, location, path};
use self::upstream::upstream;
use super::{Context, order};
use crate::format::system::{self, Abilities, Audience};
use crate::stack::edge::{
    BasicAuth, CLIENT_AUTHORITY, Edge, Location, PROXY_USERS, RateClass, Realm, Site, Standing, Tls,
};
use crate::stack::service::PortAudience;
use crate::stack::{Certificate, Enforced, Stack, certificate_days};
use crate::text::Spanned;
use crate::values::{ByteSize, Cidr, Domain, ProxyAuth, ServiceName, TlsMode, UrlPattern, User};
use std::collections::BTreeMap;

/// Half a megabit a second, which the slowest lines sold today upload with.
const SLOWEST_UPLOAD: ByteSize = ByteSize::bytes(64 << 10);

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
            // Where the profile says the name, that is the line to change.
            let domain = context.profile.domain.as_ref().filter(|domain| domain.value == resolved.host);
            context.claims.add("host name", &resolved.host, domain.map_or(name.span, |domain| domain.span));
            sites.push(resolved);
        }
    }
    let Ok(service) = "proxy".parse::<ServiceName>() else { return };
    if sites.is_empty() && !context.profile.proxy.is_shared() {
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
    stack.edge = Some(Edge {
        kind: context.choices.proxy,
        can,
        standing: standing(context),
        service,
        http_port: context.choices.http_port,
        https_port: context.choices.https_port,
        ipv6: context.choices.publishes_ipv6(),
        tls: Tls {
            mode: context.choices.tls,
            email: context.choices.email.clone(),
            policy: Enforced::wish(context.choices.tls_policy),
        },
        client_authority: profile.client_certificates.as_ref().and_then(|clients| clients.value.authority.clone()),
        admin: context.choices.admin.clone(),
        trusted_proxies: profile.trusted(),
        slowest_upload: profile.slowest_upload.as_ref().map_or(SLOWEST_UPLOAD, |speed| speed.value),
        rates,
        access_log: Enforced::wish_if(context.profile.monitoring.access_log.as_ref().is_none_or(|log| log.value)),
        forwarded: Enforced::wish(()),
        hidden: Enforced::wish(()),
        sites,
    });
}

/// What a stack that joins may take where nobody says how much: five minutes at the slowest speed.
const LARGEST_UPLOAD: ByteSize = ByteSize::bytes(15 << 20);

/// Whose the proxy is.
fn standing(context: &Context) -> Standing {
    let profile = context.profile;
    match (&profile.proxy.join, &profile.name) {
        (Some(host), Some(name)) => Standing::Joined { host: host.value.clone(), guest: name.value.clone() },
        _ if profile.proxy.is_shared() => Standing::Shared {
            largest_upload: profile.proxy.largest_upload.as_ref().map_or(LARGEST_UPLOAD, |largest| largest.value),
        },
        _ => Standing::Own,
    }
}

/// Adds another system's sites. Its rate classes get its name in front where one is taken: clients are counted for each.
fn join(edge: &mut Edge, mut sites: Vec<Site>, rates: BTreeMap<String, RateClass>, system: &str) {
    let taken = rates.keys().any(|name| edge.rates.contains_key(name));
    let own = |name: &str| if taken { format!("{system}-{name}") } else { name.to_owned() };
    for class in sites.iter_mut().flat_map(|site| &mut site.locations).filter_map(|location| location.rate.wished_mut())
    {
        *class = own(class);
    }
    edge.rates.extend(rates.into_iter().map(|(name, class)| (own(&name), class)));
    edge.sites.extend(sites);
}

/// Names under which clients ask.
pub fn names(edge: &Edge) -> Vec<Domain> {
    let mut names: Vec<_> = edge.sites.iter().map(|site| site.host.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The certificate the bundle makes itself, for the proxy that runs as `reader`.
pub fn certificate(edge: &Edge, reader: User) -> Option<Certificate> {
    let policy = edge.tls.policy.wished().filter(|_| edge.tls.mode == TlsMode::SelfSigned)?;
    Some(Certificate { names: names(edge), reader, days: certificate_days(*policy) })
}

fn site(context: &mut Context, name: &str, site: &system::Site, can: Abilities, stack: &Stack) -> Option<Site> {
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
    let headers = headers::of_site(context, site);
    let root: UrlPattern = "/".parse().ok()?;
    let own = below(&base_path, &root)?;
    let rest = Location {
        strip: (!base_path.is_empty()).then(|| own.clone()),
        ..base(context, site, upstream.clone(), body, own.clone())
    };
    for ((path, exact), rule) in &rules {
        let plain = Location { path: path.clone(), exact: *exact, ..rest.clone() };
        locations.push(location(context, (site, can, &headers), plain, rule, (&rules, &base_path), stack)?);
    }
    if !locations.iter().any(|known| !known.exact && known.path.is_same(&own)) {
        locations.push(rest.clone());
    }
    if !base_path.is_empty() {
        let blocked = Enforced::maybe(format!("What is served here lies below {base_path}.").parse().ok());
        locations.push(Location { path: root, strip: None, blocked, ..rest });
    }
    order::sort(&mut locations);
    buffered::check(context, can, site, &rules, &locations);
    context.scope.diagnostics.extend(encoded::check(&rules, &locations));
    let profile = &context.profile.proxy;
    let wants_authentication =
        site.authentication.is_some() && profile.auth.mode.as_ref().is_none_or(|mode| mode.value == ProxyAuth::Basic);
    let wants_certificates = profile.client_certificates.as_ref().is_some_and(|clients| clients.value.wanted_by(name));
    Some(Site {
        name: name.to_owned(),
        title: site.title.clone(),
        host,
        upstream,
        audience: site.audience.into(),
        hide: Enforced::list(headers.hidden()),
        headers: Enforced::list(headers.set()),
        own_answers: Enforced::list(headers.own(context.choices.level)),
        hsts: Enforced::maybe(headers::transport(context, site)),
        authentication_reason: site.authentication.as_ref().map(|a| a.reason.clone()),
        authentication: Enforced::maybe(wants_authentication.then(|| BasicAuth {
            realm: Spanned::new(Realm::of(&site.title), site.title.span),
            file: standing(context).secret(PROXY_USERS),
        })),
        client_certificates: Enforced::maybe(wants_certificates.then(|| standing(context).secret(CLIENT_AUTHORITY))),
        same_site: Enforced::wish_if(site.refuse_cross_site_writes),
        locations,
    })
}

/// The largest body any location takes, in MiB; what a proxy that buffers must be able to hold. Streaming ones are passed on.
pub fn largest_body(edge: &Edge) -> u64 {
    let largest = edge
        .sites
        .iter()
        .flat_map(|site| &site.locations)
        .filter(|l| l.blocked.wished().is_none() && !l.streaming)
        .filter_map(|l| Some(l.body.wished()?.get()))
        .chain(edge.standing.shared().map(|largest| largest.get()))
        .max();
    largest.unwrap_or(1 << 20).div_ceil(1 << 20)
}

/// Who may reach the edge at all: everybody where any path is for everybody, else whom its paths name, and the proxies in
/// front, which ask in their name.
pub fn audience(edge: &Edge) -> PortAudience {
    let answering = || edge.sites.iter().flat_map(|site| &site.locations).filter(|at| at.blocked.wished().is_none());
    // What stacks that join are for is not known here.
    let shared = edge.standing.shared().is_some();
    if shared || answering().any(|at| !at.has_own_sources && at.audience == Audience::Public) {
        return PortAudience::Public;
    }
    let own = answering().filter(|at| at.has_own_sources).filter_map(|at| at.allow.wished());
    let mut sources: Vec<Cidr> = own.flatten().copied().collect();
    sources.extend(&edge.trusted_proxies);
    if sources.is_empty() {
        return PortAudience::Admin;
    }
    if answering().any(|at| !at.has_own_sources) {
        sources.extend(&edge.admin);
    }
    sources.sort_unstable();
    sources.dedup();
    PortAudience::From(sources)
}
