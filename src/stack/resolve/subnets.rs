//! Addresses of networks against everything outside the stack that has addresses, and against those who live there.

use super::Context;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::format::profile::Profile;
use crate::stack::{Network, Stack};
use crate::text::Span;
use crate::values::{Cidr, NetworkName, TrustedProxy};
use std::net::IpAddr;

/// Where networks of containers may lie.
const TAKE: &str = "take addresses of 10.0.0.0/8 that neither the host nor its VPN uses, such as 10.87.30.0/28";

/// Bits by which a network outside is wider than one that takes only few of its addresses.
const FEW: u8 = 8;

/// Addresses of the bundle's own that are also of somebody outside, that are none for containers, or too few.
pub fn check(found: &mut Diagnostics, contexts: &[Context], profile: &Profile, stack: &Stack) {
    for (subnet, name, span) in contexts.iter().flat_map(|context| context.claims.subnets()) {
        if let Some(what) = unusable(*subnet) {
            let says = format!("network `{name}` has {subnet}, {what}");
            found.push(Diagnostic::error(codes::SUBNET_CLASH, says).at(*span, "").help(TAKE));
            continue;
        }
        for (other, of, place) in outside(profile) {
            if subnet.overlaps(other) {
                found.push(taken(name, *subnet, *span, other, &of, place));
            }
        }
        if let Some(network) = stack.networks.get(name) {
            room(found, network, *subnet, *span, stack);
        }
    }
}

/// Why no engine could use a network, or nobody would want it to.
fn unusable(subnet: Cidr) -> Option<&'static str> {
    let address = subnet.net().addr();
    let first = |text: &str| text.parse::<Cidr>().is_ok_and(|range| range.overlaps(subnet));
    match address {
        _ if first("127.0.0.0/8") || first("::1/128") => Some("which holds the host's own loopback addresses"),
        _ if first("224.0.0.0/4") || first("ff00::/8") => Some("which holds addresses of groups, not of containers"),
        _ if first("169.254.0.0/16") || first("fe80::/10") => Some("which holds addresses that hosts give themselves"),
        IpAddr::V4(v4) if v4.octets()[0] == 0 => Some("which holds addresses that stand for none"),
        _ => None,
    }
}

/// Networks outside that the profile names, in words.
fn outside(profile: &Profile) -> Vec<(Cidr, String, Span)> {
    let admin = profile.admin.iter().flat_map(|admin| &admin.value).map(|cidr| (cidr.value, "`admin`", cidr.span));
    let ssh = profile.firewall.ssh.from.iter().flat_map(|from| &from.value);
    let ssh = ssh.map(|cidr| (cidr.value, "`firewall.ssh.from`", cidr.span));
    let trusted = profile.proxy.trusted_proxies.iter().flat_map(|list| &list.value);
    let trusted = trusted.filter_map(|proxy| match proxy.value {
        TrustedProxy::Network(network) => Some((network, "`proxy.trusted_proxies`", proxy.span)),
        TrustedProxy::Published(_) => None,
    });
    let named = admin.chain(ssh).chain(trusted).map(|(cidr, of, span)| (cidr, of.to_owned(), span));
    let one = |address: IpAddr| Cidr::from(address);
    let bind = profile.proxy.bind.iter().flat_map(|bind| &bind.value).filter(|bind| !bind.value.0.is_unspecified());
    let bind = bind.map(|bind| (one(bind.value.0), "`proxy.bind`".to_owned(), bind.span));
    let hosts = profile.hosts.iter().filter_map(|(name, host)| {
        let address = host.address.as_ref()?;
        Some((one(address.value.0), format!("host `{}`", name.value), address.span))
    });
    named.chain(bind).chain(hosts).collect()
}

