//! What the template of the compose file says of one container.

use super::super::compose::{Listed, WaivedView};
use super::super::confined::Confined;
use super::super::mounts::{MountView, TmpfsView};
use super::super::ports::Published;
use crate::controls::Id;
use crate::stack::Because;
use serde::Serialize;
use std::collections::BTreeMap;

/// One container, its keys in the order in which people write them: what runs, as whom and with which rights, where it
/// writes, what it is told, whom it reaches, how it is kept alive.
#[derive(Serialize)]
pub(in super::super) struct ServiceView<'a> {
    /// Key in the file.
    pub(super) key: &'a str,
    /// What it is.
    pub(super) title: &'a str,
    /// Controls that are switched off for it.
    pub(super) waived: Vec<WaivedView<'a>>,
    /// The image.
    pub(super) image: Because<String>,
    /// The only platform the image is built for.
    pub(super) platform: Option<&'a str>,
    /// Fixed name, by which applications look containers up.
    pub(super) container_name: Option<&'a str>,
    /// Name inside, the same after each recreation: brokers name their store after it.
    pub(super) hostname: String,
    /// Whether the engine's own init reaps children.
    pub(super) init: bool,
    /// Whether it has a terminal.
    pub(super) tty: bool,
    /// Whether its standard input stays open.
    pub(super) stdin_open: bool,
    /// Settings of its own kernel namespaces.
    pub(super) sysctls: Vec<SysctlView<'a>>,
    /// From which port on every user may listen inside, where one that is not root listens below 1024.
    pub(super) low_port: Option<u16>,
    /// Replaces the image's entrypoint.
    pub(super) entrypoint: Option<Vec<String>>,
    /// Replaces the image's command.
    pub(super) command: Option<Vec<String>>,
    /// Directory its process starts in.
    pub(super) working_dir: Option<&'a str>,
    /// `UID:GID`.
    pub(super) user: Option<Because<String>>,
    /// Groups besides its own.
    pub(super) groups: Vec<GroupView<'a>>,
    /// Why the root file system is writable, where it is.
    pub(super) writable_root: Option<&'a str>,
    /// What is not said for all services.
    pub(in super::super) own: Confined,
    /// Capabilities it keeps.
    pub(super) capabilities: Option<Listed<CapabilityView<'a>>>,
    /// Devices of the host.
    pub(super) devices: Option<Listed<DeviceView<'a>>>,
    /// Scratch space in memory.
    pub(super) tmpfs: Option<Listed<TmpfsView<'a>>>,
    /// Storage.
    pub(super) mounts: Option<Listed<MountView<'a>>>,
    /// The Docker socket is not mounted though the application asks for it.
    pub(super) socket_absent: Option<Because<()>>,
    /// Secrets it mounts, on one line or on a line each.
    pub(super) secrets: Option<SecretsView<'a>>,
    /// Variables.
    pub(super) environment: BTreeMap<&'a str, Because<&'a str>>,
    /// Published ports.
    pub(super) ports: Option<Listed<Published>>,
    /// Ports that stay inside.
    pub(super) inside: Vec<Because<String>>,
    /// Whether it has no network at all.
    pub(super) isolated: bool,
    /// Names of its networks, where there is nothing else to say of any.
    pub(super) plain_networks: Vec<&'a str>,
    /// Networks, with a fixed address or further names.
    pub(super) networks: BTreeMap<&'a str, AttachmentView<'a>>,
    /// Name servers instead of the engine's.
    pub(super) dns: Vec<String>,
    /// Names it finds without a name server, as `NAME=ADDRESS`.
    pub(super) extra_hosts: Vec<String>,
    /// Services that must have been started before, where there are no others.
    pub(super) after: Vec<&'a str>,
    /// Services that must be there before, and in which state.
    pub(super) depends_on: BTreeMap<&'a str, Depended>,
    /// Health check.
    pub(super) health: Option<Because<HealthView<'a>>>,
    /// Why there is none.
    pub(super) no_health: Option<&'a str>,
    /// Memory, processors, processes.
    pub(super) limits: Option<LimitsView>,
    /// Memory limit, swap included.
    pub(super) memory: Option<Because<String>>,
    /// Limit of open files.
    pub(super) files: Option<Because<FilesView>>,
    /// Further limits of its processes.
    pub(super) ulimits: Vec<UlimitView<'a>>,
    /// Size of `/dev/shm`.
    pub(super) shared_memory: Option<String>,
    /// Where its log goes, and how much of it is kept.
    pub(super) logs: Option<Because<LogsView>>,
    /// Signal other than SIGTERM.
    pub(super) stop_signal: Option<&'a str>,
    /// Time until SIGKILL.
    pub(super) stop_grace: Option<Because<String>>,
    /// Labels for programs beside the stack, behind Stockade's own.
    pub(super) labels: BTreeMap<&'a str, &'a str>,
}

