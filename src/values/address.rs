//! Addresses, networks, ports and transport protocols.

use super::{Invalid, textual};
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

    /// Whether it covers every address of its family.
    pub fn is_everything(self) -> bool {
        self.0.prefix_len() == 0
    }
}

impl FromStr for Cidr {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const HELP: &str = "write a network such as `10.8.0.0/24` or `fd00:8::/64`";
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(address.into()));
        }
        let net: IpNet = text.parse().map_err(|_| Invalid::new("this is no network in CIDR form").help(HELP))?;
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

textual!(
    Cidr,
    "Cidr",
    "a network in CIDR form, or one address",
    Some(r"^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"),
    ["10.8.0.0/24", "fd00:8::/64"]
);

/// An address of the host to publish ports on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostIp(pub IpAddr);

impl FromStr for HostIp {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
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

textual!(HostIp, "HostIp", "an IPv4 or IPv6 address of the host", Some(r"^[0-9A-Fa-f:.]+$"), ["10.8.0.1", "0.0.0.0"]);

/// Networks in one text, with commas between them; an empty text is no network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cidrs(pub Vec<Cidr>);

impl FromStr for Cidrs {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

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
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Port {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Port".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": 65535, "description": "a TCP or UDP port" })
    }
}

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
}
