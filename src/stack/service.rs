//! One container of the stack: what its author declared, and what controls made of it.

use super::Enforced;
use crate::format::image::FromImage;
use crate::format::system::{Dependency, Healthcheck, Limit, Link, Replaces, Restart};
use crate::text::{Span, Spanned};
use crate::values::{
    Alias, BundlePath, ByteSize, Capability, Cidr, ContainerPath, Cpus, DevicePath, DeviceRights, Domain, Duration,
    EnvName, Gid, HostIp, HostPath, ImageRef, InsideName, LabelName, Line, Mode, NetworkName, Ports, Protocol,
    SecretName, ServiceName, Sysctl, Ulimit, UlimitName, User, VariableName, VolumeName,
};
use std::{collections::BTreeMap, net::IpAddr};

pub use crate::format::system::Audience;

/// One container.
#[derive(Debug, Clone)]
pub struct Service {
    /// Service, host and container name.
    pub name: ServiceName,
    /// What it is.
    pub title: Line,
    /// Its container's name.
    pub container: ServiceName,
    /// Its name inside, and what its system's file calls it.
    pub hostname: ServiceName,
    /// Where its description comes from.
    pub origin: Origin,
    /// The image.
    pub image: Spanned<ImageRef>,
    /// The only platform the image is built for.
    pub platform: Option<String>,
    /// Replaces the image's entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// Replaces the image's command.
    pub command: Option<Vec<String>>,
    /// Whether the engine's own init reaps children.
    pub init: bool,
    /// What its author says it needs.
    pub declared: Declared,
    /// Storage it sees.
    pub mounts: Vec<Mount>,
    /// Scratch space in memory.
    pub tmpfs: Vec<Tmpfs>,
    /// Variables; never secrets.
    pub environment: BTreeMap<VariableName, Variable>,
    /// Secrets it reads below `/run/secrets`.
    pub secrets: BTreeMap<SecretName, SecretUse>,
    /// Services that must be there first.
    pub depends_on: BTreeMap<ServiceName, Dependency>,
    /// Networks it is on, with its fixed address.
    pub networks: BTreeMap<NetworkName, Option<IpAddr>>,
    /// Further names on those networks.
    pub aliases: Vec<ServiceName>,
    /// Further names that its author gave it on single networks.
    pub network_aliases: BTreeMap<NetworkName, Vec<Alias>>,
    /// Name servers instead of the engine's.
    pub dns: Vec<HostIp>,
    /// Names it finds without a name server.
    pub extra_hosts: Vec<(Domain, HostIp)>,
    /// Ports it listens on.
    pub ports: Vec<ServicePort>,
    /// A script that stands before the image's process.
    pub shim: Option<Shim>,
    /// Groups besides its own, for host files such as the Docker socket.
    pub groups: Vec<Group>,
    /// Whether it has no network at all.
    pub isolated: bool,
    /// The Docker engine: `None` where it asks nothing.
    pub docker: Option<DockerAccess>,
    /// What of this no file says, but is known of its image.
    pub from_image: Option<FromImage>,
    /// What controls enforce.
    pub hardening: Hardening,
}

/// Where the description of a service comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The system file.
    System,
    /// Stockade's own: the proxy, or the socket proxy.
    Component,
}

/// What the author of a service says it needs.
#[derive(Debug, Clone)]
pub struct Declared {
    /// User it can run as.
    pub user: User,
    /// Why it must be root.
    pub root_user: Option<Line>,
    /// Capabilities it needs, with reasons.
    pub capabilities: Vec<(Capability, Line)>,
    /// Devices of the host it needs.
    pub devices: Vec<Device>,
    /// Why its root file system must be writable.
    pub writable_root: Option<Line>,
    /// Why there is no health check.
    pub no_healthcheck: Option<Line>,
    /// Open files.
    pub files: Option<u32>,
    /// Size of `/dev/shm`.
    pub shared_memory: Option<ByteSize>,
    /// Signal other than SIGTERM.
    pub stop_signal: Option<String>,
    /// Name inside that is not the service's.
    pub hostname: Option<InsideName>,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether its standard input stays open.
    pub stdin_open: bool,
    /// Settings of its own kernel namespaces.
    pub sysctls: Vec<KernelSetting>,
    /// Limits of its processes.
    pub ulimits: Vec<ProcessLimit>,
    /// Directory its process starts in that is not the image's.
    pub working_dir: Option<ContainerPath>,
    /// Labels for programs beside the stack.
    pub labels: BTreeMap<LabelName, String>,
}

