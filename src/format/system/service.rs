//! Containers as the application's author built them: what they need, and why.

use super::{Api, Computed, Dependency, SysctlNeed, UlimitNeed, When};
use crate::format::image::FromImage;
use crate::text::Spanned;
use crate::values::{
    Alias, BundlePath, ByteSize, Capability, Cidrs, ContainerPath, Cpus, DevicePath, DeviceRights, Domain, Duration,
    Gid, HostIp, HostPath, ImageRef, InsideName, LabelName, Line, LogSize, MemoryLimit, Mode, NetworkName, Platform,
    Ports, Processes, Protocol, Rate, ServiceName, Signal, Sysctl, UlimitName, User, VariableName, VolumeName,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One container.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Whether it exists at all.
    pub when: Option<When>,
    /// What it is.
    pub title: Line,
    /// Its container's name, where that is not the service's.
    pub container_name: Option<ServiceName>,
    /// Its name inside, where that is not the service's. Computed.
    pub hostname: Option<Computed<InsideName>>,
    /// The image, pinned to a version that exists.
    pub image: Spanned<ImageRef>,
    /// The only platform the image is built for.
    pub platform: Option<Platform>,
    /// What the image starts, as `docker image inspect` shows it.
    #[serde(default)]
    pub process: Process,
    /// Replaces the image's entrypoint.
    pub entrypoint: Option<Vec<Computed<String>>>,
    /// Replaces the image's command.
    pub command: Option<Vec<Computed<String>>>,
    /// The directory its process starts in, where that is not the image's.
    pub working_dir: Option<ContainerPath>,
    /// The unprivileged user it runs as. A service of a known image has it, `limits` and more from there.
    pub user: Spanned<User>,
    /// Why the user must be root, where it must.
    pub root_user: Option<Line>,
    /// Whether the engine's own init reaps children, for images without one.
    #[serde(default)]
    pub init: bool,
    /// Whether it has a terminal, for programs that print or start only before one.
    #[serde(default)]
    pub tty: bool,
    /// Whether its standard input stays open, for consoles that an operator attaches to.
    #[serde(default)]
    pub stdin_open: bool,
    /// Settings of its own kernel namespaces it cannot do without, with reasons.
    #[serde(default)]
    pub sysctls: BTreeMap<Spanned<Sysctl>, SysctlNeed>,
    /// Limits of its processes that are not the engine's own, with reasons; open files are `limits.files`.
    #[serde(default)]
    pub ulimits: BTreeMap<Spanned<UlimitName>, UlimitNeed>,
    /// Capabilities it cannot do without; all others are dropped.
    #[serde(default)]
    pub capabilities: Vec<CapabilityNeed>,
    /// Devices of the host it cannot do without.
    #[serde(default)]
    pub devices: Vec<DeviceNeed>,
    /// Groups besides its own, for what of the host a group may use.
    #[serde(default)]
    pub groups: Vec<GroupNeed>,
    /// Why the root file system must be writable, where it must.
    pub writable_root: Option<Line>,
    /// Storage it sees.
    #[serde(default)]
    pub mounts: Vec<Mount>,
    /// Scratch space in memory.
    #[serde(default)]
    pub tmpfs: Vec<Tmpfs>,
    /// How to tell that it works.
    pub healthcheck: Option<Healthcheck>,
    /// Why there is no health check, where there is none.
    pub no_healthcheck: Option<Line>,
    /// Limits.
    pub limits: Limits,
    /// How it stops.
    #[serde(default)]
    pub stop: Stop,
    /// Services that must be there first.
    #[serde(default)]
    pub depends_on: BTreeMap<Spanned<ServiceName>, Dependency>,
    /// When it is started again.
    #[serde(default)]
    pub restart: Restart,
    /// Log files.
    #[serde(default)]
    pub logs: Logs,
    /// Networks it is on.
    #[serde(default)]
    pub networks: BTreeMap<Spanned<NetworkName>, Attachment>,
    /// Name servers instead of the engine's: an expression that gives a list of addresses, empty for the engine's.
    pub dns: Option<When>,
    /// Names it finds without a name server.
    #[serde(default)]
    pub extra_hosts: Vec<ExtraHost>,
    /// Ports it listens on.
    #[serde(default)]
    pub ports: BTreeMap<Spanned<String>, PortSpec>,
    /// Variables, computed; one that becomes `{{ omit }}` is left out. Never a secret.
    #[serde(default)]
    pub environment: BTreeMap<Spanned<VariableName>, Computed<String>>,
    /// Labels for programs beside the stack, computed; never for the proxy, never a secret.
    #[serde(default)]
    pub labels: BTreeMap<Spanned<LabelName>, Computed<String>>,
    /// A script that stands before the image's process, where it needs one.
    pub shim: Option<Shim>,
    /// What it asks the Docker engine.
    pub docker_api: Option<Api>,
    /// What of this is not in the file, but known of its image.
    #[serde(skip)]
    pub from_image: Option<FromImage>,
}

