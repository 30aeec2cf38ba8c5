//! What people write by habit, from Compose files and other proxies, is answered with what says the same here.

use crate::support::library;

const SYSTEM: &str = "format: 1
name: app
title: App
summary: A minimal web application.
networks:
  front: {purpose: Publishes the proxy's ports., egress: true}
  web: {purpose: Joins proxy and app.}
services:
  app:
    title: App
    image: node:22.11.0-alpine
    user: '1000:1000'
    healthcheck: {command: [check], interval: 30s, timeout: 5s, retries: 3, start_period: 30s}
    limits: {memory: 256m, cpus: '1.0', pids: 128}
    networks: {web: {}}
    #service
files:
  x: {purpose: X., path: config/x.conf, policy: managed, owner: '1000:1000', mode: '0400', format: yaml, content: {a: 1}}
edge:
  front: front
  sites:
    app:
      title: App
      host: app.example.com
      upstream: {service: app, port: 8080, network: web}
      audience: public
      content_security_policy: \"default-src 'self'\"
      body: 1m
      #site
";
const PROFILE: &str = "version: 1\nname: t\nsystem: ./app.system.yaml\ndomain: app.example.com\nadmin: [10.8.0.0/24]\n";

/// The ways out of all errors.
fn helps(profile: &str, system: &str) -> Vec<String> {
    let compiled = library::system(profile, "./app.system.yaml", system);
    let errors = compiled.diagnostics.iter().filter(|finding| finding.severity == stockade::Severity::Error);
    errors.filter_map(|finding| finding.help.clone()).collect()
}

#[track_caller]
fn answered(helps: &[String], words: &str, what: &str) {
    assert!(helps.iter().any(|help| help.contains(words)), "{what}: {helps:#?}");
}

#[test]
fn short_forms_of_compose_are_shown_in_the_form_of_here() {
    for (line, words) in [
        ("tmpfs: /tmp", "write `tmpfs: [{target: /tmp, size: 64m}]`"),
        ("tmpfs: [/tmp, '/run:size=1m']", "write `tmpfs: [{target: /tmp, size: 64m}, {target: /run, size: 64m}]`"),
        ("devices: ['/dev/dri:/dev/dri']", "write `devices: [{host: /dev/dri, rights: rw, reason: …}]`"),
        ("extra_hosts: ['db:10.0.0.5']", "write `extra_hosts: [{name: db, address: 10.0.0.5}]`"),
        ("extra_hosts: ['host.docker.internal:host-gateway']", "address: \"{{ gateway('NETWORK') }}\"}"),
        ("environment: [LEVEL=debug, MODE=x]", "write `environment: {LEVEL: …, MODE: …}`"),
        ("ports: ['8080:80', '53:53/udp']", "port53: {container: 53, protocol: udp, audience: internal}"),
        ("group_add: [video]", "write `groups: [{id: NUMBER, reason: …}]`"),
        ("dns: [9.9.9.9, 1.1.1.1]", "write `dns: 9.9.9.9 1.1.1.1`"),
        ("mounts: ['./a:/b']", "write `mounts: [{volume: NAME, target: /path}]`"),
        ("mounts: [{type: bind, source: ./a, target: /b}]", "write `volume: NAME` for a volume"),
        ("command: 'a && b'", "a line for a shell is `[sh, -c, \"a && b\"]`"),
        ("network_mode: 'service:vpn'", "no service shares the network of the host or that of another service"),
        ("ulimits: {memlock: -1}", "with the keys `hard`, `soft` or `reason`"),
    ] {
        answered(&helps(PROFILE, &SYSTEM.replace("#service", line)), words, line);
    }
    let compiled =
        library::system(PROFILE, "./app.system.yaml", &SYSTEM.replace("#service", "dns: 9.9.9.9 2620:fe::fe"));
    assert!(!compiled.bundles.is_empty(), "{:#?}", library::findings(&compiled));
}

#[test]
fn keys_of_other_proxies_and_words_for_sections_are_answered() {
    for (line, words) in [
        ("forward_auth: {service: sso}", "no site asks another service who somebody is yet"),
        ("redirect: /x", "no site sends people elsewhere yet"),
        ("aliases: [b.example.com]", "a site has one name"),
        ("headers: {X-Frame-Options: '{{ omit }}'}", "write `pass_headers: [X-Frame-Options]`"),
    ] {
        answered(&helps(PROFILE, &SYSTEM.replace("#site", line)), words, line);
    }
    for (line, words) in [
        ("proxy: {tls: acme}", "write `{mode: acme}`"),
        ("proxy: {tls: letsencrypt}", "write `{mode: …}` with `acme`"),
        ("proxy: {tls: {challenge: dns}}", "a challenge over DNS is not made yet"),
        ("proxy: {http3: true}", "sites speak HTTP/1.1 and HTTP/2"),
        ("backup: false", "write `{enabled: false}`"),
        ("proxy: {trusted_proxies: [Cloudflare]}", "write `cloudflare`"),
    ] {
        answered(&helps(&format!("{PROFILE}{line}\n"), SYSTEM), words, line);
    }
    for (command, words) in [
        ("[CMD-SHELL, 'a || b']", "write `[sh, -c, \"a || b\"]`"),
        ("[CMD, check]", "leave `CMD` out"),
        ("[NONE]", "write `no_healthcheck: REASON`"),
    ] {
        answered(&helps(PROFILE, &SYSTEM.replace("[check]", command)), words, command);
    }
    let ports = "ports: {http: {container: 8080, host: 80, protocol: tcp, audience: internal}}";
    let compiled = library::system(PROFILE, "./app.system.yaml", &SYSTEM.replace("#service", ports));
    let said = library::findings(&compiled);
    assert!(
        said.iter().any(|it| it.starts_with("warning unused-key") && it.contains("published to nobody")),
        "{said:#?}"
    );
    let missing = SYSTEM.replace(" format: yaml,", "");
    answered(&helps(PROFILE, &missing), "add `format: …`, with `json`, `yaml` or `text`", "a missing key");
}
