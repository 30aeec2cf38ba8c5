//! Networks and storage.

use super::{Audience, Computed, Limit, When};
use crate::text::Spanned;
use crate::values::{BundlePath, ByteSize, Cidr, Cidrs, Line, Mode, NetworkName, Ports, Protocol, User};
use schemars::JsonSchema;
use serde::Deserialize;

/// One network: a trust zone.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// What it connects.
    pub purpose: Line,
    /// Whether its members may reach the outside; default no.
    #[serde(default)]
    pub egress: bool,
    /// Destinations its members may not reach though they may reach the outside, such as `169.254.0.0/16`. Computed; an item
    /// may become several, separated by blanks.
    #[serde(default)]
    pub deny_egress: Vec<Computed<Cidrs>>,
    /// Exceptions from `deny_egress`. Computed.
    #[serde(default)]
    pub allow_egress: Vec<Computed<Cidrs>>,
    /// Addresses; needed where a member has a fixed one. Computed.
    pub subnet: Option<Computed<Cidr>>,
    /// Makes one network `NAME-ITEM` for each item of this list instead; who is on `NAME` is on all of them.
    pub each: Option<When>,
    /// Whether it exists.
    pub when: Option<When>,
}

/// A bridge of the host that is not of this bundle's networks, such as Docker's default one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bridge {
    /// Whose containers are on it.
    pub purpose: Line,
    /// Destinations they may not reach. Computed, as in networks.
    #[serde(default)]
    pub deny_egress: Vec<Computed<Cidrs>>,
    /// Exceptions from `deny_egress`. Computed.
    #[serde(default)]
    pub allow_egress: Vec<Computed<Cidrs>>,
    /// Whether it exists.
    pub when: Option<When>,
}

/// A port that a process of the host listens on, or that containers publish which other software starts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostPort {
    /// What listens there.
    pub title: Line,
    /// On the host, a port or a range. Computed.
    pub port: Computed<Ports>,
    /// Transport.
    pub protocol: Protocol,
    /// Who may reach it from outside; or `from`. `internal` is containers of `networks` alone.
    pub audience: Option<Audience>,
    /// Networks that may reach it from outside, instead of `audience`. Computed, as for ports of services.
    pub from: Option<Vec<Computed<Cidrs>>>,
    /// Networks of this file whose containers may reach it. A port that is not public is closed to all others.
    #[serde(default)]
    pub networks: Vec<Spanned<NetworkName>>,
    /// Limits per source address.
    pub limit: Option<Limit>,
    /// Whether it is there.
    pub when: Option<When>,
}

/// Storage that outlives containers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// What lies there.
    pub purpose: Line,
    /// How it is stored.
    pub kind: VolumeKind,
    /// Whether it exists.
    pub when: Option<When>,
}

/// How storage is kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum VolumeKind {
    /// A directory of the bundle, made with its final owner and mode.
    Directory {
        /// Where in the bundle.
        path: BundlePath,
        /// Owner.
        owner: User,
        /// Permission bits.
        mode: Mode,
        /// Directories in it that must be there before the first start.
        #[serde(default)]
        directories: Vec<Directory>,
    },
    /// A volume that the engine keeps.
    Named,
    /// Memory shared between containers, lost on stop.
    Memory {
        /// Owner.
        owner: User,
        /// Permission bits.
        mode: Mode,
        /// Size.
        size: ByteSize,
    },
}

/// A directory in a volume.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// Where in the volume.
    pub path: BundlePath,
    /// Permission bits, where they differ from the volume's.
    pub mode: Option<Mode>,
    /// Whether it is needed.
    pub when: Option<When>,
}
