//! The view behind `templates/firewall/nftables/`: the rule model, laid out line by line as nft wants it.
//!
//! The formulation (own `inet` table, original port of DNATed packets, one set a limit) is the measured one of the
//! firewall notes; `docs/firewall.md` tells users about it.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::Serialize;

use super::tool::{self, Allowed, Claim};
use crate::stack::firewall::{
    Audience, ContainerEngine, DOCKER_API_PORTS, EVERYBODY, Egress, Firewall, FirewallKind, Guarded, NEIGHBOURS,
    Opening, Passed, PerSource, Ports, Protocol, Rate, Sources, Unit,
};

pub(super) const DEFAULT_DENY: &str = "default-deny-firewall";
pub(super) const ADMIN_PORTS: &str = "admin-ports";
pub(super) const RATE_LIMITS: &str = "rate-limits";
pub(super) const DOCKER_SOCKET: &str = "docker-socket";

/// Seconds for which a source is remembered at least. Not longer than it takes to forgive it, lest tables fill.
pub(super) const SHORTEST_MEMORY: u32 = 5;

/// Everything the templates print. All strings are nft identifiers, numbers, port ranges or CIDRs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View {
    /// `bundle-<project>`: the mark the loaded table carries.
    pub owner: String,
    /// The kind of firewall.
    pub kind: FirewallKind,
    /// The tool that decides about INPUT where the table does not: `ufw` or `firewalld`.
    pub tool: Option<FirewallKind>,
    /// Whether containers are Docker's.
    pub docker: bool,
    /// Bridges that it must take for Docker's.
    pub tool_bridges: Vec<String>,
    /// What the tool must let through.
    pub tool_rules: Vec<Allowed>,
    /// Whether the table decides about INPUT; false where ufw or firewalld do.
    pub owns_input: bool,
    /// Whether interfaces named `br-…` lead to containers.
    pub bridge_prefix: bool,
    /// Interfaces to containers by name, beside Docker's two own.
    pub bridges: Vec<String>,
    /// Named address sets the rules refer to.
    pub sets: Vec<AddressSet>,
    /// Sets that nft fills while it counts, one a limit.
    pub meters: Vec<Meter>,
    /// Dropped before anything else, containers included.
    pub never: Vec<Line>,
    /// The ssh rules.
    pub ssh: Vec<Line>,
    /// The openings: `published` and `input` print the same list.
    pub accept: Vec<Line>,
    /// Ports of the host that are closed to containers.
    pub guarded: Vec<Guard>,
    /// Destinations that containers may not reach.
    pub egress: Vec<Denied>,
    /// Protocols without ports that open on the host.
    pub passed: Vec<Passes>,
    /// Those of them that are not for everybody, to be dropped by number; empty where the policy drops anyway.
    pub refused: Vec<Passes>,
    /// Whether what is dropped is logged.
    pub log: bool,
    /// What the stack opens, for the scripts and for other stacks of the host.
    pub claims: Vec<Claim>,
    /// Dropped by name after the openings; empty where the policy drops anyway.
    pub drop: Vec<Line>,
    /// Limits on packets, before connection tracking.
    pub packet_limits: Vec<Limit>,
    /// Limits on connections at one time.
    pub connection_limits: Vec<Limit>,
    /// Limits on new flows.
    pub flow_limits: Vec<Limit>,
    /// Limits on packets of all sources of a port.
    pub packet_totals: Vec<Limit>,
    /// Limits on new flows of all sources of a port.
    pub flow_totals: Vec<Limit>,
    /// Whether the chain for new flows is needed.
    pub limits_new: bool,
    /// Address sets whose members are not limited.
    pub exempt: Vec<Source>,
    /// Port of sshd.
    pub ssh_port: u16,
    /// Whether ssh is open to any address.
    pub ssh_any: bool,
    /// Networks it is open to, where not.
    pub ssh_from: Vec<String>,
    /// Ports of the bundle's containers, which stay closed where the rules do not load at boot.
    pub published: Vec<Line>,
    /// Seconds until unconfirmed rules are taken back.
    pub confirm_seconds: u32,
    /// Ids behind lines that exist on every host.
    pub why: Why,
}

/// Control ids of the lines that do not come from the profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// Dropping and its exceptions.
    pub deny: Vec<String>,
    /// The way in for the operator.
    pub admin: Vec<String>,
    /// Limits per source.
    pub limits: Vec<String>,
}

/// A named set of networks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddressSet {
    /// Identifier.
    pub name: String,
    /// nft type of the elements.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// CIDRs without overlap; empty omits `elements`.
    pub elements: Vec<String>,
    /// Control ids.
    pub why: Vec<String>,
}

