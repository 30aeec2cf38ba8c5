//! What a stack asks of its host, for `install.sh` to look at before anything is started.

use crate::backends::orchestrator::{TLS_CERTIFICATE, TLS_KEY};
use crate::controls::{Hardened, Id};
use crate::format::system::ContainerEngine;
use crate::stack::edge::CLIENT_AUTHORITY;
use crate::stack::{MountSource, Service, Stack, mount_points_in_host};
use serde::Serialize;

/// Where an engine listens unless it was told otherwise.
const SOCKET: &str = "/var/run/docker.sock";
/// Capabilities with which the rights of the user it is started as say little: it ignores them, or becomes another.
const BEYOND_ITS_USER: [&str; 3] = ["DAC_OVERRIDE", "SETGID", "SETUID"];

/// All of it.
#[derive(Serialize)]
pub(super) struct Demands<'a> {
    /// Whether Podman runs the containers, else Docker.
    podman: bool,
    /// Whether Compose starts them, rather than a form of the host's.
    compose: bool,
    /// Address of the engine, where it is not the usual one.
    socket: Option<String>,
    /// Whether any processor limit is set.
    limits_processors: bool,
    /// Services that may use more than one processor.
    processors: Vec<Processors<'a>>,
    /// Memory of all services together.
    memory: Option<Memory<'a>>,
    /// Services with a limit of open files.
    open_files: Vec<OpenFiles<'a>>,
    /// Devices.
    devices: Vec<Device<'a>>,
    /// Directories outside the bundle.
    folders: Vec<Folder<'a>>,
    /// Certificate and key of the operator.
    certificates: Vec<Certificate<'a>>,
    /// Networks that the engine makes.
    networks: Vec<Network<'a>>,
}

/// A network of the stack.
#[derive(Serialize)]
struct Network<'a> {
    /// Its name at the engine.
    name: String,
    /// Its interface on the host.
    bridge: &'a str,
    /// Its fixed IPv4 subnet, or `-` where the engine takes one that is free.
    subnet: String,
}

/// Processors of one service.
#[derive(Serialize)]
struct Processors<'a> {
    /// Name of the service.
    service: &'a str,
    /// Whole processors the host must have.
    count: u32,
    /// Controls behind it.
    why: &'a [Id],
}

/// Memory limits, in MiB.
#[derive(Serialize)]
struct Memory<'a> {
    /// Of all services.
    sum: u64,
    /// The service with the largest.
    service: &'a str,
    /// Its limit.
    largest: u64,
    /// Controls behind it.
    why: &'a [Id],
}

/// Open files of one service.
#[derive(Serialize)]
struct OpenFiles<'a> {
    /// Name of the service.
    service: &'a str,
    /// How many.
    count: u32,
    /// Controls behind it.
    why: &'a [Id],
}

/// A device of one service.
#[derive(Serialize)]
struct Device<'a> {
    /// Name of the service.
    service: &'a str,
    /// Its path on the host.
    path: String,
}

/// A directory of the host that a service sees.
#[derive(Clone, Serialize)]
pub(super) struct Folder<'a> {
    /// Name of the service.
    pub service: &'a str,
    /// Its path on the host.
    pub path: String,
    /// `rw` or `ro`.
    access: &'static str,
    /// `UID:GID`, or `-` where only the image knows.
    pub user: String,
    /// Further groups with commas between, or `-`.
    groups: String,
    /// What the service needs it for; empty for a mount point in it.
    #[serde(skip)]
    pub reason: &'a str,
}

/// A file of the operator's that the proxy reads.
#[derive(Serialize)]
struct Certificate<'a> {
    /// Name of the service.
    service: &'a str,
    /// Its key in the profile.
    key: &'static str,
    /// Its path on the host.
    path: &'a str,
    /// `UID:GID`, or `-` where the engine hands it over.
    user: String,
}

/// Everything a stack asks.
pub(super) fn of(stack: &Hardened) -> Demands<'_> {
    let services = || stack.services.iter().map(|(name, service)| (name.as_str(), service));
    Demands {
        podman: stack.engine == ContainerEngine::Podman,
        compose: stack.base.is_none(),
        socket: (stack.docker_socket.as_str() != SOCKET).then(|| format!("unix://{}", stack.docker_socket)),
        limits_processors: services().any(|(_, it)| it.hardening.cpus.is_set()),
        processors: services().filter_map(processors).collect(),
        memory: memory(stack),
        open_files: services().filter_map(open_files).collect(),
        devices: services()
            .flat_map(|(service, it)| {
                it.declared.devices.iter().map(move |device| Device { service, path: device.host.to_string() })
            })
            .collect(),
        folders: folders(stack),
        certificates: certificates(stack),
        networks: if stack.base.is_none() { networks(stack) } else { Vec::new() },
    }
}

