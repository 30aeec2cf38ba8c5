//! `firewall.open`: every entry is whole, opens something, and nothing that must stay shut.

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::format::profile::{Open, Profile};
use crate::stack::firewall::DOCKER_API_PORTS;
use crate::stack::{Choices, Stack};
use crate::text::{Span, Spanned};
use crate::values::{FirewallKind, IpProtocol, Origin, Ports, Protocol};

/// What is wrong with the entries by themselves.
pub fn check(found: &mut Diagnostics, profile: &Profile, choices: &Choices) {
    if choices.firewall == FirewallKind::None {
        return;
    }
    for (index, open) in profile.firewall.open.iter().enumerate() {
        let Some(protocol) = open.protocol.as_ref().map(|protocol| protocol.value) else { continue };
        match (&open.port, protocol.transport()) {
            (None, Some(_)) => found.push(
                Diagnostic::error(
                    codes::MISSING_KEY,
                    format!("an entry of `firewall.open` for {protocol} has no `port`"),
                )
                .at(open.span, "")
                .help("add the port or the range, such as `port: 51820` or `port: 60000-60010`"),
            ),
            (Some(port), None) => found.push(
                Diagnostic::error(codes::INVALID_VALUE, format!("{protocol} has no ports"))
                    .at(port.span, "")
                    .help("remove `port`; the whole protocol opens"),
            ),
            (Some(port), Some(transport)) => {
                forbidden(found, choices, transport, port);
                again(found, &profile.firewall.open[..index], protocol, port);
            }
            (None, None) => {
                let same = |other: &&Spanned<Open>| other.protocol.as_ref().is_some_and(|it| it.value == protocol);
                if let Some(other) = profile.firewall.open[..index].iter().find(same) {
                    found.push(
                        Diagnostic::error(codes::PORT_CLASH, format!("`firewall.open` says {protocol} twice"))
                            .at(open.span, "")
                            .also(other.span, "the first time")
                            .help("write one entry with all networks under `from`"),
                    );
                }
            }
        }
        // A network that was refused is said where it was read.
        let refused = |from: &Span| {
            profile.refused.iter().any(|it| it.source == from.source && from.start <= it.start && it.end <= from.end)
        };
        if !open.from.as_ref().is_some_and(|from| refused(&from.span)) {
            from(found, open, protocol, choices);
        }
    }
}

/// Ports that another key opens, or none ever.
fn forbidden(found: &mut Diagnostics, choices: &Choices, protocol: Protocol, port: &Spanned<Ports>) {
    let ssh = choices.ssh_port.get();
    if protocol == Protocol::Tcp && port.value.contains(ssh) {
        found.push(
            Diagnostic::error(codes::PORT_CLASH, format!("port {ssh}/tcp is that of the SSH server"))
                .at(port.span, "open to the `admin` networks already")
                .help("name further networks under `firewall.ssh.from`, or the port it really has under `firewall.ssh.port`"),
        );
    }
    if protocol == Protocol::Tcp && DOCKER_API_PORTS.iter().any(|api| port.value.contains(*api)) {
        found.push(
            Diagnostic::error(codes::INVALID_VALUE, "ports 2375 and 2376, of the Docker API, are never opened")
                .at(port.span, "whoever speaks it owns the host")
                .help("reach it over SSH: `docker -H ssh://HOST ps`"),
        );
    }
}

/// Ports that an earlier entry opens.
fn again(found: &mut Diagnostics, earlier: &[Spanned<Open>], protocol: IpProtocol, port: &Spanned<Ports>) {
    let same = |other: &&Spanned<Open>| {
        let is_same = other.protocol.as_ref().is_some_and(|it| it.value == protocol);
        is_same && other.port.as_ref().is_some_and(|other| other.value.overlaps(port.value))
    };
    if let Some(other) = earlier.iter().find(same) {
        found.push(
            Diagnostic::error(codes::PORT_CLASH, format!("`firewall.open` says {}/{protocol} twice", port.value))
                .at(port.span, "")
                .also(other.port.as_ref().map_or(other.span, |port| port.span), "the first time")
                .help("write one entry with all networks under `from`"),
        );
    }
}

/// Where it may come from.
fn from(found: &mut Diagnostics, open: &Spanned<Open>, protocol: IpProtocol, choices: &Choices) {
    let at = open.from.as_ref().map_or(open.span, |from| from.span);
    let said = open.from.as_ref().map(|from| from.value.iter().map(|origin| origin.value).collect::<Vec<_>>());
    let nobody = |message: &str, help: &str| Diagnostic::error(codes::INVALID_VALUE, message).at(at, "").help(help);
    match &said {
        Some(list) if list.is_empty() => found.push(nobody(
            "`from` names nobody, so nothing would open",
            "name networks, `admin` or `any`, or leave `from` out to take `admin`",
        )),
        Some(list) if list.contains(&Origin::Any) && list.len() > 1 => found.push(
            Diagnostic::error(codes::UNUSED_KEY, "`any` holds everything else that `from` names")
                .at(at, "")
                .help("write `from: [any]`, or remove `any`"),
        ),
        _ => {
            let admin = said.as_ref().is_none_or(|list| list.contains(&Origin::Admin));
            let of_admin = if admin { choices.admin.as_slice() } else { &[] };
            let named = said.iter().flatten().filter_map(|origin| match origin {
                Origin::Network(network) => Some(network),
                Origin::Any | Origin::Admin => None,
            });
            let fits = |it: &crate::values::Cidr| it.net().addr().is_ipv4() || !protocol.is_ipv4();
            let any = said.iter().flatten().any(|origin| *origin == Origin::Any);
            if !any && !of_admin.iter().chain(named).any(fits) {
                found.push(if protocol.is_ipv4() {
                    nobody(&format!("{protocol} comes over IPv4 alone"), "name an IPv4 network, or `any`, under `from`")
                } else {
                    nobody("there is no admin network to open it to", "name networks, or `any`, under `from`")
                });
            }
        }
    }
}

/// Entries for what the stack itself opens.
pub fn check_stack(found: &mut Diagnostics, stack: &Stack) {
    for open in &stack.firewall_choice.open {
        let (Some(ports), Some(transport)) = (open.ports, open.protocol.transport()) else { continue };
        let services = stack.services.values().flat_map(|service| {
            let published = service.ports.iter().filter(|port| port.is_published());
            published.map(|port| (port.host, port.protocol, format!("{} ({})", service.name, port.name)))
        });
        let host = stack.host_ports.iter().map(|port| (port.ports, port.protocol, format!("the host ({})", port.name)));
        let taken = services.chain(host).find(|(other, protocol, _)| *protocol == transport && other.overlaps(ports));
        if let Some((_, _, who)) = taken {
            found.push(
                Diagnostic::error(codes::PORT_CLASH, format!("{open} belongs to {who}, which opens it already"))
                    .at(open.at, "")
                    .help("remove the entry, or give one of the two another port"),
            );
        }
    }
}
