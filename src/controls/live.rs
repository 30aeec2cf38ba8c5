//! What a running host must show: claims of every control that is on, and of the stack itself, as checks.

use super::{Control, Hardened, Id, Reach, catalogue, sites};
use crate::checks::{Ask, Attributes, Check, Claim, Expect, Subject};
use crate::format::system::ContainerEngine;
use crate::stack::{Edge, Location, MountSource, Network, Origin, SHIM_TARGET, Service, ServicePort, Site, Stack};
use crate::values::{Boundary, BundlePath, Mode, User};
use std::net::IpAddr;

/// Most ports of one service that are compared one by one.
const MAX_PORTS: usize = 1024;

/// Numbers of the kernel's capabilities are their places here (capabilities(7), linux/capability.h).
const CAPABILITIES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// The engine's command line.
pub fn engine(stack: &Stack) -> &'static str {
    match stack.engine {
        ContainerEngine::Docker => "docker",
        ContainerEngine::Podman => "podman",
    }
}

/// Every check of a stack. What two controls claim alike is asked once, in both names.
pub fn checks(stack: &Hardened) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    let mut add = |id: &str, control: Option<Id>, boundary: Boundary, claim: Claim| {
        let mut check = claim.by(id, boundary, engine(stack));
        check.controls.extend(control.map(str::to_owned));
        let same = |known: &&mut Check| {
            known.subject == check.subject && known.ask == check.ask && known.expect == check.expect
        };
        match checks.iter_mut().find(same) {
            Some(known) => known.controls.extend(check.controls),
            None => checks.push(check),
        }
    };
    running(stack).into_iter().for_each(|(id, claim)| add(id, None, Boundary::HostContainer, claim));
    beside(stack).into_iter().for_each(|claim| add("drift", None, Boundary::HostContainer, claim));
    certificates(stack).into_iter().for_each(|claim| add("certificate", None, Boundary::ExternalHost, claim));
    for control in catalogue::ALL.iter().filter(|control| stack.active().contains(&control.meta().id)) {
        let meta = control.meta();
        claims(*control, stack).into_iter().for_each(|claim| add(meta.id, Some(meta.id), meta.boundary, claim));
    }
    checks.sort_by_key(|check| check.boundary);
    checks
}

/// What a control claims of a stack.
fn claims(control: &dyn Control, stack: &Stack) -> Vec<Claim> {
    let meta = control.meta();
    let is_on = |service: &&Service| meta.reach == Reach::Stack || meta.is_on(stack, Some(&service.name));
    // What runs to its end cannot be asked.
    let services = stack.services.values().filter(|service| service.lasts()).filter(is_on);
    let mut claims: Vec<Claim> = services.flat_map(|service| control.shown_by(service, stack)).collect();
    claims.extend(control.shown(stack));
    claims
}

/// What is claimed of the stack whatever its controls are.
fn running(stack: &Stack) -> Vec<(&'static str, Claim)> {
    let lasting = || stack.services.values().filter(|service| service.lasts());
    let names = lasting().map(|service| service.name.to_string()).collect();
    let text = "every service of the bundle runs";
    let mut claims = vec![("running", Claim::new(Subject::Stack, text, Ask::Services, Expect::Holds(names)))];
    for service in lasting() {
        let names = service.networks.keys().map(|name| format!("{}_{name}", stack.name));
        let alone = service.isolated || service.networks.is_empty();
        let names = names.chain(alone.then(|| "none".to_owned()));
        let claimed = match is_shared(service, stack) {
            true => claim(
                service,
                stack,
                "is on the networks of the bundle that it needs, beside those of stacks that joined it",
                Ask::Members,
                Expect::Holds(names.collect()),
            ),
            false => {
                let text = "is on the networks of the bundle that it needs and on no other";
                claim(service, stack, text, Ask::Members, Expect::set(names))
            }
        };
        claims.push(("networks", claimed));
        let text = "may make no calls to the kernel that the engine filters";
        claims.push(("seccomp", claim(service, stack, text, Ask::process("Seccomp"), Expect::equals("2"))));
        claims.extend(since(service, stack).map(|claim| ("drift", claim)));
    }
    for net in stack.networks.values() {
        let on = lasting().filter(|service| service.networks.contains_key(&net.name));
        let names = on.map(|service| service.name.to_string()).chain(guest(net, stack)).collect();
        let text = format!("nothing is on `{}` but services of the bundle that need it", net.name);
        claims.push(("members", Claim::new(network(net, stack), text, Ask::Members, Expect::Within(names))));
    }
    claims
}

