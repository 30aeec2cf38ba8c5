//! The host as files and outputs say it.

use super::host::Host;
use super::look::{look, reach};
use crate::format::system::ContainerEngine;
use crate::values::FirewallKind;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A host made of texts.
#[derive(Default)]
struct Fake {
    files: BTreeMap<&'static str, &'static str>,
    outputs: BTreeMap<&'static str, &'static str>,
    session: Option<&'static str>,
    names: BTreeMap<&'static str, &'static str>,
}

impl Host for Fake {
    fn read(&self, path: &str) -> Option<String> {
        self.files.get(path).map(|text| (*text).to_owned())
    }

    fn exists(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let line = format!("{program} {}", arguments.join(" "));
        self.outputs.iter().find(|(known, _)| line.starts_with(*known)).map(|(_, text)| (*text).to_owned())
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.session.filter(|_| name == "SSH_CONNECTION").map(str::to_owned)
    }

    fn resolve(&self, name: &str) -> Option<Vec<IpAddr>> {
        self.names.get(name).map(|text| text.split(' ').map(|one| one.parse().unwrap()).collect())
    }

    fn processors(&self) -> Option<usize> {
        Some(4)
    }
}

const ADDRESSES: &str = "\
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 203.0.113.5/24 brd 203.0.113.255 scope global eth0\\       valid_lft forever
2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever
3: wg0    inet 10.8.0.1/24 scope global wg0\\       valid_lft forever preferred_lft forever
4: tailscale0    inet 100.101.102.103/32 scope global tailscale0\\       valid_lft forever
5: wg1    inet 10.9.0.1/32 scope global wg1\\       valid_lft forever preferred_lft forever
";
const ROUTES: &str = "\
default via 203.0.113.1 dev eth0 proto dhcp metric 100
10.8.0.0/24 dev wg0 proto kernel scope link src 10.8.0.1
10.9.0.0/16 dev wg1 scope link
203.0.113.0/24 dev eth0 proto kernel scope link src 203.0.113.5
";

fn network() -> Fake {
    Fake { outputs: [("ip -o addr", ADDRESSES), ("ip route", ROUTES)].into(), ..Fake::default() }
}

#[test]
fn nothing_is_claimed_of_a_host_that_shows_nothing() {
    let facts = look(&Fake::default(), ".");
    assert_eq!(facts.said(), ["4 processors"]);
    assert!(facts.engine.is_none() && facts.firewall.is_none() && facts.vpns.is_empty() && facts.peer.is_none());
}

#[test]
fn vpns_are_found_with_their_networks() {
    let facts = look(&network(), ".");
    let found: Vec<String> =
        facts.vpns.iter().map(|it| format!("{} {} {}", it.interface, it.address, it.network)).collect();
    assert_eq!(
        found,
        ["wg0 10.8.0.1 10.8.0.0/24", "tailscale0 100.101.102.103 100.64.0.0/10", "wg1 10.9.0.1 10.9.0.0/16"]
    );
    assert_eq!(facts.routes.len(), 3, "the default route is no network in use");
}

#[test]
fn the_session_is_read_from_its_variable() {
    let of = |session| look(&Fake { session: Some(session), ..network() }, ".");
    let facts = of("10.8.0.7 50000 10.8.0.1 2222");
    let peer = facts.peer.clone().unwrap();
    assert_eq!(
        (peer.address.to_string(), peer.network.unwrap().to_string()),
        ("10.8.0.7".into(), "10.8.0.0/24".into())
    );
    assert_eq!(facts.ssh_port.unwrap().get(), 2222);
    assert_eq!(of("::ffff:10.8.0.7 50000 10.8.0.1 22").peer.unwrap().address.to_string(), "10.8.0.7");
    assert_eq!(of("fe80::2%eth0 50000 fe80::1%eth0 22").peer.unwrap().address.to_string(), "fe80::2");
    for nonsense in ["", "x y z", "127.0.0.1 5 127.0.0.1 22"] {
        assert!(of(nonsense).peer.is_none(), "{nonsense:?}");
    }
}

