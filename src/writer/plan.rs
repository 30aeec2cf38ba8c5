//! What a run would do to each file: one path for `generate` and `generate --check`, which differ only in the last step.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::lock::{self, Kind, LOCK, Record};
use super::render::{Bytes, render};
use super::{Choice, Filled, Folder, Found, Identity, Seen, Settled, WriteError, settle};
use crate::artifact::{Artifact, Content, Policy};
use crate::compile::Bundle;
use crate::diagnostics::Diagnostics;
use crate::stack::Access;
use crate::values::{BundlePath, Mode};

/// Directories that no artifact names.
const PLAIN_DIRECTORY: Access = Access { owner: None, mode: Mode(0o755), shared: Mode(0o755) };

/// What is to be done.
#[derive(Debug)]
pub struct Plan<'a> {
    /// Every file and directory of the bundle, directories before what lies in them, the lock last.
    pub entries: Vec<Entry<'a>>,
    /// What earlier runs generated and this one does not.
    pub stale: Vec<Stale>,
}

/// One file or directory.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Where.
    pub path: BundlePath,
    /// What is to be done.
    pub change: Change,
    /// Whether it is a directory.
    pub directory: bool,
    /// Whether it holds, or may have held, what nobody may see.
    pub secret: bool,
    /// What the next run could make of it after a power cut.
    pub loss: Loss,
    /// Owner and mode.
    pub settled: Settled,
    /// Bytes to be there; nothing for directories and for values that were not made.
    pub(super) new: Option<Bytes<'a>>,
    /// Bytes that are there.
    pub(super) old: Option<Bytes<'a>>,
}

/// What becomes of a file that a power cut has spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The next run writes the same again.
    Repaired,
    /// The next run writes the same again if it is gone, and leaves half of it alone.
    RepairedIfGone,
    /// The next run makes another one.
    Final,
}

/// What is to be done with one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is not there.
    Create,
    /// It holds something else.
    Update {
        /// Somebody has changed it since it was generated.
        edited: bool,
    },
    /// Only its owner or mode differ.
    Access,
    /// It is as it should be.
    Unchanged,
    /// It is written once and then belongs to whoever uses it.
    Kept,
}

/// A file of an earlier run that is no longer generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Where.
    pub path: BundlePath,
    /// Whether it is exactly as it was generated, and so can go.
    pub removable: bool,
    /// Whether it is a directory, which goes only when it is empty.
    pub directory: bool,
}

impl<'a> Plan<'a> {
    /// Compares a bundle with a folder; `None` is a folder that does not exist.
    ///
    /// # Errors
    /// Inside: secrets that a file's grammar cannot hold. Outside: links and strange things in the way, a failing disk.
    pub fn new(
        bundle: &'a Bundle,
        filled: &Filled,
        folder: Option<&Folder>,
        identity: Identity,
    ) -> Result<Result<Self, Diagnostics>, WriteError> {
        let mut artifacts = complete(bundle)?;
        let find = |path: &BundlePath| folder.map_or(Ok(Found::Absent), |folder| folder.find(path));
        // What is there is read while digests are taken of what is to be there.
        let (found, lock) = rayon::join(
            || artifacts.iter().map(|(artifact, _)| find(&artifact.path)).collect::<Result<Vec<_>, _>>(),
            || lock::text(bundle, filled),
        );
        let mut found = found?;
        let path = LOCK.parse().expect("the lock's name is a path");
        found.push(find(&path)?);
        let earlier = match found.last() {
            Some(Found::File { bytes, .. }) => lock::read(bytes),
            _ => BTreeMap::new(),
        };
        artifacts.push((Cow::Owned(Artifact::text(path, lock)), true));
        let mut refused = Diagnostics::new();
        let mut entries = Vec::new();
        for ((artifact, named), found) in artifacts.iter().zip(found) {
            if matches!(&artifact.content, Content::Certificate(part) if filled.left_out(*part)) {
                continue;
            }
            let new = match artifact {
                Cow::Borrowed(artifact) => render(artifact, filled),
                Cow::Owned(artifact) => render(artifact, filled).map(|new| new.map(Bytes::into_owned)),
            };
            match new {
                Ok(new) => entries.push(entry(artifact, *named, new, found, &earlier, identity, folder)?),
                Err(finding) => refused.push(finding),
            }
        }
        if refused.has_errors() {
            return Ok(Err(refused));
        }
        let stale = stale(&artifacts, &earlier, folder)?;
        Ok(Ok(Self { entries, stale }))
    }

    /// Entries that a run would touch.
    pub fn changes(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter().filter(|entry| entry.change.is_one())
    }

    /// Whether the folder is exactly what would be generated.
    pub fn is_clean(&self) -> bool {
        self.changes().next().is_none() && self.stale.is_empty()
    }

    /// What the folder it was compared with has noted, where nothing is to be done. Files that belong to somebody else
    /// count as secret. `since` is before the first look.
    pub fn seen(&self, folder: &Folder, since: Timestamp) -> Option<Seen> {
        let ours = |entry: &&Entry<'_>| entry.change == Change::Unchanged && !entry.secret;
        let plain: BTreeSet<_> = self.entries.iter().filter(ours).map(|entry| &entry.path).collect();
        self.is_clean().then(|| folder.seen(|path| plain.contains(path), since))?
    }

    /// How containers get to read what they must, over all files that have a certain reader.
    pub fn choices(&self) -> BTreeSet<Choice> {
        self.entries.iter().map(|entry| entry.settled.choice).filter(|choice| *choice != Choice::Plain).collect()
    }
}

