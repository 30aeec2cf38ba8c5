//! One proxy for several stacks of a host. The bundle that has it says what holds for all, and has a folder that they fill; a
//! bundle that joins has its sites, and scripts that take them there and back.

use super::marked::texts;
use super::{CERTIFICATE, KEY, file};
use crate::artifact::Artifact;
use crate::backends::orchestrator::secret_file;
use crate::controls::{Hardened, Id};
use crate::stack::edge::{CLIENT_AUTHORITY, PROXY_USERS, SHARED, Trust};
use crate::stack::{Edge, Stack};
use crate::templates::{Engine, TemplateError};
use crate::values::{BundlePath, ByteSize, ProxyKind, SecretName, TlsMode};
use serde::Serialize;
use std::collections::BTreeSet;

/// The fact that all stacks of a proxy agree on, whatever it is.
const ACCESS_LOG: &str = "access_log";

/// Everything the scripts of both sides print.
#[derive(Debug, Serialize)]
struct View<'a> {
    /// The stack whose proxy it is.
    host: &'a str,
    /// The stack that joins; its own name where it has the proxy.
    name: &'a str,
    /// The server.
    kind: &'static str,
    /// How files of sites end.
    ending: &'static str,
    /// The signal on which it reads its configuration anew.
    signal: &'static str,
    /// Where the proxy sees what stacks bring.
    shared: &'static str,
    /// What must be the same on both sides.
    facts: Vec<Fact>,
    /// What must be at least as much at the proxy.
    amounts: Vec<Amount>,
    /// Host names.
    hosts: Vec<String>,
    /// Files with sites, in the bundle.
    sites: Vec<String>,
    /// Files that only the proxy reads.
    keys: Vec<Key>,
    /// Networks over which it reaches the services.
    networks: Vec<String>,
}

/// What must be the same on both sides.
#[derive(Debug, Serialize)]
struct Fact {
    /// Its name.
    name: &'static str,
    /// One word.
    value: String,
    /// The key of the profile that says it.
    key: &'static str,
    /// Controls that need it.
    why: Vec<Id>,
}

/// What must be at least as much at the proxy.
#[derive(Debug, Serialize)]
struct Amount {
    /// Its name.
    name: &'static str,
    /// How much.
    value: u64,
}

/// A file that only the proxy reads.
#[derive(Debug, Serialize)]
struct Key {
    /// What the proxy calls it.
    name: String,
    /// Where it is: in the bundle, or on the host.
    path: String,
}

/// Scripts and facts for one proxy of several stacks; nothing where the proxy is the stack's alone.
pub(super) fn emit(
    stack: &Hardened,
    edge: &Edge,
    engine: &Engine,
    sites: &[Artifact],
) -> Result<Vec<Artifact>, TemplateError> {
    let script = |path: &str, template: &str, view: &View| {
        let path: BundlePath = path.parse().expect("paths of scripts are plain");
        Ok::<_, TemplateError>(Artifact::script(path, engine.render(template, view)?))
    };
    if let Some((host, guest)) = edge.standing.joined() {
        let mut view = View { sites: paths(sites), ..View::new(stack, edge, host.as_str(), guest.as_str()) };
        // What this stack does not need, the proxy may do for others.
        view.facts.retain(|fact| fact.value != "no" || fact.name == ACCESS_LOG);
        return Ok(vec![
            script("proxy/join", "proxy/sharing/join.sh.j2", &view)?,
            script("proxy/leave", "proxy/sharing/leave.sh.j2", &view)?,
        ]);
    }
    if edge.standing.shared().is_some() {
        let view = View::new(stack, edge, stack.name.as_str(), stack.name.as_str());
        return Ok(vec![
            file("proxy/shared", engine.render("proxy/sharing/shared.sh.j2", &view)?),
            script("proxy/share", "proxy/sharing/share.sh.j2", &view)?,
        ]);
    }
    Ok(Vec::new())
}

fn paths(artifacts: &[Artifact]) -> Vec<String> {
    artifacts.iter().map(|artifact| artifact.path.to_string()).collect()
}

impl<'a> View<'a> {
    fn new(stack: &Stack, edge: &Edge, host: &'a str, name: &'a str) -> Self {
        let mut hosts: Vec<String> = edge.sites.iter().map(|site| site.host.to_string()).collect();
        hosts.sort_unstable();
        hosts.dedup();
        Self {
            host,
            name,
            kind: edge.kind.as_str(),
            ending: match edge.kind {
                ProxyKind::Nginx => "conf",
                ProxyKind::Caddy => "caddy",
                ProxyKind::Traefik => "yml",
            },
            signal: match edge.kind {
                ProxyKind::Nginx | ProxyKind::Traefik => "HUP",
                ProxyKind::Caddy => "USR1",
            },
            shared: SHARED,
            facts: facts(edge),
            amounts: amounts(edge),
            hosts,
            sites: Vec::new(),
            keys: keys(stack, edge),
            networks: networks(stack, edge),
        }
    }
}

