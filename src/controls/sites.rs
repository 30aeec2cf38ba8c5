//! What the proxy's sites must answer: the claims that controls share.

use crate::checks::{Ask, Claim, Client, Expect, Subject};
use crate::stack::edge::SetHeaders;
use crate::stack::{Audience, Edge, Location, Site, Stack};
use crate::values::{HeaderName, HostIp};
use std::collections::BTreeMap;

/// A method that no application takes.
pub(super) const STRANGE: &str = "PROPFIND";

/// Sites that a client on the network can ask, with the proxy.
pub(super) fn asked(stack: &Stack) -> impl Iterator<Item = (&Edge, &Site)> {
    let edge = stack.edge.as_ref().into_iter();
    // Without a certificate nobody gets an answer that says more.
    let reached = |site: &&Site| {
        matches!(site.audience, Audience::Public | Audience::Admin) && !site.client_certificates.is_set()
    };
    edge.flat_map(move |edge| edge.sites.iter().filter(reached).map(move |site| (edge, site)))
}

/// The site.
pub(super) fn subject(edge: &Edge, site: &Site) -> Subject {
    Subject::Site { host: site.host.to_string(), proxy: edge.service.to_string() }
}

/// What answers on all paths that nothing else answers on.
pub(super) fn whole(site: &Site) -> Option<&Location> {
    site.locations.last().filter(|location| location.answer.is_none() && !location.blocked.is_set())
}

/// Who may ask a location.
pub(super) fn friend(location: &Location) -> Client {
    location.allow.get().map_or(Client::Anybody, |networks| Client::Within(networks.clone()))
}

/// A request for a path.
pub(super) fn request(edge: &Edge, stack: &Stack, client: Client, method: &str, path: &str) -> Ask {
    Ask::Request {
        client,
        port: edge.https_port.get(),
        address: address(edge, stack),
        method: method.to_owned(),
        // Any segment will do for a wildcard.
        path: path.replace('*', "x"),
    }
}

/// The one address on which the proxy is published, where it is not on all of them.
pub(super) fn address(edge: &Edge, stack: &Stack) -> Option<HostIp> {
    let ports = &stack.services.get(&edge.service)?.ports;
    let port = ports.iter().find(|port| port.host.first() == edge.https_port.get())?;
    let bound = port.bound.get()?;
    bound.iter().find(|address| address.0.is_ipv4() && !address.0.is_unspecified()).copied()
}

/// That what answers on all paths has these headers.
pub(super) fn has_headers(edge: &Edge, site: &Site, stack: &Stack, text: &str, wanted: &SetHeaders) -> Option<Claim> {
    let location = whole(site)?;
    let removed = location.hide.get().into_iter().flatten().chain(&location.passed).collect::<Vec<_>>();
    let is_kept = |name: &HeaderName| !removed.iter().any(|it| it.as_str().eq_ignore_ascii_case(name.as_str()));
    let kept = wanted.iter().filter(|(name, _)| is_kept(name));
    let headers: BTreeMap<String, String> =
        kept.map(|(name, value)| (name.as_str().to_ascii_lowercase(), value.as_str().to_owned())).collect();
    let ask = request(edge, stack, friend(location), "GET", location.path.as_str());
    let text = format!("`{}` {text}", site.host);
    (!headers.is_empty()).then(|| Claim::new(subject(edge, site), text, ask, Expect::headers(headers)))
}

/// That clients of other networks are refused, of locations that one of the two controls limits.
pub(super) fn refuses_others(stack: &Stack, own: bool) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (edge, site) in asked(stack) {
        let limited = site.locations.iter().filter(|location| location.has_own_sources == own);
        let mut known: Vec<Client> = Vec::new();
        for location in limited.filter(|location| !location.blocked.is_set()) {
            let Some(networks) = location.allow.get() else { continue };
            let client = Client::Outside(networks.clone());
            // One location shows it for all that admit the same.
            if known.contains(&client) {
                continue;
            }
            let text = format!("`{}{}` refuses clients of other networks", site.host, location.path);
            let ask = request(edge, stack, client.clone(), "GET", location.path.as_str());
            let claim = Claim::new(subject(edge, site), text, ask, Expect::status_of(403));
            claims.push(claim.part(location.path.as_str().trim_start_matches('/')));
            known.push(client);
        }
    }
    claims
}