/// A name that a container finds without a name server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtraHost {
    /// The name. Computed.
    pub name: Computed<Domain>,
    /// Its address. Computed.
    pub address: Computed<HostIp>,
    /// Whether it is there.
    pub when: Option<When>,
}

/// What an image starts.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Process {
    /// The image's ENTRYPOINT.
    pub entrypoint: Vec<String>,
    /// The image's CMD.
    pub command: Vec<String>,
}

/// A capability and why.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapabilityNeed {
    /// Its name without `CAP_`.
    pub name: Spanned<Capability>,
    /// What breaks without it.
    pub reason: Line,
    /// Whether it is needed.
    pub when: Option<When>,
}

/// A device of the host and why.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceNeed {
    /// On the host, below `/dev`. Computed.
    pub host: Computed<DevicePath>,
    /// Where the container sees it; default the same path.
    pub container: Option<ContainerPath>,
    /// `r` to read, which is the default, `rw` to write too; `m` makes its node anew and is almost never needed.
    #[serde(default)]
    pub rights: DeviceRights,
    /// What it is for.
    pub reason: Line,
    /// Whether it is handed over.
    pub when: Option<When>,
}

/// A group besides the service's own, and why.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupNeed {
    /// Its number on the host. Computed.
    pub id: Computed<Gid>,
    /// What it opens.
    pub reason: Line,
    /// Whether it is needed.
    pub when: Option<When>,
}

/// Storage at a path of the container.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mount {
    /// The volume; or `file` for one file of the bundle, or `host`.
    pub volume: Option<Spanned<VolumeName>>,
    /// A file or directory of the bundle, mounted read-only.
    pub file: Option<Spanned<BundlePath>>,
    /// A directory of the host outside the bundle, which must be there before the first start. Computed.
    pub host: Option<Computed<HostPath>>,
    /// Why it is needed, with `host`.
    pub reason: Option<Line>,
    /// A directory of the volume instead of all of it.
    pub path: Option<Spanned<BundlePath>>,
    /// Where it is seen; with `host` by default at the same path.
    pub target: Option<Spanned<ContainerPath>>,
    /// Whether it can only be read.
    #[serde(default)]
    pub read_only: bool,
    /// Whether it is mounted.
    pub when: Option<When>,
}

/// Scratch space in memory.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tmpfs {
    /// Where it is seen.
    pub target: Spanned<ContainerPath>,
    /// Size. Computed.
    pub size: Computed<ByteSize>,
    /// Permission bits; default 1777 for the service's user and its helpers.
    pub mode: Option<Mode>,
    /// Owner; default the service's user where the mode is narrower than 1777.
    pub owner: Option<User>,
    /// Why files in it must be executable, where they must.
    pub exec: Option<Line>,
    /// Whether it is mounted.
    pub when: Option<When>,
}

/// How to tell that a container works.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Healthcheck {
    /// The command and its arguments, run without a shell.
    pub command: Vec<Computed<String>>,
    /// Time between two checks.
    pub interval: Duration,
    /// Time for one check.
    pub timeout: Duration,
    /// Failures until unhealthy.
    pub retries: u32,
    /// Time after the start in which failures do not count.
    pub start_period: Duration,
    /// Time between two checks within `start_period`, for a service that is ready soon; Docker 25 and later.
    pub start_interval: Option<Duration>,
}

