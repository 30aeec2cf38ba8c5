//! Networks and storage.

use super::{Computed, When};
use crate::values::{BundlePath, ByteSize, Cidr, Line, Mode, User};
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
    /// Addresses; needed where a member has a fixed one. Computed.
    pub subnet: Option<Computed<Cidr>>,
    /// Whether it exists.
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
