//! Networks and fixed addresses.

use super::{Context, host_ports};
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::{System, When};
use crate::stack::{Destinations, Enforced, Network, Stack};
use crate::text::Spanned;
use crate::values::{Cidr, NetworkName, ServiceName};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

/// Adds the system's networks that exist in this run. The front network is one for all systems: the proxy's own.
pub fn networks(context: &mut Context, stack: &mut Stack) {
    let project = context.profile.name.as_ref().map_or("", |name| name.as_str()).to_owned();
    let front = context.system.edge.as_ref().map(|edge| &edge.front.value);
    for (name, network) in &context.system.networks {
        if !context.scope.holds(&network.when) {
            continue;
        }
        let said = network.subnet.as_ref().and_then(|subnet| context.said::<Cidr>(subnet));
        let subnet = said.as_ref().map(|said| said.value);
        if let Some(subnet) = subnet.filter(|subnet| subnet.is_in_engine_pool()) {
            context.scope.diagnostics.push(
                Diagnostic::warning(
                    codes::SUBNET_IN_POOL,
                    format!("network `{}` has {subnet}, which Docker may give to another network first", name.value),
                )
                .at(name.span, "")
                .help("take addresses of 10.0.0.0/8 that neither the host nor its VPN uses, such as 10.87.30.0/28"),
            );
        }
        if let Some(first) = network.deny_egress.first().filter(|_| !network.egress) {
            context.scope.diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_SYSTEM,
                    format!("`{}` has no way out, so there is nothing to deny", name.value),
                )
                .at(first.text.span, "")
                .help("remove `deny_egress`, or write `egress: true`"),
            );
        }
        let denied = host_ports::destinations(context, &network.deny_egress, &network.allow_egress);
        if front != Some(&name.value) {
            context.claims.add("network", name, name.span);
        }
        let names = match &network.each {
            None => vec![name.value.clone()],
            Some(each) => family(context, name, each),
        };
        for name in names {
            if let Some(said) = &said {
                context.claims.add_subnet(said.value, &name, said.span);
            }
            let ipv6 = (network.egress && context.choices.publishes_ipv6()).then(|| local(&project, name.as_str()));
            let shared = stack.networks.entry(name.clone()).or_insert_with(|| Network {
                name: name.clone(),
                purpose: network.purpose.clone(),
                bridge: bridge(&project, name.as_str()),
                egress: network.egress,
                denied: Destinations::default(),
                subnet,
                ipv6: ipv6.flatten(),
                internal: Enforced::default(),
            });
            shared.denied.and(denied.clone());
        }
    }
}

/// The networks that one stands for, `NAME-ITEM` for each item of a list.
fn family(context: &mut Context, name: &Spanned<NetworkName>, each: &When) -> Vec<NetworkName> {
    let items = context.scope.items(&each.0);
    let members: Vec<NetworkName> =
        items.into_iter().filter_map(|(_, item)| context.scope.parse(&format!("{name}-{item}"), &each.0)).collect();
    for member in &members {
        context.claims.add("network", member, name.span);
    }
    context.families.insert(name.value.clone(), members.clone());
    members
}

/// A bridge name of at most 15 characters (IFNAMSIZ) that begins with `br-`; a long one ends in a digest.
fn bridge(project: &str, network: &str) -> String {
    let full = format!("br-{project}-{network}");
    if full.len() <= 15 {
        return full;
    }
    let digest = Sha256::digest(format!("{project}/{network}"));
    let start: String = project.chars().take(6).collect();
    format!("br-{start}-{:02x}{:02x}", digest[0], digest[1])
}

/// A local IPv6 network (RFC 4193), the same in every run: its global and subnet id are a digest of the names.
fn local(project: &str, network: &str) -> Option<Cidr> {
    let digest = Sha256::digest(format!("{project}/{network}"));
    let mut bytes = [0; 16];
    bytes[0] = 0xfd;
    bytes[1..8].copy_from_slice(&digest[..7]);
    format!("{}/64", Ipv6Addr::from(bytes)).parse().ok()
}

/// The address a service has on a network, where it has a fixed one.
pub fn fixed(subnet: Option<Cidr>, number: Option<u8>) -> Option<IpAddr> {
    subnet?.net().hosts().nth(usize::from(number?).checked_sub(1)?)
}

