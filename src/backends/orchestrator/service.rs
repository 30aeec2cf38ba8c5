//! One container as the compose file shows it.

use super::compose::{WaivedView, waived};
use super::mounts::{self, MountView, TmpfsView};
use super::ports::{self, Published, Unpublished};
use super::storage::Places;
use crate::backends::shims;
use crate::controls::{Id, Reach};
use crate::stack::{Because, Device, Enforced, Group, Hardening, Health, Origin, SecretUse, Service, Stack};
use crate::systems::format::{Condition, ContainerEngine, Restart};
use crate::values::{Capability, Duration, Line, SecretName, ServiceName};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// One container.
#[derive(Serialize)]
pub(super) struct ServiceView<'a> {
    /// Key in the file.
    key: &'a str,
    /// What it is.
    title: &'a str,
    /// The image.
    image: Because<String>,
    /// The only platform the image is built for.
    platform: Option<&'a str>,
    /// Fixed name, by which applications look containers up.
    container_name: Option<&'a str>,
    /// Name inside, the same after each recreation: brokers name their store after it.
    hostname: String,
    /// `UID:GID`.
    user: Option<Because<String>>,
    /// Controls that are switched off for it.
    waived: Vec<WaivedView<'a>>,
    /// Groups besides its own.
    groups: Vec<GroupView<'a>>,
    /// Whether the engine's own init reaps children.
    init: bool,
    /// Replaces the image's entrypoint.
    entrypoint: Option<Vec<String>>,
    /// Replaces the image's command.
    command: Option<Vec<String>>,
    /// Devices of the host.
    devices: Vec<DeviceView<'a>>,
    /// Root file system is read-only.
    read_only: Option<Because<()>>,
    /// Why the root file system is writable, where it is.
    writable_root: Option<&'a str>,
    /// All capabilities are dropped.
    drop_all: bool,
    /// Capabilities it keeps.
    capabilities: Vec<CapabilityView<'a>>,
    /// Controls behind both.
    capabilities_why: &'a [Id],
    /// `no-new-privileges`.
    no_new_privileges: Option<Because<()>>,
    /// Own IPC and cgroup namespaces.
    namespaces: Option<Because<()>>,
    /// Scratch space in memory.
    tmpfs: Vec<TmpfsView<'a>>,
    /// Storage.
    mounts: Vec<MountView<'a>>,
    /// The Docker socket is not mounted though the application asks for it.
    socket_absent: Option<Because<()>>,
    /// Secrets it mounts.
    secrets: Vec<Because<MountedSecret<'a>>>,
    /// `UID`, `GID` of the reader, where the engine keeps secrets itself and heeds them.
    reader: Option<(String, String)>,
    /// Variables.
    environment: BTreeMap<&'a str, Because<&'a str>>,
    /// Published ports.
    ports: Vec<Published>,
    /// Ports that stay inside.
    inside: Vec<Unpublished<'a>>,
    /// Whether it has no network at all.
    isolated: bool,
    /// Networks, with a fixed address.
    networks: Vec<AttachmentView<'a>>,
    /// Name servers instead of the engine's.
    dns: Vec<String>,
    /// Names it finds without a name server, as `NAME=ADDRESS`.
    extra_hosts: Vec<String>,
    /// Services that must be there first.
    depends_on: BTreeMap<&'a str, &'static str>,
    /// Health check.
    health: Option<Because<HealthView<'a>>>,
    /// Why there is none.
    no_health: Option<&'a str>,
    /// Memory limit, swap included.
    memory: Option<Because<String>>,
    /// Processor limit.
    cpus: Option<Because<String>>,
    /// Limit of processes and threads.
    pids: Option<Because<u32>>,
    /// Limit of open files.
    files: Option<Because<u32>>,
    /// Size of `/dev/shm`.
    shared_memory: Option<String>,
    /// Size and number of log files.
    logs: Option<Because<(String, String)>>,
    /// Restart policy.
    restart: Option<Because<&'static str>>,
    /// Signal other than SIGTERM.
    stop_signal: Option<&'a str>,
    /// Time until SIGKILL.
    stop_grace: Option<Because<String>>,
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
    mapping: Because<String>,
}

/// A group and why the container is in it.
#[derive(Serialize)]
struct GroupView<'a> {
    /// Its number.
    id: String,
    /// What it opens.
    reason: &'a str,
}

/// A secret in a container.
#[derive(Serialize)]
struct MountedSecret<'a> {
    /// The secret.
    name: &'a str,
    /// Its file below `/run/secrets`.
    file: &'a str,
}

