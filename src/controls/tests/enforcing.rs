//! Each control sets its own fields, a waiver leaves them unset, and order and repetition change nothing.

use super::{fixture, parse, waive};
use crate::controls::hardened::enforce_each;
use crate::controls::{Hardened, Id, Reach, Surroundings, catalogue, enforce};
use crate::stack::{Access, BasicAuth, Enforced, Service, Site, Stack};
use crate::values::{Duration, FirewallKind, Level, Mode, TlsPolicy, User};
use std::collections::BTreeSet;
use std::fmt::Debug;

/// Controls whose field is set on services of the name, among those that a waiver can name.
fn marks(stack: &Stack, service: &str) -> BTreeSet<Id> {
    let service = &stack.services[service];
    let mut ids = BTreeSet::new();
    of_service(service, &mut ids);
    for network in stack.networks.values().filter(|network| service.networks.contains_key(&network.name)) {
        note(&network.internal, &mut ids);
    }
    for secret in stack.secrets.values().filter(|secret| secret.readers.contains(&service.name)) {
        note(&secret.access, &mut ids);
    }
    if let Some(edge) = &stack.edge {
        if edge.service == service.name {
            note(&edge.hidden, &mut ids);
        }
        for site in edge.sites.iter().filter(|site| site.upstream.service() == Some(&service.name)) {
            of_site(site, &mut ids);
        }
    }
    let title = format!("{} ", service.name);
    let openings = stack.firewall.get().map(|firewall| firewall.openings.clone()).unwrap_or_default();
    let whys = openings.iter().filter(|opening| opening.note.starts_with(&title)).flat_map(|opening| &opening.why);
    ids.extend(whys.filter_map(|id| catalogue::find(id)).map(|control| control.meta().id));
    ids
}

fn of_service(service: &Service, ids: &mut BTreeSet<Id>) {
    let crate::stack::Hardening {
        pinned,
        user,
        capabilities,
        devices,
        no_new_privileges,
        read_only,
        tmpfs,
        memory,
        cpus,
        pids,
        files,
        namespaces,
        healthcheck,
        restart,
        stop_grace,
        logs,
        mounts,
        secrets,
        docker_socket,
        unpublished,
    } = &service.hardening;
    for unit in
        [pinned, devices, no_new_privileges, read_only, tmpfs, namespaces, mounts, secrets, docker_socket, unpublished]
    {
        note(unit, ids);
    }
    note(user, ids);
    note(capabilities, ids);
    note(memory, ids);
    note(cpus, ids);
    note(pids, ids);
    note(files, ids);
    note(healthcheck, ids);
    note(restart, ids);
    note(stop_grace, ids);
    note(logs, ids);
    for port in &service.ports {
        note(&port.bound, ids);
    }
}

fn of_site(site: &Site, ids: &mut BTreeSet<Id>) {
    note(&site.hide, ids);
    note(&site.headers, ids);
    note(&site.hsts, ids);
    note(&site.authentication, ids);
    note(&site.client_certificates, ids);
    note(&site.same_site, ids);
    for location in &site.locations {
        note(&location.blocked, ids);
        note(&location.rate, ids);
        note(&location.body, ids);
        note(&location.api_headers, ids);
        note(&location.methods, ids);
        note(&location.headers, ids);
        note(&location.origin, ids);
        note(&location.allow, ids);
    }
}

/// All marks of the stack.
fn all_marks(stack: &Stack) -> BTreeSet<Id> {
    let mut ids: BTreeSet<_> = stack.services.keys().flat_map(|name| marks(stack, name.as_str())).collect();
    note(&stack.file_permissions, &mut ids);
    note(&stack.firewall, &mut ids);
    if let Some(edge) = &stack.edge {
        note(&edge.access_log, &mut ids);
        note(&edge.forwarded, &mut ids);
        note(&edge.tls.policy, &mut ids);
    }
    ids
}

fn note<T: Debug>(field: &Enforced<T>, ids: &mut BTreeSet<Id>) {
    assert_eq!(field.is_set(), !field.why().is_empty(), "a value without a control, or the other way round");
    ids.extend(field.why());
}

fn debug(hardened: &Hardened) -> String {
    let stack: &Stack = hardened;
    format!("{stack:#?}")
}

/// Controls of the application's own configuration, which mark nothing.
const OF_THE_APPLICATION: [Id; 2] = ["cookie-flags", "cors"];

fn ids() -> impl Iterator<Item = Id> {
    catalogue::ALL.iter().map(|control| control.meta().id)
}

#[test]
fn every_control_sets_its_field() {
    let expected: BTreeSet<_> = ids().filter(|id| !OF_THE_APPLICATION.contains(id)).collect();
    assert_eq!(all_marks(&enforce(fixture())), expected);
    assert_eq!(all_marks(&fixture()), BTreeSet::new());
}

