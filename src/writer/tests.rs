//! The writer on real folders, with hand-made bundles.

mod access;
mod conflicts;
mod exchange;
mod faults;
mod secrets;
mod watched;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use rustix::fs::Mode as Bits;
use serde_json::json;
use tempfile::TempDir;
use time::UtcDateTime;

use super::*;
use crate::artifact::{Artifact, CertificatePart, Content, Piece, Policy};
use crate::compile::Bundle;
use crate::diagnostics::Diagnostics;
use crate::grammar::Grammar;
use crate::report::Report;
use crate::secrets::{Kind, Request, Seeded};
use crate::stack::{Access, Certificate};
use crate::values::{Mode, User};

const ROOT_DIR: Access = Access { owner: None, mode: Mode(0o700), shared: Mode(0o700) };

fn artifact(path: &str, content: Content, access: Access) -> Artifact {
    Artifact { path: path.parse().unwrap(), content, access, policy: Policy::Managed }
}

fn text(path: &str, text: &str) -> Artifact {
    Artifact::text(path.parse().unwrap(), text.into())
}

fn bundle(artifacts: Vec<Artifact>) -> Bundle {
    Bundle {
        host: None,
        name: "demo".parse().unwrap(),
        artifacts,
        watched: Vec::new(),
        secrets: Vec::new(),
        described: std::collections::BTreeMap::new(),
        keeping: Default::default(),
        certificate: None,
        certificate_files: None,
        client_authority: None,
        claims: Default::default(),
        images: Default::default(),
        report: Report::default(),
        next: Default::default(),
        inputs: Default::default(),
    }
}

/// A bundle with one of everything.
fn full() -> Bundle {
    let reader = Access { owner: Some(User { uid: 568, gid: 568 }), mode: Mode(0o400), shared: Mode(0o444) };
    let secret = |name: &str| Content::Secret(name.parse().unwrap());
    let part = |part| Content::Certificate(part);
    let mut bundle = bundle(vec![
        text("compose.yaml", "services: {}\n"),
        Artifact::script("firewall/apply".parse().unwrap(), "#!/bin/sh\n".into()),
        artifact("secrets", Content::Directory, ROOT_DIR),
        artifact("secrets/token", secret("token"), reader),
        artifact("secrets/hash", secret("hash"), Access::PRIVATE),
        artifact(
            "config/app.json",
            Content::Pieces(vec![
                Piece::Text("{\"token\": \"".into()),
                Piece::Secret { name: "token".parse().unwrap(), grammar: Grammar::Json },
                Piece::Text("\"}\n".into()),
            ]),
            reader,
        ),
        artifact("certs/ca.crt", part(CertificatePart::AuthorityCertificate), Access::PUBLIC),
        artifact("certs/ca.key", part(CertificatePart::AuthorityKey), Access::PRIVATE),
        artifact("certs/server.crt", part(CertificatePart::ServerCertificate), Access::PUBLIC),
        artifact("certs/server.key", part(CertificatePart::ServerKey), Access::PRIVATE),
    ]);
    let kind = |kind| -> Kind { serde_json::from_value(kind).unwrap() };
    let request = |name: &str, kind| Request { name: name.into(), kind, title: None, shared: false, brought: false };
    bundle.secrets = vec![
        request("token", kind(json!({ "hex": { "bytes": 16 } }))),
        request("hash", kind(json!({ "bcrypt": { "of": "token", "prefix": "2a", "cost": 10 } }))),
    ];
    bundle.certificate = Some(Certificate {
        names: vec!["play.example.com".parse().unwrap()],
        reader: User { uid: 568, gid: 568 },
        days: 366,
    });
    bundle
}

fn now() -> UtcDateTime {
    // The first of November 2026, noon.
    UtcDateTime::from_unix_timestamp(1793534400).unwrap()
}

fn filled(bundle: &Bundle, folder: &Folder, seed: u64) -> Result<Filled, Diagnostics> {
    let chance = Chance { entropy: &mut Seeded(seed), progress: &|_, _| {} };
    fill(bundle, Some(folder), &mut Shared::default(), now(), Some(chance)).unwrap()
}

fn plan<'a>(bundle: &'a Bundle, folder: &Folder) -> Result<Plan<'a>, WriteError> {
    let filled = filled(bundle, folder, 1).unwrap();
    Plan::new(bundle, &filled, Some(folder), Identity::current()).map(Result::unwrap)
}

