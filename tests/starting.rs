//! What would keep a stack from starting is told when it is compiled, at its place, and what can be made before is made.

use stockade::Compiled;
use stockade::{Artifact, Content};

use crate::support::library;

const SYSTEM: &str = "format: 1
name: app
title: App
summary: A minimal web application.
networks:
  front: {purpose: Publishes the proxy's ports., egress: true}
  web: {purpose: Joins proxy and app.}
volumes:
  files: {purpose: Data., kind: {directory: {path: data/app, owner: '1000:1000', mode: '0750', directories: [{path: sub, mode: '0700'}]}}}
  kept: {purpose: Kept., kind: named}
services:
  app:
    title: App
    image: node:22.11.0-alpine
    user: '1000:1000'
    mounts:
      - {volume: files, target: /data}
      #mounts
    tmpfs:
      - {target: /tmp, size: 64m}
      #tmpfs
    healthcheck: {command: [wget, -q, -O, /dev/null, 'http://127.0.0.1:8080/'], interval: 30s, timeout: 5s, retries: 3, start_period: 30s}
    limits: {memory: 256m, cpus: '1.0', pids: 128}
    networks: {web: {}}
    ports: {http: {container: 8080, protocol: tcp, audience: internal}}
files:
  x: {purpose: X., path: config/x.conf, policy: managed, owner: '1000:1000', mode: '0400', format: yaml, content: {a: 1}}
  y: {purpose: Y., path: config/dir/y.conf, policy: managed, owner: '1000:1000', mode: '0400', format: yaml, content: {a: 1}}
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
      paths: [{prefix: /upload, body: 2m}]
";
const PROFILE: &str = "version: 1\nname: t\nsystem: ./app.system.yaml\ndomain: app.example.com\nadmin: [10.8.0.0/24]\nfirewall: {kind: none}\n";

/// The system with a text in place of another.
fn with(old: &str, new: &str) -> Compiled {
    with_profile(old, new, "proxy: {tls: {mode: self-signed}, slowest_upload: 64k}\n")
}

fn with_profile(old: &str, new: &str, profile: &str) -> Compiled {
    assert!(SYSTEM.contains(old), "{old}");
    library::system(&format!("{PROFILE}{profile}"), "./app.system.yaml", &SYSTEM.replace(old, new))
}

#[track_caller]
fn sound(compiled: &Compiled) {
    assert!(library::findings(compiled).is_empty(), "{:#?}", library::findings(compiled));
}

/// Its one finding, with place and message, is a warning and says what to do.
#[track_caller]
fn warned(compiled: &Compiled, code: &str, says: &str, help: &str) {
    let findings = library::findings(compiled);
    assert!(findings.len() == 1 && findings[0].starts_with(&format!("warning {code} ")), "{findings:#?}");
    assert!(findings[0].contains(says), "{findings:#?}");
    assert!(findings[0].contains("app.system.yaml:"), "no place: {findings:#?}");
    let told = compiled.diagnostics.iter().next().and_then(|finding| finding.help.clone()).unwrap_or_default();
    assert!(told.contains(help), "{told}");
    assert!(!compiled.bundles.is_empty());
}

fn artifact<'a>(compiled: &'a Compiled, path: &str) -> Option<&'a Artifact> {
    compiled.bundles[0].artifacts.iter().find(|artifact| artifact.path.as_str() == path)
}

/// Owner and mode of what is made there.
fn made(compiled: &Compiled, path: &str) -> Option<(String, String, bool)> {
    let artifact = artifact(compiled, path)?;
    let owner = artifact.access.owner.map_or_else(|| "-".to_owned(), |owner| owner.to_string());
    Some((owner, artifact.access.mode.to_string(), artifact.content == Content::Directory))
}

