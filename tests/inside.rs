//! What a service may be told about itself: its name, its terminal, its kernel settings, its variables.

use crate::support::library;
use stockade::Compiled;

const PROFILE: &str = "version: 1\nname: t\nsystem: ./a.system.yaml\nadmin: [10.8.0.0/24]\nfirewall: {kind: none}\n";

/// A system of one service with these keys.
fn with(keys: &str) -> Compiled {
    library::system(PROFILE, "./a.system.yaml", &with_services(keys, ""))
}

/// Its text, with further services.
fn with_services(keys: &str, others: &str) -> String {
    format!(
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
{keys}{others}"
    )
}

fn compose(keys: &str) -> String {
    compose_of(&with_services(keys, ""))
}

fn compose_of(system: &str) -> String {
    let compiled = library::system(PROFILE, "./a.system.yaml", system);
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

/// All there is of it in one bundle, which Docker Compose takes.
#[test]
fn what_compose_has_words_for_arrives() {
    let keys = "    working_dir: /srv
    ulimits:
      memlock: {hard: unlimited, reason: Its index stays in memory.}
      core: {soft: 0, hard: '{{ 1024 * 1024 }}', reason: A crash is looked into.}
    labels: {com.example.update: 'false', app/name: x}
    networks: {inner: {aliases: [db.internal, my_db]}}
    depends_on: {job: {condition: completed, required: false}, other: {condition: started, restart: true}}
    healthcheck: {command: [/check], interval: 30s, timeout: 5s, retries: 3, start_period: 60s, start_interval: 2s}
";
    let others = "  job:
    title: Job
    image: registry.example.com/job:1
    user: '1000:1000'
    restart: \"no\"
    no_healthcheck: It ends.
    limits: {memory: 64m, cpus: '1.0', pids: 32}
  other:
    title: Other
    image: registry.example.com/other:1
    user: '1000:1000'
    no_healthcheck: It has none.
    limits: {memory: 64m, cpus: '1.0', pids: 32, files: 4096}
    ulimits: {rtprio: {hard: 95, reason: It plays sound.}}
";
    let system = with_services(keys, others);
    let system =
        system.replacen("    no_healthcheck: It has none.\n", "", 1).replacen("    networks: {inner: {}}\n", "", 1);
    let text = compose_of(&system);
    for line in [
        "    working_dir: /srv",
        "      # Its index stays in memory.",
        "      memlock: {soft: -1, hard: -1}",
        "      core: {soft: 0, hard: 1048576}",
        "      rtprio: {soft: 95, hard: 95}",
        "      nofile: 4096",
        "      inner: {aliases: [db.internal, my_db]}",
        "      job: {condition: service_completed_successfully, required: false}",
        "      other: {condition: service_started, restart: true}",
        "      start_interval: 2s",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    // Stockade's own digest is filled in beside those of others.
    let labels = text.lines().find(|line| line.ends_with(", app/name: \"x\", com.example.update: \"false\"}"));
    let digest = labels.and_then(|line| line.strip_prefix("    labels: {stockade.inputs: \""));
    assert!(digest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_hexdigit())), "{labels:?}\n{text}");
    composed(&text);
}

/// Docker Compose reads the file.
fn composed(text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("compose.yaml");
    std::fs::write(&file, text).expect("written");
    let tool = concat!(env!("CARGO_MANIFEST_DIR"), "/.tools/bin/docker-compose");
    let asked = std::process::Command::new(tool).arg("-f").arg(&file).args(["config", "-q"]).output();
    let asked = asked.expect("docker-compose runs");
    assert!(asked.status.success(), "{}\n{text}", String::from_utf8_lossy(&asked.stderr));
}

#[test]
fn what_would_not_arrive_is_refused() {
    let shim =
        "    environment: {log.level: info, PLAIN: b}\n    shim: {shell: /bin/sh, replaces: entrypoint, run: [/app]}\n";
    for (keys, says) in [
        ("    sysctls: {vm.max_map_count: {value: '262144', reason: R.}}\n", "of the whole host"),
        ("    hostname: a_b\n", "no name of a host"),
        (shim, "`log.level` would not reach the process"),
        ("    ulimits: {nofile: {hard: 1, reason: R.}}\n", "a key of its own"),
        ("    ulimits: {as: {hard: 1, reason: R.}}\n", "no limit that Docker sets"),
        ("    ulimits: {memlock: {hard: 1m, reason: R.}}\n", "no value of a limit"),
        ("    ulimits: {memlock: {soft: -1, hard: 8, reason: R.}}\n", "the soft limit `memlock` is above the hard one"),
        ("    labels: {traefik.enable: 'true'}\n", "reads no labels"),
        ("    labels: {stockade.service: a}\n", "Stockade's own"),
        ("    labels: {com.docker.compose.project: a}\n", "Docker's own"),
        ("    working_dir: srv\n", "not absolute"),
    ] {
        let compiled = with(keys);
        let findings = library::findings(&compiled);
        assert!(findings.len() == 1 && findings[0].contains(says), "{keys}: {findings:#?}");
        assert!(compiled.bundles.is_empty(), "{keys}");
    }
}

/// Whoever asks for a service by its name must come to it alone.
#[test]
fn an_alias_is_no_other_services_name() {
    let other = "  db:
    title: Tables
    image: registry.example.com/db:1.2.3
    user: '1000:1000'
    no_healthcheck: It has none.
    limits: {memory: 64m, cpus: '1.0', pids: 32}
    networks: {inner: {}}
";
    let system = with_services("", other).replacen("{inner: {}}", "{inner: {aliases: [db]}}", 1);
    let findings = library::findings(&library::system(PROFILE, "./a.system.yaml", &system));
    assert!(
        findings.len() == 1 && findings[0].contains("`db` is the name of another service on `inner`"),
        "{findings:#?}"
    );
    let system = with_services("", other).replacen("{inner: {}}", "{inner: {aliases: [tables]}}", 1);
    assert!(library::findings(&library::system(PROFILE, "./a.system.yaml", &system)).is_empty());
}