/// Limits of one container.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Memory. Computed.
    pub memory: Computed<MemoryLimit>,
    /// Processors. Computed.
    pub cpus: Computed<Cpus>,
    /// Processes and threads. Computed.
    pub pids: Computed<Processes>,
    /// Open files it needs; without it the engine's default holds, 1,024 since Docker 29, and 65,536 at level strict.
    pub files: Option<u32>,
    /// Size of `/dev/shm`, where the default of 64m is too small.
    pub shared_memory: Option<ByteSize>,
}

/// How a container stops.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stop {
    /// Signal other than SIGTERM.
    pub signal: Option<Signal>,
    /// Time until SIGKILL.
    pub grace: Duration,
}

impl Default for Stop {
    fn default() -> Self {
        Self { signal: None, grace: Duration::seconds(30) }
    }
}

/// What a dependency must have reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Its container runs.
    Started,
    /// Its health check passes.
    Healthy,
    /// It ended with status 0.
    Completed,
}

/// When a container is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Always, unless an operator stopped it.
    #[default]
    UnlessStopped,
    /// After failures, five times (CIS 5.15).
    OnFailure,
    /// Never: a job that runs once.
    No,
}

/// Log files of one container.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Logs {
    /// Largest size of one.
    pub max_size: LogSize,
    /// How many are kept.
    pub max_files: u32,
}

impl Default for Logs {
    fn default() -> Self {
        Self { max_size: "10m".parse().expect("10m is a size of a log"), max_files: 3 }
    }
}

/// How a container is on a network.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Attachment {
    /// Fixed address: the so-many-th of the network's subnet.
    pub address: Option<u8>,
    /// Further names it is found by there.
    pub aliases: Vec<Spanned<Alias>>,
    /// Whether it is attached.
    pub when: Option<When>,
}

/// A port a container listens on, or a range of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortSpec {
    /// In the container; a range such as `25565-25665` is published on the same numbers. Computed.
    pub container: Computed<Ports>,
    /// On the host, where it is published; default the same. Computed.
    pub host: Option<Computed<Ports>>,
    /// The one address of the host it is published on, instead of those of `proxy.bind`. Computed.
    pub bind: Option<Computed<HostIp>>,
    /// Transport.
    pub protocol: Protocol,
    /// Who may reach it; or `from`.
    pub audience: Option<Audience>,
    /// Networks that may reach it, instead of `audience`: published for them alone. Computed; an item may become several,
    /// separated by blanks, and none at all leaves the port unpublished.
    pub from: Option<Vec<Computed<Cidrs>>>,
    /// Limits per source address, in the firewall.
    pub limit: Option<Limit>,
    /// Whether it is there.
    pub when: Option<When>,
}

/// Who may reach something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Everybody.
    Public,
    /// The admin networks.
    Admin,
    /// Other containers.
    Internal,
    /// Nobody but the process itself.
    Never,
}

/// Limits per source address.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// New flows, such as `20/1s`.
    pub new_flows: Option<Rate>,
    /// Packets, such as `200/1s`.
    pub packets: Option<Rate>,
    /// Connections at a time.
    pub connections: Option<u32>,
}

/// A script that stands before the image's process.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shim {
    /// A POSIX shell of the image.
    pub shell: ContainerPath,
    /// What of the service is replaced by the script.
    pub replaces: Replaces,
    /// The image's real process, with arguments.
    pub run: Vec<Computed<String>>,
    /// Where the process does not pass SIGTERM on: a pattern (`pkill -f`) of the process that must receive it. The
    /// script then stays in front and waits for a clean end.
    pub stop_process: Option<Spanned<String>>,
    /// File mode creation mask for what the process writes.
    pub umask: Option<Mode>,
    /// Symbolic links to make first.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Processes started in the background before the real one, for images whose init adopts them.
    #[serde(default)]
    pub beside: Vec<Vec<Computed<String>>>,
}

/// What of a service a shim replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Replaces {
    /// `command`: the image's entrypoint, such as an init, stays in front.
    Command,
    /// `entrypoint`.
    Entrypoint,
}

/// A symbolic link.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The link, on a writable path.
    pub from: ContainerPath,
    /// What it points to.
    pub to: ContainerPath,
    /// Whether it is made.
    pub when: Option<When>,
}
