//! `stockade.lock`: what was generated, by which version, with which digest. No clock, no host, and of files that hold a
//! secret not even a digest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::artifact::{Artifact, Content, Piece, Policy};
use crate::compile::Bundle;

/// Its name in the bundle.
pub const LOCK: &str = "stockade.lock";

/// Version of the file's format.
const FORMAT: u32 = 1;

/// The whole file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Lock {
    format: u32,
    stockade: String,
    project: String,
    files: Vec<Record>,
}

/// One generated file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) path: String,
    pub(super) kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    sha256: Option<String>,
    /// Digest of what it may still be while a run renames files one by one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    was: Option<String>,
    mode: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    owner: Option<String>,
    pub(super) once: bool,
}

/// What a generated file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Directory,
    Text,
    TextWithSecrets,
    Secret,
    Certificate,
}

impl Record {
    fn of(artifact: &Artifact) -> Self {
        let (kind, sha256) = match &artifact.content {
            Content::Directory => (Kind::Directory, None),
            Content::Text(text) => (Kind::Text, Some(digest(text.as_bytes()))),
            Content::Pieces(_) if artifact.content.holds_secret() => (Kind::TextWithSecrets, None),
            Content::Pieces(pieces) => (Kind::Text, plain(pieces).map(|text| digest(text.as_bytes()))),
            Content::Secret(_) => (Kind::Secret, None),
            Content::Certificate(_) => (Kind::Certificate, None),
        };
        Self {
            path: artifact.path.to_string(),
            kind,
            sha256,
            was: None,
            mode: artifact.access.mode.to_string(),
            owner: artifact.access.owner.map(|owner| owner.to_string()),
            once: artifact.policy == Policy::Once,
        }
    }

    /// The same of a file that, until its rename, may be what it was.
    pub(super) fn with_was(&self, was: Option<String>) -> Self {
        Self { was, ..self.clone() }
    }

    /// Digests of the file while it is as a run has written it.
    pub(super) fn digests(&self) -> impl Iterator<Item = &String> {
        self.sha256.iter().chain(&self.was)
    }
}

/// The text of pieces without secrets; nothing where a piece is written in a grammar only later.
fn plain(pieces: &[Piece]) -> Option<String> {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => Some(text.clone()),
        Piece::Secret { .. } | Piece::Value { .. } => None,
    };
    pieces.iter().map(text).collect()
}

/// Records of what a bundle has.
pub(super) fn records(bundle: &Bundle) -> Vec<Record> {
    bundle.artifacts.iter().map(Record::of).collect()
}

/// The text of the lock of a bundle with these records.
pub(super) fn text(bundle: &Bundle, mut files: Vec<Record>) -> String {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let lock = Lock {
        format: FORMAT,
        stockade: env!("CARGO_PKG_VERSION").to_owned(),
        project: bundle.name.to_string(),
        files,
    };
    let mut text = serde_json::to_string_pretty(&lock).expect("plain strings and numbers serialize");
    text.push('\n');
    text
}

/// Records of an earlier run by path; none where the text is no lock of ours.
pub(super) fn read(bytes: &[u8]) -> BTreeMap<String, Record> {
    match serde_json::from_slice::<Lock>(bytes) {
        Ok(lock) if lock.format == FORMAT => lock.files.into_iter().map(|file| (file.path.clone(), file)).collect(),
        _ => BTreeMap::new(),
    }
}

/// SHA-256 in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
