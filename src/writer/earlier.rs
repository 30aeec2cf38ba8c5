//! What earlier runs have written: the lock, and beside the secrets the digests of files that hold some.
//!
//! The lock is public, and a weak secret could be guessed from a digest of the file that holds it. So those digests lie
//! where the secrets themselves do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::converge::Written;
use super::lock::{self, Record, digest};
use super::{Effect, Entry, Found, Stale};

/// Where the digests of files with secrets are.
pub(super) const SEALS: &str = "secrets/.digests";
/// Version of that file's format.
const FORMAT: u32 = 1;

/// What is known of earlier runs.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    records: BTreeMap<String, Record>,
    /// Name of the compose project.
    pub(super) project: Option<String>,
    /// What is to be done for what a run changed that did not get to its end.
    pub(super) unfinished: Option<Effect>,
    seals: BTreeMap<String, Vec<String>>,
}

/// The file beside the secrets: the digests that a file may have and be as a run has written it.
#[derive(Debug, Serialize, Deserialize)]
struct Seals {
    format: u32,
    files: BTreeMap<String, Vec<String>>,
}

impl Earlier {
    pub(super) fn of(lock: &Found, seals: &Found) -> Self {
        let Found::File { bytes: lock, .. } = lock else { return Self::default() };
        let seals = match seals {
            Found::File { bytes, .. } => serde_json::from_slice::<Seals>(bytes).ok(),
            _ => None,
        };
        let seals = seals.filter(|seals| seals.format == FORMAT).map(|seals| seals.files).unwrap_or_default();
        let lock::Told { records, project, unfinished } = lock::read(lock);
        Self { records, project, unfinished, seals }
    }

    pub(super) fn record(&self, path: &str) -> Option<&Record> {
        self.records.get(path)
    }

    pub(super) fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.values()
    }

    /// What was written to a path, and whether these bytes are that.
    pub(super) fn written(&self, path: &str, bytes: &[u8]) -> (Written, bool) {
        let Some(record) = self.records.get(path) else { return (Written::Never, false) };
        if record.once {
            return (Written::Never, false);
        }
        let sealed = self.seals.get(path).map(Vec::as_slice).unwrap_or_default();
        let known: Vec<&String> = record.digests().chain(sealed).collect();
        match known.is_empty() {
            true => (Written::Something, false),
            false => (Written::Digest, known.contains(&&digest(bytes))),
        }
    }
}

/// The text that the file beside the secrets is to have; nothing where the one there knows every file already. While files
/// are renamed one by one, each may be what it was or what it is to be, and both are as written.
pub(super) fn seals(entries: &[Entry], stale: &[Stale], earlier: &Earlier) -> Option<String> {
    let sealed = entries.iter().filter(|entry| entry.sealed).filter_map(|entry| {
        let new = digest(entry.new.as_ref()?);
        let old = entry.old.as_ref().filter(|_| !entry.change.is_conflict()).map(|old| digest(old));
        Some((entry.path.as_str(), std::iter::once(new).chain(old).collect()))
    });
    let mut files: BTreeMap<String, Vec<String>> = sealed.map(|(path, seals)| (path.to_owned(), seals)).collect();
    let is_known =
        |(path, seals): (&String, &Vec<String>)| earlier.seals.get(path).is_some_and(|known| known.contains(&seals[0]));
    if files.iter().all(is_known) {
        return None;
    }
    let stale = stale.iter().map(|stale| stale.path.to_string());
    files.extend(stale.filter_map(|path| earlier.seals.get(&path).map(|seals| (path, seals.clone()))));
    let mut text = serde_json::to_string_pretty(&Seals { format: FORMAT, files }).ok()?;
    text.push('\n');
    Some(text)
}
