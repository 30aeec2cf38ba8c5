//! The firewall policy that three controls share.

use super::{fixture, parse, waive};
use crate::controls::enforce;
use crate::stack::firewall::{Audience, Firewall, PerSource, Ports, Protocol, Rate, Sources, Unit};
use crate::stack::{HostPort, PortAudience, Stack};
use crate::values::{Cidr, HostIp, Level};

fn policy(stack: Stack) -> Option<Firewall> {
    enforce(stack).firewall.get().cloned()
}

fn opened(firewall: &Firewall) -> Vec<(Protocol, u16, Audience, Vec<&str>)> {
    firewall
        .openings
        .iter()
        .map(|o| (o.protocol, o.ports.first(), o.audience.clone(), o.why.iter().map(String::as_str).collect()))
        .collect()
}

const DENY: &str = "default-deny-firewall";

#[test]
fn published_ports_open_for_their_audience() {
    let firewall = policy(fixture()).expect("the fixture wants one");
    assert_eq!(
        opened(&firewall),
        [
            (Protocol::Tcp, 443, Audience::Public, vec![DENY]),
            (Protocol::Tcp, 9443, Audience::Admin, vec![DENY, "admin-ports"]),
            (Protocol::Udp, 5520, Audience::Public, vec![DENY, "rate-limits"]),
        ]
    );
    assert_eq!(firewall.admin4.len() + firewall.admin6.len(), 2);
    assert_eq!((firewall.ssh.port, firewall.ssh.from, firewall.confirm_seconds), (22, Sources::Admin, 60));
    assert_eq!(enforce(fixture()).firewall.why(), ["admin-ports", DENY, "egress-deny-list", "rate-limits"]);
}

#[test]
fn limits_keep_their_speed() {
    let firewall = policy(fixture()).expect("the fixture wants one");
    let game = firewall.openings.iter().find(|o| o.ports == Ports::single(5520)).expect("it is published");
    let packets = Some(Rate { events: 200, per: Unit::Second, burst: 200 });
    let new_flows = Some(Rate { events: 90, per: Unit::Minute, burst: 90 });
    assert_eq!(game.limit, Some(PerSource { packets, new_flows, concurrent: None }));
}

#[test]
fn a_waiver_widens_only_its_own_part() {
    let mut stack = fixture();
    waive(&mut stack, "admin-ports", Some("app"));
    let firewall = policy(stack).expect("the fixture wants one");
    assert!(opened(&firewall).contains(&(Protocol::Tcp, 9443, Audience::Public, vec![DENY])));
    let mut stack = fixture();
    waive(&mut stack, "rate-limits", None);
    let firewall = policy(stack).expect("the fixture wants one");
    assert!(firewall.openings.iter().all(|opening| opening.limit.is_none()));
    assert!(opened(&firewall).contains(&(Protocol::Tcp, 9443, Audience::Admin, vec![DENY, "admin-ports"])));
}

#[test]
fn without_the_control_or_a_tool_there_is_none() {
    let mut stack = fixture();
    waive(&mut stack, DENY, None);
    assert_eq!(policy(stack), None);
    let mut stack = fixture();
    stack.firewall_choice.kind = crate::values::FirewallKind::None;
    assert_eq!(policy(stack), None);
    assert!(policy(Stack { level: Level::Baseline, ..fixture() }).is_some());
}

#[test]
fn ssh_opens_for_admins_and_whom_the_profile_adds() {
    let ssh = |from: &[&str]| {
        let mut stack = fixture();
        stack.firewall_choice.ssh_from = from.iter().map(|net| parse(net)).collect();
        let firewall = policy(stack).expect("the fixture wants one");
        let own = firewall.openings.iter().find(|o| o.ports == Ports::single(22)).map(|o| o.audience.clone());
        (firewall.ssh.from, own)
    };
    let nets = |nets: &[&str]| Audience::Only(nets.iter().map(|net| parse::<Cidr>(net).net()).collect());
    assert_eq!(ssh(&[]), (Sources::Admin, None));
    assert_eq!(ssh(&["10.8.0.7"]), (Sources::Admin, None));
    assert_eq!(ssh(&["192.0.2.0/24"]), (Sources::Admin, Some(nets(&["192.0.2.0/24"]))));
    assert_eq!(ssh(&["0.0.0.0/0"]), (Sources::Admin, Some(nets(&["0.0.0.0/0"]))));
    assert_eq!(ssh(&["0.0.0.0/0", "::/0"]), (Sources::Any, None));
}

#[test]
fn ports_on_loopback_need_no_opening() {
    let mut stack = fixture();
    stack.bind = vec![parse::<HostIp>("127.0.0.1"), parse("::1")];
    assert_eq!(policy(stack.clone()).map(|firewall| firewall.openings.len()), Some(0));
    // Without an address Docker publishes everywhere.
    waive(&mut stack, "bound-ports", Some("app"));
    assert_eq!(policy(stack).map(|firewall| firewall.openings.len()), Some(2));
}

