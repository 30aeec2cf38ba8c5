//! Drop what is not listed.

use super::{Control, Meta, Reach, Surroundings, admin_ports, bound_ports, egress_deny_list, live, rate_limits};
use crate::checks::Claim;
use crate::diagnostics::Severity;
use crate::format::system::Limit;
use crate::stack::firewall::{
    Audience, Bridges, Egress, Firewall, FirewallKind, Guarded, Opening, Passed, PerSource, Ports, Protocol, Rate,
    Sources, Ssh,
};
use crate::stack::{Destinations, HostOpening, HostPort, PortAudience, Service, ServicePort, Stack};
use crate::values::{self, Boundary, Cidr, FirewallKind as Choice, Interface, Level};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::collections::BTreeSet;

pub static META: Meta = Meta {
    id: "default-deny-firewall",
    title: "Drop what is not listed",
    why: "Docker publishes ports past ufw, firewalld and the INPUT chain; without own rules for forwarded packets everything published is open to everybody.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Stack,
    references: &["OWASP Docker #5a", "CIS Docker 5.14"],
};

#[derive(Debug)]
pub struct DefaultDenyFirewall;

impl Control for DefaultDenyFirewall {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn enforce(&self, stack: &mut Stack, _: &Surroundings) {
        if let Some(firewall) = policy(stack) {
            stack.firewall.set(META.id, firewall);
        }
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        live::firewall(stack, META.id)
    }
}

/// The whole policy of a stack, which four controls share: this one makes it, `admin-ports` narrows openings,
/// `rate-limits` slows them and `egress-deny-list` refuses destinations. Each of them sets the same value, so their order does not matter; `None` where this one is
/// off or no firewall is wanted.
pub(super) fn policy(stack: &Stack) -> Option<Firewall> {
    let choice = &stack.firewall_choice;
    let kind = match choice.kind {
        Choice::Nftables => FirewallKind::Nftables,
        Choice::Iptables => FirewallKind::Iptables,
        Choice::Ufw => FirewallKind::Ufw,
        Choice::Firewalld => FirewallKind::Firewalld,
        Choice::None => return None,
    };
    if !META.is_on(stack, None) {
        return None;
    }
    let (admin4, admin6) = by_family(&stack.admin);
    let (from, ssh) = ssh(stack);
    // Openings must not overlap; the way in for the operator stands first.
    let mut openings: Vec<Opening> = ssh.into_iter().collect();
    for service in stack.services.values() {
        for port in service.ports.iter().filter(|port| port.is_published() && is_reachable(stack, service, port)) {
            openings.push(of_service(stack, service, port));
        }
    }
    openings.extend(stack.host_ports.iter().filter(|port| port.audience.is_outside()).map(|port| of_host(stack, port)));
    openings.extend(choice.open.iter().filter_map(of_profile));
    let mut kept: Vec<Opening> = Vec::new();
    for opening in openings {
        if !kept.iter().any(|other| other.protocol == opening.protocol && other.ports.overlaps(opening.ports)) {
            kept.push(opening);
        }
    }
    kept.sort_by_key(|opening| (opening.protocol, opening.ports));
    Some(Firewall {
        project: stack.name.to_string(),
        kind,
        engine: stack.engine,
        admin4,
        admin6,
        ssh: Ssh { port: choice.ssh_port.get(), from },
        openings: kept,
        passed: choice.open.iter().filter_map(passed).collect(),
        log: choice.log,
        // The table owns the INPUT policy: what is not opened is closed.
        closed: Vec::new(),
        guarded: stack.host_ports.iter().filter_map(|port| guarded(stack, port)).collect(),
        egress: egress(stack),
        bridges: Bridges { prefix: true, named: bridges(stack), internal: internal(stack) },
        confirm_seconds: choice.confirm_seconds,
    })
}