/// How a container is on a network.
#[derive(Serialize)]
struct AttachmentView<'a> {
    /// The network.
    key: &'a str,
    /// Fixed IPv4 address.
    ipv4: Option<String>,
    /// Fixed IPv6 address.
    ipv6: Option<String>,
    /// Further names there.
    aliases: &'a [ServiceName],
    /// Whether there is nothing else to say.
    plain: bool,
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
    ServiceView {
        key: service.name.as_str(),
        title: service.title.as_str(),
        image: Because::new(service.image.to_string(), hardening.pinned.why()),
        platform: service.platform.as_deref(),
        container_name: (service.origin == Origin::System).then(|| service.container.as_str()),
        hostname: hostname(service.hostname.as_str()),
        user: hardening.user.because(ToString::to_string),
        waived: waived(stack, Reach::Service, Some(&service.name)),
        groups: service.groups.iter().map(group).collect(),
        init: service.init,
        entrypoint,
        command,
        devices: declared.devices.iter().map(|it| device(it, &hardening.devices)).collect(),
        read_only: hardening.read_only.because(|()| ()),
        writable_root: text(declared.writable_root.as_ref()).filter(|_| !hardening.read_only.is_set()),
        drop_all: hardening.capabilities.is_set(),
        // Without the control the engine's defaults stay, but what the service cannot work without is still added.
        capabilities: declared.capabilities.iter().map(capability).collect(),
        capabilities_why: hardening.capabilities.why(),
        no_new_privileges: hardening.no_new_privileges.because(|()| ()),
        namespaces: hardening.namespaces.because(|()| ()),
        tmpfs: mounts::tmpfs(service),
        mounts: mounts::mounts(service, stack, places),
        socket_absent: mounts::socket_is_absent(service).then(|| Because::new((), hardening.docker_socket.why())),
        secrets: service.secrets.iter().map(|(name, reading)| secret(name, reading, hardening)).collect(),
        reader: (stack.engine == ContainerEngine::Podman)
            .then(|| (declared.user.uid.to_string(), declared.user.gid.to_string())),
        environment: environment(service),
        ports: ports::published(service),
        inside: ports::unpublished(service),
        // A service without any network would land on Compose's default one, which is nobody's trust zone.
        isolated: service.isolated || service.networks.is_empty(),
        extra_hosts: service.extra_hosts.iter().map(|(name, address)| format!("{name}={address}")).collect(),
        networks: service
            .networks
            .iter()
            .map(|(name, address)| attachment(name.as_str(), *address, &service.aliases))
            .collect(),
        dns: service.dns.iter().map(ToString::to_string).collect(),
        depends_on: service.depends_on.iter().map(|(name, reached)| (name.as_str(), condition(*reached))).collect(),
        no_health: text(declared.no_healthcheck.as_ref()).filter(|_| health.is_none()),
        health,
        memory: hardening.memory.because(ToString::to_string),
        cpus: hardening.cpus.because(ToString::to_string),
        pids: hardening.pids.because(|pids| *pids),
        // What the service needs holds without the control too.
        files: hardening.files.because(|files| *files).or_else(|| Some(Because::new(declared.files?, &[]))),
        shared_memory: declared.shared_memory.map(|size| size.to_string()),
        logs: hardening.logs.because(|(size, files)| (size.to_string(), files.to_string())),
        restart: hardening.restart.because(|policy| restart(*policy)),
        stop_signal: declared.stop_signal.as_deref(),
        stop_grace: hardening.stop_grace.because(|grace| time(*grace)),
    }
}

/// A service's name as a host name (RFC 1123): letters, digits and hyphens, with none at the end.
fn hostname(service: &str) -> String {
    service.replace('_', "-").trim_end_matches('-').to_owned()
}

fn text(line: Option<&Line>) -> Option<&str> {
    line.map(Line::as_str)
}

fn capability((name, reason): &(Capability, Line)) -> CapabilityView<'_> {
    CapabilityView { name: name.as_str(), reason: reason.as_str() }
}

/// Without the control the engine's default stays, which is every right.
fn device<'a>(device: &'a Device, rule: &'a Enforced<()>) -> DeviceView<'a> {
    let Device { host, container, rights, reason } = device;
    let rights = if rule.is_set() { format!(":{rights}") } else { String::new() };
    DeviceView { reason: reason.as_str(), mapping: Because::new(format!("{host}:{container}{rights}"), rule.why()) }
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

fn secret<'a>(name: &'a SecretName, reading: &'a SecretUse, hardening: &'a Hardening) -> Because<MountedSecret<'a>> {
    let file = reading.file.as_ref().unwrap_or(name);
    Because::new(MountedSecret { name: name.as_str(), file: file.as_str() }, hardening.secrets.why())
}

fn attachment<'a>(key: &'a str, address: Option<IpAddr>, aliases: &'a [ServiceName]) -> AttachmentView<'a> {
    let text = address.map(|address| address.to_string());
    let (ipv4, ipv6) = match address {
        Some(IpAddr::V6(_)) => (None, text),
        _ => (text, None),
    };
    AttachmentView { key, plain: address.is_none() && aliases.is_empty(), ipv4, ipv6, aliases }
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

fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::UnlessStopped => "unless-stopped",
        Restart::OnFailure => "on-failure:5",
        Restart::No => "no",
    }
}
