//! The rule model, laid out line by line as nft wants it.
//!
//! The formulation (own `inet` table, original port of DNATed packets, one set a limit) is the measured one of the
//! firewall notes; `docs/firewall.md` tells users about it.

mod view;

pub use view::{AddressSet, Denied, Guard, Limit, Line, Meter, Passes, Source, View, Why};

use ipnet::{Ipv4Net, Ipv6Net};

use super::tool;
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
