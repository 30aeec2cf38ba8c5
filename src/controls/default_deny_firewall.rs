//! Drop what is not listed.

use super::{Control, Facts, Meta, Reach, admin_ports, bound_ports, rate_limits};
use crate::diagnostics::Severity;
use crate::profile::{FirewallKind as Choice, Level};
use crate::stack::firewall::{
    Audience, Bridges, Firewall, FirewallKind, Opening, PerSource, Ports, Protocol, Rate, Sources, Ssh,
};
use crate::stack::{self, Service, ServicePort, Stack};
use crate::systems::format::{Boundary, Limit};
use crate::values;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::collections::BTreeMap;

/// What is known about it.
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

/// The control.
#[derive(Debug)]
pub struct DefaultDenyFirewall;

impl Control for DefaultDenyFirewall {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn enforce(&self, stack: &mut Stack, _: &Facts) {
        if let Some(firewall) = policy(stack) {
            stack.firewall.set(META.id, firewall);
        }
    }
}

/// The whole policy of a stack, which three controls share: this one makes it, `admin-ports` narrows openings and
/// `rate-limits` slows them. Each of them sets the same value, so their order does not matter; `None` where this one is
/// off or no firewall is wanted.
pub(super) fn policy(stack: &Stack) -> Option<Firewall> {
    let choice = &stack.firewall_choice;
    let kind = match choice.kind {
        Choice::Nftables => FirewallKind::Nftables,
        Choice::None => return None,
    };
    if !META.is_on(stack, None) {
        return None;
    }
    let (admin4, admin6) = by_family(&stack.admin);
    let (from, ssh) = ssh(stack);
    // By protocol and port, since openings must not overlap; the way in for the operator stands first.
    let mut openings: BTreeMap<_, _> = ssh.into_iter().map(|opening| (key(&opening), opening)).collect();
    for service in stack.services.values() {
        for port in service.ports.iter().filter(|port| port.is_published() && is_reachable(stack, service)) {
            let opening = opening(stack, service, port);
            openings.entry(key(&opening)).or_insert(opening);
        }
    }
    Some(Firewall {
        project: stack.name.to_string(),
        kind,
        admin4,
        admin6,
        ssh: Ssh { port: choice.ssh_port.get(), from },
        openings: openings.into_values().collect(),
        // The table owns the INPUT policy: what is not opened is closed.
        closed: Vec::new(),
        bridges: Bridges::Prefix,
        confirm_seconds: choice.confirm_seconds,
    })
}

/// Whether any opening is there in the name of a control.
pub(super) fn claims(firewall: &Firewall, id: &str) -> bool {
    firewall.openings.iter().any(|opening| opening.why.iter().any(|why| why == id))
}

fn key(opening: &Opening) -> (Protocol, Ports) {
    (opening.protocol, opening.ports)
}

/// Who may use SSH: the admin networks always, and further ones by an opening of their own.
fn ssh(stack: &Stack) -> (Sources, Option<Opening>) {
    let from: Vec<IpNet> = stack.firewall_choice.ssh_from.iter().map(|cidr| cidr.net()).collect();
    let everything = |v4: bool| from.iter().any(|net| net.prefix_len() == 0 && net.addr().is_ipv4() == v4);
    if everything(true) && everything(false) {
        return (Sources::Any, None);
    }
    if from.iter().all(|net| stack.admin.iter().any(|admin| admin.net().contains(net))) {
        return (Sources::Admin, None);
    }
    let opening = Opening {
        ports: Ports::single(stack.firewall_choice.ssh_port.get()),
        protocol: Protocol::Tcp,
        audience: Audience::Only(from),
        limit: None,
        note: "ssh".to_owned(),
        why: vec![META.id.to_owned()],
    };
    (Sources::Admin, Some(opening))
}

/// Whether the ports of a service are published on more than loopback.
fn is_reachable(stack: &Stack, service: &Service) -> bool {
    let everywhere = stack.bind.is_empty() || !bound_ports::META.is_on(stack, Some(&service.name));
    everywhere || stack.bind.iter().any(|bind| !bind.0.is_loopback())
}

fn opening(stack: &Stack, service: &Service, port: &ServicePort) -> Opening {
    let is_on = |meta: &Meta| meta.is_on(stack, Some(&service.name));
    let narrow = port.audience == stack::Audience::Admin && is_on(&admin_ports::META);
    let limit = port.limit.as_ref().filter(|_| is_on(&rate_limits::META)).map(per_source);
    let mut why = vec![META.id.to_owned()];
    why.extend(narrow.then(|| admin_ports::META.id.to_owned()));
    why.extend(limit.map(|_| rate_limits::META.id.to_owned()));
    Opening {
        ports: Ports::single(port.host.get()),
        protocol: match port.protocol {
            values::Protocol::Tcp => Protocol::Tcp,
            values::Protocol::Udp => Protocol::Udp,
        },
        audience: if narrow { Audience::Admin } else { Audience::Public },
        limit,
        note: format!("{} {}", service.name, port.name),
        why,
    }
}

fn per_source(limit: &Limit) -> PerSource {
    let Limit { new_flows, packets, connections } = limit;
    PerSource { packets: packets.map(per_second), new_flows: new_flows.map(per_second), concurrent: *connections }
}

/// Events a second, rounded up; what a longer period allows at once becomes the burst.
fn per_second(rate: values::Rate) -> Rate {
    let seconds = u32::try_from(rate.period.as_seconds()).unwrap_or(u32::MAX).max(1);
    Rate { per_second: rate.requests.div_ceil(seconds).max(1), burst: rate.requests }
}

fn by_family(networks: &[values::Cidr]) -> (Vec<Ipv4Net>, Vec<Ipv6Net>) {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for network in networks {
        match network.net() {
            IpNet::V4(network) => v4.push(network),
            IpNet::V6(network) => v6.push(network),
        }
    }
    (v4, v6)
}
