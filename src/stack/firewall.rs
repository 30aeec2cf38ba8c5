//! The host firewall as data: which ports open for whom, what stays shut, how fast one source may knock.
//!
//! Pure and complete: nothing here is left to a default of a firewall tool. Every back end (nftables, iptables, ufw,
//! firewalld) reads the same model, so the same profile gives the same policy on each.

use std::fmt;

use crate::values::{Interface, IpProtocol};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Serialize;

pub use crate::format::system::ContainerEngine;
pub use crate::values::Ports;

/// TCP ports of the Docker API. They never open, not even for containers: whoever speaks it owns the host (CIS 2.6).
pub const DOCKER_API_PORTS: [u16; 2] = [2375, 2376];

/// The policy of one host: everything that comes in from outside and is not listed here is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Firewall {
    /// Name of the compose project. It marks the loaded rules, so that two bundles on one host notice each other.
    pub project: String,
    /// The tool that loads the rules.
    pub kind: FirewallKind,
    /// What runs the containers, and tells the tool about their networks.
    pub engine: ContainerEngine,
    /// IPv4 networks of the operators; may be empty.
    pub admin4: Vec<Ipv4Net>,
    /// IPv6 networks of the operators; may be empty.
    pub admin6: Vec<Ipv6Net>,
    /// The way in for the operator; there is always one.
    pub ssh: Ssh,
    /// Ports that open, in the order they are printed. Those of one protocol must not overlap: a limit's counting set is
    /// named after the ports, and two limits on one set would share the first one's rate.
    pub openings: Vec<Opening>,
    /// Protocols without ports that open on the host itself.
    pub passed: Vec<Passed>,
    /// Whether dropped packets are logged, some a second.
    pub log: bool,
    /// Ports that something on the host publishes and nobody outside may reach. They are dropped by default where the
    /// rules own the INPUT policy, and by name where another tool does (ufw, firewalld).
    pub closed: Vec<Closed>,
    /// Ports of the host that are closed to containers, but for some.
    pub guarded: Vec<Guarded>,
    /// Destinations that containers may not reach, by the interface they come from.
    pub egress: Vec<Egress>,
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
    /// Whether a container of the bundle serves it.
    pub published: bool,
    /// What one source may do; `None` sets no limit.
    pub limit: Option<PerSource>,
    /// What the port is for, in a few words.
    pub note: String,
    /// Ids of the controls behind the rule; empty takes those of the audience.
    pub why: Vec<String>,
}

/// A protocol without ports that opens on the host itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// The protocol.
    pub protocol: IpProtocol,
    /// Who may send it.
    pub audience: Audience,
    /// What it is for, in a few words.
    pub note: String,
    /// Ids of the controls behind the rule.
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

/// Ports of the host that are closed to containers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Guarded {
    /// Host ports.
    pub ports: Ports,
    /// Transport protocol.
    pub protocol: Protocol,
    /// Interfaces whose containers may reach them all the same.
    pub bridges: Vec<Interface>,
    /// What the ports are for, in a few words.
    pub note: String,
    /// Ids of the controls behind the rule.
    pub why: Vec<String>,
}

/// Destinations that containers on one interface may not reach, forwarded or on the host itself. A destination is the one
/// the container asked for, before any DNAT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Egress {
    /// Interface of the host they come from.
    pub bridge: Interface,
    /// Denied IPv4 networks.
    pub deny4: Vec<Ipv4Net>,
    /// Denied IPv6 networks.
    pub deny6: Vec<Ipv6Net>,
    /// Exceptions in IPv4.
    pub allow4: Vec<Ipv4Net>,
    /// Exceptions in IPv6.
    pub allow6: Vec<Ipv6Net>,
    /// Ids of the controls behind the rules.
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

/// So much more than one source may all sources of a /24 (IPv4) or /48 (IPv6) do together. A table of sources can be filled from
/// one such network; then this limit is what still holds.
pub const NEIGHBOURS: u32 = 16;

/// So much more than one source may all sources of a port do together, so that a flood from everywhere costs this port and not
/// the host.
pub const EVERYBODY: u32 = 256;

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

/// A rate with the burst that is forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Events in one unit of time.
    pub events: u32,
    /// The unit.
    pub per: Unit,
    /// Events above it that pass at once.
    pub burst: u32,
}

/// Units of time that firewalls count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
}