#[test]
fn a_control_alone_sets_only_what_is_its_own() {
    for control in catalogue::ALL {
        let id = control.meta().id;
        let found = all_marks(&enforce_each(fixture(), std::iter::once(*control)));
        let expected = BTreeSet::from_iter((!OF_THE_APPLICATION.contains(&id)).then_some(id));
        // The firewall is one value: whoever of its four controls sets it sets the policy of all.
        let shared = BTreeSet::from(["default-deny-firewall", "admin-ports", "rate-limits", "egress-deny-list"]);
        match shared.contains(id) {
            true => assert!(found.contains(id) && found.is_subset(&shared), "{id}: {found:?}"),
            false => assert_eq!(found, expected, "{id}"),
        }
    }
}

#[test]
fn a_waiver_leaves_the_field_unset() {
    let all = all_marks(&enforce(fixture()));
    for id in ids() {
        let mut stack = fixture();
        waive(&mut stack, id, None);
        let hardened = enforce(stack);
        assert!(!all_marks(&hardened).contains(id) && !hardened.active().contains(&id), "{id}");
        let others: BTreeSet<_> = all.iter().copied().filter(|other| *other != id).collect();
        match id {
            "default-deny-firewall" => assert!(!hardened.firewall.is_set()),
            _ => assert_eq!(all_marks(&hardened), others, "{id}"),
        }
    }
}

#[test]
fn a_waiver_for_one_service_leaves_the_others_alone() {
    let before = enforce(fixture());
    for control in catalogue::ALL {
        let meta = control.meta();
        for service in ["app", "proxy"] {
            let mut stack = fixture();
            waive(&mut stack, meta.id, Some(service));
            let hardened = enforce(stack);
            if meta.reach == Reach::Stack {
                assert_eq!(all_marks(&hardened), all_marks(&before), "{} has no part for one service", meta.id);
                continue;
            }
            assert!(!marks(&hardened, service).contains(meta.id), "{} of {service}", meta.id);
            let other = if service == "app" { "proxy" } else { "app" };
            // Both are on one network: it opens for both.
            if meta.id != "internal-networks" {
                let (was, is) = (marks(&before, other), marks(&hardened, other));
                assert_eq!(was.contains(meta.id), is.contains(meta.id), "{} of {other}", meta.id);
            }
        }
    }
}

#[test]
fn order_and_repetition_change_nothing() {
    let once = enforce(fixture());
    let reversed = enforce_each(fixture(), catalogue::ALL.iter().rev().copied());
    assert_eq!(debug(&reversed), debug(&once));
    assert_eq!(debug(&enforce((*once).clone())), debug(&once));
    for control in catalogue::ALL {
        let mut stack = (*once).clone();
        let facts = Surroundings::of(&stack);
        control.enforce(&mut stack, &facts);
        assert_eq!(format!("{stack:#?}"), debug(&once), "{}", control.meta().id);
    }
}

#[test]
fn a_level_turns_on_its_own_controls_and_those_below() {
    for level in [Level::Baseline, Level::Hardened, Level::Strict] {
        let hardened = enforce(Stack { level, ..fixture() });
        let expected: Vec<_> =
            catalogue::ALL.iter().map(|c| c.meta()).filter(|m| m.level <= level).map(|m| m.id).collect();
        assert_eq!(hardened.active(), expected);
        assert_eq!(hardened.services["app"].hardening.read_only.is_set(), level >= Level::Hardened);
        assert_eq!(hardened.services["app"].hardening.files.is_set(), level >= Level::Strict);
    }
}

#[test]
fn values_come_from_what_was_declared() {
    let hardened = enforce(fixture());
    let app = &hardened.services["app"];
    assert_eq!(app.hardening.user.get(), Some(&app.declared.user));
    assert_eq!(app.hardening.memory.get(), Some(&parse("256m")));
    assert_eq!(app.hardening.cpus.get(), Some(&parse("0.5")));
    assert_eq!(app.hardening.pids.get(), Some(&128));
    assert_eq!(app.hardening.files.get(), Some(&65_536));
    assert_eq!(app.hardening.healthcheck.get().map(|health| health.retries), Some(3));
    assert_eq!(app.hardening.stop_grace.get(), Some(&Duration::seconds(60)));
    assert_eq!(app.hardening.logs.get(), Some(&(parse("10m"), 3)));
    let bound: Vec<_> = app.ports.iter().map(|port| port.bound.get().cloned()).collect();
    assert_eq!(bound, [None, Some(vec![parse("0.0.0.0")]), Some(vec![parse("0.0.0.0")])]);
    let edge = hardened.edge.as_ref().expect("the fixture has one");
    assert_eq!(edge.tls.policy.get(), Some(&TlsPolicy::Intermediate));
    let site = &edge.sites[0];
    assert_eq!(site.hsts.get(), Some(&parse("max-age=1")));
    assert_eq!(site.headers.get(), Some(&vec![(parse("X-Frame-Options"), parse("DENY"))]));
    let basic = BasicAuth {
        realm: crate::stack::edge::Realm::of(&parse("Demo")).into(),
        file: "/run/secrets/proxy_users".to_owned(),
    };
    assert_eq!(site.authentication.get(), Some(&basic));
    let location = &site.locations[1];
    assert_eq!(location.rate.get().map(String::as_str), Some("login"));
    assert_eq!(location.allow.get(), Some(&edge.admin));
    assert_eq!(location.body.get(), Some(&parse("1m")));
    assert_eq!(location.api_headers.get(), Some(&vec![(parse("Cache-Control"), parse("no-store"))]));
}

