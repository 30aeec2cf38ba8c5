//! What a service may be told about itself: its name, its terminal, its kernel settings, its variables.

use crate::support::library;
use stockade::Compiled;

const PROFILE: &str = "version: 1\nname: t\nsystem: ./a.system.yaml\nadmin: [10.8.0.0/24]\nfirewall: {kind: none}\n";

/// A system of one service with these keys.
fn with(keys: &str) -> Compiled {
    let system = format!(
        "format: 1
name: a
title: A
summary: An application.
networks: {{inner: {{purpose: Its clients.}}}}
services:
  app:
    title: Application
    image: registry.example.com/app:1.2.3
    user: '1000:1000'
    no_healthcheck: It has none.
    limits: {{memory: 64m, cpus: '1.0', pids: 32}}
    networks: {{inner: {{}}}}
{keys}"
    );
    library::system(PROFILE, "./a.system.yaml", &system)
}

fn compose(keys: &str) -> String {
    let compiled = with(keys);
    assert!(!compiled.bundles.is_empty(), "{:#?}", library::findings(&compiled));
    let file = compiled.bundles[0].artifacts.iter().find(|file| file.path.as_str() == "compose.yaml");
    file.and_then(|file| file.content.shown()).unwrap_or_default()
}

#[test]
fn what_is_said_arrives() {
    let text = compose(
        "    hostname: mail.example.org
    tty: true
    stdin_open: true
    sysctls: {net.core.somaxconn: {value: '1024', reason: Many connect at once.}}
    environment: {log.level-all: info}
",
    );
    for line in [
        "    hostname: mail.example.org",
        "    tty: true",
        "    stdin_open: true",
        "      # Many connect at once.",
        "      net.core.somaxconn: \"1024\"",
        "      log.level-all: info",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let none = compose("");
    assert!(none.contains("    hostname: app\n") && !none.contains("tty") && !none.contains("sysctls"), "{none}");
}

/// The engine's own low port and what the file says become one mapping; the file wins.
#[test]
fn low_ports_and_settings_are_one_mapping() {
    let port = "    ports: {web: {container: 80, protocol: tcp, audience: internal}}\n";
    let both = compose(&format!("{port}    sysctls: {{net.core.somaxconn: {{value: '9', reason: R.}}}}\n"));
    assert_eq!(both.matches("sysctls:").count(), 1, "{both}");
    assert!(both.contains("      net.ipv4.ip_unprivileged_port_start: 80\n"), "{both}");
    let own = format!("{port}    sysctls: {{net.ipv4.ip_unprivileged_port_start: {{value: '0', reason: R.}}}}\n");
    let own = compose(&own);
    assert_eq!(own.matches("net.ipv4.ip_unprivileged_port_start").count(), 1, "{own}");
}

#[test]
fn what_would_not_arrive_is_refused() {
    let shim =
        "    environment: {log.level: info, PLAIN: b}\n    shim: {shell: /bin/sh, replaces: entrypoint, run: [/app]}\n";
    for (keys, says) in [
        ("    sysctls: {vm.max_map_count: {value: '262144', reason: R.}}\n", "of the whole host"),
        ("    hostname: a_b\n", "no name of a host"),
        (shim, "`log.level` would not reach the process"),
    ] {
        let compiled = with(keys);
        let findings = library::findings(&compiled);
        assert!(findings.len() == 1 && findings[0].contains(says), "{keys}: {findings:#?}");
        assert!(compiled.bundles.is_empty(), "{keys}");
    }
}
