use super::*;
use crate::stack::firewall::{Bridges, Closed, ContainerEngine, Ssh};

fn opening(protocol: Protocol, port: u16, audience: Audience) -> Opening {
    Opening {
        ports: Ports::single(port),
        protocol,
        audience,
        published: true,
        limit: None,
        note: String::new(),
        why: Vec::new(),
    }
}

fn firewall(openings: Vec<Opening>) -> Firewall {
    Firewall {
        project: "demo".into(),
        kind: FirewallKind::Nftables,
        engine: ContainerEngine::Docker,
        admin4: Vec::new(),
        admin6: Vec::new(),
        ssh: Ssh { port: 22, from: Sources::Admin },
        openings,
        passed: Vec::new(),
        log: false,
        closed: vec![Closed { ports: Ports::single(9443), protocol: Protocol::Tcp, why: Vec::new() }],
        guarded: Vec::new(),
        egress: Vec::new(),
        bridges: Bridges { prefix: true, named: Vec::new(), internal: Vec::new() },
        confirm_seconds: 60,
    }
}

fn elements(view: &View, name: &str) -> Vec<String> {
    view.sets.iter().find(|set| set.name == name).map(|set| set.elements.clone()).unwrap_or_default()
}

#[test]
fn overlapping_admin_networks_become_disjoint_elements() {
    let mut firewall = firewall(Vec::new());
    firewall.admin4 = ["10.8.0.9/24", "10.8.0.7/32", "192.0.2.1/32"].map(|n| n.parse().expect("a network")).to_vec();
    let view = view(&firewall);
    assert_eq!(elements(&view, "admin4"), ["10.8.0.0/24", "192.0.2.1/32"]);
    assert!(elements(&view, "admin6").is_empty());
}

#[test]
fn each_limit_and_family_has_a_set_of_its_own() {
    let rate = Some(Rate::new(20, 1000));
    let mut game = opening(Protocol::Udp, 5520, Audience::Public);
    game.limit = Some(PerSource { packets: rate, new_flows: rate, concurrent: None });
    let mut web = opening(Protocol::Tcp, 443, Audience::Public);
    web.limit = Some(PerSource { packets: None, new_flows: rate, concurrent: Some(30) });
    let view = view(&firewall(vec![game, web]));
    let mut names: Vec<_> = view.meters.iter().map(|meter| meter.name.as_str()).collect();
    assert_eq!(names.len(), 16);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 16);
    assert!(view.limits_new);
    assert_eq!(view.connection_limits.iter().map(|limit| limit.over).collect::<Vec<_>>(), [30, 30, 480, 480]);
    assert!(view.meters.iter().filter(|meter| meter.timeout == 0).all(|meter| meter.name.starts_with("tcp443_open")));
}

#[test]
fn admin_openings_never_lack_a_source() {
    let only = Audience::Only(vec!["203.0.113.9/32".parse().expect("a network")]);
    let view = view(&firewall(vec![opening(Protocol::Tcp, 8443, Audience::Admin), opening(Protocol::Tcp, 8081, only)]));
    assert_eq!(view.accept.len(), 4);
    assert!(view.accept.iter().chain(&view.ssh).all(|line| line.source.is_some()));
    assert_eq!(elements(&view, "tcp8081_from4"), ["203.0.113.9/32"]);
}

#[test]
fn ports_are_dropped_by_name_only_where_another_tool_owns_input() {
    let openings = vec![opening(Protocol::Tcp, 443, Audience::Public), opening(Protocol::Tcp, 8443, Audience::Admin)];
    let mut firewall = firewall(openings);
    assert!(view(&firewall).drop.is_empty());
    firewall.kind = FirewallKind::Ufw;
    let dropped: Vec<_> = view(&firewall).drop.iter().map(|line| line.ports.to_string()).collect();
    assert_eq!(dropped, ["22", "8443", "9443"]);
    assert!(!view(&firewall).owns_input);
}

#[test]
fn the_docker_api_is_dropped_first() {
    let ports: Vec<_> = view(&firewall(Vec::new())).never.iter().map(|line| line.ports.to_string()).collect();
    assert_eq!(ports, ["2375", "2376"]);
}

