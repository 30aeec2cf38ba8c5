//! What a check asks.

use super::Need;
use crate::values::{Cidr, HostIp, Vantage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is asked of the subject. The answer is a value, as JSON has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "kind")]
pub enum Ask {
    /// What the engine says of it.
    Inspect {
        /// The place in the engine's answer, a JSON pointer (RFC 6901).
        pointer: String,
    },
    /// A field of `/proc/PID/status` of a container's first process: its words, with single spaces.
    Process {
        /// Its name there.
        field: String,
    },
    /// Most files that a container's first process may open: a number.
    OpenFiles,
    /// How a directory of the container is mounted, as the kernel says: a list of the file system's type and all options.
    Mounted {
        /// The directory.
        target: String,
    },
    /// A limit of the container's control group: a number.
    Cgroup {
        /// Which.
        limit: Limit,
    },
    /// What is mounted but secrets: a list of `SOURCE:TARGET:rw` or `:ro`; files of the bundle begin with `./`.
    Mounts,
    /// Sockets of the engine among its mounts: a list.
    Sockets,
    /// Files below `/run/secrets`: a list of their names, with `:rw` behind those that can be written.
    Secrets,
    /// What is published: a list of `ADDRESS:PORT:PORT/PROTOCOL`.
    Ports,
    /// Networks of a container, or services on a network: a list of names.
    Members,
    /// Devices of the host in the container: a list of `HOST:CONTAINER:RIGHTS`.
    Devices,
    /// Whether the container runs the image that a reference names on this host: `same` or `another`.
    Image {
        /// The reference.
        reference: String,
    },
    /// Services whose container runs: a list.
    Services,
    /// Secrets whose value stands in the container's variables, arguments or labels: a list of names.
    Leaks {
        /// Files with the values.
        secrets: Vec<String>,
    },
    /// Whether Compose would make the container as it is from the bundle as it lies there: `this` or `another`.
    Made,
    /// Processes of the superuser that came into a container from outside, but for its health check: a list of their commands.
    Entered,
    /// Containers of the project that the bundle knows nothing of, or that somebody started beside its own: a list of names.
    Unknown {
        /// Name of the compose project.
        project: String,
        /// Services of the bundle.
        services: Vec<String>,
    },
    /// Running containers of nobody's bundle that reach a socket of the engine: a list of names.
    Commanders,
    /// Owner and mode of a file.
    File,
    /// A program of the bundle; the answer is its exit status.
    Script {
        /// The program and its arguments.
        words: Vec<String>,
    },
    /// A command of the system's author, for a POSIX shell in the bundle's folder; the answer is its exit status.
    Command,
    /// A request over HTTPS; the answer is an object with `status`, and `headers`: lists of values by name in lower case.
    Request {
        /// Who asks.
        client: Client,
        /// The port of the host.
        port: u16,
        /// The address of the host, where it is not any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<HostIp>,
        /// The method.
        method: String,
        /// The path.
        path: String,
    },
    /// Whether the proxy speaks a version of TLS: `spoken` or `refused`.
    Handshake {
        /// The port of the host.
        port: u16,
        /// The address of the host, where it is not any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<HostIp>,
        /// The version, as `1.1`.
        version: String,
    },
    /// What OpenSSL says of the certificate, its chain, its dates and its name.
    Certificate {
        /// The port of the host.
        port: u16,
        /// The address of the host, where it is not any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<HostIp>,
        /// The authority's certificate in the bundle, where browsers know none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        authority: Option<String>,
    },
}

/// Who asks a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    /// Anybody.
    Anybody,
    /// A client in one of these networks.
    Within(Vec<Cidr>),
    /// A client in none of these networks.
    Outside(Vec<Cidr>),
}

/// A limit of a control group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Bytes of memory.
    Memory,
    /// Billionths of a processor.
    Cpus,
    /// Processes and threads.
    Pids,
}

impl Ask {
    /// A place in the engine's answer.
    pub fn inspect(pointer: &str) -> Self {
        Self::Inspect { pointer: pointer.to_owned() }
    }

    /// A field of the process's status.
    pub fn process(field: &str) -> Self {
        Self::Process { field: field.to_owned() }
    }

    /// Whether it asks what became of a stack since it was brought up, whatever its controls claim.
    pub fn is_drift(&self) -> bool {
        matches!(self, Self::Made | Self::Entered | Self::Unknown { .. } | Self::Commanders)
    }

    /// Where it is asked.
    pub(super) fn place(&self) -> Vantage {
        match self {
            Self::Request { client: Client::Within(_), .. } => Vantage::Admin,
            Self::Request { client: Client::Outside(_), .. } => Vantage::Outside,
            _ => Vantage::Host,
        }
    }

    /// What it cannot do without.
    pub(super) fn needs(&self) -> Vec<Need> {
        match self {
            Self::Mounted { .. } | Self::Leaks { .. } | Self::Entered | Self::File | Self::Script { .. } => {
                vec![Need::Root]
            }
            Self::Inspect { .. }
            | Self::Process { .. }
            | Self::OpenFiles
            | Self::Cgroup { .. }
            | Self::Mounts
            | Self::Secrets
            | Self::Sockets
            | Self::Ports
            | Self::Members
            | Self::Devices
            | Self::Image { .. }
            | Self::Services
            | Self::Made
            | Self::Unknown { .. }
            | Self::Commanders
            | Self::Command
            | Self::Request { .. }
            | Self::Handshake { .. }
            | Self::Certificate { .. } => Vec::new(),
        }
    }
}