/// That nobody changed a container since the bundle made it.
fn since(service: &Service, stack: &Stack) -> impl Iterator<Item = Claim> {
    // Only Docker's Compose tells what it would make.
    let made = (stack.engine == ContainerEngine::Docker).then(|| {
        let text = "was made from the bundle as it lies here";
        claim(service, stack, text, Ask::Made, Expect::equals("this")).part("made")
    });
    let text = "has no process of the superuser that came in from outside";
    let entered = claim(service, stack, text, Ask::Entered, Expect::nothing()).part("entered");
    made.into_iter().chain([entered])
}

/// That nobody put anything beside the stack's containers.
fn beside(stack: &Hardened) -> Vec<Claim> {
    let services = stack.services.keys().map(ToString::to_string).collect();
    let ask = Ask::Unknown { project: stack.name.to_string(), services };
    let text = "the project has no container that the bundle does not know";
    let mut claims = vec![Claim::new(Subject::Stack, text, ask, Expect::nothing()).part("unknown")];
    // Who has waived it wants such containers.
    if stack.active().contains(&super::docker_socket::META.id) {
        let text = "no container outside of bundles reaches the socket of the engine";
        claims.push(Claim::new(Subject::Stack, text, Ask::Commanders, Expect::nothing()).part("socket"));
    }
    claims
}

/// Whether other stacks connect this service, the proxy, with networks of theirs.
fn is_shared(service: &Service, stack: &Stack) -> bool {
    stack.edge.as_ref().is_some_and(|edge| edge.standing.shared().is_some() && edge.service == service.name)
}

/// The proxy of another stack that is connected with a network of this one, as the engine lists its container.
fn guest(net: &Network, stack: &Stack) -> Option<String> {
    let edge = stack.edge.as_ref()?;
    let (host, _) = edge.standing.joined()?;
    let mut locations = edge.sites.iter().flat_map(|site| &site.locations);
    let asks = |location: &Location| {
        !location.blocked.is_set() && location.answer.is_none() && location.upstream.network == net.name
    };
    locations.any(asks).then(|| format!("container {host}-{}-1", edge.service))
}

/// That clients can trust who answers.
fn certificates(stack: &Stack) -> Vec<Claim> {
    let authority = stack.certificate.as_ref().map(|_| "certs/ca.crt".to_owned());
    let one = |(edge, site): (&Edge, &Site)| {
        let (port, address) = (edge.https_port.get(), sites::address(edge, stack));
        let ask = Ask::Certificate { port, address, authority: authority.clone() };
        let text = format!("`{}` shows a certificate that holds for it today", site.host);
        Claim::new(sites::subject(edge, site), text, ask, Expect::equals("0 (ok)"))
    };
    sites::asked(stack).map(one).collect()
}

/// The container of a service.
pub fn subject(service: &Service, stack: &Stack) -> Subject {
    let container = match service.origin {
        Origin::System => service.container.to_string(),
        // As Compose names what has no name of its own.
        Origin::Component => format!("{}-{}-1", stack.name, service.name),
    };
    Subject::Service { service: service.name.to_string(), container }
}

/// A claim about the container of a service, whose name begins the sentence.
pub(super) fn claim(service: &Service, stack: &Stack, text: impl AsRef<str>, ask: Ask, expect: Expect) -> Claim {
    Claim::new(subject(service, stack), format!("`{}` {}", service.name, text.as_ref()), ask, expect)
}

/// A network as the engine calls it.
pub(super) fn network(network: &Network, stack: &Stack) -> Subject {
    Subject::Network { name: format!("{}_{}", stack.name, network.name) }
}

/// That a path of the bundle has this owner, where one is known, and mode.
pub(super) fn file(path: &BundlePath, owner: Option<User>, mode: Mode) -> Claim {
    let subject = Subject::File { path: path.to_string() };
    let text = format!("`{path}` has owner and mode of the bundle");
    Claim::new(subject, text, Ask::File, Expect::Matches(vec![attributes(owner, mode)]))
}

