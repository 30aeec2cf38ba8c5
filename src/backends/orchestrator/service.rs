//! One container as the compose file shows it.

use super::compose::{Listed, WaivedView, waived};
use super::confined::Confined;
use super::inputs::LABEL;
use super::mounts::{self, MountView, TmpfsView};
use super::ports::{self, Published};
use super::storage::Places;
use crate::backends::shims;
use crate::controls::{Id, Reach};
use crate::format::system::{Condition, ContainerEngine};
use crate::stack::{Because, Device, Enforced, Group, Hardening, Health, Origin, SecretUse, Service, Stack};
use crate::values::{Capability, Duration, Line, SecretName, ServiceName};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// One container, its keys in the order in which people write them: what runs, as whom and with which rights, where it
/// writes, what it is told, whom it reaches, how it is kept alive.
#[derive(Serialize)]
pub(super) struct ServiceView<'a> {
    /// Key in the file.
    key: &'a str,
    /// What it is.
    title: &'a str,
    /// Controls that are switched off for it.
    waived: Vec<WaivedView<'a>>,
    /// The image.
    image: Because<String>,
    /// The only platform the image is built for.
    platform: Option<&'a str>,
    /// Fixed name, by which applications look containers up.
    container_name: Option<&'a str>,
    /// Name inside, the same after each recreation: brokers name their store after it.
    hostname: String,
    /// Whether the engine's own init reaps children.
    init: bool,
    /// Replaces the image's entrypoint.
    entrypoint: Option<Vec<String>>,
    /// Replaces the image's command.
    command: Option<Vec<String>>,
    /// `UID:GID`.
    user: Option<Because<String>>,
    /// Groups besides its own.
    groups: Vec<GroupView<'a>>,
    /// Why the root file system is writable, where it is.
    writable_root: Option<&'a str>,
    /// What is not said for all services.
    pub own: Confined,
    /// Capabilities it keeps.
    capabilities: Option<Listed<CapabilityView<'a>>>,
    /// Devices of the host.
    devices: Option<Listed<DeviceView<'a>>>,
    /// Scratch space in memory.
    tmpfs: Option<Listed<TmpfsView<'a>>>,
    /// Storage.
    mounts: Option<Listed<MountView<'a>>>,
    /// The Docker socket is not mounted though the application asks for it.
    socket_absent: Option<Because<()>>,
    /// Secrets it mounts, on one line or on a line each.
    secrets: Option<SecretsView<'a>>,
    /// Variables.
    environment: BTreeMap<&'a str, Because<&'a str>>,
    /// Published ports.
    ports: Option<Listed<Published>>,
    /// Ports that stay inside.
    inside: Vec<Because<String>>,
    /// Whether it has no network at all.
    isolated: bool,
    /// Names of its networks, where there is nothing else to say of any.
    plain_networks: Vec<&'a str>,
    /// Networks, with a fixed address or further names.
    networks: BTreeMap<&'a str, AttachmentView<'a>>,
    /// Name servers instead of the engine's.
    dns: Vec<String>,
    /// Names it finds without a name server, as `NAME=ADDRESS`.
    extra_hosts: Vec<String>,
    /// Services that must have been started before, where there are no others.
    after: Vec<&'a str>,
    /// Services that must be there before, and in which state.
    depends_on: BTreeMap<&'a str, Depended>,
    /// Health check.
    health: Option<Because<HealthView<'a>>>,
    /// Why there is none.
    no_health: Option<&'a str>,
    /// Memory, processors, processes.
    limits: Option<LimitsView>,
    /// Memory limit, swap included.
    memory: Option<Because<String>>,
    /// Limit of open files.
    files: Option<Because<FilesView>>,
    /// Size of `/dev/shm`.
    shared_memory: Option<String>,
    /// Where its log goes, and how much of it is kept.
    logs: Option<Because<LogsView>>,
    /// Signal other than SIGTERM.
    stop_signal: Option<&'a str>,
    /// Time until SIGKILL.
    stop_grace: Option<Because<String>>,
    /// Labels.
    labels: BTreeMap<&'static str, &'a str>,
}

/// A capability and why it is kept.
#[derive(Serialize)]
struct CapabilityView<'a> {
    /// Its name.
    name: &'a str,
    /// What breaks without it.
    reason: &'a str,
}

/// A device of the host and why it is handed over.
#[derive(Serialize)]
struct DeviceView<'a> {
    /// What it is for.
    reason: &'a str,
    /// `HOST:CONTAINER:RIGHTS`, the form that Podman reads too.
    mapping: String,
}

/// A group and why the container is in it.
#[derive(Serialize)]
struct GroupView<'a> {
    /// Its number.
    id: String,
    /// What it opens.
    reason: &'a str,
}

