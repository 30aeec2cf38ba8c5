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
    assert_eq!(names.len(), 8);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 8);
    assert!(view.limits_new);
    assert_eq!(view.connection_limits.iter().map(|limit| limit.over).collect::<Vec<_>>(), [30, 30]);
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
        rules.into_iter().map(|rule| (rule.ports, rule.source.unwrap_or_default())).collect::<Vec<_>>()
    };
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect::<Vec<_>>();
    let ufw = [("22", "10.8.0.0/24"), ("22", "192.0.2.7"), ("443", ""), ("7000:7010", "")];
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
    assert!(view(&firewall).docker_zone);
    assert_eq!(view(&firewall).tool_bridges, ["br-demo-back"]);
    let podman = view(&Firewall { engine: ContainerEngine::Podman, ..firewall });
    assert!(!podman.docker_zone);
    assert!(podman.tool_bridges.is_empty());
}