fn networks(stack: &Stack) -> Vec<Network<'_>> {
    stack
        .networks
        .values()
        .map(|network| Network {
            name: stack.network_name(&network.name),
            bridge: network.bridge.as_str(),
            subnet: network.subnet.map_or_else(|| "-".to_owned(), |subnet| subnet.to_string()),
        })
        .collect()
}

/// An engine refuses to start a container whose limit is above the processors of the host.
fn processors<'a>((service, it): (&'a str, &'a Service)) -> Option<Processors<'a>> {
    let limit = &it.hardening.cpus;
    let count = limit.get()?.whole();
    (count > 1).then_some(Processors { service, count, why: limit.why() })
}

fn memory(stack: &Stack) -> Option<Memory<'_>> {
    let limits = || stack.services.values().filter_map(|it| Some((it, it.hardening.memory.get()?.get())));
    let (service, largest) = limits().max_by_key(|(_, bytes)| *bytes)?;
    Some(Memory {
        sum: limits().map(|(_, bytes)| bytes).fold(0, u64::saturating_add) >> 20,
        service: service.name.as_str(),
        largest: largest >> 20,
        why: service.hardening.memory.why(),
    })
}

fn open_files<'a>((service, it): (&'a str, &'a Service)) -> Option<OpenFiles<'a>> {
    let limit = &it.hardening.files;
    let count = limit.get().copied().or(it.declared.files)?;
    Some(OpenFiles { service, count, why: limit.why() })
}

/// Directories of the host, each as often as a service sees it.
pub(super) fn folders(stack: &Stack) -> Vec<Folder<'_>> {
    let mut folders = Vec::new();
    for service in stack.services.values() {
        let folder = |path: String, read_only: bool, reason| Folder {
            service: service.name.as_str(),
            path,
            access: if read_only { "ro" } else { "rw" },
            user: user(service),
            groups: groups(service),
            reason,
        };
        for mount in &service.mounts {
            if let MountSource::HostDirectory(path, reason) = &mount.source {
                folders.push(folder(path.to_string(), mount.read_only, reason.as_str()));
            }
        }
        // What is mounted there hides it, so nobody writes it.
        folders.extend(mount_points_in_host(service, stack).into_iter().map(|path| folder(path.to_string(), true, "")));
    }
    folders
}

fn user(service: &Service) -> String {
    let hardening = &service.hardening;
    let mut kept = service.declared.capabilities.iter();
    let beyond = !hardening.capabilities.is_set() || kept.any(|(name, _)| BEYOND_ITS_USER.contains(&name.as_str()));
    match hardening.user.get() {
        Some(user) if user.uid != 0 && !beyond => user.to_string(),
        _ => "-".to_owned(),
    }
}

fn groups(service: &Service) -> String {
    let groups: Vec<_> = service.groups.iter().map(|group| group.id.to_string()).collect();
    if groups.is_empty() { "-".to_owned() } else { groups.join(",") }
}

fn certificates(stack: &Stack) -> Vec<Certificate<'_>> {
    let clients = stack.edge.as_ref().and_then(|edge| edge.client_authority.as_ref());
    let clients = clients.map(|path| ("proxy.client_certificates.authority", &path.value, CLIENT_AUTHORITY));
    let own = stack.certificate_files.iter().flat_map(|files| {
        [
            ("proxy.tls.certificate", &files.certificate.value, TLS_CERTIFICATE),
            ("proxy.tls.key", &files.key.value, TLS_KEY),
        ]
    });
    let read = |service: &&Service, secret: &str| service.secrets.keys().any(|name| name.as_str() == secret);
    let mut all = Vec::new();
    for (key, path, secret) in own.chain(clients) {
        for service in stack.services.values().filter(|service| read(service, secret)) {
            let handed_over = stack.engine == ContainerEngine::Podman;
            let user = if handed_over { "-".to_owned() } else { user(service) };
            all.push(Certificate { service: service.name.as_str(), key, path: path.as_str(), user });
        }
    }
    all
}
