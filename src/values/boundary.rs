//! The trust boundaries that controls and recommendations guard.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A trust boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Boundary {
    /// From the outside to the host.
    ExternalHost,
    /// From a container to the host.
    HostContainer,
    /// From container to container.
    ContainerContainer,
    /// Inside a container.
    ContainerInside,
}

impl Boundary {
    /// All, from the outside in.
    pub const ALL: [Self; 4] =
        [Self::ExternalHost, Self::HostContainer, Self::ContainerContainer, Self::ContainerInside];

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ExternalHost => "External to host",
            Self::HostContainer => "Host to container",
            Self::ContainerContainer => "Container to container",
            Self::ContainerInside => "Inside containers",
        }
    }

    /// What is looked at there.
    pub const fn about(self) -> &'static str {
        match self {
            Self::ExternalHost => {
                "What the network can reach on the host: ports, proxy, certificates, log-ins, firewall."
            }
            Self::HostContainer => {
                "What a container could do to the host: its user, rights, mounts, limits and the engine."
            }
            Self::ContainerContainer => "What one container could do to another: networks, shared files, credentials.",
            Self::ContainerInside => "What a process could do in its own container: its secrets, files and sessions.",
        }
    }

    /// Its word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExternalHost => "external-host",
            Self::HostContainer => "host-container",
            Self::ContainerContainer => "container-container",
            Self::ContainerInside => "container-inside",
        }
    }
}
