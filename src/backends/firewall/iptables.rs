//! The view behind `templates/firewall/iptables/`: the rule model, one source a rule, in the chains `raw` and `mangle`.

use ipnet::IpNet;
use serde::Serialize;

use super::nftables::{
    ADMIN_PORTS, DEFAULT_DENY, DOCKER_SOCKET, Guard, Passes, RATE_LIMITS, SHORTEST_MEMORY, Why, ids, reasons,
};
use super::tool::{Claim, colon, merged, sources, ssh_audience, ssh_networks};
use crate::stack::firewall::{
    Audience, ContainerEngine, DOCKER_API_PORTS, EVERYBODY, Egress, Firewall, FirewallKind, Guarded, NEIGHBOURS,
    Opening, Passed, PerSource, Ports, Protocol, Rate, Sources, Unit,
};

/// Everything the templates print. All strings are words without a meaning of their own to iptables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View {
    /// `bundle-<project>`: the mark the loaded rules carry.
    pub owner: String,
    /// Interfaces to containers.
    pub interfaces: Vec<Interface>,
    /// Dropped before anything else, containers included.
    pub never: Vec<Rule>,
    /// The ssh rules.
    pub ssh: Vec<Rule>,
    /// The openings.
    pub accept: Vec<Rule>,
    /// Ports of the host that are closed to containers.
    pub guarded: Vec<Guard<String>>,
    /// Destinations that containers may not reach.
    pub egress: Vec<Denied>,
    /// Limits on packets, before connection tracking.
    pub packet_limits: Vec<Limit>,
    /// Limits on connections at one time.
    pub connection_limits: Vec<Limit>,
    /// Limits on new flows.
    pub flow_limits: Vec<Limit>,
    /// Whether new flows are limited at all.
    pub limits_new: bool,
    /// Limits on packets of all sources of a port.
    pub packet_totals: Vec<Limit>,
    /// Limits on new flows of all sources of a port.
    pub flow_totals: Vec<Limit>,
    /// Protocols without ports that open on the host.
    pub passed: Vec<Passes<Source>>,
    /// Whether what is dropped is logged.
    pub log: bool,
    /// What the stack opens, for the scripts and for other stacks of the host.
    pub claims: Vec<Claim>,
    /// Networks that are not limited.
    pub exempt: Vec<Source>,
    /// Port of sshd.
    pub ssh_port: u16,
    /// Whether ssh is open to any address.
    pub ssh_any: bool,
    /// Networks it is open to, where not.
    pub ssh_from: Vec<String>,
    /// The tool that decides about INPUT where the rules do not; here there is none.
    pub tool: Option<FirewallKind>,
    /// Whether containers are Docker's.
    pub docker: bool,
    /// Ports of the bundle's containers, which stay closed where the rules do not load at boot.
    pub published: Vec<Rule>,
    /// Seconds until unconfirmed rules are taken back.
    pub confirm_seconds: u32,
    /// Ids behind lines that exist on every host.
    pub why: Why,
}

/// An interface to containers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// Its name, or how it begins.
    pub name: String,
    /// Whether it is only the beginning.
    pub prefix: bool,
}

/// A network with its family, 4 or 6.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// 4 or 6.
    pub family: u8,
    /// The network.
    pub network: String,
}

/// One rule: a protocol, its ports, and where from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Transport protocol.
    pub protocol: Protocol,
    /// Host ports; a range has a colon.
    pub ports: String,
    /// `None` means from anywhere, in both families.
    pub source: Option<Source>,
    /// Control ids.
    pub why: Vec<String>,
}

/// Destinations that containers on one interface may not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Denied {
    /// The interface.
    pub bridge: String,
    /// Exceptions.
    pub allow: Vec<Source>,
    /// Destinations.
    pub deny: Vec<Source>,
    /// Control ids.
    pub why: Vec<String>,
}

/// One limit for one family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// 4 or 6.
    pub family: u8,
    /// Bits of an address that make a source.
    pub mask: u8,
    /// Transport protocol.
    pub protocol: Protocol,
    /// Host ports; a range has a colon.
    pub ports: String,
    /// Name of the table that counts.
    pub name: String,
    /// Events in `per`, or connections.
    pub over: u32,
    /// Unit of time.
    pub per: Unit,
    /// Events forgiven at once.
    pub burst: u32,
    /// Milliseconds after which a silent source is forgotten.
    pub expire: u32,
    /// Most sources the table holds. A full one drops every source that is new, so it is never filled: see `gate`.
    pub sources: u32,
    /// Events a second that are looked up in the table at all; so few that it cannot fill.
    pub gate: u32,
    /// Control ids.
    pub why: Vec<String>,
}