/// Owner and mode of a file.
pub(super) fn attributes(owner: Option<User>, mode: Mode) -> Attributes {
    Attributes { owner: owner.map(|owner| owner.to_string()), mode: format!("{:04o}", mode.0) }
}

/// That the kernel runs the firewall, where rules of it are there in the name of a control.
pub(super) fn firewall(stack: &Stack, control: Id) -> Vec<Claim> {
    let Some(firewall) = stack.firewall.get() else { return Vec::new() };
    if control != super::default_deny_firewall::META.id && !super::default_deny_firewall::claims(firewall, control) {
        return Vec::new();
    }
    // One question: its own `verify` tells of the boot, too, wherever something of it is there.
    let words = ["./firewall/verify", "--boot"].map(str::to_owned).to_vec();
    let text = "the kernel runs the firewall of the bundle, and the host boots with it";
    vec![Claim::new(Subject::Firewall, text, Ask::Script { words }, Expect::Status(0))]
}

/// Capabilities as bits.
pub(super) fn bits<'a>(names: impl Iterator<Item = &'a str>) -> u64 {
    let bit = |name: &str| CAPABILITIES.iter().position(|known| *known == name).map_or(0, |at| 1 << at);
    names.map(bit).fold(0, |all, bit| all | bit)
}

/// Devices as `HOST:CONTAINER:RIGHTS`.
pub(super) fn devices(service: &Service) -> Vec<String> {
    let rights = |device: &crate::stack::Device| match service.hardening.devices.is_set() {
        true => device.rights.to_string(),
        false => "rwm".to_owned(),
    };
    let one = |device: &crate::stack::Device| {
        let crate::stack::Device { host, container, rights: _, reason: _ } = device;
        format!("{host}:{container}:{}", rights(device))
    };
    service.declared.devices.iter().map(one).collect()
}

/// Mounts as `SOURCE:TARGET:rw` or `:ro`.
pub(super) fn mounts(service: &Service, stack: &Stack) -> Vec<String> {
    // Wherever the bundle lies on its host.
    let source = |source: &MountSource| match source {
        MountSource::Bundle(path) => format!("./{path}"),
        MountSource::Volume(name) => format!("{}_{name}", stack.name),
        MountSource::Host(path) | MountSource::HostDirectory(path, _) => path.to_string(),
    };
    let access = |read_only| if read_only { "ro" } else { "rw" };
    let one =
        |mount: &crate::stack::Mount| format!("{}:{}:{}", source(&mount.source), mount.target, access(mount.read_only));
    let mut found: Vec<String> = service.mounts.iter().map(one).collect();
    if service.shim.is_some() && service.mounts.iter().all(|mount| mount.target.as_str() != SHIM_TARGET) {
        found.push(format!("./shims/{}.sh:{SHIM_TARGET}:ro", service.name));
    }
    found
}

/// Whether one of a service's mounts is the socket of the engine.
pub(super) fn sees_socket(service: &Service, stack: &Stack) -> bool {
    service.mounts.iter().any(|mount| mount.source == MountSource::Host(stack.docker_socket.clone()))
}

/// Published ports as `ADDRESS:PORT:PORT/PROTOCOL`; `None` where there are too many to be listed.
pub(super) fn ports(service: &Service) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for port in &service.ports {
        let ServicePort { container, host, protocol, bound, .. } = port;
        for address in bound.get().into_iter().flatten() {
            let address = match address.0 {
                IpAddr::V6(address) => format!("[{address}]"),
                IpAddr::V4(address) => address.to_string(),
            };
            let pairs = (host.first()..=host.last()).zip(container.first()..=container.last());
            found.extend(pairs.take(MAX_PORTS).map(|(host, inside)| format!("{address}:{host}:{inside}/{protocol}")));
        }
    }
    (found.len() < MAX_PORTS).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_have_the_kernels_numbers() {
        assert_eq!(bits(["NET_BIND_SERVICE"].into_iter()), 0x400);
        assert_eq!(bits(["CHOWN", "SYS_ADMIN", "CHECKPOINT_RESTORE"].into_iter()), 1 | 1 << 21 | 1 << 40);
        assert_eq!(bits(std::iter::empty()), 0);
    }
}
