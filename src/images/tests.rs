//! The files of `builtin/`, and what services have from them.

#![allow(clippy::unwrap_used)]

use super::find::{families, parse};
use super::tell::page;
use super::*;
use crate::format::image::Seen;
use crate::text::{SourceFile, SourceId};
use crate::values::ImageRef;
use crate::yaml::{Node, Tags, read_with};
use std::sync::Arc;

fn image(text: &str) -> ImageRef {
    text.parse().unwrap()
}

#[test]
fn every_file_is_read_whole_and_says_where_it_is_from() {
    let all: Vec<_> = families().collect();
    assert!(all.len() >= 15, "{}", all.len());
    for (name, text) in all {
        let (read, found) = parse(name);
        assert!(found.is_empty(), "{name}: {found:?}");
        let family = read.unwrap().family;
        assert_eq!((family.name.as_str(), family.format.value), (name, 1));
        assert!(!family.images.is_empty() && !family.sources.is_empty(), "{name}");
        // What is right for the file alone must be right for an image, each case on top of the others.
        for start in &family.images {
            let start = start.as_str();
            let repository = if start.ends_with('/') { format!("{start}app") } else { start.to_owned() };
            let only = family.only.first().map(|word| format!("-{word}")).unwrap_or_default();
            let known: Vec<_> = ["1", "1-alpine", "99", "99-alpine"]
                .iter()
                .map(|tag| known(&image(&format!("{repository}:{tag}{only}"))))
                .collect();
            assert!(known.iter().all(|it| it.as_ref().is_some_and(|it| it.name == name)), "{name}: {known:?}");
        }
        for source in family.sources.iter().filter(|source| source.seen == Seen::Read) {
            assert!(source.path.is_some() || source.repository.as_str().contains("://"), "{name}: {source:?}");
        }
        assert!(text.len() < 16 << 10, "{name} is long");
    }
}

#[test]
fn an_image_is_found_by_any_registry_and_by_nothing_like_it() {
    for (text, family) in [
        ("postgres:17.6", "postgres"),
        ("docker.io/library/postgres:17.6-alpine", "postgres"),
        ("mirror.example.com:5000/library/postgres:17", "postgres"),
        ("pgvector/pgvector:0.8.1-pg17", "postgres"),
        ("linuxserver/sonarr:4.0.15", "linuxserver"),
        ("lscr.io/linuxserver/sonarr:4", "linuxserver"),
        ("ghcr.io/hotio/radarr:5", "linuxserver"),
        ("docker.io/jlesage/x:1", "jlesage"),
        ("gitea/gitea:1.24.2", "gitea"),
        ("codeberg.org/forgejo/forgejo:11", "gitea"),
        ("gitea/gitea:1.24.2-rootless", "gitea-rootless"),
        ("codeberg.org/forgejo/forgejo:11-rootless", "gitea-rootless"),
        ("postgis/postgis:17-3.5", "postgres"),
        ("pihole/pihole:2025.06.2", "pihole"),
        ("ghcr.io/home-assistant/home-assistant:2025.7", "home-assistant"),
        ("clickhouse:26.3", "clickhouse"),
        ("clickhouse/clickhouse-server:26.3-alpine", "clickhouse"),
        ("quay.io/prometheus/prometheus:v3.5.0", "prometheus"),
        ("louislam/uptime-kuma:2-rootless", "uptime-kuma"),
        ("registry:3.0.0", "registry"),
        ("docker.io/phpmyadmin/phpmyadmin:5.2.3", "phpmyadmin"),
    ] {
        assert_eq!(known(&image(text)).map(|known| known.name.clone()).as_deref(), Some(family), "{text}");
    }
    for text in [
        "node:22",
        "ghcr.io/example/linuxserver/sonarr:4",
        "linuxserverx/app:1",
        "example.com/hotio:1",
        "example/postgres:17",
        "example.com/forgejo/forgejo-rootless:11",
        "gitea/gitea-runner:1",
        "mariadb:11.4-ubi",
        "clickhouse/clickhouse-server:26.3-distroless",
        "prom/prometheus:v3.9.0-distroless",
        "apache/couchdb:3.5.0-nouveau",
        "phpmyadmin:5.2.3-fpm-alpine",
    ] {
        assert!(known(&image(text)).is_none(), "{text}");
    }
}

