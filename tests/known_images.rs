//! Services of images whose needs are known: what they may leave out, and what contradicts it.

use crate::support::library;
use stockade::Compiled;

const PROFILE: &str = "version: 1\nname: t\nsystem: ./db.system.yaml\nadmin: [10.8.0.0/24]\nfirewall: {kind: none}\n";

/// A system of one database, which says as little as it can.
const SYSTEM: &str = "format: 1
name: db
title: Database
summary: A database.
networks: {data: {purpose: Its clients.}}
volumes:
  data: {purpose: Data., kind: {directory: {path: data/db, owner: '70:70', mode: '0700'}}}
secrets:
  password:
    purpose: The administrator's password.
    kind: {hex: {bytes: 32}}
    deliver: [{service: db}]
    rotation: {effect: none}
services:
  db:
    title: Database
    image: docker.io/library/postgres:17.6-alpine
    mounts: [{volume: data, target: /var/lib/postgresql/data}]
    networks: {data: {}}
    ports: {sql: {container: 5432, protocol: tcp, audience: internal}}
    environment: {POSTGRES_PASSWORD_FILE: /run/secrets/password}
";

fn with(changes: &[(&str, &str)]) -> Compiled {
    let system = changes.iter().fold(SYSTEM.to_owned(), |system, (old, new)| {
        assert!(system.contains(old), "{old}");
        system.replace(old, new)
    });
    library::system(PROFILE, "./db.system.yaml", &system)
}

fn file(compiled: &Compiled, path: &str) -> String {
    let findings = library::findings(compiled);
    assert!(!compiled.bundles.is_empty(), "{findings:#?}");
    let artifact = compiled.bundles[0].artifacts.iter().find(|artifact| artifact.path.as_str() == path);
    artifact.and_then(|artifact| artifact.content.shown()).unwrap_or_default()
}

/// Its one finding has this code and says this; its help says that.
#[track_caller]
fn told(compiled: &Compiled, code: &str, says: &str, help: &str) {
    let findings = library::findings(compiled);
    assert!(findings.len() == 1 && findings[0].starts_with(code) && findings[0].contains(says), "{findings:#?}");
    let found = compiled.diagnostics.iter().next().expect("there is one");
    assert!(found.help.as_ref().is_some_and(|text| text.contains(help)), "{found:#?}");
}

#[test]
fn a_service_of_a_known_image_says_only_what_is_its_own() {
    let compiled = with(&[]);
    assert!(library::findings(&compiled).is_empty(), "{:#?}", library::findings(&compiled));
    let compose = file(&compiled, "compose.yaml");
    for line in [
        "user: \"70:70\"",
        "stop_signal: SIGINT",
        "stop_grace_period: 1m ",
        "shm_size: 128m",
        "pg_isready",
        "/var/run/postgresql",
    ] {
        assert!(compose.contains(line), "{line}\n{compose}");
    }
    assert!(!compose.contains("read_only: false") && !compose.contains("cap_add"), "{compose}");
    let report: serde_json::Value = serde_json::from_str(&file(&compiled, "report.json")).expect("it is JSON");
    assert_eq!(report["images"][0]["service"], "db");
    assert_eq!(report["images"][0]["family"], "postgres");
    assert!(report["images"][0]["keys"].as_array().is_some_and(|keys| keys.iter().any(|key| key == "user")));
}

#[test]
fn what_the_file_says_wins() {
    let own = "17.6-alpine\n    user: '5:6'\n    limits: {memory: 2g}\n    stop: {grace: 90s}\n    no_healthcheck: Another asks.";
    let compose = file(&with(&[("17.6-alpine", own), ("70:70", "5:6")]), "compose.yaml");
    for line in ["user: \"5:6\"", "stop_grace_period: 1m30s", "stop_signal: SIGINT"] {
        assert!(compose.contains(line), "{line}\n{compose}");
    }
    assert!(compose.contains("2g") && !compose.contains("pg_isready"), "{compose}");
}

#[test]
fn nothing_is_left_out_of_what_nobody_knows() {
    for image in ["registry.example.com/postgres-like:1.0.0", "docker.io/library/redis:8.2.1"] {
        let findings = library::findings(&with(&[("docker.io/library/postgres:17.6-alpine", image)]));
        assert!(findings.iter().any(|it| it.contains("missing key `user`")), "{image}: {findings:#?}");
        // With a user, the rest of it.
        let own = format!("{image}\n    user: '5:5'\n    limits: {{memory: 1g}}");
        let findings = library::findings(&with(&[("docker.io/library/postgres:17.6-alpine", &own)]));
        assert!(findings.iter().any(|it| it.contains("missing key `cpus`")), "{image}: {findings:#?}");
    }
    // A script in the server's place is not what is known.
    let findings = library::findings(&with(&[("17.6-alpine", "17.6-alpine\n    command: [sh, -c, pg_dump]")]));
    assert!(findings.iter().any(|it| it.contains("missing key `user`")), "{findings:#?}");
}