/// A limit of a container's processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessLimit {
    /// Its name.
    pub name: UlimitName,
    /// Where it begins.
    pub soft: Ulimit,
    /// Up to where a process may raise it.
    pub hard: Ulimit,
    /// What breaks without it.
    pub reason: Line,
}

/// A setting of the kernel that a container has for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelSetting {
    /// Its name.
    pub name: Sysctl,
    /// Its value.
    pub value: Line,
    /// What breaks without it.
    pub reason: Line,
}

/// A device of the host that a container uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// On the host.
    pub host: DevicePath,
    /// Where the container sees it.
    pub container: ContainerPath,
    /// What it needs to do with it.
    pub rights: DeviceRights,
    /// What it is for.
    pub reason: Line,
}

/// A group besides a service's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its number on the host.
    pub id: Gid,
    /// What it opens.
    pub reason: Line,
}

/// A health check with its command computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Where its command is written.
    pub at: Span,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// Time between two checks.
    pub interval: Duration,
    /// Time for one check.
    pub timeout: Duration,
    /// Failures until unhealthy.
    pub retries: u32,
    /// Time after the start in which failures do not count.
    pub start_period: Duration,
    /// Time between two checks within it.
    pub start_interval: Option<Duration>,
}

impl Health {
    /// The format's health check with its command computed.
    pub fn new(source: &Healthcheck, command: Vec<String>) -> Self {
        let Healthcheck { command: _, interval, timeout, retries, start_period, start_interval } = source;
        let at = source.command.first().map_or(Span::UNKNOWN, |word| word.text.span);
        Self {
            at,
            command,
            interval: *interval,
            timeout: *timeout,
            retries: *retries,
            start_period: *start_period,
            start_interval: *start_interval,
        }
    }
}

impl Service {
    /// Whether it is meant to run on and on, not to end.
    pub fn lasts(&self) -> bool {
        self.hardening.restart.wished() != Some(&Restart::No)
    }
}

/// What controls enforce on a service.
#[derive(Debug, Clone, Default)]
pub struct Hardening {
    /// Image is fixed to a version, or a content.
    pub pinned: Enforced<()>,
    /// Numeric user.
    pub user: Enforced<User>,
    /// All capabilities dropped but those it needs.
    pub capabilities: Enforced<()>,
    /// `no-new-privileges`.
    pub no_new_privileges: Enforced<()>,
    /// Devices have the rights they were declared with and no others.
    pub devices: Enforced<()>,
    /// Root file system is read-only.
    pub read_only: Enforced<()>,
    /// Flags of scratch space.
    pub tmpfs: Enforced<()>,
    /// Memory limit, swap included.
    pub memory: Enforced<ByteSize>,
    /// Processor limit.
    pub cpus: Enforced<Cpus>,
    /// Limit of processes and threads.
    pub pids: Enforced<u32>,
    /// Limit of open files.
    pub files: Enforced<u32>,
    /// Own IPC and cgroup namespaces.
    pub namespaces: Enforced<()>,
    /// Health check.
    pub healthcheck: Enforced<Health>,
    /// Restart policy.
    pub restart: Enforced<Restart>,
    /// Time until SIGKILL.
    pub stop_grace: Enforced<Duration>,
    /// Size and number of log files.
    pub logs: Enforced<(ByteSize, u32)>,
    /// Mounts name single directories, exist already and propagate nothing.
    pub mounts: Enforced<()>,
    /// Secrets come as files.
    pub secrets: Enforced<()>,
    /// The Docker socket is absent or filtered.
    pub docker_socket: Enforced<()>,
    /// Internal ports stay unpublished.
    pub unpublished: Enforced<()>,
}

/// Storage at a path of the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is seen.
    pub source: MountSource,
    /// Where it is seen.
    pub target: ContainerPath,
    /// Whether it can only be read.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A file or directory of the bundle.
    Bundle(BundlePath),
    /// A volume the engine keeps.
    Volume(VolumeName),
    /// A path of the host outside the bundle.
    Host(HostPath),
    /// A directory of the host outside the bundle, and why it is needed.
    HostDirectory(HostPath, Line),
}

