use super::*;
use crate::format::system::System;
use crate::text::SourceFile;
use crate::yaml::{Sources, read_as};

/// What is wrong with a system file by itself.
fn system(sources: &Sources, id: SourceId) -> Diagnostics {
    let found = read_as::<System>(sources, id).diagnostics;
    explain(found, sources, sources.tree(id).expect("the text is YAML"), File::System)
}

/// The way out for the only unknown key of a file.
fn way_out(file: File, text: &str) -> String {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("x.yaml", text));
    let found = match file {
        File::Profile => crate::format::profile::parse(&sources, id).1,
        File::System => system(&sources, id),
    };
    let mut unknown = found.iter().filter(|finding| finding.code == codes::UNKNOWN_KEY);
    let help = unknown.next().and_then(|finding| finding.help.clone()).unwrap_or_default();
    assert!(unknown.next().is_none(), "{found:#?}");
    help
}

#[test]
fn a_key_of_another_level_is_named_with_its_place() {
    let cases = [
        ("tls: {mode: files}", "write it as `proxy.tls`"),
        ("ssh: {port: 22}", "write it as `firewall.ssh`"),
        ("proxy: {domain: a.example.org}", "write it as `domain` at the top level"),
        ("proxy: {hsts: true}", "write it as `proxy.headers.hsts`"),
        ("services: {web: {memory: 1g}}", "write it as `services.web.resources.memory`"),
        ("mode: files", "write it as `proxy.tls.mode` or `proxy.auth.mode`"),
        ("proxy.kind: traefik", "write `proxy: {kind: traefik}`"),
        ("proxy.tls.mode: acme", "write `proxy: {tls: {mode: acme}}`"),
        ("settings.players: 10", "write `settings: {players: 10}`"),
        ("settings.motd: 'a: b'", "write `settings: {motd: …}`"),
        ("proxy: {tls.mode: acme}", "write `tls: {mode: acme}`"),
        ("proxy: {}\nproxy.kind: nginx", "write `kind: nginx` under `proxy`, which is there already"),
        ("volumes: {}", "the system file says this, not the profile; one of your own can say it"),
    ];
    for (text, expected) in cases {
        assert_eq!(way_out(File::Profile, &format!("version: 1\nname: a\nsystem: b\n{text}\n")), expected, "{text}");
    }
    let both = way_out(File::Profile, "version: 1\nname: a\nsystem: b\nhsts: true\n");
    assert_eq!(both, "did you mean `hosts`? If `hsts` is meant: write it as `proxy.headers.hsts`");
}

#[test]
fn lists_of_names_are_shown_as_mappings() {
    for (text, expected) in [
        ("depends_on: [db, cache]", "write `depends_on: {db: healthy, cache: healthy}`"),
        ("networks: [web]", "write `networks: {web: {}}`"),
        ("networks:\n      - web\n      - data", "write `networks: {web: {}, data: {}}`"),
    ] {
        let mut sources = Sources::new();
        let id = sources.add(SourceFile::new("x.yaml", format!("services:\n  app:\n    {text}\n")));
        let found = system(&sources, id);
        let helps: Vec<_> = found.iter().filter_map(|finding| finding.help.as_deref()).collect();
        assert!(helps.contains(&expected), "{text}: {helps:?}");
    }
}

#[test]
fn the_bounds_of_a_type_are_its_own() {
    let help =
        way_out(File::System, "settings:\n  a:\n    purpose: A.\n    default: b\n    type: {text: {max: 100}}\n");
    assert_eq!(help, "did you mean `max_length`?");
}

#[test]
fn what_stands_nowhere_keeps_its_list() {
    let help = way_out(File::Profile, "version: 1\nname: a\nsystem: b\nproxy: {colour: red}\n");
    assert!(help.starts_with("allowed: `kind`, `image`"), "{help}");
}

#[test]
fn habits_from_compose_are_answered() {
    let service = |key: &str| way_out(File::System, &format!("services:\n  web:\n    {key}: x\n"));
    for key in [
        "network_mode",
        "privileged",
        "volumes",
        "secrets",
        "cap_add",
        "expose",
        "build",
        "extends",
        "pull_policy",
        "gpus",
        "cpuset",
    ] {
        let help = service(key);
        assert!(!help.starts_with("allowed:"), "{key}: {help}");
    }
    assert!(service("network_mode").contains("`host_ports`"));
    assert!(way_out(File::System, "services:\n  web:\n    healthcheck: {test: x}\n").contains("`command: [PROGRAM"));
    assert!(way_out(File::System, "x-common: &a {}\n").contains("`&name`"));
    assert_eq!(way_out(File::System, "domain: a.example.org\n"), "the profile says this, not the system file");
    let profile = way_out(File::Profile, "version: 1\nname: a\nsystem: b\nservices: {web: {ports: []}}\n");
    assert_eq!(profile, "the system file says this, not the profile; one of your own can say it");
}