#[test]
fn a_place_that_a_version_left_is_refused() {
    let at_18 = ("17.6-alpine", "18.1-alpine");
    let compiled = with(&[at_18]);
    told(&compiled, "error image-contradicted", "keeps nothing", "write `target: /var/lib/postgresql` for that mount");
    assert!(compiled.bundles.is_empty());
    let right = with(&[at_18, ("target: /var/lib/postgresql/data", "target: /var/lib/postgresql")]);
    assert!(library::findings(&right).is_empty(), "{:#?}", library::findings(&right));
    let chosen = with(&[at_18, ("environment: {", "environment: {PGDATA: /var/lib/postgresql/data, ")]);
    assert!(!library::findings(&chosen).iter().any(|it| it.contains("image-contradicted")));
}

#[test]
fn what_an_image_cannot_do_without_is_asked_for() {
    let tmpfs = ("17.6-alpine", "17.6-alpine\n    tmpfs: [{target: /tmp, size: 64m}]");
    told(
        &with(&[tmpfs]),
        "warning image-needs",
        "needs more than is declared",
        "`tmpfs: [{target: /var/run/postgresql",
    );
    // The one name of a directory is as good as the other.
    let run = ("17.6-alpine", "17.6-alpine\n    tmpfs: [{target: /run, size: 1m}]");
    assert!(library::findings(&with(&[run])).is_empty(), "{:#?}", library::findings(&with(&[run])));
    let mounts =
        ("mounts: [{volume: data, target: /var/lib/postgresql/data}]", "mounts: [{volume: data, target: /srv}]");
    told(&with(&[mounts]), "warning image-needs", "needs more", "a volume at `/var/lib/postgresql/data`");
    let read_only = ("target: /var/lib/postgresql/data}", "target: /var/lib/postgresql/data, read_only: true}");
    told(&with(&[read_only]), "warning image-needs", "needs more", "a volume at");
    let password = ("{POSTGRES_PASSWORD_FILE: /run/secrets/password}", "{POSTGRES_DB: x}");
    told(&with(&[password]), "warning image-needs", "wants `POSTGRES_PASSWORD_FILE`", "deliver a secret");
}

#[test]
fn a_variable_that_stops_an_image_is_refused() {
    let rabbit = [
        ("docker.io/library/postgres:17.6-alpine", "rabbitmq:4.1.8"),
        ("70:70", "999:999"),
        ("/var/lib/postgresql/data", "/var/lib/rabbitmq"),
        ("5432", "5672"),
        ("POSTGRES_PASSWORD_FILE", "RABBITMQ_DEFAULT_PASS_FILE"),
    ];
    told(&with(&rabbit), "error image-contradicted", "RABBITMQ_DEFAULT_PASS_FILE", "default_pass");
}

#[test]
fn a_secret_that_an_image_reads_from_a_file_needs_no_shim() {
    let compiled = with(&[
        ("deliver: [{service: db}]", "deliver: [{service: db, environment: POSTGRES_PASSWORD, min_length: 16}]"),
        (
            "environment: {POSTGRES_PASSWORD_FILE: /run/secrets/password}",
            "shim: {shell: /bin/sh, replaces: command, run: [postgres]}",
        ),
    ]);
    told(&compiled, "warning image-needs", "from a file by itself", "`POSTGRES_PASSWORD_FILE: /run/secrets/NAME`");
}

#[test]
fn a_port_on_which_nothing_listens_is_told() {
    let other = ("container: 5432", "container: 5433");
    told(&with(&[other]), "warning undeclared-port", "does not listen on port 5433", "5432 (SQL)");
    let told_so = with(&[other, ("environment: {", "environment: {PGPORT: \"5433\", ")]);
    assert!(library::findings(&told_so).is_empty(), "{:#?}", library::findings(&told_so));
    let command = with(&[other, ("17.6-alpine", "17.6-alpine\n    command: [postgres, -p, '5433']")]);
    assert!(library::findings(&command).is_empty(), "{:#?}", library::findings(&command));
}

#[test]
fn a_health_check_with_a_program_that_is_not_there_is_told() {
    for command in ["[curl, -f, 'http://127.0.0.1:5432']", "[sh, -c, 'curl -f http://127.0.0.1:5432']"] {
        let check = format!(
            "17.6-alpine\n    healthcheck: {{command: {command}, interval: 9s, timeout: 5s, retries: 3, start_period: 9s}}"
        );
        told(&with(&[("17.6-alpine", &check)]), "warning image-contradicted", "runs `curl`", "leave `healthcheck` out");
    }
}

#[test]
fn what_the_profile_says_is_not_from_the_image() {
    let profile = format!("{PROFILE}services: {{db: {{resources: {{memory: 700m}}, stop_grace: 80s}}}}\n");
    let compiled = library::system(&profile, "./db.system.yaml", SYSTEM);
    let report: serde_json::Value = serde_json::from_str(&file(&compiled, "report.json")).expect("it is JSON");
    let keys = report["images"][0]["keys"].to_string();
    assert!(keys.contains("limits.cpus") && keys.contains("stop.signal"), "{keys}");
    assert!(!keys.contains("limits.memory") && !keys.contains("stop.grace"), "{keys}");
}

#[test]
fn the_profile_s_own_image_is_judged_too() {
    let profile = format!("{PROFILE}services: {{db: {{image: 'postgres:18.1-alpine'}}}}\n");
    let findings = library::findings(&library::system(&profile, "./db.system.yaml", SYSTEM));
    assert!(findings.iter().any(|it| it.starts_with("error image-contradicted 6:")), "{findings:#?}");
}