impl Unit {
    /// Shortest first.
    pub const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::Hour, Self::Day];

    /// Its length.
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
            Self::Day => 86_400,
        }
    }
}

impl Rate {
    /// So many requests in so many milliseconds, with all of them at once as the burst. Exact where some unit makes a whole
    /// number of it; else, as in 7 requests in 11 seconds, the nearest rate above it, by less than a thousandth or one a day.
    pub fn new(requests: u32, milliseconds: u64) -> Self {
        let milliseconds = milliseconds.max(1);
        let in_unit = |unit: Unit| u64::from(requests) * u64::from(unit.seconds()) * 1000;
        let fits = |unit: &Unit| in_unit(*unit).div_ceil(milliseconds) <= u64::from(MOST_EVENTS);
        let exact = Unit::ALL.into_iter().find(|unit| in_unit(*unit).is_multiple_of(milliseconds));
        let per = exact.filter(fits).or_else(|| Unit::ALL.into_iter().rfind(fits)).unwrap_or(Unit::Second);
        let events = in_unit(per).div_ceil(milliseconds).clamp(1, u64::from(MOST_EVENTS));
        Self { events: u32::try_from(events).unwrap_or(MOST_EVENTS), per, burst: requests }
    }

    /// A rate so many times as fast, as far as tools can count.
    pub fn times(self, factor: u32) -> Self {
        let events = u64::from(self.events) * u64::from(factor);
        let (events, per) = match events > u64::from(MOST_EVENTS) {
            true => (events.div_ceil(u64::from(self.per.seconds())), Unit::Second),
            false => (events, self.per),
        };
        let most = |n: u64| u32::try_from(n).unwrap_or(MOST_EVENTS).min(MOST_EVENTS);
        Self { events: most(events), per, burst: most(u64::from(self.burst) * u64::from(factor)) }
    }

    /// Seconds after which a source that was silent has its whole burst again, and may be forgotten.
    pub fn refill_seconds(self) -> u32 {
        let seconds = u64::from(self.burst) * u64::from(self.per.seconds());
        u32::try_from(seconds.div_ceil(u64::from(self.events.max(1)))).unwrap_or(u32::MAX)
    }
}

/// Largest number of events in a unit that every tool takes.
const MOST_EVENTS: u32 = 1_000_000;

/// How interfaces that lead to containers are recognised. `docker0` and `docker_gwbridge` always are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bridges {
    /// Whether every interface whose name begins with `br-` is one: Docker's own names and those of generated networks.
    /// Not on a host whose WAN or LAN interface is itself called `br-…`.
    pub prefix: bool,
    /// Further ones by name.
    pub named: Vec<Interface>,
    /// Those of the bundle's networks without a way out. Docker does not tell firewalld of them.
    pub internal: Vec<Interface>,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(requests: u32, seconds: u64) -> (u32, Unit) {
        let Rate { events, per, burst } = Rate::new(requests, seconds * 1000);
        assert_eq!(burst, requests);
        (events, per)
    }

    #[test]
    fn rates_keep_their_speed() {
        assert_eq!(rate(200, 1), (200, Unit::Second));
        assert_eq!(rate(90, 60), (90, Unit::Minute));
        assert_eq!(rate(120, 60), (2, Unit::Second));
        assert_eq!(rate(5, 10), (30, Unit::Minute));
        assert_eq!(rate(3, 15 * 60), (12, Unit::Hour));
        assert_eq!(rate(1, 86_400), (1, Unit::Day));
        assert_eq!(rate(7, 11), (54_982, Unit::Day), "54981.8 a day");
        assert_eq!(rate(1_000_000, 1), (1_000_000, Unit::Second));
    }

    #[test]
    fn faster_rates_stay_within_what_tools_count() {
        assert_eq!(Rate::new(20, 60_000).times(16), Rate { events: 320, per: Unit::Minute, burst: 320 });
        assert_eq!(Rate::new(7, 11_000).times(256), Rate { events: 163, per: Unit::Second, burst: 1792 });
        assert_eq!(
            Rate::new(10_000, 1000).times(256),
            Rate { events: MOST_EVENTS, per: Unit::Second, burst: MOST_EVENTS }
        );
    }

    #[test]
    fn a_silent_source_is_kept_until_its_burst_is_whole() {
        assert_eq!(Rate::new(3, 900_000).refill_seconds(), 900);
        assert_eq!(Rate::new(200, 1000).refill_seconds(), 1);
    }
}
