//! The smaller sections of the profile.

use super::bounds;
use crate::text::Spanned;
use crate::values::{
    Capability, Cidr, ControlId, Cpus, Day, Duration, FirewallKind, HostPath, ImageRef, IpProtocol, Line, LogSize,
    MemoryLimit, Origin, Port, Ports, Recipient, SecretName, SecretStore, ServiceName, VariableName,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The host's firewall.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Firewall {
    /// `nftables` (default in production), `iptables`, `ufw`, `firewalld` or `none`.
    pub kind: Option<Spanned<FirewallKind>>,
    /// The way in for the operator; always open from the admin networks.
    pub ssh: Ssh,
    /// Ports of the host itself, and protocols without ports, that open beside what the systems publish.
    #[schemars(extend("maxItems" = bounds::OPENINGS))]
    pub open: Vec<Spanned<Open>>,
    /// Whether the kernel logs what is dropped, some packets a second; default off.
    pub log: Option<Spanned<bool>>,
    /// How long `apply` waits for a confirmation before it rolls back; default 60s.
    pub confirm: Option<Spanned<Duration>>,
}

/// Something the firewall lets in to the host itself. All keys but `from` are needed, `port` for TCP and UDP alone; they are
/// optional here, so that one that is wrong does not hide what else is wrong in the profile.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// Port, or a range with both ends; only with `tcp` and `udp`.
    pub port: Option<Spanned<Ports>>,
    /// `tcp`, `udp`, or a protocol without ports: `ah`, `esp`, `gre`, `igmp`, `ipv6` (in IPv4) or `vrrp`.
    #[schemars(required)]
    pub protocol: Option<Spanned<IpProtocol>>,
    /// Where from: networks, `admin` (default) or `any`.
    #[schemars(extend("minItems" = 1, "maxItems" = bounds::NETWORKS))]
    pub from: Option<Spanned<Vec<Spanned<Origin>>>>,
    /// What it is for, for the colleague who reads it next year.
    #[schemars(required)]
    pub purpose: Option<Spanned<Line>>,
}

/// Where the operator's SSH comes in.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ssh {
    /// Port of the SSH server; default 22.
    pub port: Option<Spanned<Port>>,
    /// Networks it may be reached from; default the admin networks.
    #[schemars(extend("maxItems" = bounds::NETWORKS))]
    pub from: Option<Spanned<Vec<Spanned<Cidr>>>>,
}

/// Where secrets come from and lie.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// `files` (default), `age`, `sops` or `external`.
    pub store: Option<Spanned<SecretStore>>,
    /// Public keys of those who can open what is sealed, `age1…` or `ssh-ed25519 …`; only with the stores `age` and `sops`.
    #[schemars(extend("minItems" = 1, "maxItems" = bounds::RECIPIENTS))]
    pub recipients: Option<Spanned<Vec<Spanned<Recipient>>>>,
    /// The command that `secrets open` fetches each secret with, word by word; `{name}` stands for the secret's name. Only with the
    /// store `external`.
    #[schemars(extend("minItems" = 1, "maxItems" = bounds::WORDS))]
    pub fetch: Option<Spanned<Vec<Spanned<Line>>>>,
    /// How long a secret is used before `secrets list` calls it due, in days, as `365d`; default without end.
    pub max_age: Option<Spanned<Duration>>,
    /// Where single secrets come from; default generated.
    #[schemars(extend("maxProperties" = bounds::SECRETS))]
    pub sources: BTreeMap<Spanned<SecretName>, SecretSource>,
}

/// Where one secret comes from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecretSource {
    /// Made from the operating system's entropy.
    Generate,
    /// Put by the operator at `secrets/NAME` before `generate` runs.
    Supplied,
}

/// Facts of the Docker host that only the host knows.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Docker {
    /// Group that owns the Docker socket: `stat -c %g /var/run/docker.sock`. Needed only where a system uses the socket.
    pub socket_gid: Option<Spanned<u32>>,
    /// Path of the Docker socket on the host; default `/var/run/docker.sock`.
    pub socket: Option<Spanned<HostPath>>,
}

/// Changes to one service of the system.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceOverride {
    /// Another version or digest of the image.
    pub image: Option<Spanned<ImageRef>>,
    /// Limits.
    pub resources: Resources,
    /// Further variables, or other values for the system's; never secrets.
    #[schemars(extend("maxProperties" = bounds::VARIABLES))]
    #[schemars(with = "BTreeMap<Spanned<VariableName>, Anything>")]
    pub environment: BTreeMap<Spanned<VariableName>, Spanned<String>>,
    /// Whether the root file system is read-only; `false` needs a waiver of `read-only-root`.
    pub read_only: Option<Spanned<bool>>,
    /// Further capabilities; each needs a waiver of `least-capabilities`.
    pub capabilities: Option<Spanned<Vec<Spanned<Capability>>>>,
    /// How long the service may take to stop.
    pub stop_grace: Option<Spanned<Duration>>,
}

/// Limits of one service.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Resources {
    /// Memory, with swap no larger.
    pub memory: Option<Spanned<MemoryLimit>>,
    /// Processors.
    pub cpus: Option<Spanned<Cpus>>,
    /// Processes and threads.
    #[schemars(extend("minimum" = 1))]
    pub pids: Option<Spanned<u32>>,
    /// Open files.
    #[schemars(extend("minimum" = 64))]
    pub files: Option<Spanned<u32>>,
}

/// Container logs.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Logging {
    /// Largest size of one log file, for every service.
    pub max_size: Option<Spanned<LogSize>>,
    /// How many log files are kept, for every service.
    #[schemars(extend("minimum" = 1))]
    pub max_files: Option<Spanned<u32>>,
}

/// Backups, for systems that make their own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Backup {
    /// Whether the application's own backups run; default on.
    pub enabled: Option<Spanned<bool>>,
    /// Time between two backups; default 30m.
    pub every: Option<Spanned<Duration>>,
    /// How many are kept; default 48.
    #[schemars(extend("minimum" = 1))]
    pub keep: Option<Spanned<u32>>,
}

/// What can be watched from outside.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Monitoring {
    /// Time between two health checks, for every service.
    pub health_interval: Option<Spanned<Duration>>,
    /// The proxy's access log on standard output, as JSON; default on.
    pub access_log: Option<Spanned<bool>>,
}

/// A control that is switched off, with a reason and an end. All keys but `service` are needed; they are optional
/// here, so that one that is wrong does not hide what else is wrong in the profile.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The control; `stockade controls` lists them.
    #[schemars(required)]
    pub control: Option<Spanned<ControlId>>,
    /// The one service it is switched off for; default everywhere.
    pub service: Option<Spanned<ServiceName>>,
    /// Why, for the colleague who reads it next year.
    #[schemars(required)]
    pub reason: Option<Spanned<Line>>,
    /// Last day on which it holds; afterwards it is an error.
    #[schemars(required)]
    pub until: Option<Spanned<Day>>,
}

/// The schema of a text that may look like a number or a truth value.
struct Anything;

impl JsonSchema for Anything {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Anything".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number", "boolean"], "pattern": r"^[^\u0000]*$" })
    }
}