/// A capability and why it is kept.
#[derive(Serialize)]
pub(super) struct CapabilityView<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// What breaks without it.
    pub(super) reason: &'a str,
}

/// A setting of a container's own kernel namespaces.
#[derive(Serialize)]
pub(super) struct SysctlView<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its value.
    pub(super) value: &'a str,
    /// What breaks without it.
    pub(super) reason: &'a str,
}

/// A limit of a container's processes.
#[derive(Serialize)]
pub(super) struct UlimitView<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// The soft and the hard value.
    pub(super) value: UlimitValue,
    /// What breaks without it.
    pub(super) reason: &'a str,
}

/// Values of a limit; -1 is none.
#[derive(Serialize)]
pub(super) struct UlimitValue {
    pub(super) soft: i64,
    pub(super) hard: i64,
}

/// A device of the host and why it is handed over.
#[derive(Serialize)]
pub(super) struct DeviceView<'a> {
    /// What it is for.
    pub(super) reason: &'a str,
    /// `HOST:CONTAINER:RIGHTS`, the form that Podman reads too.
    pub(super) mapping: String,
}

/// A group and why the container is in it.
#[derive(Serialize)]
pub(super) struct GroupView<'a> {
    /// Its number.
    pub(super) id: String,
    /// What it opens.
    pub(super) reason: &'a str,
}

/// The secrets of a container.
#[derive(Serialize)]
pub(super) struct SecretsView<'a> {
    /// Controls behind them.
    pub(super) why: &'a [Id],
    /// Whether they are few enough for one line.
    pub(super) on_a_line: bool,
    /// The secrets.
    pub(super) items: Vec<MountedSecret<'a>>,
}

/// A secret in a container.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum MountedSecret<'a> {
    /// In a file of its own name that everybody in the container may read.
    Named(&'a str),
    /// The long form, for everything else.
    File {
        /// The secret.
        source: &'a str,
        /// Its file below `/run/secrets`.
        target: &'a str,
        /// The reader, where the engine keeps secrets itself and heeds that.
        #[serde(flatten)]
        reader: Option<Reader>,
    },
}

/// Who may read a secret.
#[derive(Serialize)]
pub(super) struct Reader {
    pub(super) uid: String,
    pub(super) gid: String,
    pub(super) mode: &'static str,
}

/// How a container is on a network.
#[derive(Serialize)]
pub(super) struct AttachmentView<'a> {
    /// Fixed IPv4 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipv4_address: Option<String>,
    /// Fixed IPv6 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipv6_address: Option<String>,
    /// Further names there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<&'a str>,
}

/// What another service must have come to.
#[derive(Serialize)]
pub(super) struct Depended {
    pub(super) condition: &'static str,
    /// Said only where it may be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) required: Option<bool>,
    /// Said only where its restart is followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) restart: Option<bool>,
}

/// Limits of a container.
#[derive(Serialize)]
pub(super) struct LimitsView {
    /// The limits.
    pub(super) value: Amounts,
    /// Controls behind them.
    pub(super) why: Vec<Id>,
}

/// How much of what.
#[derive(Serialize)]
pub(super) struct Amounts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpus: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pids: Option<u32>,
}

/// Limit of open files.
#[derive(Serialize)]
pub(super) struct FilesView {
    pub(super) nofile: u32,
}

/// A log on the host.
#[derive(Serialize)]
pub(super) struct LogsView {
    pub(super) driver: &'static str,
    pub(super) options: LogOptions,
}

/// Size and number of its files.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct LogOptions {
    pub(super) max_size: String,
    pub(super) max_file: String,
}

/// A health check.
#[derive(Serialize)]
pub(super) struct HealthView<'a> {
    /// `CMD` and the command.
    pub(super) test: Vec<&'a str>,
    /// Time between two checks.
    pub(super) interval: String,
    /// Time for one check.
    pub(super) timeout: String,
    /// Failures until unhealthy.
    pub(super) retries: u32,
    /// Time after the start in which failures do not count.
    pub(super) start_period: String,
    /// Time between two checks within it.
    pub(super) start_interval: Option<String>,
}
