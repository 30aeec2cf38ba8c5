//! What can be seen of a host without root.

use super::host::Host;
use crate::format::system::ContainerEngine;
use crate::init::{Engine, Facts, Peer, Route, Vpn};
use crate::values::{ByteSize, Cidr, FirewallKind};
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Every address of a Tailscale network (RFC 6598 space).
const TAILSCALE: &str = "100.64.0.0/10";
/// Compose files by the names Compose looks for.
const COMPOSE: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// A socket that listens, in `/proc/net/tcp`.
const LISTENS: &str = "0A";

/// Looks; `folder` is where the profile will lie.
pub fn look(host: &dyn Host, folder: &str) -> Facts {
    let routes = routes(host);
    let addresses = addresses(host);
    let engine = engine(host);
    let answers = engine.as_ref().is_some_and(|engine| engine.answers && engine.kind == ContainerEngine::Docker);
    let (peer, ssh_port) = session(host, &routes).unzip();
    Facts {
        vpns: vpns(&addresses, &routes),
        peer,
        ssh_port: ssh_port.flatten(),
        truenas: truenas(host),
        firewall: firewall(host),
        taken: taken(host),
        addresses: addresses.iter().map(|(_, net)| net.addr()).collect(),
        processors: host.processors(),
        memory: memory(host),
        compose: COMPOSE.iter().find(|name| host.exists(&format!("{folder}/{name}"))).map(|name| (*name).to_owned()),
        images: if answers { images(host) } else { Vec::new() },
        engine,
        routes,
    }
}

/// `ip -o addr`: number, interface, family, address with prefix.
fn addresses(host: &dyn Host) -> Vec<(String, IpNet)> {
    let text = host.run("ip", &["-o", "addr", "show"]).unwrap_or_default();
    let line = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let interface = words.next()?.split('@').next()?.to_owned();
        let net = words.skip_while(|word| !word.starts_with("inet")).nth(1)?;
        Some((interface, net.parse().ok().or_else(|| Some(net.parse::<IpAddr>().ok()?.into()))?))
    };
    text.lines().filter_map(line).collect()
}

/// `ip route`: network, `dev`, interface.
fn routes(host: &dyn Host) -> Vec<Route> {
    let text = host.run("ip", &["route", "show"]).unwrap_or_default();
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let network = words.next()?.parse().ok()?;
        let interface = words.skip_while(|word| *word != "dev").nth(1)?.to_owned();
        Some(Route { network, interface })
    };
    text.lines().filter_map(line).collect()
}

fn vpns(addresses: &[(String, IpNet)], routes: &[Route]) -> Vec<Vpn> {
    let of = |(interface, net): &(String, IpNet)| {
        let whole = net.prefix_len() == net.max_prefix_len();
        let routed = || routes.iter().find(|route| route.interface == *interface).map(|route| route.network);
        let network: Option<Cidr> = match interface {
            _ if !net.addr().is_ipv4() => None,
            name if name.starts_with("tailscale") => TAILSCALE.parse().ok(),
            name if name.starts_with("wg") && whole => routed(),
            name if name.starts_with("wg") => net.trunc().to_string().parse().ok(),
            _ => None,
        };
        Some(Vpn { interface: interface.clone(), address: net.addr(), network: network? })
    };
    addresses.iter().filter_map(of).collect()
}

/// `SSH_CONNECTION` (sshd(8)): address and port of the client, address and port of the server.
fn session(host: &dyn Host, routes: &[Route]) -> Option<(Peer, Option<crate::values::Port>)> {
    let connection = host.variable("SSH_CONNECTION")?;
    let mut words = connection.split_whitespace();
    // A link-local address names its interface.
    let address: IpAddr = words.next()?.split('%').next()?.parse().ok()?;
    let address = address.to_canonical();
    let port = words.nth(2).and_then(|word| word.parse().ok());
    if address.is_loopback() {
        return None;
    }
    let network = routes.iter().map(|route| route.network).find(|network| network.net().contains(&address));
    Some((Peer { address, network }, port))
}