/// A set filled from the packet path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meter {
    /// Identifier.
    pub name: String,
    /// nft type of the elements.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Seconds after which a silent source is forgotten; 0 where counted connections end by themselves.
    pub timeout: u32,
    /// Control ids.
    pub why: Vec<String>,
}

/// One rule: a protocol, its ports, and where from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Transport protocol.
    pub protocol: Protocol,
    /// Host ports.
    pub ports: Ports,
    /// `None` means from anywhere.
    pub source: Option<Source>,
    /// Control ids.
    pub why: Vec<String>,
}

/// A protocol without ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passes<S = Source> {
    /// Its number.
    pub number: u8,
    /// 4 where IPv6 does not carry it; tools that keep the families apart need to know.
    pub family: Option<u8>,
    /// `None` means from anywhere.
    pub source: Option<S>,
    /// Control ids.
    pub why: Vec<String>,
}

/// Ports of the host that are closed to containers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Guard<P = Ports> {
    /// Transport protocol.
    pub protocol: Protocol,
    /// Host ports.
    pub ports: P,
    /// Interfaces whose containers may reach them all the same.
    pub bridges: Vec<String>,
    /// Control ids.
    pub why: Vec<String>,
}

/// Destinations that containers on one interface may not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Denied {
    /// The interface.
    pub bridge: String,
    /// Address sets of the exceptions.
    pub allow: Vec<Source>,
    /// Address sets of the destinations.
    pub deny: Vec<Source>,
    /// Control ids.
    pub why: Vec<String>,
}

/// An address set with the family it matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// `ip` or `ip6`.
    pub family: &'static str,
    /// Name of the set.
    pub set: String,
}

/// One limit for one family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Transport protocol.
    pub protocol: Protocol,
    /// Host ports.
    pub ports: Ports,
    /// The set that counts; never shared, since the rule that makes an element fixes its rate. Empty where all sources count
    /// together.
    pub set: String,
    /// Whether it is for IPv6.
    pub v6: bool,
    /// Whether a source is a /24 (IPv4) or /48 (IPv6) instead of an address or a /64.
    pub wide: bool,
    /// Events in `per`, or connections.
    pub over: u32,
    /// Unit of time.
    pub per: Unit,
    /// Events forgiven at once; 0 for connections.
    pub burst: u32,
    /// Control ids.
    pub why: Vec<String>,
}