/// The secrets of a container.
#[derive(Serialize)]
struct SecretsView<'a> {
    /// Controls behind them.
    why: &'a [Id],
    /// Whether they are few enough for one line.
    on_a_line: bool,
    /// The secrets.
    items: Vec<MountedSecret<'a>>,
}

/// A secret in a container.
#[derive(Serialize)]
#[serde(untagged)]
enum MountedSecret<'a> {
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
struct Reader {
    uid: String,
    gid: String,
    mode: &'static str,
}

/// How a container is on a network.
#[derive(Serialize)]
struct AttachmentView<'a> {
    /// Fixed IPv4 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv4_address: Option<String>,
    /// Fixed IPv6 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv6_address: Option<String>,
    /// Further names there.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    aliases: &'a [ServiceName],
}

/// What another service must have come to.
#[derive(Serialize)]
struct Depended {
    condition: &'static str,
}

/// Limits of a container.
#[derive(Serialize)]
struct LimitsView {
    /// The limits.
    value: Amounts,
    /// Controls behind them.
    why: Vec<Id>,
}

/// How much of what.
#[derive(Serialize)]
struct Amounts {
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpus: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pids: Option<u32>,
}

/// Limit of open files.
#[derive(Serialize)]
struct FilesView {
    nofile: u32,
}

/// A log on the host.
#[derive(Serialize)]
struct LogsView {
    driver: &'static str,
    options: LogOptions,
}

/// Size and number of its files.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct LogOptions {
    max_size: String,
    max_file: String,
}

/// A health check.
#[derive(Serialize)]
struct HealthView<'a> {
    /// `CMD` and the command.
    test: Vec<&'a str>,
    /// Time between two checks.
    interval: String,
    /// Time for one check.
    timeout: String,
    /// Failures until unhealthy.
    retries: u32,
    /// Time after the start in which failures do not count.
    start_period: String,
}

pub(super) fn view<'a>(service: &'a Service, stack: &'a Stack, places: &Places) -> ServiceView<'a> {
    let hardening = &service.hardening;
    let declared = &service.declared;
    let (entrypoint, command) = shims::process(service);
    let health = hardening.healthcheck.because(health);
    // Without the control the engine's defaults stay, but what the service cannot work without is still added.
    let kept = declared.capabilities.iter();
    let plain = service.aliases.is_empty() && service.networks.values().all(Option::is_none);
    let depends = service.depends_on.iter();
    let only_started = depends.clone().all(|(_, reached)| *reached == Condition::Started);
    ServiceView {
        key: service.name.as_str(),
        title: service.title.as_str(),
        waived: waived(stack, Reach::Service, Some(&service.name)),
        image: Because::new(service.image.to_string(), hardening.pinned.why()),
        platform: service.platform.as_deref(),
        container_name: (service.origin == Origin::System).then(|| service.container.as_str()),
        hostname: hostname(service.hostname.as_str()),
        init: service.init,
        entrypoint,
        command,
        user: hardening.user.because(ToString::to_string),
        groups: service.groups.iter().map(group).collect(),
        writable_root: text(declared.writable_root.as_ref()).filter(|_| !hardening.read_only.is_set()),
        own: Confined::of(hardening),
        capabilities: Listed::new(kept.map(|it| capability(it, hardening.capabilities.why())).collect()),
        devices: Listed::new(declared.devices.iter().map(|it| device(it, &hardening.devices)).collect()),
        tmpfs: Listed::new(mounts::tmpfs(service)),
        mounts: Listed::new(mounts::mounts(service, stack, places)),
        socket_absent: mounts::socket_is_absent(service).then(|| Because::new((), hardening.docker_socket.why())),
        secrets: secrets(service, stack),
        environment: environment(service),
        ports: Listed::new(ports::published(service)),
        inside: ports::unpublished(service),
        // A service without any network would land on Compose's default one, which is nobody's trust zone.
        isolated: service.isolated || service.networks.is_empty(),
        plain_networks: service.networks.keys().filter(|_| plain).map(|name| name.as_str()).collect(),
        networks: service
            .networks
            .iter()
            .map(|(name, address)| (name.as_str(), attachment(*address, &service.aliases)))
            .collect(),
        dns: service.dns.iter().map(ToString::to_string).collect(),
        extra_hosts: service.extra_hosts.iter().map(|(name, address)| format!("{name}={address}")).collect(),
        after: depends.clone().filter(|_| only_started).map(|(name, _)| name.as_str()).collect(),
        depends_on: depends
            .filter(|_| !only_started)
            .map(|(name, reached)| (name.as_str(), Depended { condition: condition(*reached) }))
            .collect(),
        no_health: text(declared.no_healthcheck.as_ref()).filter(|_| health.is_none()),
        health,
        limits: limits(hardening),
        memory: hardening.memory.because(ToString::to_string),
        // What the service needs holds without the control too.
        files: hardening
            .files
            .because(|files| FilesView { nofile: *files })
            .or_else(|| Some(Because::new(FilesView { nofile: declared.files? }, &[]))),
        shared_memory: declared.shared_memory.map(|size| size.to_string()),
        logs: hardening.logs.because(|(size, files)| LogsView {
            driver: "json-file",
            options: LogOptions { max_size: size.to_string(), max_file: files.to_string() },
        }),
        stop_signal: declared.stop_signal.as_deref(),
        stop_grace: hardening.stop_grace.because(|grace| time(*grace)),
        labels: BTreeMap::from([(LABEL, service.name.as_str())]),
    }
}

