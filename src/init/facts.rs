//! What was seen of the host. What is not there was not seen, and nothing is concluded from that.

use crate::format::system::ContainerEngine;
use crate::values::{ByteSize, Cidr, FirewallKind, ImageRef, Port};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Everything that was seen.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Who is logged in over SSH.
    pub peer: Option<Peer>,
    /// The port that session came in at.
    pub ssh_port: Option<Port>,
    /// Interfaces of a VPN.
    pub vpns: Vec<Vpn>,
    /// What runs containers.
    pub engine: Option<Engine>,
    /// The version of TrueNAS.
    pub truenas: Option<String>,
    /// The firewall in force, where it is not the default kind, and how that was seen.
    pub firewall: Option<(FirewallKind, &'static str)>,
    /// TCP ports something listens on.
    pub taken: BTreeSet<u16>,
    /// Addresses of the host.
    pub addresses: Vec<IpAddr>,
    /// Networks the host has routes to, the default route aside.
    pub routes: Vec<Route>,
    /// Processors.
    pub processors: Option<usize>,
    /// Memory.
    pub memory: Option<ByteSize>,
    /// A compose file in the folder.
    pub compose: Option<String>,
    /// Images in the engine that have a digest.
    pub images: Vec<ImageRef>,
}

/// The other end of an SSH session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// The network of this host it is on, where it is on one.
    pub network: Option<Cidr>,
}

/// An interface of a VPN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpn {
    /// Its name.
    pub interface: String,
    /// The host's address on it.
    pub address: IpAddr,
    /// Its network.
    pub network: Cidr,
}

/// What runs containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// Which.
    pub kind: ContainerEngine,
    /// Its version, or that of its client where the engine does not answer.
    pub version: Option<String>,
    /// Whether the engine answered.
    pub answers: bool,
    /// Whether it runs without root.
    pub rootless: bool,
    /// Whether it maps users of containers to others of the host.
    pub user_namespaces: bool,
}

/// A network the host has a route to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The network.
    pub network: Cidr,
    /// Through which interface.
    pub interface: String,
}

impl Engine {
    /// `Docker 27.5.1, rootless`.
    pub fn said(&self) -> String {
        let name = match self.kind {
            ContainerEngine::Docker => "Docker",
            ContainerEngine::Podman => "Podman",
        };
        let mut said = self.version.as_ref().map_or_else(|| name.to_owned(), |version| format!("{name} {version}"));
        if !self.answers {
            said.push_str(" (its engine does not answer you)");
        }
        if self.rootless {
            said.push_str(", rootless");
        }
        if self.user_namespaces {
            said.push_str(", with user namespaces");
        }
        said
    }
}

impl Facts {
    /// Lines for a person, of what was found.
    pub fn said(&self) -> Vec<String> {
        let mut said = Vec::new();
        let mut host: Vec<String> = self.truenas.iter().map(|version| format!("TrueNAS {version}")).collect();
        host.extend(self.engine.iter().map(Engine::said));
        host.extend(self.processors.map(|count| format!("{count} processor{}", if count == 1 { "" } else { "s" })));
        // As much as is whole: a host of 8 GiB has some less to give.
        host.extend(self.memory.map(|memory| match memory.get() >> 30 {
            0 => format!("{memory} of memory"),
            whole => format!("{whole} GiB of memory"),
        }));
        if !host.is_empty() {
            said.push(host.join(", "));
        }
        if let Some((kind, how)) = self.firewall {
            said.push(format!("firewall {kind}: {how}"));
        }
        let web: Vec<String> = [80, 443].iter().filter(|port| self.taken.contains(port)).map(u16::to_string).collect();
        if !web.is_empty() {
            said.push(format!("something listens on port {}", web.join(" and ")));
        }
        for vpn in &self.vpns {
            said.push(format!("{}: {}, of {}", vpn.interface, vpn.address, vpn.network));
        }
        if let Some(peer) = &self.peer {
            let port = self.ssh_port.map(|port| format!(", at port {port}")).unwrap_or_default();
            said.push(format!("you are logged in from {} over SSH{port}", peer.address));
        }
        if let Some(compose) = &self.compose {
            said.push(format!("{compose} is here; it stays as it is, the bundle gets a folder of its own"));
        }
        said
    }

    /// Whether the SSH session comes from one of these networks; nothing where there is no session.
    pub fn peer_is_in(&self, networks: &[Cidr]) -> Option<bool> {
        let peer = self.peer.as_ref()?;
        Some(networks.iter().any(|network| network.net().contains(&peer.address)))
    }

    /// What already uses some of these addresses.
    pub fn user_of(&self, network: Cidr) -> Option<&Route> {
        self.routes.iter().find(|route| route.network.overlaps(network))
    }
}
