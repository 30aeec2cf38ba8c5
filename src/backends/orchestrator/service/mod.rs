//! One container as the compose file shows it.

mod view;

use super::compose::{Listed, waived};
use super::confined::Confined;
use super::mounts;
use super::ports;
use super::storage::Places;
use crate::backends::shims;
use crate::controls::{Id, Reach};
use crate::format::system::{Condition, ContainerEngine, Dependency};
use crate::stack::{
    Because, Device, Enforced, Group, Hardening, Health, KernelSetting, Origin, ProcessLimit, SecretUse, Service, Stack,
};
use crate::values::{Alias, Capability, Duration, Line, NetworkName, SecretName, ServiceName};
use std::collections::BTreeMap;
use std::net::IpAddr;
pub(super) use view::ServiceView;
use view::{
    Amounts, AttachmentView, CapabilityView, Depended, DeviceView, FilesView, GroupView, HealthView, LimitsView,
    LogOptions, LogsView, MountedSecret, Reader, SecretsView, SysctlView, UlimitValue, UlimitView,
};

pub(super) fn view<'a>(service: &'a Service, stack: &'a Stack, places: &Places) -> ServiceView<'a> {
    let hardening = &service.hardening;
    let declared = &service.declared;
    let (entrypoint, command) = shims::process(service);
    let health = hardening.healthcheck.because(health);
    // Without the control the engine's defaults stay, but what the service cannot work without is still added.
    let kept = declared.capabilities.iter();
    let plain = service.aliases.is_empty()
        && service.network_aliases.is_empty()
        && service.networks.values().all(Option::is_none);
    let depends = service.depends_on.iter();
    let only_started = depends.clone().all(|(_, wanted)| *wanted == Condition::Started.into());
    ServiceView {
        key: service.name.as_str(),
        title: service.title.as_str(),
        waived: waived(stack, Reach::Service, Some(&service.name)),
        image: Because::new(service.image.to_string(), hardening.pinned.why()),
        platform: service.platform.as_deref(),
        container_name: (service.origin == Origin::System).then(|| service.container.as_str()),
        hostname: declared.hostname.as_ref().map_or_else(|| hostname(service.hostname.as_str()), ToString::to_string),
        init: service.init,
        tty: declared.tty,
        stdin_open: declared.stdin_open,
        sysctls: declared.sysctls.iter().map(sysctl).collect(),
        low_port: low_port(service),
        entrypoint,
        command,
        working_dir: declared.working_dir.as_ref().map(|it| it.as_str()),
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
            .map(|(name, address)| (name.as_str(), attachment(*address, aliases(service, name))))
            .collect(),
        dns: service.dns.iter().map(ToString::to_string).collect(),
        extra_hosts: service.extra_hosts.iter().map(|(name, address)| format!("{name}={address}")).collect(),
        after: depends.clone().filter(|_| only_started).map(|(name, _)| name.as_str()).collect(),
        depends_on: depends
            .filter(|_| !only_started)
            .map(|(name, wanted)| (name.as_str(), depended(*wanted)))
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
        ulimits: declared.ulimits.iter().map(ulimit).collect(),
        shared_memory: declared.shared_memory.map(|size| size.to_string()),
        logs: hardening.logs.because(|(size, files)| LogsView {
            driver: "json-file",
            options: LogOptions { max_size: size.to_string(), max_file: files.to_string() },
        }),
        stop_signal: declared.stop_signal.as_deref(),
        stop_grace: hardening.stop_grace.because(|grace| time(*grace)),
        labels: labels(service),
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

fn sysctl(KernelSetting { name, value, reason }: &KernelSetting) -> SysctlView<'_> {
    SysctlView { name: name.as_str(), value: value.as_str(), reason: reason.as_str() }
}

fn ulimit(ProcessLimit { name, soft, hard, reason }: &ProcessLimit) -> UlimitView<'_> {
    let value = UlimitValue { soft: soft.number(), hard: hard.number() };
    UlimitView { name: name.as_str(), value, reason: reason.as_str() }
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

/// Its own name elsewhere, and those its author gave it on this network.
fn aliases<'a>(service: &'a Service, network: &NetworkName) -> Vec<&'a str> {
    let own = service.network_aliases.get(network).into_iter().flatten().map(Alias::as_str);
    service.aliases.iter().map(ServiceName::as_str).chain(own).collect()
}

fn labels(service: &Service) -> BTreeMap<&str, &str> {
    service.declared.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn attachment(address: Option<IpAddr>, aliases: Vec<&str>) -> AttachmentView<'_> {
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
    let Health { at: _, command, interval, timeout, retries, start_period, start_interval } = health;
    HealthView {
        test: std::iter::once("CMD").chain(command.iter().map(String::as_str)).collect(),
        interval: time(*interval),
        timeout: time(*timeout),
        retries: *retries,
        start_period: time(*start_period),
        start_interval: start_interval.map(time),
    }
}

/// No time at all prints as nothing, which Compose cannot read.
fn time(duration: Duration) -> String {
    let text = duration.to_string();
    if text.is_empty() { "0s".to_owned() } else { text }
}

fn depended(wanted: Dependency) -> Depended {
    Depended {
        condition: condition(wanted.condition),
        required: (!wanted.required).then_some(false),
        restart: wanted.restart.then_some(true),
    }
}

fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Started => "service_started",
        Condition::Healthy => "service_healthy",
        Condition::Completed => "service_completed_successfully",
    }
}

/// From which port on everybody may listen.
const LOW_PORT: &str = "net.ipv4.ip_unprivileged_port_start";

/// The lowest port below 1024 on which a service listens that neither is root nor has the capability for it: engines differ
/// in whether they open those to everybody (`net.ipv4.ip_unprivileged_port_start`, ip-sysctl in the kernel's documentation).
fn low_port(service: &Service) -> Option<u16> {
    let declared = &service.declared;
    if declared.sysctls.iter().any(|it| it.name.as_str() == LOW_PORT) {
        return None;
    }
    let may = |name: &Capability| name.as_str() == "NET_BIND_SERVICE";
    if declared.user.uid == 0 || declared.capabilities.iter().any(|(name, _)| may(name)) {
        return None;
    }
    service.ports.iter().map(|port| port.container.first()).filter(|port| *port < 1024).min()
}