#[test]
fn what_has_no_object_is_not_claimed() {
    let mut stack = fixture();
    let app = stack.services.get_mut("app").expect("the fixture has one");
    app.declared.user = User::ROOT;
    app.declared.writable_root = Some(parse("it updates itself"));
    app.hardening.healthcheck = Enforced::default();
    app.image.value = parse("ghcr.io/example/app:latest");
    app.docker.as_mut().expect("the fixture has it").mode = crate::format::system::ApiMode::Raw;
    app.tmpfs.clear();
    app.mounts.clear();
    app.declared.devices.clear();
    app.secrets.clear();
    app.ports.clear();
    stack.firewall_choice.kind = FirewallKind::None;
    stack.files.clear();
    stack.directories.clear();
    stack.networks.get_mut("core").expect("the fixture has one").egress = true;
    let edge = stack.edge.as_mut().expect("the fixture has one");
    edge.can.rate_limits = false;
    edge.access_log = Enforced::default();
    let site = &mut edge.sites[0];
    site.upstream = crate::stack::edge::Upstream { port: parse("443"), ..super::fixture::upstream("proxy") };
    site.locations.remove(0);
    site.locations[0].upstream = site.upstream.clone();
    site.hsts = Enforced::default();
    site.authentication = Enforced::default();
    site.same_site = Enforced::default();
    site.hide = Enforced::default();
    site.headers = Enforced::default();
    site.locations[0].allow = Enforced::default();
    site.locations[0].api_headers = Enforced::default();
    site.locations[0].blocked = Enforced::default();
    stack.bridges.clear();
    let hardened = enforce(stack);
    let left: BTreeSet<_> = all_marks(&hardened);
    for gone in [
        "file-permissions",
        "default-deny-firewall",
        "admin-ports",
        "rate-limits",
        "egress-deny-list",
        "internal-networks",
        "hsts",
        "access-logs",
        "security-headers",
        "proxy-authentication",
        "cross-site-writes",
        "admin-allow-list",
        "api-response-headers",
        "blocked-paths",
        "only-proxy-published",
    ] {
        assert!(!left.contains(gone), "{gone}");
    }
    let app = marks(&hardened, "app");
    for gone in [
        "non-root-user",
        "read-only-root",
        "healthcheck",
        "pinned-image",
        "docker-socket",
        "tmpfs-flags",
        "device-rights",
        "narrow-mounts",
        "secrets-out-of-environment",
        "bound-ports",
    ] {
        assert!(!app.contains(gone), "{gone}");
    }
}

#[test]
fn a_digest_pins_even_latest() {
    let mut stack = fixture();
    let pinned = |stack: &Stack| enforce(stack.clone()).services["app"].hardening.pinned.is_set();
    let image = format!("ghcr.io/example/app:latest@sha256:{}", "a".repeat(64));
    for (text, expected) in [("app", false), ("app:latest", false), ("app:1", true), (&image, true)] {
        stack.services.get_mut("app").expect("the fixture has one").image.value = parse(text);
        assert_eq!(pinned(&stack), expected, "{text}");
    }
}

#[test]
fn readers_decide_who_may_read_a_secret() {
    let access = |readers: &[&str], users: &[User], waived: bool| {
        let mut stack = fixture();
        let secret = stack.secrets.get_mut("session").expect("the fixture has one");
        secret.readers = readers.iter().map(|reader| parse(reader)).collect();
        secret.reader_users = users.to_vec();
        if waived {
            waive(&mut stack, "non-root-user", Some("app"));
        }
        enforce(stack).secrets["session"].access.get().copied()
    };
    let (one, two) = (User { uid: 1, gid: 1 }, User { uid: 2, gid: 2 });
    let shared = Access { owner: None, mode: Mode(0o444), shared: Mode(0o444) };
    let owned = Access { owner: Some(one), mode: Mode(0o400), shared: Mode(0o444) };
    assert_eq!(access(&["app"], &[one], false), Some(owned));
    assert_eq!(access(&["app", "proxy"], &[one, one], false), Some(owned));
    assert_eq!(access(&["app", "proxy"], &[one, two], false), Some(shared));
    assert_eq!(access(&["app"], &[one], true), Some(shared));
    let nobody = Access { owner: None, mode: Mode(0o400), shared: Mode(0o400) };
    assert_eq!(access(&[], &[], false), Some(nobody));
}
