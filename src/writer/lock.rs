//! `stockade.lock`: what was generated from what, by which version, with which digest. No clock, no host, and of files that hold a
//! secret not even a digest.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::render::render;
use super::{Effect, Filled};
use crate::artifact::{Artifact, Content, Policy};
use crate::compile::Bundle;
use crate::inputs;

/// Its name in the bundle.
pub const LOCK: &str = "stockade.lock";

/// Version of the file's format. The first one said nothing of what a bundle is made from, and is read all the same.
const FORMAT: u32 = 2;

/// The whole file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Lock {
    format: u32,
    stockade: String,
    project: String,
    /// What the bundle is made from: digests, and references of images.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    inputs: Option<Inputs>,
    files: Vec<Record>,
    /// While files are renamed, and after a run that did not get to its end: what is to be done for all that it changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    unfinished: Option<Effect>,
    /// Of each secret and certificate that some service mounts a random number, another one when it changed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    generations: BTreeMap<String, String>,
}

/// As [`inputs::Inputs`], whose fields say what each is.
#[derive(Debug, Serialize, Deserialize)]
struct Inputs {
    profile: String,
    systems: BTreeMap<String, String>,
    templates: String,
    images: BTreeMap<String, String>,
}

impl From<&inputs::Inputs> for Inputs {
    fn from(inputs: &inputs::Inputs) -> Self {
        let inputs::Inputs { profile, systems, templates, images } = inputs.clone();
        Self { profile, systems, templates, images }
    }
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
    fn of(artifact: &Artifact, filled: &Filled) -> Self {
        let (kind, sha256) = match &artifact.content {
            Content::Directory => (Kind::Directory, None),
            Content::Text(text) => (Kind::Text, Some(digest(text.as_bytes()))),
            Content::Pieces(_) if artifact.content.holds_secret() => (Kind::TextWithSecrets, None),
            Content::Pieces(_) => {
                // What cannot be written is said where it is to be written.
                let bytes = render(artifact, filled).ok().flatten();
                (Kind::Text, bytes.map(|bytes| digest(&bytes)))
            }
            Content::Secret(_) | Content::Marks => (Kind::Secret, None),
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

/// Records of what a bundle has, directories that nobody named among them: they go with the last file in them.
pub(super) fn records(artifacts: &[Cow<'_, Artifact>], filled: &Filled) -> Vec<Record> {
    artifacts.iter().map(|artifact| Record::of(artifact, filled)).collect()
}

/// The text of the lock of a bundle with these records.
pub(super) fn text(bundle: &Bundle, filled: &Filled, mut files: Vec<Record>, unfinished: Option<&Effect>) -> String {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let lock = Lock {
        format: FORMAT,
        stockade: env!("CARGO_PKG_VERSION").to_owned(),
        project: bundle.name.to_string(),
        inputs: Some((&bundle.inputs).into()),
        files,
        unfinished: unfinished.cloned(),
        generations: filled.generations().clone(),
    };
    let mut text = serde_json::to_string_pretty(&lock).expect("plain strings and numbers serialize");
    text.push('\n');
    text
}

/// Whether a file of the bundle, or all that were written into a folder of it, are byte for byte what the last run wrote.
///
/// # Errors
/// One of them, or the lock, cannot be read.
pub fn is_as_written(folder: &Path, name: &str) -> std::io::Result<bool> {
    let told = read(&std::fs::read(folder.join(LOCK))?);
    let inside = |path: &str| path == name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
    let mut any = false;
    for (path, record) in told.records.iter().filter(|(path, record)| inside(path) && record.kind != Kind::Directory) {
        any = true;
        let found = digest(&std::fs::read(folder.join(path))?);
        if !record.digests().any(|known| *known == found) {
            return Ok(false);
        }
    }
    Ok(any)
}

/// What a lock tells of earlier runs.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) records: BTreeMap<String, Record>,
    pub(super) project: Option<String>,
    pub(super) unfinished: Option<Effect>,
}

/// What an earlier run has left; nothing where the text is no lock of ours.
pub(super) fn read(bytes: &[u8]) -> Told {
    match parse(bytes) {
        Some(lock) => Told {
            records: lock.files.into_iter().map(|file| (file.path.clone(), file)).collect(),
            project: Some(lock.project),
            unfinished: lock.unfinished,
        },
        None => Told::default(),
    }
}

fn parse(bytes: &[u8]) -> Option<Lock> {
    serde_json::from_slice::<Lock>(bytes).ok().filter(|lock| (1..=FORMAT).contains(&lock.format))
}

/// The version of Stockade that wrote a lock, where that is a newer one than this: it may know of files, and of ways to tell them
/// from others', what this one does not.
pub(super) fn newer(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        format: u64,
        #[serde(default)]
        stockade: String,
    }
    let numbers = |version: &str| -> Vec<u64> {
        let plain = version.split(['-', '+']).next().unwrap_or_default();
        plain.split('.').map_while(|number| number.parse().ok()).collect()
    };
    let head: Head = serde_json::from_slice(bytes).ok()?;
    let is_newer = head.format > FORMAT.into() || numbers(&head.stockade) > numbers(env!("CARGO_PKG_VERSION"));
    is_newer.then_some(head.stockade)
}

/// Generations of an earlier run by name, and whether it was ended while it put a new authority in place; nothing where the
/// text is no lock of ours.
pub(super) fn generations(bytes: &[u8]) -> (BTreeMap<String, String>, bool) {
    let Some(lock) = parse(bytes) else { return Default::default() };
    (lock.generations, lock.unfinished.is_some_and(|effect| effect.authority))
}

/// SHA-256 in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