/// The number of an address in its network, as `address` writes it.
pub fn number(subnet: Cidr, address: IpAddr) -> u64 {
    let whole = |address: IpAddr| match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    u64::try_from(whole(address).saturating_sub(whole(subnet.net().network()))).unwrap_or(u64::MAX)
}

/// Gives fixed addresses to expressions as `address('NETWORK', 'SERVICE')`.
pub fn tell(context: &mut Context, networks: &BTreeMap<NetworkName, Network>) {
    let mut table = BTreeMap::new();
    for (service, description) in &context.system.services {
        for (network, attachment) in &description.networks {
            let Some(number) = attachment.address else { continue };
            let subnet = networks.get(&network.value).and_then(|network| network.subnet);
            match fixed(subnet, Some(number)) {
                Some(address) => {
                    let names = &context.names;
                    if let (Some(network), Some(service)) =
                        (names.network(&network.value), names.service(&service.value))
                    {
                        table.insert((network.to_string(), service.to_string()), address.to_string());
                    }
                }
                None if is_sound(context.system, networks, &network.value) => context.scope.diagnostics.push(
                    Diagnostic::error(
                        codes::INVALID_SYSTEM,
                        format!(
                            "`{service}` has address {number} on `{network}`, which the subnet does not hold",
                            service = service.value,
                            network = network.value
                        ),
                    )
                    .at(network.span, "")
                    .help("give the network a `subnet` with that many hosts"),
                ),
                None => {}
            }
        }
    }
    context.scope.add_lookup("address", table);
    let gateway = |network: &Network| {
        let word = context.names.network(&network.name)?;
        Some((word.to_string(), fixed(network.subnet, Some(1))?.to_string()))
    };
    context.scope.add_word_lookup("gateway", networks.values().filter_map(gateway).collect());
}

/// Whether a network is there with the subnet that the system gives it, if any: a wrong one was reported.
fn is_sound(system: &System, networks: &BTreeMap<NetworkName, Network>, name: &NetworkName) -> bool {
    let written = system.networks.iter().any(|(known, network)| known.value == *name && network.subnet.is_some());
    networks.get(name).is_some_and(|network| network.subnet.is_some() == written)
}

/// The fixed address of a service, for the compose file.
pub fn of(
    context: &mut Context,
    networks: &BTreeMap<NetworkName, Network>,
    service: &ServiceName,
) -> BTreeMap<NetworkName, Option<IpAddr>> {
    let Some((_, description)) = context.system.services.iter().find(|(name, _)| name.value == *service) else {
        return BTreeMap::new();
    };
    let mut members = BTreeMap::new();
    for (name, attachment) in &description.networks {
        if let Some(family) = context.families.get(&name.value).cloned() {
            if context.scope.holds(&attachment.when) {
                members.extend(family.into_iter().map(|name| (name, None)));
            }
            continue;
        }
        match networks.get(&name.value) {
            Some(network) if context.scope.holds(&attachment.when) => {
                members.insert(name.value.clone(), fixed(network.subnet, attachment.address));
            }
            // One that the file does not have at all was reported when it was read.
            Some(_) | None => {}
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bridge_names_fit_an_interface_and_differ() {
        assert_eq!(bridge("hub", "edge"), "br-hub-edge");
        let (a, b) = (bridge("a-long-project", "front"), bridge("a-long-project", "frond"));
        assert!(a.len() <= 15 && a.starts_with("br-") && a != b);
    }

    #[test]
    fn local_networks_are_local_and_differ() {
        let (a, b) = (local("house", "front"), local("house", "game"));
        assert!(a != b && a.is_some_and(|net| net.to_string().starts_with("fd") && net.to_string().ends_with("::/64")));
    }

    #[test]
    fn fixed_addresses_count_hosts() {
        let subnet = "172.30.87.0/28".parse().ok();
        assert_eq!(fixed(subnet, Some(5)).map(|a| a.to_string()).as_deref(), Some("172.30.87.5"));
        assert_eq!(fixed(subnet, Some(15)), None);
        assert_eq!(fixed(None, Some(2)), None);
    }
}