/// Lays the model out for the templates.
pub fn view(firewall: &Firewall) -> View {
    let (mut packet_limits, mut connection_limits, mut flow_limits) = (Vec::new(), Vec::new(), Vec::new());
    let (mut packet_totals, mut flow_totals) = (Vec::new(), Vec::new());
    for opening in &firewall.openings {
        let PerSource { packets, new_flows, concurrent } = opening.limit.unwrap_or_default();
        // What one source may not is dropped before it counts against its neighbours, and what these may not before the total.
        let limits = |what: &str, rate: Option<Rate>, out: &mut Vec<Limit>| {
            let Some(rate) = rate else { return };
            out.extend([(4, 32), (6, 64)].map(|(family, mask)| limit(opening, what, family, mask, rate)));
            let wide = rate.times(NEIGHBOURS);
            out.extend([(4, 24), (6, 48)].map(|(family, mask)| limit(opening, what, family, mask, wide)));
        };
        let total = |what: &str, rate: Option<Rate>, out: &mut Vec<Limit>| {
            let Some(rate) = rate.map(|rate| rate.times(EVERYBODY)) else { return };
            out.extend([4, 6].map(|family| limit(opening, what, family, 0, rate)));
        };
        total("packets", packets, &mut packet_totals);
        total("new", new_flows, &mut flow_totals);
        limits("packets", packets, &mut packet_limits);
        limits("open", concurrent.map(|n| Rate { events: n, per: Unit::Second, burst: 0 }), &mut connection_limits);
        limits("new", new_flows, &mut flow_limits);
    }
    let ssh = Ports::single(firewall.ssh.port);
    View {
        owner: format!("bundle-{}", firewall.project),
        interfaces: interfaces(firewall),
        never: DOCKER_API_PORTS
            .map(|port| rule(Protocol::Tcp, Ports::single(port), None, &ids(&[DOCKER_SOCKET])))
            .to_vec(),
        ssh: from(firewall, &ssh_audience(firewall), Protocol::Tcp, ssh, &ids(&[ADMIN_PORTS])),
        accept: firewall
            .openings
            .iter()
            .flat_map(|it| from(firewall, &it.audience, it.protocol, it.ports, &reasons(it)))
            .collect(),
        guarded: firewall.guarded.iter().map(guard).collect(),
        egress: firewall.egress.iter().map(denied).collect(),
        limits_new: !(connection_limits.is_empty() && flow_limits.is_empty()),
        packet_limits,
        connection_limits,
        flow_limits,
        packet_totals,
        flow_totals,
        passed: firewall.passed.iter().flat_map(|it| passing(firewall, it)).collect(),
        log: firewall.log,
        claims: super::tool::claims(firewall),
        exempt: sources(firewall, &Audience::Admin).into_iter().flatten().map(source).collect(),
        ssh_port: firewall.ssh.port,
        ssh_any: firewall.ssh.from == Sources::Any,
        ssh_from: ssh_networks(firewall),
        tool: None,
        docker: firewall.engine == ContainerEngine::Docker,
        published: super::tool::published(firewall)
            .map(|opening| rule(opening.protocol, opening.ports, None, &[]))
            .collect(),
        confirm_seconds: firewall.confirm_seconds,
        why: Why { deny: ids(&[DEFAULT_DENY]), admin: ids(&[ADMIN_PORTS]), limits: ids(&[RATE_LIMITS]) },
    }
}

fn interfaces(firewall: &Firewall) -> Vec<Interface> {
    let named = |name: &str| Interface { name: name.to_owned(), prefix: false };
    let mut all = vec![named("docker0"), named("docker_gwbridge")];
    if firewall.bridges.prefix {
        all.push(Interface { name: "br-".to_owned(), prefix: true });
    }
    all.extend(firewall.bridges.named.iter().map(|name| named(name.as_str())));
    all
}

fn from(firewall: &Firewall, audience: &Audience, protocol: Protocol, ports: Ports, why: &[String]) -> Vec<Rule> {
    sources(firewall, audience).into_iter().map(|network| rule(protocol, ports, network.map(source), why)).collect()
}

fn guard(guarded: &Guarded) -> Guard<String> {
    let Guarded { ports, protocol, bridges, note: _, why } = guarded;
    let bridges = bridges.iter().map(ToString::to_string).collect();
    Guard { protocol: *protocol, ports: colon(*ports), bridges, why: why.clone() }
}

fn denied(egress: &Egress) -> Denied {
    let Egress { bridge, deny4, deny6, allow4, allow6, why } = egress;
    let networks = |v4: &[_], v6: &[_]| merged(v4, v6).into_iter().map(source).collect();
    Denied {
        bridge: bridge.to_string(),
        allow: networks(allow4, allow6),
        deny: networks(deny4, deny6),
        why: why.clone(),
    }
}

/// The accepting rules of a protocol without ports.
fn passing(firewall: &Firewall, passed: &Passed) -> Vec<Passes<Source>> {
    let Passed { protocol, audience, note: _, why } = passed;
    let family = protocol.is_ipv4().then_some(4);
    let line = |network: Option<IpNet>| Passes {
        number: protocol.number(),
        family,
        source: network.map(source),
        why: why.clone(),
    };
    sources(firewall, audience).into_iter().map(line).collect()
}

/// Sources a table holds: some 130 bytes each, so 17 MB at the worst.
const TABLE: u32 = 131_072;

fn limit(opening: &Opening, what: &str, family: u8, mask: u8, rate: Rate) -> Limit {
    let ports = opening.ports;
    let memory = rate.refill_seconds().max(SHORTEST_MEMORY);
    let Rate { events, per, burst } = rate;
    Limit {
        family,
        mask,
        protocol: opening.protocol,
        ports: colon(ports),
        // The kernel keeps what a name meant when it was first said, so all that makes the limit is in it.
        name: format!("{}{}-{what}{family}-{mask}-{events}x{}b{burst}", opening.protocol, ports.first(), per.seconds()),
        over: events,
        per,
        burst,
        expire: memory.saturating_mul(1000),
        sources: TABLE,
        // A source may stay for its time and two rounds of the collector; as many again may come at once.
        gate: (TABLE / memory.saturating_add(3)).max(1),
        why: ids(&[RATE_LIMITS]),
    }
}

fn source(network: IpNet) -> Source {
    Source { family: if matches!(network, IpNet::V4(_)) { 4 } else { 6 }, network: network.to_string() }
}

fn rule(protocol: Protocol, ports: Ports, source: Option<Source>, why: &[String]) -> Rule {
    Rule { protocol, ports: colon(ports), source, why: why.to_vec() }
}