/// Whether any rule is there in the name of a control.
pub(super) fn claims(firewall: &Firewall, id: &str) -> bool {
    let Firewall { openings, guarded, egress, .. } = firewall;
    let reasons =
        openings.iter().map(|o| &o.why).chain(guarded.iter().map(|g| &g.why)).chain(egress.iter().map(|e| &e.why));
    reasons.flatten().any(|why| why == id)
}

/// Who may use SSH: the admin networks always, and further ones by an opening of their own.
fn ssh(stack: &Stack) -> (Sources, Option<Opening>) {
    let from: Vec<IpNet> = stack.firewall_choice.ssh_from.iter().map(|cidr| cidr.net()).collect();
    let everything = |v4: bool| from.iter().any(|net| net.prefix_len() == 0 && net.addr().is_ipv4() == v4);
    if everything(true) && everything(false) {
        return (Sources::Any, None);
    }
    let admin: BTreeSet<IpNet> = stack.admin.iter().map(|admin| admin.net().trunc()).collect();
    let around = |net: &IpNet| std::iter::successors(Some(net.trunc()), IpNet::supernet);
    if from.iter().all(|net| around(net).any(|net| admin.contains(&net))) {
        return (Sources::Admin, None);
    }
    let opening = Opening {
        ports: Ports::single(stack.firewall_choice.ssh_port.get()),
        protocol: Protocol::Tcp,
        audience: Audience::Only(from),
        published: false,
        limit: None,
        note: "ssh".to_owned(),
        why: vec![META.id.to_owned()],
    };
    (Sources::Admin, Some(opening))
}

/// Whether a port is published on more than loopback.
fn is_reachable(stack: &Stack, service: &Service, port: &ServicePort) -> bool {
    let bind = port.address.as_ref().map_or(&stack.bind[..], std::slice::from_ref);
    let everywhere = bind.is_empty() || !bound_ports::META.is_on(stack, Some(&service.name));
    everywhere || bind.iter().any(|bind| !bind.0.is_loopback())
}

fn of_service(stack: &Stack, service: &Service, port: &ServicePort) -> Opening {
    let ServicePort { at: _, name, container: _, host, address: _, protocol, audience, limit, bound: _ } = port;
    let is_on = |meta: &Meta| meta.is_on(stack, Some(&service.name));
    let note = format!("{} {name}", service.name);
    Opening { published: true, ..opening(*host, *protocol, audience, limit.as_ref(), note, is_on) }
}

fn of_host(stack: &Stack, port: &HostPort) -> Opening {
    let HostPort { at: _, name: _, title, ports, protocol, audience, networks: _, limit } = port;
    opening(*ports, *protocol, audience, limit.as_ref(), title.to_string(), |meta| meta.is_on(stack, None))
}

/// A port that the profile opens. What it says about who may come in needs no control.
fn of_profile(open: &HostOpening) -> Option<Opening> {
    let HostOpening { at: _, ports, protocol, audience, purpose } = open;
    let audience = who(audience);
    let (note, why) = (purpose.to_string(), vec![META.id.to_owned()]);
    Some(Opening {
        ports: (*ports)?,
        protocol: transport(protocol.transport()?),
        audience,
        published: false,
        limit: None,
        note,
        why,
    })
}

/// A protocol without ports that the profile opens.
fn passed(open: &HostOpening) -> Option<Passed> {
    let HostOpening { at: _, ports, protocol, audience, purpose } = open;
    let (note, why) = (purpose.to_string(), vec![META.id.to_owned()]);
    ports.is_none().then(|| Passed { protocol: *protocol, audience: who(audience), note, why })
}

fn who(audience: &PortAudience) -> Audience {
    match audience {
        PortAudience::From(networks) => Audience::Only(networks.iter().map(|cidr| cidr.net()).collect()),
        PortAudience::Public => Audience::Public,
        _ => Audience::Admin,
    }
}