fn text(compiled: &Compiled, path: &str) -> String {
    match artifact(compiled, path).map(|artifact| &artifact.content) {
        Some(content) if !content.holds_secret() => content.shown().unwrap_or_default(),
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn mount_points_in_the_bundle_are_made_with_the_owner_around_them() {
    let some = |owner: &str, mode: &str, directory| Some((owner.to_owned(), mode.to_owned(), directory));
    for (mount, wanted) in [
        (
            "{file: config/x.conf, target: /data/a/b/x.conf}",
            [("data/app/a", "0750", true), ("data/app/a/b", "0750", true), ("data/app/a/b/x.conf", "0640", false)],
        ),
        (
            "{file: config/x.conf, target: /data/sub/b/x.conf}",
            [
                ("data/app/sub", "0700", true),
                ("data/app/sub/b", "0700", true),
                ("data/app/sub/b/x.conf", "0600", false),
            ],
        ),
        (
            "{file: config/dir, target: /data/a/b}",
            [("data/app", "0750", true), ("data/app/a", "0750", true), ("data/app/a/b", "0750", true)],
        ),
        (
            "{volume: kept, target: /data/a/b}",
            [("data/app", "0750", true), ("data/app/a", "0750", true), ("data/app/a/b", "0750", true)],
        ),
        (
            "{host: /srv/films, reason: films, target: /data/a/b}",
            [("data/app", "0750", true), ("data/app/a", "0750", true), ("data/app/a/b", "0750", true)],
        ),
    ] {
        let compiled = with("#mounts", &format!("- {mount}"));
        sound(&compiled);
        for (path, mode, directory) in wanted {
            assert_eq!(made(&compiled, path), some("1000:1000", mode, directory), "{mount}: {path}");
        }
    }
    let compiled = with("#tmpfs", "- {target: /data/cache, size: 64m}");
    assert_eq!(made(&compiled, "data/app/cache"), some("1000:1000", "0750", true));
    // Read-only, among generated files: there the engine could make nothing.
    let compiled = with(
        "#mounts",
        "- {file: config/dir, target: /etc/app}\n      - {file: config/x.conf, target: /etc/app/more/x.conf}",
    );
    sound(&compiled);
    assert_eq!(made(&compiled, "config/dir/more"), some("-", "0755", true));
    assert_eq!(made(&compiled, "config/dir/more/x.conf"), some("1000:1000", "0644", false));
    assert_eq!(made(&compiled, "config/dir"), None);
    let ignored = text(&compiled, ".gitignore");
    assert!(ignored.contains("/data/") && !ignored.contains("/config/"), "{ignored}");
}

#[test]
fn mount_points_that_only_the_engine_can_make_are_told() {
    let code = "mount-point";
    let compiled = with("#tmpfs", "- {target: /tmp/a/b, size: 64m}");
    warned(
        &compiled,
        code,
        "`/tmp/a/b` lies in scratch space, where the engine makes `a` as root",
        "scratch space of its own",
    );
    sound(&with("#tmpfs", "- {target: /tmp/a, size: 64m}"));
    let compiled =
        with("#mounts", "- {volume: kept, target: /kept}\n      - {file: config/x.conf, target: /kept/a/x.conf}");
    warned(
        &compiled,
        code,
        "the volume `kept`, where the engine makes `a` as root unless the image has it",
        "`directory` of the bundle",
    );
    let compiled = with(
        "#mounts",
        "- {volume: kept, target: /kept, read_only: true}\n      - {file: config/x.conf, target: /kept/x.conf}",
    );
    warned(&compiled, code, "sees read-only, so the engine cannot make the mount point", "`directory` of the bundle");
    sound(&with("#mounts", "- {volume: kept, target: /kept}\n      - {file: config/x.conf, target: /kept/x.conf}"));
    sound(&with(
        "#mounts",
        "- {volume: kept, target: /kept}\n      - {file: config/x.conf, target: /kept-not/a/x.conf}",
    ));
}

#[test]
fn directories_inside_those_of_the_host_are_asked_for() {
    let compiled = with(
        "#mounts",
        "- {host: /srv/films, reason: films, target: /films, read_only: true}\n      - {volume: kept, target: /films/meta}",
    );
    sound(&compiled);
    let script = text(&compiled, "install.sh");
    assert!(script.contains("\n  folder app /srv/films ro 1000:1000 -\n"), "{script}");
    assert!(script.contains("\n  folder app /srv/films/meta ro 1000:1000 -\n"), "{script}");
    let next = &compiled.bundles[0].next;
    assert!(
        next.first.contains(&"test -d /srv/films || sudo install -d -o 1000 -g 1000 -m 0750 /srv/films".to_owned()),
        "{next:?}"
    );
}

#[test]
fn an_image_known_to_start_as_root_is_told() {
    let compiled = with("node:22.11.0-alpine", "lscr.io/linuxserver/sonarr:4.0.15");
    warned(&compiled, "image-needs", "needs more than is declared", "`user: \"0:0\"` with `root_user:");
    let right = SYSTEM.replace("node:22.11.0-alpine", "linuxserver/sonarr:4.0.15").replace(
        "    user: '1000:1000'\n",
        "    user: '0:0'\n    root_user: it drops its rights at the start\n    capabilities: [{name: CHOWN, reason: x}, {name: \
         DAC_OVERRIDE, reason: x}, {name: SETGID, reason: x}, {name: SETUID, reason: x}]\n    writable_root: it writes /etc/passwd at the start\n",
    );
    let right = right.replace("#tmpfs", "- {target: /run, size: 16m, mode: '0755', exec: it runs its scripts there}");
    sound(&library::system(&format!("{PROFILE}proxy: {{tls: {{mode: self-signed}}}}\n"), "./app.system.yaml", &right));
    let other = with_profile("#mounts", "", "services: {app: {image: 'ghcr.io/hotio/radarr:5.1'}}\n");
    assert!(
        library::findings(&other).iter().any(|it| it.starts_with("warning image-needs 7:")),
        "{:?}",
        library::findings(&other)
    );
}

/// What is true of an image whose program may be any user is not said of the one beside it.
#[test]
fn the_tag_tells_which_image_starts_as_root() {
    for (image, is) in [
        ("codeberg.org/forgejo/forgejo:11.0.3", true),
        ("codeberg.org/forgejo/forgejo:11.0.3-rootless", false),
        ("gitea/gitea:1.24.2", true),
        ("gitea/gitea-runner:0.2.11", false),
        ("pihole/pihole:2025.06.2", true),
        ("ghcr.io/home-assistant/home-assistant:2025.7.1", true),
    ] {
        let compiled = with("node:22.11.0-alpine", image);
        let root = compiled.diagnostics.iter().any(|it| {
            it.code.as_str() == "image-needs" && it.help.as_ref().is_some_and(|help| help.contains("root_user"))
        });
        assert_eq!(root, is, "{image}: {:#?}", library::findings(&compiled));
    }
}

/// The proxy asks a port that its service declares.
#[test]
fn a_site_asks_a_port_that_is_declared() {
    let said = library::findings(&with("container: 8080", "container: 80"));
    assert!(
        said.iter().any(|it| it.starts_with("warning undeclared-port") && it.contains("the proxy asks port 8080")),
        "{said:#?}"
    );
}

/// Addresses that the profile gives to somebody else, that no container can have, or too few of them.
#[test]
fn addresses_that_cannot_be_the_containers_are_refused() {
    let plain = "web: {purpose: Joins proxy and app.}";
    let of = |subnet: &str, profile: &str| {
        let new = format!("web: {{purpose: Joins proxy and app., subnet: {subnet}}}");
        let found = library::findings(&with_profile(plain, &new, profile));
        found.into_iter().filter(|it| it.contains("subnet-clash")).collect::<Vec<_>>()
    };
    let tls = "proxy: {tls: {mode: self-signed}}\n";
    assert_eq!(of("10.77.1.0/29", tls), [""; 0]);
    assert_eq!(of("fd00:77::/64", tls), [""; 0]);
    for (subnet, profile, says) in [
        ("10.8.0.0/24", tls, "10.8.0.0/24 of `admin`"),
        ("10.8.0.128/28", tls, "10.8.0.0/24 of `admin`"),
        ("10.0.0.0/9", tls, "10.8.0.0/24 of `admin`"),
        (
            "10.77.1.0/24",
            "proxy: {tls: {mode: self-signed}, trusted_proxies: [10.77.1.9]}\n",
            "of `proxy.trusted_proxies`",
        ),
        ("10.77.1.0/24", "proxy: {tls: {mode: self-signed}, bind: [10.77.1.9]}\n", "of `proxy.bind`"),
        ("127.7.0.0/24", tls, "loopback"),
        ("224.7.0.0/24", tls, "groups"),
        ("0.0.0.0/0", tls, "loopback"),
        ("10.77.1.0/30", tls, "room for 1 address beside the gateway, and 2 services"),
        ("10.77.1.0/31", tls, "room for 0 addresses"),
    ] {
        let said = of(subnet, profile);
        assert!(said.len() == 1 && said[0].starts_with("error") && said[0].contains(says), "{subnet}: {said:#?}");
        assert!(said[0].contains("app.system.yaml:7:"), "{said:#?}");
    }
    // Of a network as wide as a whole company a few addresses are missed by nobody.
    let wide = library::system(
        &format!("{PROFILE}{tls}").replace("10.8.0.0/24", "10.0.0.0/8"),
        "./app.system.yaml",
        &SYSTEM.replace(plain, "web: {purpose: Joins proxy and app., subnet: 10.77.1.0/28}"),
    );
    let said = library::findings(&wide);
    assert!(said.iter().any(|it| it.starts_with("warning subnet-clash")), "{said:#?}");
    assert!(!wide.bundles.is_empty(), "{said:#?}");
}

#[test]
fn bodies_that_become_memory_are_told() {
    let code = "buffered-body";
    warned(
        &with("body: 2m", "body: 600m"),
        code,
        "bodies of `/upload` may have 600m: it gets room for two, 1200m",
        "`streaming: true` for `/upload`, or choose `proxy: {kind: nginx}`",
    );
    warned(&with("body: 1m", "body: 1g"), code, "bodies of `/` may have 1g", "streaming: true");
    sound(&with("body: 2m", "body: 512m"));
    let streaming = with("body: 2m", "body: 8g, streaming: true");
    sound(&streaming);
    assert!(text(&streaming, "compose.yaml").contains("size=34m"), "a body that is passed on takes room");
    for kind in ["nginx", "caddy"] {
        sound(&with_profile("body: 2m", "body: 8g", &format!("proxy: {{kind: {kind}, tls: {{mode: self-signed}}}}\n")));
    }
    // Where it gets certificates by itself, the other proxy must too.
    let acme =
        with_profile("body: 2m", "body: 8g", "proxy: {tls: {mode: acme, email: a@example.com}, slowest_upload: 64k}\n");
    warned(&acme, code, "/upload", "choose `proxy: {kind: caddy}`");
}

#[test]
fn open_files_that_are_declared_hold_at_every_level() {
    for level in ["baseline", "hardened", "strict"] {
        let files = |old: &str, new: &str, profile: &str| {
            let compiled =
                with_profile(old, new, &format!("level: {level}\nproxy: {{tls: {{mode: self-signed}}}}\n{profile}"));
            let compose: serde_yaml::Value = serde_yaml::from_str(&text(&compiled, "compose.yaml")).expect("YAML");
            compose["services"]["app"]["ulimits"]["nofile"].as_u64()
        };
        assert_eq!(files("pids: 128", "pids: 128, files: 262144", ""), Some(262_144), "{level}");
        assert_eq!(
            files("pids: 128", "pids: 128", "services: {app: {resources: {files: 5000}}}\n"),
            Some(5000),
            "{level}"
        );
        assert_eq!(files("pids: 128", "pids: 128", ""), (level == "strict").then_some(65_536), "{level}");
    }
    let none = with_profile("#mounts", "", "services: {app: {resources: {files: 0}}}\n");
    assert!(library::findings(&none).iter().any(|it| it.contains("no program starts with so few open files")));
    for (key, help) in [
        ("memlock: 1", "limits memory and swap together"),
        ("nproc: 5", "write `pids`"),
        ("nofile: 5", "write `files`"),
    ] {
        let compiled = with("pids: 128", &format!("pids: 128, {key}"));
        let told = compiled.diagnostics.iter().find_map(|finding| finding.help.clone()).unwrap_or_default();
        assert!(compiled.bundles.is_empty() && told.contains(help), "{key}: {told}");
    }
}

#[test]
fn a_proxy_without_its_key_is_not_healthy() {
    let health = |profile: &str| {
        let compiled = with_profile("#mounts", "", profile);
        let compose: serde_yaml::Value = serde_yaml::from_str(&text(&compiled, "compose.yaml")).expect("YAML");
        compose["services"]["proxy"]["healthcheck"]["test"][3].as_str().map(str::to_owned).unwrap_or_default()
    };
    let files = "proxy: {tls: {mode: files, certificate: /etc/tls/server.crt, key: /etc/tls/server.key}}\n";
    for profile in [files, "proxy: {tls: {mode: self-signed}, slowest_upload: 64k}\n"] {
        assert!(health(profile).contains("test -r /run/secrets/tls_key && exec traefik healthcheck"), "{profile}");
    }
    assert!(health("proxy: {tls: {mode: acme, email: a@example.com}}\n").starts_with("exec traefik healthcheck"));
    let script = text(&with_profile("#mounts", "", files), "install.sh");
    assert!(script.contains("\n  certificate proxy proxy.tls.key /etc/tls/server.key 65532:65532\n"), "{script}");
}