#[test]
fn openings_never_overlap() {
    let mut stack = fixture();
    stack.firewall_choice.ssh_from = vec![parse("192.0.2.0/24")];
    for service in stack.services.values_mut() {
        for port in &mut service.ports {
            port.host = parse("20-22");
        }
    }
    let firewall = policy(stack).expect("the fixture wants one");
    let keys: Vec<_> = firewall.openings.iter().map(|o| (o.protocol, o.ports)).collect();
    assert_eq!(keys, [(Protocol::Tcp, Ports::single(22)), (Protocol::Udp, parse("20-22"))]);
    assert!(matches!(firewall.openings[0].audience, Audience::Only(_)), "the operator's way in wins");
}

#[test]
fn named_sources_and_ranges_become_openings() {
    let mut stack = fixture();
    let app = stack.services.values_mut().find(|service| service.name.as_str() == "app").expect("it is there");
    app.ports[1].audience = PortAudience::From(vec![parse("203.0.113.9"), parse("2001:db8::/64")]);
    (app.ports[1].container, app.ports[1].host) = (parse("5520-5530"), parse("5520-5530"));
    let firewall = policy(stack).expect("the fixture wants one");
    let opening = firewall.openings.iter().find(|o| o.ports == parse("5520-5530")).expect("it is published");
    let nets = ["203.0.113.9", "2001:db8::/64"].map(|net| parse::<Cidr>(net).net());
    assert_eq!(opening.audience, Audience::Only(nets.to_vec()));
    assert!(opening.why.iter().any(|why| why == "admin-ports"));
}

#[test]
fn ports_of_the_host_open_outside_and_close_to_containers() {
    let port = |name: &str, number: &str, audience: PortAudience| HostPort {
        at: crate::text::Span::UNKNOWN,
        name: name.to_owned(),
        title: parse(name),
        ports: parse(number),
        protocol: crate::values::Protocol::Tcp,
        audience,
        networks: if name == "daemon" { vec![parse("core")] } else { Vec::new() },
        limit: None,
    };
    let mut stack = fixture();
    stack.host_ports = vec![
        port("daemon", "8081", PortAudience::Internal),
        port("sftp", "2022", PortAudience::Public),
        port("agent", "9100", PortAudience::Admin),
    ];
    let firewall = policy(stack).expect("the fixture wants one");
    let ports: Vec<_> = firewall.openings.iter().map(|o| o.ports.first()).collect();
    assert_eq!(ports, [443, 2022, 9100, 9443, 5520]);
    let guarded: Vec<_> = firewall
        .guarded
        .iter()
        .map(|g| (g.ports.first(), g.bridges.iter().map(ToString::to_string).collect::<Vec<_>>()))
        .collect();
    assert_eq!(guarded, [(8081, vec!["br-demo-core".to_owned()]), (9100, Vec::new())]);
}

#[test]
fn destinations_are_denied_by_interface() {
    let mut stack = fixture();
    for network in stack.networks.values_mut() {
        network.denied.networks = vec![parse("10.0.0.0/8"), parse("fd00::/8")];
        network.denied.except = vec![parse("10.0.0.9")];
    }
    stack.bridges[0].interface = parse("game0");
    let firewall = policy(stack.clone()).expect("the fixture wants one");
    let [core, game] = firewall.egress.as_slice() else { panic!("{:?}", firewall.egress) };
    assert_eq!(
        (core.bridge.as_str(), core.deny4.len(), core.deny6.len(), core.allow4.len()),
        ("br-demo-core", 1, 1, 1)
    );
    assert_eq!((game.bridge.as_str(), game.deny4.len()), ("game0", 1));
    assert_eq!(firewall.bridges.named, [parse("game0")]);
    waive(&mut stack, "egress-deny-list", None);
    assert_eq!(policy(stack).map(|firewall| firewall.egress), Some(Vec::new()));
}

#[test]
fn what_the_profile_opens_is_an_opening_whatever_is_waived() {
    use crate::stack::HostOpening;
    use crate::values::IpProtocol;
    let open = |ports: Option<&str>, protocol, audience| HostOpening {
        at: crate::text::Span::UNKNOWN,
        ports: ports.map(parse),
        protocol,
        audience,
        purpose: parse("a test"),
    };
    let mut stack = fixture();
    stack.firewall_choice.open = vec![
        open(Some("51820"), IpProtocol::Udp, PortAudience::Public),
        open(Some("9100-9101"), IpProtocol::Tcp, PortAudience::Admin),
        open(None, IpProtocol::Esp, PortAudience::From(vec![parse("192.0.2.0/24")])),
    ];
    waive(&mut stack, "admin-ports", None);
    let firewall = policy(stack).expect("the fixture wants one");
    let audience = |ports: &str| firewall.openings.iter().find(|o| o.ports == parse(ports)).map(|o| o.audience.clone());
    assert_eq!(audience("51820"), Some(Audience::Public));
    assert_eq!(audience("9100-9101"), Some(Audience::Admin));
    assert!(firewall.openings.iter().all(|o| o.published != [parse("51820"), parse("9100-9101")].contains(&o.ports)));
    let only = Audience::Only(vec![parse::<Cidr>("192.0.2.0/24").net()]);
    assert_eq!(
        firewall.passed.iter().map(|p| (p.protocol, p.audience.clone())).collect::<Vec<_>>(),
        [(IpProtocol::Esp, only)]
    );
}