fn opening(
    ports: Ports,
    protocol: values::Protocol,
    audience: &PortAudience,
    limit: Option<&Limit>,
    note: String,
    is_on: impl Fn(&Meta) -> bool,
) -> Opening {
    let audience = match audience {
        PortAudience::Admin if is_on(&admin_ports::META) => Audience::Admin,
        PortAudience::From(networks) if is_on(&admin_ports::META) => {
            Audience::Only(networks.iter().map(|cidr| cidr.net()).collect())
        }
        _ => Audience::Public,
    };
    let limit = limit.filter(|_| is_on(&rate_limits::META)).map(per_source);
    let mut why = vec![META.id.to_owned()];
    why.extend((audience != Audience::Public).then(|| admin_ports::META.id.to_owned()));
    why.extend(limit.map(|_| rate_limits::META.id.to_owned()));
    Opening { ports, protocol: transport(protocol), audience, published: false, limit, note, why }
}

/// A port of the host that is closed to containers, but for those on the networks it names; none where it is public.
fn guarded(stack: &Stack, port: &HostPort) -> Option<Guarded> {
    let HostPort { at: _, name: _, title, ports, protocol, audience, networks, limit: _ } = port;
    let bridges = || networks.iter().filter_map(|name| interface(stack, name)).collect();
    (*audience != PortAudience::Public).then(|| Guarded {
        ports: *ports,
        protocol: transport(*protocol),
        bridges: bridges(),
        note: title.to_string(),
        why: vec![META.id.to_owned()],
    })
}

fn interface(stack: &Stack, network: &values::NetworkName) -> Option<Interface> {
    stack.networks.get(network)?.bridge.parse().ok()
}

/// What containers may not reach, by interface.
fn egress(stack: &Stack) -> Vec<Egress> {
    if !egress_deny_list::META.is_on(stack, None) {
        return Vec::new();
    }
    let of_networks =
        stack.networks.values().filter_map(|network| Some((network.bridge.parse().ok()?, &network.denied)));
    let of_bridges = stack.bridges.iter().map(|bridge| (bridge.interface.clone(), &bridge.denied));
    let rules = of_networks.chain(of_bridges).filter(|(_, denied)| !denied.networks.is_empty());
    rules
        .map(|(bridge, Destinations { networks, except })| {
            let ((deny4, deny6), (allow4, allow6)) = (by_family(networks), by_family(except));
            Egress { bridge, deny4, deny6, allow4, allow6, why: vec![egress_deny_list::META.id.to_owned()] }
        })
        .collect()
}

/// Bridges of networks without a way out.
fn internal(stack: &Stack) -> Vec<Interface> {
    stack.networks.values().filter(|network| !network.egress).filter_map(|it| it.bridge.parse().ok()).collect()
}

/// Bridges that are not known by their names: all but Docker's own and those that begin with `br-`.
fn bridges(stack: &Stack) -> Vec<Interface> {
    let is_known = |name: &str| ["docker0", "docker_gwbridge"].contains(&name) || name.starts_with("br-");
    stack.bridges.iter().map(|bridge| bridge.interface.clone()).filter(|name| !is_known(name.as_str())).collect()
}

fn transport(protocol: values::Protocol) -> Protocol {
    match protocol {
        values::Protocol::Tcp => Protocol::Tcp,
        values::Protocol::Udp => Protocol::Udp,
    }
}

fn per_source(limit: &Limit) -> PerSource {
    let Limit { new_flows, packets, connections } = limit;
    let rate = |rate: values::Rate| Rate::new(rate.requests, rate.period.as_milliseconds());
    PerSource { packets: packets.map(rate), new_flows: new_flows.map(rate), concurrent: *connections }
}

fn by_family(networks: &[Cidr]) -> (Vec<Ipv4Net>, Vec<Ipv6Net>) {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for network in networks {
        match network.net() {
            IpNet::V4(network) => v4.push(network),
            IpNet::V6(network) => v6.push(network),
        }
    }
    (v4, v6)
}