/// What one proxy has once, whoever it serves.
fn facts(edge: &Edge) -> Vec<Fact> {
    let plain = |name, value: String, key| Fact { name, value, key, why: Vec::new() };
    let set = |name, is_set: bool, why: &[Id], key| {
        let value = if is_set { "yes" } else { "no" }.to_owned();
        Fact { name, value, key, why: why.to_vec() }
    };
    let policy = match edge.tls.policy.get() {
        Some(policy) => policy.as_str().to_owned(),
        None => "none".to_owned(),
    };
    let listed = |list: Vec<String>| if list.is_empty() { "none".to_owned() } else { list.join(",") };
    vec![
        plain("kind", edge.kind.as_str().to_owned(), "proxy.kind"),
        plain("https_port", edge.https_port.to_string(), "proxy.https_port"),
        plain(
            "http_port",
            edge.http_port.map_or_else(|| "none".to_owned(), |port| port.to_string()),
            "proxy.http_port",
        ),
        set("ipv6", edge.ipv6, &[], "proxy.bind"),
        plain("trusted_proxies", listed(texts(&edge.trusted_proxies)), "proxy.trusted_proxies"),
        Fact { name: "policy", value: policy, key: "proxy.tls.policy", why: edge.tls.policy.why().to_vec() },
        set(ACCESS_LOG, edge.access_log.is_set(), edge.access_log.why(), "monitoring.access_log"),
        set("hidden", edge.hidden.is_set(), edge.hidden.why(), "waivers"),
        set("forwarded", edge.forwarded.is_set(), edge.forwarded.why(), "waivers"),
        // Whoever brings certificates needs no authority.
        set("acme", edge.tls.mode == TlsMode::Acme, &[], "proxy.tls.mode"),
    ]
}

fn amounts(edge: &Edge) -> Vec<Amount> {
    match edge.kind {
        // nginx has a time between two parts of a body, and each site says how large one may be.
        ProxyKind::Nginx => Vec::new(),
        ProxyKind::Caddy => vec![seconds(edge)],
        // It keeps a body before it passes it on, and has so much room.
        ProxyKind::Traefik => vec![seconds(edge), Amount { name: "body_bytes", value: largest(edge) }],
    }
}

fn seconds(edge: &Edge) -> Amount {
    Amount { name: "upload_seconds", value: edge.longest_upload() }
}

fn largest(edge: &Edge) -> u64 {
    let locations = edge.sites.iter().flat_map(|site| &site.locations);
    let kept = locations.filter(|location| !location.streaming).filter_map(|location| location.body.get());
    kept.copied().chain(edge.standing.shared()).map(ByteSize::get).max().unwrap_or(0)
}

fn keys(stack: &Stack, edge: &Edge) -> Vec<Key> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    if edge.tls.mode != TlsMode::Acme {
        names.extend([CERTIFICATE.to_owned(), KEY.to_owned()]);
    }
    if edge.sites.iter().any(|site| site.authentication.is_set()) {
        names.insert(PROXY_USERS.to_owned());
    }
    if edge.sites.iter().any(|site| site.client_certificates.is_set()) {
        names.insert(CLIENT_AUTHORITY.to_owned());
    }
    let locations = edge.sites.iter().flat_map(|site| &site.locations);
    names.extend(locations.filter_map(|location| match &location.upstream.tls {
        Some(Trust::Authority(secret)) => Some(secret.to_string()),
        _ => None,
    }));
    let key = |name: String| {
        let secret: SecretName = name.parse().ok()?;
        let path = secret_file(&secret, stack).map_or_else(ToString::to_string, |path| path.to_string());
        Some(Key { name, path })
    };
    names.into_iter().filter_map(key).collect()
}

fn networks(stack: &Stack, edge: &Edge) -> Vec<String> {
    let locations = edge.sites.iter().flat_map(|site| &site.locations);
    let answering = locations.filter(|location| !location.blocked.is_set() && location.answer.is_none());
    let names: BTreeSet<_> = answering.map(|location| &location.upstream.network).collect();
    // What answers outside the stack is reached by the proxy's own way out, where that is all there was.
    names.into_iter().filter(|name| stack.networks.contains_key(*name)).map(|name| stack.network_name(name)).collect()
}
