//! The firewall policy that three controls share.

use super::{fixture, parse, waive};
use crate::controls::enforce;
use crate::profile::Level;
use crate::stack::Stack;
use crate::stack::firewall::{Audience, Firewall, PerSource, Ports, Protocol, Rate, Sources};
use crate::values::{Cidr, HostIp};

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
    assert_eq!(enforce(fixture()).firewall.why(), ["admin-ports", DENY, "rate-limits"]);
}

#[test]
fn limits_become_rates_a_second() {
    let firewall = policy(fixture()).expect("the fixture wants one");
    let game = firewall.openings.iter().find(|o| o.ports == Ports::single(5520)).expect("it is published");
    let packets = Some(Rate { per_second: 200, burst: 200 });
    let new_flows = Some(Rate { per_second: 2, burst: 90 });
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
    stack.firewall_choice.kind = crate::profile::FirewallKind::None;
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
            port.host = parse("22");
        }
    }
    let firewall = policy(stack).expect("the fixture wants one");
    let keys: Vec<_> = firewall.openings.iter().map(|o| (o.protocol, o.ports)).collect();
    assert_eq!(keys, [(Protocol::Tcp, Ports::single(22)), (Protocol::Udp, Ports::single(22))]);
    assert!(matches!(firewall.openings[0].audience, Audience::Only(_)), "the operator's way in wins");
}
