//! Proxies in front of ours.

use super::{Cidr, Invalid, pattern, textual};
use std::collections::BTreeMap;
use std::{fmt, str::FromStr, sync::OnceLock};

/// Networks that CDNs publish, by the name of the CDN.
const PUBLISHED: &str = include_str!("cdn.yaml");

/// A network, or all that a CDN publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedProxy {
    /// A network.
    Network(Cidr),
    /// A CDN, by its name in the list.
    Published(String),
}

impl TrustedProxy {
    /// The networks.
    pub fn networks(&self) -> Vec<Cidr> {
        match self {
            Self::Network(network) => vec![*network],
            Self::Published(name) => published().get(name).cloned().unwrap_or_default(),
        }
    }

    /// Whether a CDN publishes this very network as its own.
    pub fn is_published(network: Cidr) -> bool {
        published().values().flatten().any(|known| *known == network)
    }

    /// Names of the CDNs whose networks are known.
    pub fn names() -> impl Iterator<Item = &'static str> {
        published().keys().map(String::as_str)
    }
}

fn published() -> &'static BTreeMap<String, Vec<Cidr>> {
    static LISTS: OnceLock<BTreeMap<String, Vec<Cidr>>> = OnceLock::new();
    LISTS.get_or_init(|| serde_yaml::from_str(PUBLISHED).unwrap_or_default())
}

impl FromStr for TrustedProxy {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if published().contains_key(text) {
            return Ok(Self::Published(text.to_owned()));
        }
        if let Some(name) = published().keys().find(|name| name.eq_ignore_ascii_case(text)) {
            return Err(Invalid::new("names of CDNs are written in lower case").help(format!("write `{name}`")));
        }
        text.parse().map(Self::Network).map_err(|wrong: Invalid| {
            let names: Vec<_> = Self::names().map(|name| format!("`{name}`")).collect();
            wrong.help(format!("write a network such as `10.8.0.0/24`, or the name of a CDN: {}", names.join(", ")))
        })
    }
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => network.fmt(f),
            Self::Published(name) => f.write_str(name),
        }
    }
}

textual!(
    TrustedProxy,
    "TrustedProxy",
    "a network in CIDR form, or the name of a CDN",
    Some(format!("{}|{}", TrustedProxy::names().collect::<Vec<_>>().join("|"), pattern::cidr())),
    ["10.8.0.0/24", "cloudflare"]
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_name_stands_for_what_its_cdn_publishes() {
        let named: TrustedProxy = "cloudflare".parse().unwrap();
        let networks = named.networks();
        assert_eq!(networks.len(), 22, "the list is read");
        assert!(networks.iter().all(|network| TrustedProxy::is_published(*network) && !network.is_private()));
        assert!(!TrustedProxy::is_published("104.0.0.0/8".parse().unwrap()), "nothing around it");
        assert!("cloudfront".parse::<TrustedProxy>().unwrap_err().to_string().contains("network"));
    }
}
