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

/// The text of the file beside the secrets.
#[derive(Debug, Default)]
pub(super) struct Sealed {
    /// Before the first file is renamed: each may be what it was or what it is to be, and both are as written.
    pub(super) ahead: Option<String>,
    /// After the last one, where that is another text.
    pub(super) last: Option<String>,
}

/// What the file beside the secrets is to say, where it does not say so already.
pub(super) fn seals(entries: &[Entry], stale: &[Stale], earlier: &Earlier) -> Sealed {
    let sealed = || entries.iter().filter(|entry| entry.sealed);
    let new = |entry: &Entry| entry.new.as_ref().map(|new| digest(new));
    let old = |entry: &Entry| entry.old.as_ref().filter(|_| !entry.change.is_conflict()).map(|old| digest(old));
    let left = |which: fn(&Stale) -> bool| {
        let paths = stale.iter().filter(move |stale| which(stale)).map(|stale| stale.path.to_string());
        paths.filter_map(|path| earlier.seals.get(&path).map(|seals| (path, seals.clone())))
    };
    let of = |entry: &Entry, seals: Vec<String>| (!seals.is_empty()).then(|| (entry.path.to_string(), seals));
    let last: Files =
        sealed().filter_map(|it| of(it, new(it).into_iter().collect())).chain(left(|it| it.edited)).collect();
    let both = sealed().filter_map(|it| of(it, new(it).into_iter().chain(old(it)).collect()));
    let ahead: Files = both.chain(left(|_| true)).collect();
    let is_other = last != ahead;
    if last == earlier.seals && !is_other {
        return Sealed::default();
    }
    let ahead = (ahead != earlier.seals).then(|| text(ahead)).flatten();
    Sealed { ahead, last: is_other.then(|| text(last)).flatten() }
}

type Files = BTreeMap<String, Vec<String>>;

fn text(files: Files) -> Option<String> {
    let mut text = serde_json::to_string_pretty(&Seals { format: FORMAT, files }).ok()?;
    text.push('\n');
    Some(text)
}
