//! Addresses, networks, ports and transport protocols.

use super::{Invalid, pattern, textual};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr, num::NonZeroU16, str::FromStr};

/// A network in CIDR form without host bits; a bare address means the single host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr(IpNet);

impl Cidr {
    /// The network.
    pub fn net(self) -> IpNet {
        self.0
    }

    /// Whether it is inside private, shared, link-local, loopback or unique-local space (RFC 1918, 6598, 3927, 4193, 4291).
    pub fn is_private(self) -> bool {
        const PRIVATE: [&str; 9] = [
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "127.0.0.0/8",
            "fc00::/7",
            "fe80::/10",
            "::1/128",
        ];
        PRIVATE.iter().filter_map(|net| net.parse::<IpNet>().ok()).any(|net| net.contains(&self.0))
    }

    /// Whether it overlaps the ranges from which Docker takes networks by itself, unless told otherwise.
    pub fn is_in_engine_pool(self) -> bool {
        // The first, 172.16.0.0/16, is left out of them.
        const POOLS: [&str; 5] = ["172.17.0.0/16", "172.18.0.0/15", "172.20.0.0/14", "172.24.0.0/13", "192.168.0.0/16"];
        POOLS.iter().filter_map(|net| net.parse::<IpNet>().ok()).any(|net| self.overlaps(Self(net)))
    }

    /// Whether the two share an address.
    pub fn overlaps(self, other: Self) -> bool {
        self.0.contains(&other.0) || other.0.contains(&self.0)
    }

    /// Whether it covers every address of its family.
    pub fn is_everything(self) -> bool {
        self.0.prefix_len() == 0
    }
}

impl From<IpAddr> for Cidr {
    /// The single host.
    fn from(address: IpAddr) -> Self {
        Self(address.into())
    }
}

impl FromStr for Cidr {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const HELP: &str = "write a network such as `10.8.0.0/24` or `fd00:8::/64`";
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(address.into());
        }
        // The network's own parser also takes addresses that are none, such as one of nine groups.
        let address = text.split_once('/').is_some_and(|(address, _)| address.parse::<IpAddr>().is_ok());
        let net: Option<IpNet> = text.parse().ok().filter(|_| address);
        let net = net.ok_or_else(|| Invalid::new("this is no network in CIDR form").help(HELP))?;
        if net.addr() != net.network() {
            return Err(Invalid::new(format!("`{net}` has host bits set")).help(format!(
                "write `{}` for the network or `{}` for the one host",
                net.trunc(),
                net.addr()
            )));
        }
        Ok(Self(net))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

textual!(Cidr, "Cidr", "a network in CIDR form, or one address", Some(pattern::cidr()), ["10.8.0.0/24", "fd00:8::/64"]);

/// Networks in one text, separated by blanks or commas; may be none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cidrs(pub Vec<Cidr>);

impl FromStr for Cidrs {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let items = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|item| !item.is_empty());
        items.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Name of a network interface of the host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interface(String);

impl Interface {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Interface {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_name = (1..=15).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if is_name && text.chars().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new("this is no name of a network interface").help("`ip -br link` lists them, such as `docker0`"))
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(
    Interface,
    "Interface",
    "a network interface of the host",
    Some("^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$"),
    ["docker0"]
);

/// An address of the host to publish ports on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostIp(pub IpAddr);

impl FromStr for HostIp {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|bare| bare.contains(':'));
        if let Some(bare) = bare {
            return Err(Invalid::new("an address has no brackets").help(format!("write `'{}'`", bare.escape_debug())));
        }
        if text == "host-gateway" {
            return Err(Invalid::new("this is a word of Docker, no IP address")
                .help("write `\"{{ gateway('NETWORK') }}\"` with a network of the service that has a `subnet`"));
        }
        text.parse().map(Self).map_err(|_| {
            Invalid::new("this is no IP address")
                .help("write an address of the host such as `10.8.0.1`, or `0.0.0.0` for all")
        })
    }
}

impl fmt::Display for HostIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

textual!(HostIp, "HostIp", "an IPv4 or IPv6 address of the host", Some(pattern::ip()), ["10.8.0.1", "0.0.0.0"]);

/// Address under which other hosts reach one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerIp(pub IpAddr);

impl FromStr for PeerIp {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const HELP: &str = "write the one address of that host which the others reach, such as `203.0.113.5`";
        let address: IpAddr = text.parse().map_err(|_| Invalid::new("this is no IP address").help(HELP))?;
        match address.is_unspecified() || address.is_multicast() || address.is_loopback() {
            true => Err(Invalid::new(format!("`{address}` is no address of one host")).help(HELP)),
            false => Ok(Self(address)),
        }
    }
}

impl fmt::Display for PeerIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

textual!(PeerIp, "PeerIp", "the address under which other hosts reach one", Some(pattern::peer()), ["203.0.113.5"]);

/// Where something outside the stack answers: a host name or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name.
    Name(super::Domain),
    /// An address.
    Address(IpAddr),
}