fn generate(bundle: &Bundle, out: &Path) -> Result<Applied, WriteError> {
    let folder = Folder::claim(out)?;
    apply(&plan(bundle, &folder)?, &folder)
}

/// As [`generate`], with leave to set aside whatever stands in the way.
fn generate_anyway(bundle: &Bundle, out: &Path) -> Result<Applied, WriteError> {
    let folder = Folder::claim(out)?;
    let mut plan = plan(bundle, &folder)?;
    plan.agree(|_, _| true);
    apply(&plan, &folder)
}

fn is_clean(bundle: &Bundle, out: &Path) -> bool {
    let folder = Folder::watch(out).unwrap().unwrap();
    plan(bundle, &folder).unwrap().is_clean()
}

fn change(bundle: &Bundle, out: &Path, path: &str) -> Change {
    let folder = Folder::claim(out).unwrap();
    let plan = plan(bundle, &folder).unwrap();
    plan.entries.iter().find(|entry| entry.path.as_str() == path).unwrap().change
}

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Every file of a folder with its text.
fn tree(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in std::fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                todo.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
                found.push((name, read(&entry.path())));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn modes_are_final_whatever_the_umask() {
    // The umask belongs to the process; nothing else in these tests depends on it.
    for umask in [0o077, 0o000] {
        let before = rustix::process::umask(Bits::from_raw_mode(umask));
        let home = TempDir::new().unwrap();
        let out = home.path().join("bundle");
        let done = generate(&full(), &out);
        rustix::process::umask(before);
        done.unwrap();
        let root = Identity::current().is_root();
        for (path, expected) in [
            ("", 0o700),
            ("compose.yaml", 0o644),
            ("firewall", 0o755),
            ("firewall/apply", 0o755),
            ("secrets", 0o700),
            ("secrets/token", if root { 0o400 } else { 0o444 }),
            ("secrets/hash", 0o600),
            ("config/app.json", if root { 0o400 } else { 0o444 }),
            ("certs/ca.key", 0o600),
            ("certs/server.crt", 0o644),
            ("stockade.lock", 0o644),
        ] {
            assert_eq!(format!("{:o}", mode(&out.join(path))), format!("{expected:o}"), "{path} under {umask:o}");
        }
        if root {
            let meta = std::fs::metadata(out.join("secrets/token")).unwrap();
            assert_eq!((meta.uid(), meta.gid()), (568, 568));
        }
        let left = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with(".stockade-stage")));
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let home = TempDir::new().unwrap();
    generate(&full(), home.path()).unwrap();
    let before = tree(home.path());
    let folder = Folder::claim(home.path()).unwrap();
    let bundle = full();
    let plan = plan(&bundle, &folder).unwrap();
    assert!(plan.is_clean(), "{:?}", plan.changes().map(|entry| entry.path.as_str()).collect::<Vec<_>>());
    drop(folder);
    generate(&full(), home.path()).unwrap();
    assert_eq!(before, tree(home.path()));
}

#[test]
fn a_wrong_mode_is_put_right() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&full(), out).unwrap();
    std::fs::set_permissions(out.join("secrets/hash"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(change(&full(), out, "secrets/hash"), Change::Access);
    generate(&full(), out).unwrap();
    assert_eq!(mode(&out.join("secrets/hash")), 0o600);
}

#[test]
fn no_link_inside_the_bundle_is_followed() {
    let home = TempDir::new().unwrap();
    let (out, outside) = (home.path().join("bundle"), home.path().join("outside"));
    std::fs::create_dir_all(&out).unwrap();
    std::fs::create_dir(&outside).unwrap();
    symlink(&outside, out.join("firewall")).unwrap();
    let error = generate(&full(), &out).unwrap_err();
    assert!(matches!(&error, WriteError::Symlink { path } if path.ends_with("/firewall")), "{error}");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);

    std::fs::remove_file(out.join("firewall")).unwrap();
    std::fs::write(outside.join("victim"), "untouched").unwrap();
    symlink(outside.join("victim"), out.join("compose.yaml")).unwrap();
    assert!(matches!(generate(&full(), &out), Err(WriteError::Symlink { .. })));
    assert_eq!(read(&outside.join("victim")), "untouched");
    assert!(!out.join("secrets").exists(), "nothing is written when something is refused");
}