fn engine(host: &dyn Host) -> Option<Engine> {
    let asked = host.run("docker", &["info", "--format", "{{.ServerVersion}} {{json .SecurityOptions}}"]);
    // The command ends well where only its client answers.
    let info = asked.filter(|text| text.starts_with(|c: char| c.is_ascii_digit()));
    if let Some(info) = info {
        return Some(Engine {
            kind: ContainerEngine::Docker,
            version: info.split_whitespace().next().map(str::to_owned),
            answers: true,
            rootless: info.contains("name=rootless"),
            user_namespaces: info.contains("name=userns"),
        });
    }
    let version = |text: String| {
        let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        word.map(|word| word.trim_end_matches(',').to_owned())
    };
    let other = |kind, version, answers| Engine { kind, version, answers, rootless: false, user_namespaces: false };
    // Podman's stand-in for `docker` says its own name.
    let docker = host.run("docker", &["--version"]).filter(|said| said.starts_with("Docker"));
    if let Some(said) = docker {
        return Some(other(ContainerEngine::Docker, version(said), false));
    }
    let said = host.run("podman", &["--version"])?;
    Some(other(ContainerEngine::Podman, version(said), true))
}

fn images(host: &dyn Host) -> Vec<crate::values::ImageRef> {
    let format = "{{.Repository}}:{{.Tag}}@{{.Digest}}";
    let text = host.run("docker", &["image", "ls", "--digests", "--format", format]).unwrap_or_default();
    text.lines().filter(|line| !line.contains('<')).filter_map(|line| line.parse().ok()).collect()
}

fn truenas(host: &dyn Host) -> Option<String> {
    if !host.exists("/usr/bin/midclt") {
        return None;
    }
    Some(host.read("/etc/version")?.lines().next()?.trim().to_owned())
}

/// What can be read without root: whether ufw or firewalld is on, and which tools are there.
fn firewall(host: &dyn Host) -> Option<(FirewallKind, &'static str)> {
    let on = |line: &str| line.trim().eq_ignore_ascii_case("ENABLED=yes");
    if host.read("/etc/ufw/ufw.conf").is_some_and(|text| text.lines().any(on)) {
        return Some((FirewallKind::Ufw, "ufw is enabled here"));
    }
    if host.exists("/sys/fs/cgroup/system.slice/firewalld.service") {
        return Some((FirewallKind::Firewalld, "firewalld runs here"));
    }
    let has = |name: &str| ["/usr/sbin", "/sbin", "/usr/bin"].iter().any(|at| host.exists(&format!("{at}/{name}")));
    match (has("nft"), has("iptables")) {
        (false, true) => Some((FirewallKind::Iptables, "iptables is here, nft is not")),
        _ => None,
    }
}

fn taken(host: &dyn Host) -> BTreeSet<u16> {
    let line = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let port = words.next()?.rsplit(':').next()?;
        let state = words.nth(1)?;
        (state == LISTENS).then(|| u16::from_str_radix(port, 16).ok())?
    };
    let files = ["/proc/net/tcp", "/proc/net/tcp6"].into_iter().filter_map(|path| host.read(path));
    files.flat_map(|text| text.lines().filter_map(line).collect::<Vec<_>>()).collect()
}

fn memory(host: &dyn Host) -> Option<ByteSize> {
    let text = host.read("/proc/meminfo")?;
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = total.split_whitespace().next()?.parse().ok()?;
    Some(ByteSize::bytes(kibibytes / 1024 * 1024 * 1024))
}

/// What the name of the stack leads to, in words; nothing where there is nothing to say.
pub fn reach(host: &dyn Host, facts: &Facts, domain: &str) -> Option<String> {
    let Some(found) = host.resolve(domain).filter(|found| !found.is_empty()) else {
        return Some(format!(
            "{domain} does not resolve from here yet; no authority issues a certificate before it does"
        ));
    };
    if found.iter().any(|address| facts.addresses.contains(address)) {
        return Some(format!("{domain} leads to this host"));
    }
    let named: Vec<String> = found.iter().map(ToString::to_string).collect();
    Some(format!(
        "{domain} leads to {}, no address of this host; a router that forwards ports is well",
        named.join(", ")
    ))
}
