//! What a firewall lets in: a protocol above IP, and where it may come from.

use super::{Cidr, Invalid, Protocol, pattern, textual};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A protocol above IP: TCP and UDP, which have ports, and those without that every firewall tool knows by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IpProtocol {
    /// Transmission Control Protocol
    Tcp,
    /// User Datagram Protocol
    Udp,
    /// `IPsec`, Authentication Header
    Ah,
    /// `IPsec`, Encapsulating Security Payload
    Esp,
    /// Generic Routing Encapsulation
    Gre,
    /// Internet Group Management Protocol, of IPv4
    Igmp,
    /// IPv6 in IPv4, as tunnel brokers use it
    Ipv6,
    /// Virtual Router Redundancy Protocol, of keepalived
    Vrrp,
}

impl IpProtocol {
    /// Its number at IANA.
    pub const fn number(self) -> u8 {
        match self {
            Self::Igmp => 2,
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Ipv6 => 41,
            Self::Gre => 47,
            Self::Esp => 50,
            Self::Ah => 51,
            Self::Vrrp => 112,
        }
    }

    /// Its name, as in `/etc/protocols`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Ah => "ah",
            Self::Esp => "esp",
            Self::Gre => "gre",
            Self::Igmp => "igmp",
            Self::Ipv6 => "ipv6",
            Self::Vrrp => "vrrp",
        }
    }

    /// The protocol as one with ports.
    pub const fn transport(self) -> Option<Protocol> {
        match self {
            Self::Tcp => Some(Protocol::Tcp),
            Self::Udp => Some(Protocol::Udp),
            _ => None,
        }
    }

    /// Whether only IPv4 carries it.
    pub const fn is_ipv4(self) -> bool {
        matches!(self, Self::Igmp | Self::Ipv6)
    }
}

impl fmt::Display for IpProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where packets may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Everywhere, `any`.
    Any,
    /// The admin networks, `admin`.
    Admin,
    /// One network.
    Network(Cidr),
}

impl FromStr for Origin {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "any" => Ok(Self::Any),
            "admin" => Ok(Self::Admin),
            _ if text.ends_with("/0") && text.parse::<Cidr>().is_ok() => {
                Err(Invalid::new(format!("`{text}` is everywhere")).help("write `any`, so that nobody overlooks it"))
            }
            _ => text.parse().map(Self::Network).map_err(|error: Invalid| {
                let ways = "write `any`, `admin`, or a network such as `192.0.2.0/24` or `fd00:8::/64`";
                if error.reason.contains("CIDR") { error.help(ways) } else { error }
            }),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Admin => f.write_str("admin"),
            Self::Network(network) => network.fmt(f),
        }
    }
}

textual!(
    Origin,
    "Origin",
    "`any`, `admin` for the admin networks, or a network in CIDR form",
    Some(format!("any|admin|(?!.*/0$)(?:{})", pattern::cidr())),
    ["any", "admin", "192.0.2.0/24", "fd00:8::/64"]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_words_or_networks() {
        let read = |text: &str| text.parse::<Origin>().map(|origin| origin.to_string());
        assert_eq!(read("any"), Ok("any".into()));
        assert_eq!(read("admin"), Ok("admin".into()));
        assert_eq!(read("192.0.2.7"), Ok("192.0.2.7/32".into()));
        let help = |text: &str| text.parse::<Origin>().expect_err("is refused").help.unwrap_or_default();
        assert!(help("everybody").contains("`any`"));
        assert!(help("192.0.2.7/24").contains("192.0.2.0/24"));
    }

    #[test]
    fn only_two_protocols_have_ports() {
        assert_eq!(IpProtocol::Udp.transport(), Some(Protocol::Udp));
        assert_eq!((IpProtocol::Vrrp.transport(), IpProtocol::Vrrp.number()), (None, 112));
    }
}
