//! What the templates of nftables print.

use super::super::tool::{Allowed, Claim};
use crate::stack::firewall::{FirewallKind, Ports, Protocol, Unit};
use serde::Serialize;

/// Everything the templates print. All strings are nft identifiers, numbers, port ranges or CIDRs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View {
    /// `bundle-<project>`: the mark the loaded table carries.
    pub owner: String,
    /// The kind of firewall.
    pub kind: FirewallKind,
    /// The tool that decides about INPUT where the table does not: `ufw` or `firewalld`.
    pub tool: Option<FirewallKind>,
    /// Whether containers are Docker's.
    pub docker: bool,
    /// Bridges that it must take for Docker's.
    pub tool_bridges: Vec<String>,
    /// What the tool must let through.
    pub tool_rules: Vec<Allowed>,
    /// Whether the table decides about INPUT; false where ufw or firewalld do.
    pub owns_input: bool,
    /// Whether interfaces named `br-…` lead to containers.
    pub bridge_prefix: bool,
    /// Interfaces to containers by name, beside Docker's two own.
    pub bridges: Vec<String>,
    /// Named address sets the rules refer to.
    pub sets: Vec<AddressSet>,
    /// Sets that nft fills while it counts, one a limit.
    pub meters: Vec<Meter>,
    /// Dropped before anything else, containers included.
    pub never: Vec<Line>,
    /// The ssh rules.
    pub ssh: Vec<Line>,
    /// The openings: `published` and `input` print the same list.
    pub accept: Vec<Line>,
    /// Ports of the host that are closed to containers.
    pub guarded: Vec<Guard>,
    /// Destinations that containers may not reach.
    pub egress: Vec<Denied>,
    /// Protocols without ports that open on the host.
    pub passed: Vec<Passes>,
    /// Those of them that are not for everybody, to be dropped by number; empty where the policy drops anyway.
    pub refused: Vec<Passes>,
    /// Whether what is dropped is logged.
    pub log: bool,
    /// What the stack opens, for the scripts and for other stacks of the host.
    pub claims: Vec<Claim>,
    /// Dropped by name after the openings; empty where the policy drops anyway.
    pub drop: Vec<Line>,
    /// Limits on packets, before connection tracking.
    pub packet_limits: Vec<Limit>,
    /// Limits on connections at one time.
    pub connection_limits: Vec<Limit>,
    /// Limits on new flows.
    pub flow_limits: Vec<Limit>,
    /// Limits on packets of all sources of a port.
    pub packet_totals: Vec<Limit>,
    /// Limits on new flows of all sources of a port.
    pub flow_totals: Vec<Limit>,
    /// Whether the chain for new flows is needed.
    pub limits_new: bool,
    /// Address sets whose members are not limited.
    pub exempt: Vec<Source>,
    /// Port of sshd.
    pub ssh_port: u16,
    /// Whether ssh is open to any address.
    pub ssh_any: bool,
    /// Networks it is open to, where not.
    pub ssh_from: Vec<String>,
    /// Ports of the bundle's containers, which stay closed where the rules do not load at boot.
    pub published: Vec<Line>,
    /// Seconds until unconfirmed rules are taken back.
    pub confirm_seconds: u32,
    /// Ids behind lines that exist on every host.
    pub why: Why,
}

/// Control ids of the lines that do not come from the profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// Dropping and its exceptions.
    pub deny: Vec<String>,
    /// The way in for the operator.
    pub admin: Vec<String>,
    /// Limits per source.
    pub limits: Vec<String>,
}

/// A named set of networks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddressSet {
    /// Identifier.
    pub name: String,
    /// nft type of the elements.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// CIDRs without overlap; empty omits `elements`.
    pub elements: Vec<String>,
    /// Control ids.
    pub why: Vec<String>,
}

/// A set filled from the packet path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meter {
    /// Identifier.
    pub name: String,
    /// nft type of the elements.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Seconds after which a silent source is forgotten; 0 where counted connections end by themselves.
    pub timeout: u32,
    /// Control ids.
    pub why: Vec<String>,
}

/// One rule: a protocol, its ports, and where from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Transport protocol.
    pub protocol: Protocol,
    /// Host ports.
    pub ports: Ports,
    /// `None` means from anywhere.
    pub source: Option<Source>,
    /// Control ids.
    pub why: Vec<String>,
}

/// A protocol without ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passes<S = Source> {
    /// Its number.
    pub number: u8,
    /// 4 where IPv6 does not carry it; tools that keep the families apart need to know.
    pub family: Option<u8>,
    /// `None` means from anywhere.
    pub source: Option<S>,
    /// Control ids.
    pub why: Vec<String>,
}

/// Ports of the host that are closed to containers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Guard<P = Ports> {
    /// Transport protocol.
    pub protocol: Protocol,
    /// Host ports.
    pub ports: P,
    /// Interfaces whose containers may reach them all the same.
    pub bridges: Vec<String>,
    /// Control ids.
    pub why: Vec<String>,
}

/// Destinations that containers on one interface may not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Denied {
    /// The interface.
    pub bridge: String,
    /// Address sets of the exceptions.
    pub allow: Vec<Source>,
    /// Address sets of the destinations.
    pub deny: Vec<Source>,
    /// Control ids.
    pub why: Vec<String>,
}

/// An address set with the family it matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// `ip` or `ip6`.
    pub family: &'static str,
    /// Name of the set.
    pub set: String,
}

/// One limit for one family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Transport protocol.
    pub protocol: Protocol,
    /// Host ports.
    pub ports: Ports,
    /// The set that counts; never shared, since the rule that makes an element fixes its rate. Empty where all sources count
    /// together.
    pub set: String,
    /// Whether it is for IPv6.
    pub v6: bool,
    /// Whether a source is a /24 (IPv4) or /48 (IPv6) instead of an address or a /64.
    pub wide: bool,
    /// Events in `per`, or connections.
    pub over: u32,
    /// Unit of time.
    pub per: Unit,
    /// Events forgiven at once; 0 for connections.
    pub burst: u32,
    /// Control ids.
    pub why: Vec<String>,
}
