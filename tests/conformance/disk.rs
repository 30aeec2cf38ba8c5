//! What lies on disk: owners and modes as the compiler decided them, certificates that verify, secrets in one place.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use stockade::Content;
use stockade::inside::secrets::Kind;
use stockade::inside::{CertificatePart, Piece};

use crate::support::generated::Generated;
use crate::support::{tools, tree};

/// The cases are compiled once for all three.
#[test]
fn what_lies_there_is_what_the_compiler_decided() {
    for case in Generated::all() {
        owners_and_modes_are_as_decided(&case);
        nothing_else_is_written(&case);
        a_secret_stands_in_its_own_file_and_in_the_holes_made_for_it(&case);
    }
}

fn owners_and_modes_are_as_decided(case: &Generated) {
    let root = rustix::process::geteuid().is_root();
    for artifact in &case.bundle().artifacts {
        let meta = fs::symlink_metadata(case.folder().join(artifact.path.as_str()))
            .unwrap_or_else(|error| panic!("{}: {}: {error}", case.name, artifact.path));
        let access = artifact.access;
        let wanted = if root || access.owner.is_none() { access.mode } else { access.shared };
        let here = format!("{}: {}", case.name, artifact.path);
        assert_eq!(format!("{:o}", meta.permissions().mode() & 0o7777), format!("{:o}", wanted.0), "{here}");
        if let Some(owner) = access.owner.filter(|_| root) {
            assert_eq!((meta.uid(), meta.gid()), (owner.uid, owner.gid), "{here}");
        }
        assert!(meta.is_dir() == (artifact.content == Content::Directory), "{here}");
    }
}

/// Nothing that the compiler did not name lies in a bundle but the lock, and the digests of files that hold secrets.
fn nothing_else_is_written(case: &Generated) {
    let known: Vec<_> = case.bundle().artifacts.iter().map(|artifact| artifact.path.as_str()).collect();
    for path in tree::read(&case.folder()).keys() {
        let own = ["stockade.lock", "secrets/.digests"].contains(&path.as_str());
        assert!(known.contains(&path.as_str()) || own, "{}: {path}", case.name);
    }
}

fn a_secret_stands_in_its_own_file_and_in_the_holes_made_for_it(case: &Generated) {
    let files = tree::read(&case.folder());
    for artifact in &case.bundle().artifacts {
        let Content::Secret(name) = &artifact.content else { continue };
        let value = files[artifact.path.as_str()].trim_end();
        assert!(value.len() >= 12, "{}: {name} is {} characters long", case.name, value.len());
        for other in case.bundle().artifacts.iter().filter(|other| other.path != artifact.path) {
            let hole = |piece: &Piece| piece.secrets().contains(&name.as_str());
            let meant = match &other.content {
                Content::Pieces(pieces) => pieces.iter().any(hole),
                // A text made of the secret holds it, and one with nothing before and behind is the same.
                Content::Secret(other) => holds(case, other.as_str(), name.as_str()),
                _ => false,
            };
            let found = files.get(other.path.as_str()).is_some_and(|text| text.contains(value));
            assert_eq!(found, meant, "{}: {name} in {}", case.name, other.path);
        }
        assert!(!files["stockade.lock"].contains(value), "{}: {name} in the lock", case.name);
    }
}

/// Whether the secret `outer` is a text around `inner`, or the other way round with nothing around.
fn holds(case: &Generated, outer: &str, inner: &str) -> bool {
    let kind = |name: &str| case.bundle().secrets.iter().find(|secret| secret.name == name).map(|secret| &secret.kind);
    let around = matches!(kind(outer), Some(Kind::Text { of, .. }) if of == inner);
    let bare = |before: &str, after: &str| before.is_empty() && after.is_empty();
    around || matches!(kind(inner), Some(Kind::Text { of, before, after }) if of == outer && bare(before, after))
}

#[test]
fn openssl_verifies_every_certificate_for_its_names_alone() {
    let mut seen = 0;
    for case in Generated::all() {
        let Some(certificate) = &case.bundle().certificate else { continue };
        seen += 1;
        let part = |part| {
            let is = |content: &Content| *content == Content::Certificate(part);
            let found = case.bundle().artifacts.iter().find(|artifact| is(&artifact.content));
            found.map(|artifact| artifact.path.to_string()).expect("a bundle has all parts of its certificate")
        };
        let (authority, server) =
            (part(CertificatePart::AuthorityCertificate), part(CertificatePart::ServerCertificate));
        let verify = |name: &str| {
            let arguments = [
                "verify",
                "-x509_strict",
                "-purpose",
                "sslserver",
                "-verify_hostname",
                name,
                "-CAfile",
                &authority,
                &server,
            ];
            tools::run(&case.folder(), "openssl", &arguments)
        };
        for name in &certificate.names {
            verify(name.as_str()).accepted(&case.name);
        }
        assert!(!verify("elsewhere.example.net").ok, "{}: another name verifies", case.name);
        let key = part(CertificatePart::ServerKey);
        let of_key = tools::run(&case.folder(), "openssl", &["pkey", "-in", &key, "-pubout"]).accepted(&case.name);
        let of_certificate =
            tools::run(&case.folder(), "openssl", &["x509", "-in", &server, "-noout", "-pubkey"]).accepted(&case.name);
        assert_eq!(of_key, of_certificate, "{}: key and certificate", case.name);
    }
    assert!(seen > 3, "{seen} cases have a certificate of their own");
}
