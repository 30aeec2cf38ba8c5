//! The host firewall as data: which ports open for whom, what stays shut, how fast one source may knock.
//!
//! Pure and complete: nothing here is left to a default of a firewall tool. Every back end (nftables, iptables, ufw,
//! firewalld) reads the same model, so the same profile gives the same policy on each.

use std::fmt;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Serialize, Serializer};

/// TCP ports of the Docker API. They never open, not even for containers: whoever speaks it owns the host (CIS 2.6).
pub const DOCKER_API_PORTS: [u16; 2] = [2375, 2376];

/// The policy of one host: everything that comes in from outside and is not listed here is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Firewall {
    /// Name of the compose project. It marks the loaded rules, so that two bundles on one host notice each other.
    pub project: String,
    /// The tool that loads the rules.
    pub kind: FirewallKind,
    /// IPv4 networks of the operators; may be empty.
    pub admin4: Vec<Ipv4Net>,
    /// IPv6 networks of the operators; may be empty.
    pub admin6: Vec<Ipv6Net>,
    /// The way in for the operator; there is always one.
    pub ssh: Ssh,
    /// Ports that open, in the order they are printed. Those of one protocol must not overlap: a limit's counting set is
    /// named after the ports, and two limits on one set would share the first one's rate.
    pub openings: Vec<Opening>,
    /// Ports that something on the host publishes and nobody outside may reach. They are dropped by default where the
    /// rules own the INPUT policy, and by name where another tool does (ufw, firewalld).
    pub closed: Vec<Closed>,
    /// How interfaces that lead to containers are recognised.
    pub bridges: Bridges,
    /// Seconds after which unconfirmed rules are taken back.
    pub confirm_seconds: u32,
}

/// The tools that can load the rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FirewallKind {
    /// Own nftables table; owns the INPUT policy.
    #[default]
    Nftables,
    /// Own chains in `mangle` and `filter`, for hosts without nft.
    Iptables,
    /// ufw for INPUT, own nftables table for everything Docker publishes.
    Ufw,
    /// firewalld zones for INPUT, own nftables table for everything Docker publishes.
    Firewalld,
    /// No rules: another machine filters.
    None,
}

/// The ssh rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ssh {
    /// Port of sshd on the host.
    pub port: u16,
    /// Who may connect.
    pub from: Sources,
}

/// Who may use ssh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sources {
    /// The admin networks only.
    #[default]
    Admin,
    /// Any address.
    Any,
}

/// One opened host port, or a range of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// Host ports, as published: before Docker's DNAT, never the container's.
    pub ports: Ports,
    /// Transport protocol.
    pub protocol: Protocol,
    /// Who may connect.
    pub audience: Audience,
    /// What one source may do; `None` sets no limit.
    pub limit: Option<PerSource>,
    /// What the port is for, in a few words.
    pub note: String,
    /// Ids of the controls behind the rule; empty takes those of the audience.
    pub why: Vec<String>,
}

/// Ports that stay shut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// Host ports.
    pub ports: Ports,
    /// Transport protocol.
    pub protocol: Protocol,
    /// Ids of the controls behind the rule; empty takes `default-deny-firewall`.
    pub why: Vec<String>,
}

/// Transport protocols with ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// Who may reach an opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Everybody.
    Public,
    /// The admin networks.
    Admin,
    /// Named networks, such as the panel that calls a node's daemon. Both families may be mixed.
    Only(Vec<IpNet>),
}

/// What one source may do on an opening. A source is an IPv4 address or an IPv6 /64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PerSource {
    /// Packets, judged before connection tracking; for UDP, where a running flow is "established" after one reply.
    pub packets: Option<Rate>,
    /// New flows or connections.
    pub new_flows: Option<Rate>,
    /// Connections open at the same time; for TCP.
    pub concurrent: Option<u32>,
}

/// A rate in events a second, with the burst that is forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Events a second.
    pub per_second: u32,
    /// Events above it that pass at once.
    pub burst: u32,
}

/// How interfaces that lead to containers are recognised. `docker0` and `docker_gwbridge` always are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bridges {
    /// Every interface whose name begins with `br-`: Docker's own names and those of generated networks.
    #[default]
    Prefix,
    /// Exactly these, for a host whose WAN or LAN interface is itself called `br-…`.
    Named(Vec<String>),
}

/// One port or an inclusive range; `first <= last` always holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ports {
    first: u16,
    last: u16,
}

impl Ports {
    /// One port.
    pub const fn single(port: u16) -> Self {
        Self { first: port, last: port }
    }

    /// Both ends included; `None` when they are the wrong way round.
    pub const fn range(first: u16, last: u16) -> Option<Self> {
        if first <= last { Some(Self { first, last }) } else { None }
    }

    /// Lowest port.
    pub const fn first(self) -> u16 {
        self.first
    }

    /// Highest port.
    pub const fn last(self) -> u16 {
        self.last
    }
}

/// `443`, or `25565-25665`.
impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { write!(f, "{}", self.first) } else { write!(f, "{}-{}", self.first, self.last) }
    }
}

impl Serialize for Ports {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

impl Firewall {
    /// True when nobody could log in over ssh any more: only admin networks may, and there are none.
    pub fn locks_operator_out(&self) -> bool {
        self.ssh.from == Sources::Admin && self.admin4.is_empty() && self.admin6.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_print_as_one_number_or_a_range() {
        assert_eq!(Ports::single(443).to_string(), "443");
        assert_eq!(Ports::range(7000, 7010).map(|p| p.to_string()), Some("7000-7010".into()));
        assert_eq!(Ports::range(2, 1), None);
        assert_eq!(serde_json::json!(Ports::single(22)), "22");
    }
}