impl FromStr for Host {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map(Self::Address).or_else(|_| text.parse().map(Self::Name))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// A TCP or UDP port, 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(NonZeroU16);

impl Port {
    /// The number.
    pub fn get(self) -> u16 {
        self.0.get()
    }
}

impl FromStr for Port {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        super::no_leading_zero(text)?;
        text.parse().map(Self).map_err(|_| Invalid::new("this is no port").help("a port is a number from 1 to 65535"))
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Port {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.get())
    }
}

impl<'de> Deserialize<'de> for Port {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(super::Words)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Port {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Port".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        pattern::schema::<Self>("a TCP or UDP port", Some(pattern::port()), &[])
    }
}

/// One port or an inclusive range: `443`, `25565-25665`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// How many there are.
    pub const fn count(self) -> u32 {
        (self.last - self.first) as u32 + 1
    }

    /// Whether a port is one of them.
    pub const fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }

    /// Whether the two share a port.
    pub const fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

impl From<Port> for Ports {
    fn from(port: Port) -> Self {
        Self::single(port.get())
    }
}

impl FromStr for Ports {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let Some((first, last)) = text.split_once('-') else { return text.parse::<Port>().map(Self::from) };
        let end = |text: &str| text.trim().parse::<Port>().map(Port::get);
        Self::range(end(first)?, end(last)?).ok_or_else(|| {
            Invalid::new("this range of ports ends before it begins").help("write the lower port first: `25565-25665`")
        })
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { write!(f, "{}", self.first) } else { write!(f, "{}-{}", self.first, self.last) }
    }
}

textual!(
    Ports,
    "Ports",
    "a port, or a range of them with both ends included",
    Some(format!(r"{0}|\s*{0}\s*-\s*{0}\s*", pattern::port())),
    ["443", "25565-25665"]
);

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Transmission Control Protocol
    Tcp,
    /// User Datagram Protocol, which also carries QUIC
    Udp,
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

    #[test]
    fn host_bits_are_named_with_both_ways_out() {
        let error = "10.8.0.7/24".parse::<Cidr>().expect_err("has host bits");
        assert_eq!(error.help.as_deref(), Some("write `10.8.0.0/24` for the network or `10.8.0.7` for the one host"));
    }

    #[test]
    fn ranges_the_engine_takes_from_are_known() {
        for (net, inside) in [
            ("172.16.255.0/24", false),
            ("172.17.0.0/16", true),
            ("172.19.3.0/24", true),
            ("172.23.0.0/28", true),
            ("172.30.87.0/28", true),
            ("172.32.0.0/16", false),
            ("172.16.0.0/12", true),
            ("192.168.7.0/24", true),
            ("10.87.30.0/28", false),
            ("fd00::/64", false),
        ] {
            assert_eq!(net.parse::<Cidr>().map(Cidr::is_in_engine_pool), Ok(inside), "{net}");
        }
    }

    #[test]
    fn one_address_is_one_host() {
        assert_eq!("192.168.1.9".parse::<Cidr>().map(|c| c.to_string()), Ok("192.168.1.9/32".into()));
        assert_eq!("fd00::1".parse::<Cidr>().map(|c| c.to_string()), Ok("fd00::1/128".into()));
    }

    #[test]
    fn privacy_of_networks() {
        let private = |text: &str| text.parse::<Cidr>().is_ok_and(Cidr::is_private);
        assert!(private("10.8.0.0/24") && private("fd00::/8") && private("100.64.1.0/24"));
        assert!(!private("0.0.0.0/0") && !private("8.8.8.0/24") && !private("::/0"));
    }

    #[test]
    fn ports_are_in_range() {
        assert!("0".parse::<Port>().is_err() && "65536".parse::<Port>().is_err() && "-1".parse::<Port>().is_err());
        assert_eq!("443".parse::<Port>().map(Port::get), Ok(443));
    }

    #[test]
    fn lists_of_networks_may_be_empty() {
        let list = |text: &str| text.parse::<Cidrs>().map(|Cidrs(list)| list.len());
        assert_eq!(list(" 10.0.0.0/8, fd00::/8 192.0.2.1 "), Ok(3));
        assert_eq!(list(" , "), Ok(0));
        assert!(list("10.0.0.1/8").is_err());
    }

    #[test]
    fn interfaces_fit_the_kernel() {
        for text in ["", "a-name-of-16-chr", "-x", "eth 0", "a/b", "eth0;"] {
            assert!(text.parse::<Interface>().is_err(), "{text:?}");
        }
        assert!("br-a.1_b".parse::<Interface>().is_ok());
    }

    #[test]
    fn ranges_of_ports_hold_both_ends() {
        let ports = |text: &str| text.parse::<Ports>();
        assert_eq!(ports("443").map(|p| p.to_string()), Ok("443".into()));
        assert_eq!(ports("25565-25665").map(|p| (p.to_string(), p.count())), Ok(("25565-25665".into(), 101)));
        assert_eq!(ports("7-7").map(|p| p.to_string()), Ok("7".into()));
        for text in ["", "-", "0", "0-5", "5-", "-5", "9-8", "1-65536", "1-2-3", "a-b"] {
            assert!(ports(text).is_err(), "{text:?}");
        }
        let (low, high) = (Ports::single(7), Ports { first: 8, last: 9 });
        assert!(!low.overlaps(high) && high.overlaps(Ports { first: 1, last: 8 }) && high.contains(9));
    }
}