/// Scratch space in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tmpfs {
    /// Where it is seen.
    pub target: ContainerPath,
    /// Size.
    pub size: ByteSize,
    /// Permission bits.
    pub mode: Mode,
    /// Owner, where not root.
    pub owner: Option<User>,
    /// Why files in it are executable.
    pub exec: Option<Line>,
}

/// A variable of the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its value.
    pub value: String,
    /// Controls that decided it.
    pub why: Vec<crate::stack::Id>,
}

/// How a service uses a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SecretUse {
    /// Its file below `/run/secrets`, where that is not called as the secret.
    pub file: Option<SecretName>,
    /// Variable its shim exports.
    pub environment: Option<EnvName>,
    /// Shortest value its shim accepts.
    pub min_length: Option<u32>,
}

/// A port a service listens on.
#[derive(Debug, Clone)]
pub struct ServicePort {
    /// Where its number on the host comes from: the profile, else the system file.
    pub at: Span,
    /// Its name in the system file.
    pub name: String,
    /// In the container.
    pub container: Ports,
    /// On the host; as many.
    pub host: Ports,
    /// The one address it is published on, where it is not the stack's.
    pub address: Option<HostIp>,
    /// Transport.
    pub protocol: Protocol,
    /// Who may reach it.
    pub audience: PortAudience,
    /// Limits per source.
    pub limit: Option<Limit>,
    /// Addresses of the host it is published on; set by a control, empty where it is not published.
    pub bound: Enforced<Vec<HostIp>>,
}

impl ServicePort {
    /// Whether it is reachable from outside the stack at all.
    pub fn is_published(&self) -> bool {
        self.audience.is_outside()
    }
}

/// Who may reach a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortAudience {
    /// Everybody.
    Public,
    /// The admin networks.
    Admin,
    /// These networks; never empty.
    From(Vec<Cidr>),
    /// Other containers.
    Internal,
    /// Nobody but the process itself.
    Never,
}

impl PortAudience {
    /// Whether anybody outside the host may.
    pub fn is_outside(&self) -> bool {
        match self {
            Self::Public | Self::Admin | Self::From(_) => true,
            Self::Internal | Self::Never => false,
        }
    }
}

impl From<Audience> for PortAudience {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Public => Self::Public,
            Audience::Admin => Self::Admin,
            Audience::Internal => Self::Internal,
            Audience::Never => Self::Never,
        }
    }
}

/// A port that a process of the host listens on.
#[derive(Debug, Clone)]
pub struct HostPort {
    /// Where its number comes from: the profile, else the system file.
    pub at: Span,
    /// Its name in the system file.
    pub name: String,
    /// What listens there.
    pub title: Line,
    /// On the host.
    pub ports: Ports,
    /// Transport.
    pub protocol: Protocol,
    /// Who may reach it from outside.
    pub audience: PortAudience,
    /// Networks whose containers may reach it; where it is public, all may.
    pub networks: Vec<NetworkName>,
    /// Limits per source.
    pub limit: Option<Limit>,
}

/// Where a container sees such a script: below no directory that images or scratch space use.
pub const SHIM_TARGET: &str = "/stockade/entrypoint.sh";

/// A script that stands before the image's process.
#[derive(Debug, Clone)]
pub struct Shim {
    /// A POSIX shell of the image.
    pub shell: ContainerPath,
    /// What of the service is replaced.
    pub replaces: Replaces,
    /// The image's real process.
    pub run: Vec<String>,
    /// Pattern of the process that must receive SIGTERM.
    pub stop_process: Option<String>,
    /// File mode creation mask.
    pub umask: Option<Mode>,
    /// Links made first.
    pub links: Vec<Link>,
    /// Processes started in the background first.
    pub beside: Vec<Vec<String>>,
}

/// How a service reaches the Docker engine.
#[derive(Debug, Clone)]
pub struct DockerAccess {
    /// None, filtered or raw.
    pub mode: crate::format::system::ApiMode,
    /// Where the application looks for the socket.
    pub socket: ContainerPath,
    /// Directory of the filtered socket.
    pub directory: ContainerPath,
    /// Everything it may ask, as method and path.
    pub calls: Vec<(String, String)>,
    /// Directories of the host that containers which it creates may mount.
    pub bind_mounts_from: Vec<HostPath>,
}
