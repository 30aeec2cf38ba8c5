//! What a stack takes of its host and of the world's names, to be held against what stacks of other profiles take.

use super::Stack;
use crate::format::profile::Profile;
use crate::text::Span;
use crate::values::{Domain, HostIp, Ports, Protocol};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Everything that can be had once.
#[derive(Debug, Default, Clone)]
pub struct Claims {
    /// Address of the host, where the profile says it.
    pub address: Option<IpAddr>,
    /// What is taken, and where the profile says so, or what it follows from.
    pub all: Vec<(Claim, Span)>,
}

/// Something that can be had once; it is kept with verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// A host name under which people reach it: once in the world.
    Domain(String),
    /// Ports of the host, the first and the last, on these of its addresses; on all where there are none.
    Ports(u16, u16, Protocol, Vec<IpAddr>),
    /// A name on the host: what it names, and the name.
    Name(String, String),
    /// Addresses of containers on the host.
    Subnet(IpNet),
}

impl Claim {
    fn ports(ports: Ports, protocol: Protocol, on: &[HostIp]) -> Self {
        let on: Vec<IpAddr> = on.iter().map(|address| address.0).collect();
        let everywhere = on.iter().any(IpAddr::is_unspecified);
        Self::Ports(ports.first(), ports.last(), protocol, if everywhere { Vec::new() } else { on })
    }

    fn name(kind: &str, name: impl ToString) -> Self {
        Self::Name(kind.to_owned(), name.to_string())
    }
}

impl Claims {
    /// Of one stack.
    pub fn of(stack: &Stack, profile: &Profile) -> Self {
        let source = profile.near("name").source;
        let place = |at: Span, near: &str| if at.source == source { at } else { profile.near(near) };
        let mut all = Vec::new();
        let sites = stack.edge.iter().flat_map(|edge| &edge.sites).map(|site| &site.host);
        let systems = stack.systems.iter().filter_map(|system| system.domain.as_ref());
        let mut domains: Vec<&Domain> = sites.chain(systems).collect();
        domains.sort();
        domains.dedup();
        all.extend(domains.into_iter().map(|domain| (Claim::Domain(domain.to_string()), profile.near("domain"))));
        all.push((Claim::name("project", &stack.name), profile.near("name")));
        for service in stack.services.values() {
            all.push((Claim::name("container", &service.container), profile.near("name")));
            for port in &service.ports {
                let Some(bound) = port.bound.get().filter(|bound| !bound.is_empty()) else { continue };
                all.push((Claim::ports(port.host, port.protocol, bound), place(port.at, "system")));
            }
        }
        for port in &stack.host_ports {
            all.push((Claim::ports(port.ports, port.protocol, &[]), place(port.at, "system")));
        }
        for network in stack.networks.values() {
            all.push((Claim::name("bridge", &network.bridge), profile.near("name")));
            let subnets = network.subnet.into_iter().chain(network.ipv6);
            all.extend(subnets.map(|subnet| (Claim::Subnet(subnet.net()), profile.near("system"))));
        }
        Self { address: stack.address.map(|address| address.0), all }
    }
}
