//! Closed lists of words that profiles and systems choose from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! choice {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $type {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $type {
            /// The word as written in the profile.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

choice!(
    /// Where the stack runs.
    Environment {
        /// Reachable by others; nothing is relaxed.
        Production = "production",
        /// A workstation: loopback only, private certificate authority, no host firewall.
        Development = "development",
    }
);
choice!(
    /// How much hardening; each level holds all of the one before.
    Level {
        /// What never changes how an application behaves.
        Baseline = "baseline",
        /// What well-behaved applications stand; the default.
        Hardened = "hardened",
        /// All there is, at some cost in comfort.
        Strict = "strict",
    }
);
choice!(
    /// What is generated.
    Target {
        /// Docker Compose, version 2.26 or later.
        Compose = "compose",
    }
);
choice!(
    /// The reverse proxy.
    ProxyKind {
        /// Traefik with files, without the Docker socket: rate limits and ACME.
        Traefik = "traefik",
        /// nginx: rate limits, certificates from files.
        Nginx = "nginx",
        /// Caddy: ACME, no rate limits in its stock image.
        Caddy = "caddy",
    }
);
choice!(
    /// Where the certificate comes from.
    TlsMode {
        /// An ACME authority, by default Let's Encrypt, over HTTP-01 on port 80.
        Acme = "acme",
        /// Files of the operator.
        Files = "files",
        /// A private authority made for this bundle and constrained to its names.
        SelfSigned = "self-signed",
    }
);
choice!(
    /// Mozilla's server side TLS profiles, version 5.7.
    TlsPolicy {
        /// TLS 1.3 only.
        Modern = "modern",
        /// TLS 1.2 and 1.3 with forward secrecy.
        Intermediate = "intermediate",
    }
);
choice!(
    /// How the proxy itself asks who somebody is.
    ProxyAuth {
        /// User name and password (RFC 7617), stored as a bcrypt hash.
        Basic = "basic",
        /// Not at all; a system that needs it refuses this without a waiver.
        None = "none",
    }
);
choice!(
    /// A web application firewall in the proxy.
    WafMode {
        /// None; the default.
        Off = "off",
        /// Log what a rule set matches.
        Detect = "detect",
        /// Refuse what a rule set matches.
        Block = "block",
    }
);
choice!(
    /// What loads the firewall rules.
    FirewallKind {
        /// One own nftables table; the default.
        Nftables = "nftables",
        /// Own chains of iptables and ip6tables, for hosts without nft.
        Iptables = "iptables",
        /// ufw decides about ports of the host, an own nftables table about those that are named.
        Ufw = "ufw",
        /// firewalld decides about ports of the host, an own nftables table about those that are named.
        Firewalld = "firewalld",
        /// No host firewall is generated.
        None = "none",
    }
);
choice!(
    /// How secrets lie at rest.
    SecretStore {
        /// One file each below `secrets/`, and nowhere else; the default.
        Files = "files",
        /// Also one encrypted file each below `sealed/`, which age reads; fit for a repository.
        Age = "age",
        /// Also in one encrypted file below `sealed/`, which sops reads; fit for a repository.
        Sops = "sops",
        /// Somewhere else: none is made here, each is fetched or brought.
        External = "external",
    }
);