/// A service's name as a host name (RFC 1123): letters, digits and hyphens, with none at the end.
fn hostname(service: &str) -> String {
    service.replace('_', "-").trim_end_matches('-').to_owned()
}

fn text(line: Option<&Line>) -> Option<&str> {
    line.map(Line::as_str)
}

fn capability<'a>((name, reason): &'a (Capability, Line), why: &'a [Id]) -> Because<CapabilityView<'a>> {
    Because::new(CapabilityView { name: name.as_str(), reason: reason.as_str() }, why)
}

/// Without the control the engine's default stays, which is every right.
fn device<'a>(device: &'a Device, rule: &'a Enforced<()>) -> Because<DeviceView<'a>> {
    let Device { host, container, rights, reason } = device;
    let rights = if rule.is_set() { format!(":{rights}") } else { String::new() };
    Because::new(DeviceView { reason: reason.as_str(), mapping: format!("{host}:{container}{rights}") }, rule.why())
}

fn group(Group { id, reason }: &Group) -> GroupView<'_> {
    GroupView { id: id.to_string(), reason: reason.as_str() }
}

fn environment(service: &Service) -> BTreeMap<&str, Because<&str>> {
    let variables = service.environment.iter();
    variables
        .map(|(name, variable)| (name.as_str(), Because::new(variable.value.as_str(), &variable.why[..])))
        .collect()
}

/// Characters of names that stand well on one line.
const LINE: usize = 72;

/// The short form means the file of the secret's own name, as it is on the host; so it is taken where that is meant.
fn secrets<'a>(service: &'a Service, stack: &Stack) -> Option<SecretsView<'a>> {
    let user = &service.declared.user;
    let podman = stack.engine == ContainerEngine::Podman;
    let view = |(name, reading): (&'a SecretName, &'a SecretUse)| {
        let file = reading.file.as_ref().unwrap_or(name).as_str();
        match name.as_str() {
            name if name == file && !podman => MountedSecret::Named(name),
            source => MountedSecret::File {
                source,
                target: file,
                reader: podman.then(|| Reader { uid: user.uid.to_string(), gid: user.gid.to_string(), mode: "0400" }),
            },
        }
    };
    let items: Vec<_> = service.secrets.iter().map(view).collect();
    let lengths = items.iter().map(|item| match item {
        MountedSecret::Named(name) => name.len() + 2,
        MountedSecret::File { .. } => LINE + 1,
    });
    let on_a_line = lengths.sum::<usize>() <= LINE;
    (!items.is_empty()).then(|| SecretsView { why: service.hardening.secrets.why(), on_a_line, items })
}

fn attachment(address: Option<IpAddr>, aliases: &[ServiceName]) -> AttachmentView<'_> {
    let text = address.map(|address| address.to_string());
    let (ipv4_address, ipv6_address) = match address {
        Some(IpAddr::V6(_)) => (None, text),
        _ => (text, None),
    };
    AttachmentView { ipv4_address, ipv6_address, aliases }
}

fn limits(hardening: &Hardening) -> Option<LimitsView> {
    let Hardening { memory, cpus, pids, .. } = hardening;
    let value = Amounts {
        memory: memory.get().map(ToString::to_string),
        cpus: cpus.get().map(ToString::to_string),
        pids: pids.get().copied(),
    };
    let any = value.memory.is_some() || value.cpus.is_some() || value.pids.is_some();
    any.then(|| LimitsView { value, why: [memory.why(), cpus.why(), pids.why()].concat() })
}

fn health(health: &Health) -> HealthView<'_> {
    let Health { at: _, command, interval, timeout, retries, start_period } = health;
    HealthView {
        test: std::iter::once("CMD").chain(command.iter().map(String::as_str)).collect(),
        interval: time(*interval),
        timeout: time(*timeout),
        retries: *retries,
        start_period: time(*start_period),
    }
}

/// No time at all prints as nothing, which Compose cannot read.
fn time(duration: Duration) -> String {
    let text = duration.to_string();
    if text.is_empty() { "0s".to_owned() } else { text }
}

fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Started => "service_started",
        Condition::Healthy => "service_healthy",
        Condition::Completed => "service_completed_successfully",
    }
}