/// Lays the model out for the templates. Total: the model cannot hold what nft could not load.
pub fn view(firewall: &Firewall) -> View {
    let owns_input = !matches!(firewall.kind, FirewallKind::Ufw | FirewallKind::Firewalld);
    let mut sets = address_sets("admin", &firewall.admin4, &firewall.admin6, &ids(&[ADMIN_PORTS]));
    let mut accept = Vec::new();
    let mut meters = Vec::new();
    let (mut packet_limits, mut connection_limits, mut flow_limits) = (Vec::new(), Vec::new(), Vec::new());
    let (mut packet_totals, mut flow_totals) = (Vec::new(), Vec::new());
    for opening in &firewall.openings {
        accept.extend(opening_lines(opening, &mut sets));
        let PerSource { packets, new_flows, concurrent } = opening.limit.unwrap_or_default();
        let mut limits = |what: &str, rate: Option<Rate>, timed: bool, out: &mut Vec<Limit>| {
            let Some(rate) = rate else { return };
            let timeout = if timed { rate.refill_seconds().max(SHORTEST_MEMORY) } else { 0 };
            // What one source may not is dropped before it counts against its neighbours.
            for (v6, wide) in [(false, false), (true, false), (false, true), (true, true)] {
                let set = format!("{what}{}{}", if v6 { 6 } else { 4 }, if wide { "wide" } else { "" });
                let rate = if wide { rate.times(NEIGHBOURS) } else { rate };
                let limit = Limit { v6, wide, ..limit(opening, &set, rate) };
                meters.push(Meter {
                    name: limit.set.clone(),
                    kind: if v6 { "ipv6_addr" } else { "ipv4_addr" },
                    timeout,
                    why: limit.why.clone(),
                });
                out.push(limit);
            }
        };
        let total = |rate: Rate| Limit { set: String::new(), ..limit(opening, "", rate.times(EVERYBODY)) };
        packet_totals.extend(packets.map(total));
        flow_totals.extend(new_flows.map(total));
        limits("packets", packets, true, &mut packet_limits);
        limits(
            "open",
            concurrent.map(|n| Rate { events: n, per: Unit::Second, burst: 0 }),
            false,
            &mut connection_limits,
        );
        limits("new", new_flows, true, &mut flow_limits);
    }
    let passed: Vec<_> = firewall.passed.iter().flat_map(|passed| passing(passed, &mut sets)).collect();
    let restricted = firewall.passed.iter().filter(|passed| passed.audience != Audience::Public);
    let refused =
        restricted.map(|it| Passes { number: it.protocol.number(), family: None, source: None, why: it.why.clone() });
    let egress = firewall.egress.iter().map(|egress| denied(egress, &mut sets)).collect();
    View {
        owner: format!("bundle-{}", firewall.project),
        kind: firewall.kind,
        tool: (!owns_input).then_some(firewall.kind),
        tool_rules: if owns_input { Vec::new() } else { tool::rules(firewall) },
        docker: firewall.engine == ContainerEngine::Docker,
        tool_bridges: match firewall.kind {
            FirewallKind::Firewalld if firewall.engine == ContainerEngine::Docker => {
                firewall.bridges.internal.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        },
        owns_input,
        bridge_prefix: firewall.bridges.prefix,
        bridges: firewall.bridges.named.iter().map(ToString::to_string).collect(),
        guarded: firewall.guarded.iter().map(guard).collect(),
        egress,
        never: never(),
        ssh: match firewall.ssh.from {
            Sources::Any => vec![line(Protocol::Tcp, Ports::single(firewall.ssh.port), None, &ids(&[ADMIN_PORTS]))],
            Sources::Admin => admin_lines(Protocol::Tcp, Ports::single(firewall.ssh.port), &ids(&[ADMIN_PORTS])),
        },
        passed,
        refused: if owns_input { Vec::new() } else { refused.collect() },
        log: firewall.log,
        claims: tool::claims(firewall),
        drop: if owns_input { Vec::new() } else { drops(firewall) },
        limits_new: !(connection_limits.is_empty() && flow_limits.is_empty()),
        exempt: admin_sources(),
        sets,
        meters,
        accept,
        packet_limits,
        connection_limits,
        flow_limits,
        packet_totals,
        flow_totals,
        ssh_port: firewall.ssh.port,
        ssh_any: firewall.ssh.from == Sources::Any,
        ssh_from: tool::ssh_networks(firewall),
        published: tool::published(firewall).map(|opening| line(opening.protocol, opening.ports, None, &[])).collect(),
        confirm_seconds: firewall.confirm_seconds,
        why: Why { deny: ids(&[DEFAULT_DENY]), admin: ids(&[ADMIN_PORTS]), limits: ids(&[RATE_LIMITS]) },
    }
}

fn guard(guarded: &Guarded) -> Guard {
    let Guarded { ports, protocol, bridges, note: _, why } = guarded;
    let bridges = bridges.iter().map(ToString::to_string).collect();
    Guard { protocol: *protocol, ports: *ports, bridges, why: why.clone() }
}

fn denied(egress: &Egress, sets: &mut Vec<AddressSet>) -> Denied {
    let Egress { bridge, deny4, deny6, allow4, allow6, why } = egress;
    // Bridges hold characters that names of sets do not, so they are counted instead.
    let number = sets.iter().filter(|set| set.name.ends_with("_deny4")).count() + 1;
    let mut add = |what: &str, v4: &[Ipv4Net], v6: &[Ipv6Net]| {
        let own = address_sets(&format!("egress{number}_{what}"), v4, v6, why);
        let sources = own.iter().map(source).collect();
        sets.extend(own);
        sources
    };
    let deny = add("deny", deny4, deny6);
    let allow = if allow4.is_empty() && allow6.is_empty() { Vec::new() } else { add("allow", allow4, allow6) };
    Denied { bridge: bridge.to_string(), allow, deny, why: why.clone() }
}

fn source(set: &AddressSet) -> Source {
    Source { family: if set.kind == "ipv4_addr" { "ip" } else { "ip6" }, set: set.name.clone() }
}

/// The Docker API, over TCP.
fn never() -> Vec<Line> {
    DOCKER_API_PORTS.map(|port| line(Protocol::Tcp, Ports::single(port), None, &ids(&[DOCKER_SOCKET]))).to_vec()
}

/// What must be dropped by name when the INPUT policy is another tool's: ports that are not for everybody, whatever that tool
/// was told about them before.
fn drops(firewall: &Firewall) -> Vec<Line> {
    let ssh = (firewall.ssh.from == Sources::Admin)
        .then(|| line(Protocol::Tcp, Ports::single(firewall.ssh.port), None, &ids(&[ADMIN_PORTS])));
    let restricted = firewall
        .openings
        .iter()
        .filter(|opening| opening.audience != Audience::Public)
        .map(|opening| line(opening.protocol, opening.ports, None, &reasons(opening)));
    let closed = firewall.closed.iter().map(|closed| {
        let why = if closed.why.is_empty() { ids(&[DEFAULT_DENY]) } else { closed.why.clone() };
        line(closed.protocol, closed.ports, None, &why)
    });
    let is_open = |guarded: &&Guarded| {
        let covers = |o: &Opening| o.protocol == guarded.protocol && o.ports.overlaps(guarded.ports);
        firewall.openings.iter().any(covers)
    };
    let guarded = firewall.guarded.iter().filter(|guarded| !is_open(guarded));
    let guarded = guarded.map(|guarded| line(guarded.protocol, guarded.ports, None, &guarded.why));
    ssh.into_iter().chain(restricted).chain(guarded).chain(closed).collect()
}

/// The accepting lines of an opening; named networks add their sets.
fn opening_lines(opening: &Opening, sets: &mut Vec<AddressSet>) -> Vec<Line> {
    let why = reasons(opening);
    match &opening.audience {
        Audience::Public => vec![line(opening.protocol, opening.ports, None, &why)],
        Audience::Admin => admin_lines(opening.protocol, opening.ports, &why),
        Audience::Only(networks) => {
            let (v4, v6) = tool::by_family(networks);
            let own = address_sets(&set_name(opening, "from"), &v4, &v6, &why);
            let lines = own.iter().map(|set| line(opening.protocol, opening.ports, Some(source(set)), &why)).collect();
            sets.extend(own);
            lines
        }
    }
}

/// The accepting lines of a protocol without ports; named networks add their sets.
fn passing(passed: &Passed, sets: &mut Vec<AddressSet>) -> Vec<Passes> {
    let Passed { protocol, audience, note: _, why } = passed;
    let line = |source| Passes { number: protocol.number(), family: None, source, why: why.clone() };
    match audience {
        Audience::Public => vec![line(None)],
        Audience::Admin => admin_sources().into_iter().map(|source| line(Some(source))).collect(),
        Audience::Only(networks) => {
            let (v4, v6) = tool::by_family(networks);
            let own = address_sets(&format!("{protocol}_from"), &v4, &v6, why);
            let lines = own.iter().map(|set| line(Some(source(set)))).collect();
            sets.extend(own);
            lines
        }
    }
}

fn admin_lines(protocol: Protocol, ports: Ports, why: &[String]) -> Vec<Line> {
    admin_sources().into_iter().map(|source| line(protocol, ports, Some(source), why)).collect()
}

fn admin_sources() -> Vec<Source> {
    vec![Source { family: "ip", set: "admin4".into() }, Source { family: "ip6", set: "admin6".into() }]
}

/// A set a family. nft refuses overlapping elements and host bits, so networks are cut and merged first.
fn address_sets(name: &str, v4: &[Ipv4Net], v6: &[Ipv6Net], why: &[String]) -> Vec<AddressSet> {
    let v4: Vec<_> = v4.iter().map(Ipv4Net::trunc).collect();
    let v6: Vec<_> = v6.iter().map(Ipv6Net::trunc).collect();
    let set = |family: u8, kind: &'static str, elements: Vec<String>| AddressSet {
        name: format!("{name}{family}"),
        kind,
        elements,
        why: why.to_vec(),
    };
    vec![
        set(4, "ipv4_addr", Ipv4Net::aggregate(&v4).iter().map(ToString::to_string).collect()),
        set(6, "ipv6_addr", Ipv6Net::aggregate(&v6).iter().map(ToString::to_string).collect()),
    ]
}

fn limit(opening: &Opening, what: &str, rate: Rate) -> Limit {
    Limit {
        protocol: opening.protocol,
        ports: opening.ports,
        set: set_name(opening, what),
        v6: false,
        wide: false,
        over: rate.events,
        per: rate.per,
        burst: rate.burst,
        why: ids(&[RATE_LIMITS]),
    }
}

/// `udp5520_packets`: an identifier that no other opening has, since openings do not overlap.
fn set_name(opening: &Opening, what: &str) -> String {
    format!("{}{}_{what}", opening.protocol, opening.ports.to_string().replace('-', "_"))
}

fn line(protocol: Protocol, ports: Ports, source: Option<Source>, why: &[String]) -> Line {
    Line { protocol, ports, source, why: why.to_vec() }
}

/// Ids behind an opening.
pub(super) fn reasons(opening: &Opening) -> Vec<String> {
    match &opening.audience {
        _ if !opening.why.is_empty() => opening.why.clone(),
        Audience::Public => ids(&[DEFAULT_DENY]),
        Audience::Admin | Audience::Only(_) => ids(&[ADMIN_PORTS]),
    }
}

/// Ids as texts.
pub(super) fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
#[path = "nftables_tests.rs"]
mod tests;