impl Change {
    /// Whether something is to be done.
    pub fn is_one(self) -> bool {
        match self {
            Self::Create | Self::Update { .. } | Self::Access => true,
            Self::Unchanged | Self::Kept => false,
        }
    }
}

/// All artifacts and the directories nobody named, in order of their paths. The truth value tells whether a directory was
/// named.
fn complete(bundle: &Bundle) -> Result<Vec<(Cow<'_, Artifact>, bool)>, WriteError> {
    let twice = |path: &BundlePath| WriteError::Twice { path: path.to_string() };
    let mut all: BTreeMap<BundlePath, (Cow<'_, Artifact>, bool)> = BTreeMap::new();
    for artifact in &bundle.artifacts {
        let known = all.insert(artifact.path.clone(), (Cow::Borrowed(artifact), true));
        if artifact.path.as_str() == LOCK || known.is_some() {
            return Err(twice(&artifact.path));
        }
    }
    for artifact in &bundle.artifacts {
        for (cut, _) in artifact.path.as_str().match_indices('/') {
            let Ok(above) = artifact.path.as_str()[..cut].parse::<BundlePath>() else { continue };
            let directory = all.entry(above.clone()).or_insert_with(|| {
                let content = Content::Directory;
                let access = PLAIN_DIRECTORY;
                (Cow::Owned(Artifact { path: above, content, access, policy: Policy::Managed }), false)
            });
            if directory.0.content != Content::Directory {
                return Err(twice(&artifact.path));
            }
        }
    }
    Ok(all.into_values().collect())
}

fn entry<'a>(
    artifact: &Artifact,
    named: bool,
    new: Option<Bytes<'a>>,
    found: Found,
    earlier: &BTreeMap<String, Record>,
    identity: Identity,
    folder: Option<&Folder>,
) -> Result<Entry<'a>, WriteError> {
    let settled = settle(artifact.access, identity);
    let directory = artifact.content == Content::Directory;
    let wanted = if directory { "directory" } else { "regular file" };
    let in_the_way = || WriteError::InTheWay {
        path: folder.map_or_else(String::new, |folder| folder.shown(artifact.path.as_str())),
        wanted,
    };
    let record = earlier.get(artifact.path.as_str());
    let fits = |(uid, gid, mode): (u32, u32, Mode)| {
        let ideal = artifact.access.owner.is_some_and(|user| (user.uid, user.gid) == (uid, gid))
            && mode == artifact.access.mode;
        ideal || (mode == settled.mode && settled.owner.is_none_or(|user| (user.uid, user.gid) == (uid, gid)))
    };
    // Existing secrets and certificates are kept by being filled in again; their owner and mode remain ours.
    let keeps_itself = matches!(artifact.content, Content::Secret(_) | Content::Certificate(_));
    let access = |own| if own { Change::Unchanged } else { Change::Access };
    let (change, old) = match found {
        Found::Absent => (Change::Create, None),
        Found::Directory { .. } if !directory => return Err(in_the_way()),
        Found::Directory { access: has } => (access(!named || fits(has)), None),
        Found::File { .. } if directory => return Err(in_the_way()),
        Found::File { .. } if artifact.policy == Policy::Once && !keeps_itself => (Change::Kept, None),
        Found::File { mut bytes, access: has, .. } if new.as_deref() == Some(&bytes) => {
            if !artifact.content.holds_secret() {
                // It is no secret, and wiping takes longer than reading.
                drop(std::mem::take(&mut *bytes));
            }
            (access(fits(has)), None)
        }
        Found::File { bytes, .. } => {
            let edited = record.and_then(|record| record.is_untouched(&bytes)) == Some(false);
            (Change::Update { edited }, Some(Bytes::Wiped(bytes)))
        }
    };
    // What an unknown hand wrote, or what used to hold a secret, is not shown either.
    let plain_before = old.is_none() || artifact.path.as_str() == LOCK || record.is_some_and(|r| r.kind == Kind::Text);
    let secret = artifact.content.holds_secret() || !plain_before;
    let loss = match artifact.policy {
        _ if keeps_itself => Loss::Final,
        Policy::Managed => Loss::Repaired,
        Policy::Once => Loss::RepairedIfGone,
    };
    Ok(Entry { path: artifact.path.clone(), change, directory, secret, loss, settled, new, old })
}

fn stale(
    artifacts: &[(Cow<'_, Artifact>, bool)],
    earlier: &BTreeMap<String, Record>,
    folder: Option<&Folder>,
) -> Result<Vec<Stale>, WriteError> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let present: BTreeSet<&str> = artifacts.iter().map(|(artifact, _)| artifact.path.as_str()).collect();
    let mut stale = Vec::new();
    for record in earlier.values().filter(|record| !present.contains(record.path.as_str())) {
        // A path that could leave the bundle is none of ours.
        let Ok(path) = record.path.parse::<BundlePath>() else { continue };
        match folder.find(&path)? {
            Found::Absent => {}
            Found::Directory { .. } => {
                stale.push(Stale { path, removable: record.kind == Kind::Directory, directory: true });
            }
            Found::File { bytes, .. } => {
                let removable = record.is_untouched(&bytes) == Some(true);
                stale.push(Stale { path, removable, directory: false });
            }
        }
    }
    // What lies in a directory goes before the directory.
    stale.reverse();
    Ok(stale)
}