/// The host sends what is for these addresses to its containers, so nobody outside gets an answer.
fn taken(name: &NetworkName, subnet: Cidr, span: Span, other: Cidr, of: &str, place: Span) -> Diagnostic {
    let says = format!("network `{name}` has {subnet}, which shares addresses with {other} of {of}");
    // A few addresses of a wide network are missed by nobody, as a rule.
    let finding = match other.net().prefix_len().saturating_add(FEW) <= subnet.net().prefix_len() {
        true => Diagnostic::warning(codes::SUBNET_CLASH, says),
        false => Diagnostic::error(codes::SUBNET_CLASH, says),
    };
    let help = match "10.0.0.0/8".parse::<Cidr>().is_ok_and(|all| other.net().contains(&all.net())) {
        true => "take addresses outside of it, such as 172.16.87.0/28",
        false => TAKE,
    };
    finding.at(span, "answers to these addresses would go to containers").also(place, "named here").help(help)
}

/// Whether the network has an address for everybody on it.
fn room(found: &mut Diagnostics, network: &Network, subnet: Cidr, span: Span, stack: &Stack) {
    let members: Vec<_> =
        stack.services.values().filter_map(|it| Some((&it.name, *it.networks.get(&network.name)?))).collect();
    let net = subnet.net();
    let bits = u32::from(net.max_prefix_len() - net.prefix_len());
    // The network's own address, its broadcast and the gateway are nobody's.
    let free = 2_u64.saturating_pow(bits).saturating_sub(3);
    let fixed: Vec<_> = members.iter().filter_map(|(service, address)| Some((*service, (*address)?))).collect();
    let help = format!("give it at least a /{}", net.max_prefix_len().saturating_sub(prefix_bits(members.len())));
    if (members.len() as u64) > free {
        let plural = |n: u64| if n == 1 { "" } else { "es" };
        let says = format!(
            "network `{}` has {subnet}, room for {free} address{} beside the gateway, and {} services",
            network.name,
            plural(free),
            members.len()
        );
        found.push(Diagnostic::error(codes::SUBNET_CLASH, says).at(span, "").help(help));
        return;
    }
    let others = members.len() - fixed.len();
    for (index, (service, address)) in fixed.iter().enumerate() {
        let number = super::addresses::number(subnet, *address);
        let says = match fixed[..index].iter().find(|(_, earlier)| earlier == address) {
            Some((earlier, _)) => format!("`{service}` and `{earlier}` both have {address} on `{}`", network.name),
            None if number <= 1 => format!("`{service}` has {address} on `{}`, which is the gateway's", network.name),
            // The engine gives the lowest free address to whom none is written.
            None if number < 2 + others as u64 => format!(
                "`{service}` has {address} on `{}`, which the engine may give to another service before",
                network.name
            ),
            None => continue,
        };
        found.push(Diagnostic::error(codes::SUBNET_CLASH, says).at(span, "").help(format!(
            "write another `address`, from {} on: the first are for the gateway and for services without one",
            2 + others
        )));
    }
}

/// Bits that so many members need, with the three addresses that nobody has.
fn prefix_bits(members: usize) -> u8 {
    let wanted = members as u64 + 3;
    (2..=32).find(|bits| 2_u64.pow(u32::from(*bits)) >= wanted).unwrap_or(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_that_no_engine_takes() {
        for (net, wrong) in [
            ("0.0.0.0/0", true),
            ("0.1.0.0/16", true),
            ("127.0.0.0/24", true),
            ("224.0.0.0/24", true),
            ("169.254.7.0/24", true),
            ("fe80::/64", true),
            ("ff02::/64", true),
            ("::/0", true),
            ("10.87.30.0/28", false),
            ("192.0.2.0/24", false),
            ("fd00::/64", false),
        ] {
            assert!(net.parse().is_ok_and(|net| unusable(net).is_some() == wrong), "{net}");
        }
    }

    #[test]
    fn a_prefix_holds_its_members() {
        assert_eq!([0, 1, 2, 5, 6, 13, 14].map(prefix_bits), [2, 2, 3, 3, 4, 4, 5]);
    }
}