#[test]
fn ports_of_the_host_and_destinations_have_rules_of_their_own() {
    let mut firewall = firewall(Vec::new());
    let bridge: crate::values::Interface = "br-demo-web".parse().expect("an interface");
    firewall.guarded = vec![Guarded {
        ports: Ports::single(8081),
        protocol: Protocol::Tcp,
        bridges: vec![bridge.clone()],
        note: "daemon".into(),
        why: ids(&[DEFAULT_DENY]),
    }];
    let denied = Egress {
        bridge,
        deny4: vec!["10.0.0.0/8".parse().expect("a network")],
        deny6: Vec::new(),
        allow4: vec!["10.0.0.9/32".parse().expect("a network")],
        allow6: Vec::new(),
        why: ids(&["egress-deny-list"]),
    };
    let other = Egress { bridge: "docker0".parse().expect("an interface"), allow4: Vec::new(), ..denied.clone() };
    firewall.egress = vec![denied, other];
    let view = view(&firewall);
    assert_eq!(view.guarded[0].bridges, ["br-demo-web"]);
    assert_eq!(elements(&view, "egress1_deny4"), ["10.0.0.0/8"]);
    assert_eq!(elements(&view, "egress1_allow4"), ["10.0.0.9/32"]);
    assert_eq!(elements(&view, "egress2_deny4"), ["10.0.0.0/8"]);
    assert!(view.egress[1].allow.is_empty());
}