#[test]
fn the_tag_decides_user_and_place() {
    let of = |text: &str| {
        let known = known(&image(text)).unwrap();
        let user = known.facts.service.user.map(|user| user.to_string());
        (
            user.unwrap_or_default(),
            known.facts.data.first().map(|it| format!("{} {}", it.path, it.owner)).unwrap_or_default(),
        )
    };
    let pair = |user: &str, data: &str| (user.to_owned(), data.to_owned());
    assert_eq!(of("postgres:17.6"), pair("999:999", "/var/lib/postgresql/data 999:999"));
    assert_eq!(of("postgres:17.6-alpine"), pair("70:70", "/var/lib/postgresql/data 70:70"));
    assert_eq!(of("postgres:18.1-trixie"), pair("999:999", "/var/lib/postgresql 999:999"));
    assert_eq!(of("postgres:18-alpine"), pair("70:70", "/var/lib/postgresql 70:70"));
    assert_eq!(of("pgvector/pgvector:0.8.1-pg18"), pair("999:999", "/var/lib/postgresql 999:999"));
    assert_eq!(of("valkey/valkey:8.1.3-alpine"), pair("999:1000", "/data 999:1000"));
    assert_eq!(of("ghost:6.45.0-alpine"), pair("1000:1000", "/var/lib/ghost/content 1000:1000"));
    assert_eq!(of("prom/prometheus:v3.5.0"), pair("65534:65534", "/prometheus 65534:65534"));
    assert_eq!(of("clickhouse/clickhouse-server:25.8"), pair("101:101", "/var/lib/clickhouse 101:101"));
    // Nothing is claimed of what nobody has read.
    assert_eq!(of("clickhouse/clickhouse-server:25.3"), pair("", ""));
    assert_eq!(of("ghost:5"), pair("", ""));
    assert_eq!(of("couchdb:3.2"), pair("", ""));
    assert_eq!(of("registry:2.8.3"), pair("", ""));
    assert_eq!(of("redis:8.2"), pair("", ""));
    assert_eq!(of("redis"), pair("", ""));
}

fn tree(text: &str) -> Arc<Node> {
    read_with(&SourceFile::new("a.yaml", text), SourceId::new(0), Tags::Refuse).unwrap()
}

fn keys(service: &str) -> Vec<String> {
    let completed = complete(&tree(&format!("services:\n  db: {{{service}}}\n")));
    completed.and_then(|mut it| it.given.remove("db")).map(|given| given.keys).unwrap_or_default()
}

#[test]
fn a_service_has_what_it_does_not_say() {
    let all = [
        "process",
        "user",
        "tmpfs",
        "healthcheck",
        "limits.memory",
        "limits.cpus",
        "limits.pids",
        "limits.shared_memory",
        "stop.signal",
        "stop.grace",
    ];
    assert_eq!(keys("image: 'postgres:17.6'"), all);
    let own = "image: 'postgres:17.6', user: '5:5', no_healthcheck: no, tmpfs: []";
    assert_eq!(
        keys(&format!("{own}, limits: {{memory: 1g}}, stop: {{grace: 5s}}")),
        ["process", "limits.cpus", "limits.pids", "limits.shared_memory", "stop.signal"]
    );
    // Rights belong to the user they are for.
    let root = ["user", "root_user", "capabilities", "writable_root"];
    assert_eq!(keys("image: 'linuxserver/sonarr:4.0.15'"), root);
    assert!(keys("image: 'linuxserver/sonarr:4.0.15', user: '1000:1000'").is_empty());
    // A script in the server's place is not the server.
    for other in ["entrypoint: [sh]", "command: [sh, -c, pg_dump]", "command: ['{{ x }}']"] {
        assert!(keys(&format!("image: 'postgres:17.6', {other}")).is_empty(), "{other}");
    }
    assert_eq!(keys("image: 'postgres:17.6', command: [-c, max_connections=20]"), all);
    assert_eq!(keys("image: 'postgres:17.6', command: [postgres, -c, max_connections=20]"), all);
    assert!(keys("image: 'node:22'").is_empty() && keys("image: [x]").is_empty());
}

#[test]
fn what_is_given_stands_where_the_image_is_named() {
    let text = "services:\n  db: {image: 'postgres:17.6'}\n";
    let completed = complete(&tree(text)).unwrap();
    let user = completed.root.get("services").unwrap().get("db").unwrap().get("user").unwrap();
    assert_eq!(user.as_text(), Some("999:999"));
    assert_eq!(&text[user.span.start..user.span.end], "'postgres:17.6'");
}

#[test]
fn the_page_says_what_the_files_say() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images.md");
    let page = page(include_str!("opening.md"));
    if std::env::var_os("STOCKADE_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/images.md is stale; STOCKADE_BLESS=1 cargo nextest run images rewrites it");
}