#[test]
fn strange_things_in_the_way_are_refused() {
    let home = TempDir::new().unwrap();
    std::fs::create_dir(home.path().join("compose.yaml")).unwrap();
    assert!(matches!(generate(&full(), home.path()), Err(WriteError::InTheWay { .. })));
    std::fs::remove_dir(home.path().join("compose.yaml")).unwrap();
    std::fs::write(home.path().join("firewall"), "").unwrap();
    assert!(matches!(generate(&full(), home.path()), Err(WriteError::InTheWay { .. })));
    std::fs::remove_file(home.path().join("firewall")).unwrap();
    let large = std::fs::File::create(home.path().join("compose.yaml")).unwrap();
    large.set_len((8 << 20) + 1).unwrap();
    assert!(matches!(generate(&full(), home.path()), Err(WriteError::TooLarge { .. })));
}

#[test]
fn two_artifacts_cannot_share_a_path() {
    let home = TempDir::new().unwrap();
    for twice in [vec![text("a", "1"), text("a", "2")], vec![text("a", "1"), text("a/b", "2")], vec![text(LOCK, "")]] {
        assert!(matches!(generate(&bundle(twice), home.path()), Err(WriteError::Twice { .. })));
    }
}

#[test]
fn what_is_written_once_is_never_overwritten() {
    let home = TempDir::new().unwrap();
    let seed = |content: &str| {
        let mut seed = text("data/state.json", content);
        seed.policy = Policy::Once;
        bundle(vec![seed])
    };
    generate(&seed("{}"), home.path()).unwrap();
    std::fs::write(home.path().join("data/state.json"), "{\"users\": 3}").unwrap();
    assert_eq!(change(&seed("{\"new\": 1}"), home.path(), "data/state.json"), Change::Kept);
    generate(&seed("{\"new\": 1}"), home.path()).unwrap();
    assert_eq!(read(&home.path().join("data/state.json")), "{\"users\": 3}");
}

#[test]
fn the_lock_is_the_same_in_any_folder_and_order() {
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    generate(&full(), one.path()).unwrap();
    let mut reversed = full();
    reversed.artifacts.reverse();
    generate(&reversed, two.path()).unwrap();
    assert_eq!(read(&one.path().join(LOCK)), read(&two.path().join(LOCK)));
}

#[test]
fn what_is_no_longer_generated_goes_unless_it_was_changed() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&bundle(vec![text("keep", "1"), text("old/a", "1"), text("b", "1")]), out).unwrap();
    std::fs::write(out.join("b"), "mine").unwrap();
    let less = bundle(vec![text("keep", "1")]);
    let folder = Folder::claim(out).unwrap();
    let stale = plan(&less, &folder).unwrap().stale;
    assert_eq!(
        stale.iter().map(|s| (s.path.as_str(), s.removable)).collect::<Vec<_>>(),
        [("old/a", true), ("old", true), ("b", false)]
    );
    drop(folder);
    assert_eq!(generate(&less, out).unwrap().removed, 1);
    assert!(!out.join("old/a").exists());
    assert_eq!(read(&out.join("b")), "mine");
}

#[test]
fn a_file_changed_by_hand_is_recognised() {
    let home = TempDir::new().unwrap();
    generate(&bundle(vec![text("a", "1"), text("b", "1")]), home.path()).unwrap();
    std::fs::write(home.path().join("a"), "mine").unwrap();
    let newer = bundle(vec![text("a", "2"), text("b", "2")]);
    assert_eq!(change(&newer, home.path(), "a"), Change::Update { edited: true });
    assert_eq!(change(&newer, home.path(), "b"), Change::Update { edited: false });
}

#[test]
fn two_runs_do_not_mix() {
    let home = TempDir::new().unwrap();
    let first = Folder::claim(home.path()).unwrap();
    let second = || Folder::claim_within(home.path(), std::time::Duration::ZERO);
    assert!(matches!(second(), Err(WriteError::Busy { .. })));
    drop(first);
    assert!(second().is_ok());
    // Those who only look keep out those who write, and not one another.
    let (one, two) = (Folder::watch(home.path()).unwrap(), Folder::watch(home.path()).unwrap());
    assert!(one.is_some() && two.is_some());
    assert!(matches!(second(), Err(WriteError::Busy { .. })));
}

#[test]
fn what_a_killed_run_left_is_swept() {
    let home = TempDir::new().unwrap();
    let left = home.path().join(".stockade-stage-x1");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("0"), "half a secret").unwrap();
    generate(&full(), home.path()).unwrap();
    assert!(!left.exists());
}
