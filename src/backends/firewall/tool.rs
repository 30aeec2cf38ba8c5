//! Who may come in, one source a rule: for tools that know no sets (iptables), and for ufw and firewalld, which must let
//! through what the table judges.

use std::fmt;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Serialize;

use super::nftables::{ADMIN_PORTS, ids, reasons};
use crate::stack::firewall::{Audience, Firewall, FirewallKind, Opening, Ports, Protocol, Sources};

/// Something that a tool lets through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Allowed {
    /// The protocol, by name.
    pub protocol: String,
    /// Host ports, `FIRST-LAST` for a range; none where the protocol has none.
    pub ports: Option<String>,
    /// The first of them.
    pub first: Option<u16>,
    /// The last of a range.
    pub last: Option<u16>,
    /// `ipv4` or `ipv6`, where a source is named.
    pub family: &'static str,
    /// The one network it may come from; `None` is any.
    pub source: Option<String>,
    /// The interface to containers it may come from.
    pub bridge: Option<String>,
    /// Control ids.
    pub why: Vec<String>,
}

/// What ufw or firewalld must let through, in the order of the table, nothing twice.
pub(super) fn rules(firewall: &Firewall) -> Vec<Allowed> {
    let mut rules = Vec::new();
    let mut add = |protocol: &dyn fmt::Display,
                   ports: Option<Ports>,
                   source: Option<IpNet>,
                   bridge: Option<String>,
                   why: &[String]| {
        let rule = Allowed {
            protocol: protocol.to_string(),
            ports: ports.map(|ports| ports.to_string()),
            first: ports.map(|ports| ports.first()),
            last: ports.filter(|ports| ports.count() > 1).map(|ports| ports.last()),
            family: if matches!(source, Some(IpNet::V6(_))) { "ipv6" } else { "ipv4" },
            source: source.map(|net| printed(net, firewall.kind)),
            bridge,
            why: why.to_vec(),
        };
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    };
    let ssh = Ports::single(firewall.ssh.port);
    for source in sources(firewall, &ssh_audience(firewall)) {
        add(&Protocol::Tcp, Some(ssh), source, None, &ids(&[ADMIN_PORTS]));
    }
    for opening in &firewall.openings {
        for source in sources(firewall, &opening.audience) {
            add(&opening.protocol, Some(opening.ports), source, None, &reasons(opening));
        }
    }
    for passed in &firewall.passed {
        for source in sources(firewall, &passed.audience) {
            add(&passed.protocol, None, source, None, &passed.why);
        }
    }
    // firewalld lets in what Docker's bridges send, which are all in its zone `docker`.
    for guarded in firewall.guarded.iter().filter(|_| firewall.kind == FirewallKind::Ufw) {
        for bridge in &guarded.bridges {
            add(&guarded.protocol, Some(guarded.ports), None, Some(bridge.to_string()), &guarded.why);
        }
    }
    rules
}

/// What containers of the bundle publish, but for the port of ssh.
pub(super) fn published(firewall: &Firewall) -> impl Iterator<Item = &Opening> {
    let ssh = |opening: &&Opening| opening.protocol == Protocol::Tcp && opening.ports.contains(firewall.ssh.port);
    firewall.openings.iter().filter(|opening| opening.published).filter(move |opening| !ssh(opening))
}

/// Networks that may use ssh; none where any may.
pub(super) fn ssh_networks(firewall: &Firewall) -> Vec<String> {
    let ssh = |opening: &&Opening| opening.protocol == Protocol::Tcp && opening.ports.contains(firewall.ssh.port);
    let openings = firewall.openings.iter().filter(ssh).map(|opening| opening.audience.clone());
    let mut networks = Vec::new();
    for audience in std::iter::once(ssh_audience(firewall)).chain(openings) {
        for network in sources(firewall, &audience).into_iter().flatten() {
            let text = network.to_string();
            if !networks.contains(&text) {
                networks.push(text);
            }
        }
    }
    networks
}

/// The sources of an audience, cut and merged; `None` is any.
pub(super) fn sources(firewall: &Firewall, audience: &Audience) -> Vec<Option<IpNet>> {
    let (v4, v6): (Vec<Ipv4Net>, Vec<Ipv6Net>) = match audience {
        Audience::Public => return vec![None],
        Audience::Admin => (firewall.admin4.clone(), firewall.admin6.clone()),
        Audience::Only(networks) => by_family(networks),
    };
    merged(&v4, &v6).into_iter().map(Some).collect()
}

/// Networks, each family apart.
pub(super) fn by_family(networks: &[IpNet]) -> (Vec<Ipv4Net>, Vec<Ipv6Net>) {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for network in networks {
        match network {
            IpNet::V4(network) => v4.push(*network),
            IpNet::V6(network) => v6.push(*network),
        }
    }
    (v4, v6)
}

/// What a stack opens on the host, as other stacks of the host read it. Lines for ssh are apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Transport protocol.
    pub protocol: Protocol,
    /// The first host port.
    pub first: u16,
    /// The last one.
    pub last: u16,
    /// Whose port it is: `container` of the stack, which nobody else can publish; `limited`, whose sources are counted; or
    /// `host`, which two stacks may open alike.
    pub by: &'static str,
    /// Networks that may come, or `any`.
    pub from: Vec<String>,
}

/// The openings of a stack, but for the port of ssh on the host, which `ssh_networks` has.
pub(super) fn claims(firewall: &Firewall) -> Vec<Claim> {
    let ssh = |it: &&Opening| {
        it.protocol == Protocol::Tcp
            && it.ports == Ports::single(firewall.ssh.port)
            && !it.published
            && it.limit.is_none()
    };
    let claim = |it: &Opening| Claim {
        protocol: it.protocol,
        first: it.ports.first(),
        last: it.ports.last(),
        by: match (it.published, it.limit) {
            (true, _) => "container",
            (false, Some(_)) => "limited",
            (false, None) => "host",
        },
        from: sources(firewall, &it.audience)
            .into_iter()
            .map(|network| network.map_or_else(|| "any".to_owned(), |network| network.to_string()))
            .collect(),
    };
    firewall.openings.iter().filter(|it| !ssh(it)).map(claim).collect()
}

/// Networks without host bits and without overlap, IPv4 first.
pub(super) fn merged(v4: &[Ipv4Net], v6: &[Ipv6Net]) -> Vec<IpNet> {
    let v4: Vec<_> = v4.iter().map(Ipv4Net::trunc).collect();
    let v6: Vec<_> = v6.iter().map(Ipv6Net::trunc).collect();
    let v4 = Ipv4Net::aggregate(&v4).into_iter().map(IpNet::V4);
    v4.chain(Ipv6Net::aggregate(&v6).into_iter().map(IpNet::V6)).collect()
}

/// Who may use ssh by the rule of its own.
pub(super) fn ssh_audience(firewall: &Firewall) -> Audience {
    match firewall.ssh.from {
        Sources::Any => Audience::Public,
        Sources::Admin => Audience::Admin,
    }
}

/// A range as iptables and ufw write it.
pub(super) fn colon(ports: Ports) -> String {
    if ports.count() == 1 { ports.to_string() } else { format!("{}:{}", ports.first(), ports.last()) }
}

/// A network as the tool lists it: ufw leaves the length of single addresses out.
fn printed(network: IpNet, kind: FirewallKind) -> String {
    let single = network.prefix_len() == network.max_prefix_len();
    if single && kind == FirewallKind::Ufw { network.addr().to_string() } else { network.to_string() }
}