#[test]
fn a_tool_that_owns_input_is_told_each_opening_in_its_own_words() {
    let mut firewall = firewall(vec![opening(Protocol::Tcp, 443, Audience::Public)]);
    firewall.admin4 = vec!["10.8.0.0/24".parse().expect("a network"), "192.0.2.7/32".parse().expect("a network")];
    let mut range = opening(Protocol::Udp, 7000, Audience::Public);
    range.ports = Ports::range(7000, 7010).expect("a range");
    firewall.openings.push(range);
    assert!(view(&firewall).tool_rules.is_empty());
    let told = |kind| {
        let rules = view(&Firewall { kind, ..firewall.clone() }).tool_rules;
        rules
            .into_iter()
            .map(|rule| (rule.ports.unwrap_or_default(), rule.source.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect::<Vec<_>>();
    let ufw = [("22", "10.8.0.0/24"), ("22", "192.0.2.7"), ("443", ""), ("7000-7010", "")];
    assert_eq!(told(FirewallKind::Ufw), pairs(&ufw));
    let firewalld = [("22", "10.8.0.0/24"), ("22", "192.0.2.7/32"), ("443", ""), ("7000-7010", "")];
    assert_eq!(told(FirewallKind::Firewalld), pairs(&firewalld));
}

#[test]
fn whoever_may_use_ssh_counts_as_let_in() {
    let mut firewall = firewall(vec![opening(Protocol::Tcp, 443, Audience::Public)]);
    firewall.admin4 = vec!["10.8.0.0/24".parse().expect("a network")];
    assert_eq!(view(&firewall).ssh_from, ["10.8.0.0/24"]);
    let own = Audience::Only(vec!["192.0.2.0/24".parse().expect("a network")]);
    firewall.openings.push(opening(Protocol::Tcp, 22, own));
    assert_eq!(view(&firewall).ssh_from, ["10.8.0.0/24", "192.0.2.0/24"]);
    firewall.ssh.from = Sources::Any;
    assert!(view(&firewall).ssh_any);
}

/// Podman's networks are in no zone of Docker's: firewalld would be asked for one that is not there.
#[test]
fn firewalld_beside_podman_is_not_asked_for_dockers_zone() {
    let mut firewall = Firewall { kind: FirewallKind::Firewalld, ..firewall(Vec::new()) };
    firewall.bridges.internal.push("br-demo-back".parse().expect("an interface"));
    assert!(view(&firewall).docker);
    assert_eq!(view(&firewall).tool_bridges, ["br-demo-back"]);
    let podman = view(&Firewall { engine: ContainerEngine::Podman, ..firewall });
    assert!(!podman.docker);
    assert!(podman.tool_bridges.is_empty());
}

fn limited(rate: Rate) -> Firewall {
    let mut game = opening(Protocol::Udp, 5520, Audience::Public);
    game.limit = Some(PerSource { packets: Some(rate), new_flows: None, concurrent: None });
    firewall(vec![game])
}

/// A full set lets new sources pass, so what stands behind it must still hold; and what one may not, costs others nothing.
#[test]
fn wider_limits_stand_behind_those_of_a_source() {
    let view = view(&limited(Rate::new(200, 1000)));
    let rows: Vec<_> = view.packet_limits.iter().map(|it| (it.set.as_str(), it.v6, it.wide, it.over)).collect();
    assert_eq!(
        rows,
        [
            ("udp5520_packets4", false, false, 200),
            ("udp5520_packets6", true, false, 200),
            ("udp5520_packets4wide", false, true, 3200),
            ("udp5520_packets6wide", true, true, 3200),
        ]
    );
    assert_eq!(view.packet_totals.iter().map(|it| it.over).collect::<Vec<_>>(), [51_200]);
}

/// A full table of iptables drops whoever is new, so it must never fill; and a name keeps the limit it was first said with.
#[test]
fn tables_of_iptables_never_fill_and_are_named_after_their_limit() {
    use crate::backends::firewall::iptables;
    let limits = |rate| iptables::view(&limited(rate)).packet_limits;
    for rate in [Rate::new(200, 1000), Rate::new(20, 60_000), Rate::new(3, 900_000), Rate::new(1, 86_400_000)] {
        for limit in limits(rate) {
            let staying = u64::from(limit.gate) * (u64::from(limit.expire) / 1000 + 2) + u64::from(limit.gate);
            assert!(staying <= u64::from(limit.sources), "{limit:?}");
        }
    }
    let names = |rate| limits(rate).into_iter().map(|limit| limit.name).collect::<std::collections::BTreeSet<_>>();
    let (one, two) = (names(Rate::new(20, 1000)), names(Rate::new(30, 1000)));
    assert_eq!((one.len(), two.len()), (4, 4));
    assert!(one.is_disjoint(&two));
}

#[test]
fn protocols_without_ports_open_for_whom_the_profile_names() {
    use crate::values::IpProtocol::{Esp, Igmp, Vrrp};
    let mut firewall = firewall(Vec::new());
    firewall.admin4 = vec!["10.8.0.0/24".parse().expect("a network")];
    let passed = |protocol, audience| Passed { protocol, audience, note: String::new(), why: ids(&[DEFAULT_DENY]) };
    let only = Audience::Only(vec!["192.0.2.0/24".parse().expect("a network")]);
    firewall.passed = vec![passed(Esp, Audience::Admin), passed(Vrrp, Audience::Public), passed(Igmp, only)];
    let rows = |view: &View| -> Vec<(u8, Option<String>)> {
        view.passed.iter().map(|it| (it.number, it.source.as_ref().map(|source| source.set.clone()))).collect()
    };
    let named = |name: &str| Some(name.to_owned());
    let nft = view(&firewall);
    let expected =
        [(50, named("admin4")), (50, named("admin6")), (112, None), (2, named("igmp_from4")), (2, named("igmp_from6"))];
    assert_eq!(rows(&nft), expected);
    assert!(nft.refused.is_empty(), "the policy drops them");
    firewall.kind = FirewallKind::Ufw;
    let ufw = view(&firewall);
    assert_eq!(ufw.refused.iter().map(|it| it.number).collect::<Vec<_>>(), [50, 2]);
    let told: Vec<_> = ufw.tool_rules.iter().filter(|it| it.ports.is_none()).collect();
    assert_eq!(told.iter().map(|it| it.protocol.as_str()).collect::<Vec<_>>(), ["esp", "vrrp", "igmp"]);
}

/// What stays closed where the rules do not load at boot: the bundle's own ports, never the way in.
#[test]
fn what_is_closed_without_rules_is_not_ssh() {
    let mut host = opening(Protocol::Udp, 51820, Audience::Public);
    host.published = false;
    let openings =
        vec![opening(Protocol::Tcp, 22, Audience::Public), opening(Protocol::Tcp, 443, Audience::Public), host];
    let view = view(&firewall(openings));
    assert_eq!(view.published.iter().map(|it| it.ports.to_string()).collect::<Vec<_>>(), ["443"]);
    let claims: Vec<_> = view.claims.iter().map(|it| (it.first, it.by, it.from.join(" "))).collect();
    let any = || "any".to_owned();
    assert_eq!(claims, [(22, "container", any()), (443, "container", any()), (51820, "host", any())]);
}