#[test]
fn the_engine_says_what_it_is_and_whether_it_answers() {
    let engine = |outputs: &[(&'static str, &'static str)]| {
        look(&Fake { outputs: outputs.iter().copied().collect(), ..Fake::default() }, ".").engine
    };
    let info = "27.5.1 [\"name=seccomp,profile=builtin\",\"name=rootless\",\"name=userns\"]\n";
    let docker = engine(&[("docker info", info), ("docker --version", "Docker version 27.5.1, build 1")]).unwrap();
    assert_eq!(docker.said(), "Docker 27.5.1, rootless, with user namespaces");
    let silent =
        engine(&[("docker info", " null\n"), ("docker --version", "Docker version 28.2.2, build e6534b4")]).unwrap();
    assert_eq!(silent.said(), "Docker 28.2.2 (its engine does not answer you)");
    let podman =
        engine(&[("docker --version", "podman version 4.3.1"), ("podman --version", "podman version 4.3.1")]).unwrap();
    assert_eq!((podman.kind, podman.said().as_str()), (ContainerEngine::Podman, "Podman 4.3.1"));
    assert!(engine(&[]).is_none());
}

#[test]
fn listening_ports_and_memory_come_from_the_kernel() {
    let tcp = "  sl  local_address rem_address   st tx_queue\n   0: 00000000:0050 00000000:0000 0A 00000000:00000000\n   1: 0100007F:1F90 00000000:0000 01 00000000:00000000\n";
    let tcp6 = "  sl  local_address\n   0: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 0:0\n";
    let files = [("/proc/net/tcp", tcp), ("/proc/net/tcp6", tcp6), ("/proc/meminfo", "MemTotal:        8130640 kB\n")];
    let facts = look(&Fake { files: files.into(), ..Fake::default() }, ".");
    assert_eq!(facts.taken, [80, 443].into());
    assert!(facts.said().iter().any(|line| line.contains("port 80 and 443")), "{:?}", facts.said());
    assert!(facts.said()[0].contains("7 GiB"), "{:?}", facts.said());
}

#[test]
fn the_firewall_in_force_is_seen_without_root() {
    let kind = |files: &[(&'static str, &'static str)]| {
        look(&Fake { files: files.iter().copied().collect(), ..Fake::default() }, ".").firewall.map(|(kind, _)| kind)
    };
    let nft = ("/usr/sbin/nft", "");
    assert_eq!(kind(&[("/etc/ufw/ufw.conf", "# comment\nENABLED=yes\n"), nft]), Some(FirewallKind::Ufw));
    assert_eq!(kind(&[("/etc/ufw/ufw.conf", "ENABLED=no\n"), nft]), None);
    assert_eq!(kind(&[("/sys/fs/cgroup/system.slice/firewalld.service", ""), nft]), Some(FirewallKind::Firewalld));
    assert_eq!(kind(&[("/usr/sbin/iptables", "")]), Some(FirewallKind::Iptables));
    assert_eq!(kind(&[]), None);
}

#[test]
fn truenas_and_compose_files_are_found() {
    let files = [("/usr/bin/midclt", ""), ("/etc/version", "24.10.2.2\n"), ("play/compose.yml", "")];
    let facts = look(&Fake { files: files.into(), ..Fake::default() }, "play");
    assert_eq!((facts.truenas.as_deref(), facts.compose.as_deref()), (Some("24.10.2.2"), Some("compose.yml")));
}

#[test]
fn where_a_name_leads_is_said() {
    let names = [("here.example.com", "203.0.113.5"), ("there.example.com", "198.51.100.1")];
    let host = Fake { names: names.into(), ..network() };
    let facts = look(&host, ".");
    let said = |name| reach(&host, &facts, name).unwrap();
    assert!(said("here.example.com").contains("leads to this host"));
    assert!(said("there.example.com").contains("198.51.100.1"));
    assert!(said("none.example.com").contains("does not resolve"));
}
