//! What a run would do to each file: one path for `generate` and `generate --check`, which differ only in the last step.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::AsFd as _;

use time::UtcDateTime;

use super::converge::{self, Change, Now, Written, is_torn};
use super::earlier::{self, Earlier, SEALS, Sealed};
use super::foreign::{Foreign, foreign};
use super::lock::{self, Kind, LOCK};
use super::locks::Locks;
use super::render::{Bytes, render};
use super::stage::names;
use super::stale::{Stale, stale};
use super::{Choice, Effect, Filled, Folder, Found, Identity, Seen, Settled, WriteError, fits, kinds, settle};
use crate::artifact::{Artifact, Content, Policy, Watched};
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
    /// What no run has generated, in places that a program reads by itself.
    pub foreign: Vec<Foreign>,
    /// That other users may enter the bundle's own directory, while there are secrets in it.
    pub open: Option<Open>,
    /// That the folder is a clone of a repository, and was judged as one.
    pub is_clone: bool,
    /// Files of a clone that cannot be judged, because no repository keeps them.
    pub unjudged: usize,
    /// Places that a program reads by itself.
    pub(super) watched: &'a [Watched],
    /// What it changes for a stack that may be running, with what an earlier run left to be done.
    pub effect: Effect,
    /// Files whose owner or mode differ and that have a second name, which would change too.
    pub linked: Vec<BundlePath>,
    /// The script that removes the firewall rules of another kind, which would be replaced or go: where it is kept.
    pub(super) rollback: Option<(BundlePath, String)>,
    /// The lock while files are renamed.
    ahead: Option<String>,
    /// The digests beside the secrets, where they have to be written.
    pub(super) seals: Sealed,
    /// Private folders that a run has left which was ended.
    pub debris: Vec<String>,
    /// Who runs this.
    pub(super) identity: Identity,
}

/// A bundle's own directory that other users may enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// The user it belongs to, where that is not who runs this.
    pub owner: Option<u32>,
    /// Whether this run may close it.
    pub closable: bool,
}

impl Open {
    fn of((uid, _, mode): (u32, u32, Mode), identity: Identity) -> Option<Self> {
        let owner = (uid != identity.uid).then_some(uid);
        let open = Self { owner, closable: owner.is_none() || identity.is_root() };
        (mode.0 & 0o077 != 0).then_some(open)
    }
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
    /// Whether somebody agreed that what is there is set aside.
    pub agreed: bool,
    /// What it is made of or tells of is put in place first.
    pub(super) turn: Turn,
    /// Whether its digest lies beside the secrets, because some of them are in it.
    pub(super) sealed: bool,
    /// Bytes to be there; nothing for directories and for values that were not made.
    pub(super) new: Option<Bytes<'a>>,
    /// Bytes that are there.
    pub(super) old: Option<Bytes<'a>>,
}

/// When a file is put in place. A run that is ended leaves no value without what it is made of, which nobody could tell
/// from one that somebody brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// In order of paths.
    Any,
    /// Made of a secret.
    Derived,
    /// Has secrets in it: what is written once would keep values that the next run does not find.
    Holding,
    /// Tells of all secrets what they are.
    Marks,
}

impl Turn {
    fn of(artifact: &Artifact, bundle: &Bundle) -> Self {
        let is_derived = |name: &str| {
            let mut requests = bundle.secrets.iter();
            requests.any(|request| request.name == name && request.kind.source().is_some())
        };
        match &artifact.content {
            Content::Marks => Self::Marks,
            Content::Secret(name) if is_derived(name.as_str()) => Self::Derived,
            Content::Pieces(_) if artifact.content.holds_secret() => Self::Holding,
            _ => Self::Any,
        }
    }
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
        let artifacts = complete(bundle)?;
        let find = |path: &BundlePath| folder.map_or(Ok(Found::Absent), |folder| folder.find(path));
        // What is there is read while digests are taken of what is to be there.
        let (found, records) = rayon::join(
            || artifacts.iter().map(|artifact| find(&artifact.path)).collect::<Result<Vec<_>, _>>(),
            || lock::records(&artifacts, filled),
        );
        let found = found?;
        let (path, seals): (BundlePath, BundlePath) = (own_path(LOCK), own_path(SEALS));
        let lock_found = find(&path)?;
        let earlier = Earlier::of(&lock_found, &find(&seals)?);
        let context = Context { earlier: &earlier, identity, folder };
        let mut refused = Diagnostics::new();
        let mut entries = Vec::new();
        for (artifact, found) in artifacts.iter().zip(found) {
            if matches!(&artifact.content, Content::Certificate(part) if filled.left_out(*part)) {
                continue;
            }
            let new = match artifact {
                Cow::Borrowed(artifact) => render(artifact, filled),
                Cow::Owned(artifact) => render(artifact, filled).map(|new| new.map(Bytes::into_owned)),
            };
            match new {
                Ok(new) => {
                    let entry = entry(artifact, new, found, &context)?;
                    entries.push(Entry { turn: Turn::of(artifact, bundle), ..entry });
                }
                Err(finding) => refused.push(finding),
            }
        }
        if refused.has_errors() {
            return Ok(Err(refused));
        }
        let present: BTreeSet<&str> =
            artifacts.iter().map(|artifact| artifact.path.as_str()).chain([LOCK, SEALS]).collect();
        let (stale, gone) = stale(&present, &earlier, folder)?;
        let foreign = foreign(&bundle.watched, &present, &stale, folder)?;
        let seals = earlier::seals(&entries, &stale, &earlier);
        let project = earlier.project.clone().filter(|earlier| earlier != bundle.name.as_str());
        let is_first = matches!(lock_found, Found::Absent);
        let mut effect = Effect {
            project,
            rotated: filled.changed().clone(),
            ..Effect::of(&entries, &stale, is_first, &bundle.next)
        }
        .after(earlier.unfinished.as_ref());
        let rollback = kinds::rollback(bundle, &earlier, folder)?;
        effect.kinds = kinds::left(bundle, rollback.as_ref(), folder)?;
        let linked = linked(&entries, folder)?;
        let debris = folder.map_or(Ok(Vec::new()), Folder::debris)?;
        let locks = Locks { bundle, filled, records, earlier: &earlier, stale: &stale, gone };
        let ahead = entries.iter().any(|entry| entry.change.is_one()).then(|| locks.ahead(&entries, &effect));
        entries.push(locks.entry(path, lock_found, &context)?);
        let shut = entries.iter().any(|entry| entry.secret);
        let open = match folder {
            Some(folder) if shut => Open::of(folder.access()?, identity),
            _ => None,
        };
        let watched = &bundle.watched;
        Ok(Ok(Self {
            entries,
            stale,
            foreign,
            open,
            is_clone: false,
            unjudged: 0,
            watched,
            effect,
            linked,
            rollback,
            ahead,
            seals,
            debris,
            identity,
        }))
    }

    /// Entries that a run would touch.
    pub fn changes(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter().filter(|entry| entry.change.is_one())
    }

    /// Whether the folder is exactly what would be generated, and has nothing else that a program reads.
    pub fn is_clean(&self) -> bool {
        self.differences() == 0
    }

    /// How many files, directories and finds differ.
    pub fn differences(&self) -> usize {
        self.changes().count()
            + self.stale.len()
            + self.foreign.len()
            + self.debris.len()
            + usize::from(self.is_to_be_closed())
    }

    /// Whether the bundle's own directory will be closed to other users.
    pub fn is_to_be_closed(&self) -> bool {
        self.open.is_some_and(|open| open.closable)
    }

    /// Says of every file in whose place somebody's work would be lost whether it may be set aside, and likewise of
    /// stale ones that somebody has changed.
    pub fn agree(&mut self, may: impl Fn(&BundlePath, Change) -> bool) {
        for entry in self.entries.iter_mut().filter(|entry| entry.change.is_conflict()) {
            entry.agreed = may(&entry.path, entry.change);
        }
        for stale in self.stale.iter_mut().filter(|stale| stale.edited) {
            stale.agreed = may(&stale.path, Change::Update { edited: true });
        }
    }

    /// Files in whose place somebody's work would be lost, and nobody has agreed.
    pub fn unsettled(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter().filter(|entry| entry.change.is_conflict() && !entry.agreed)
    }

    /// What must be in place before the first file is: the script that a replaced firewall still needs, the lock that knows of each file what it was and what it is to be,
    /// where files change, and the digests beside the secrets.
    pub(super) fn ahead(&self) -> impl Iterator<Item = (BundlePath, &str, Access)> {
        let seals = self.seals.ahead.as_deref().map(|text| (own_path(SEALS), text, Access::PRIVATE));
        let lock = self.ahead.as_deref().filter(|_| self.is_ahead());
        let rollback = self.rollback.as_ref().map(|(path, text)| (path.clone(), text.as_str(), Access::SCRIPT));
        rollback.into_iter().chain(seals).chain(lock.map(|text| (own_path(LOCK), text, Access::PUBLIC)))
    }

    /// What is put in place when every file is, before the lock that knows only what is.
    pub(super) fn behind(&self) -> Option<(BundlePath, &str, Access)> {
        self.seals.last.as_deref().map(|text| (own_path(SEALS), text, Access::PRIVATE))
    }

    /// Whether files are renamed under a lock that knows both.
    pub(super) fn is_ahead(&self) -> bool {
        let is_file =
            |entry: &Entry<'_>| !entry.directory && entry.change != Change::Access && entry.path.as_str() != LOCK;
        self.ahead.is_some() && self.changes().any(is_file)
    }

    /// What the folder it was compared with has noted, where nothing is to be done. Files that belong to somebody else
    /// count as secret. `since` is before the first look.
    pub fn seen(&self, folder: &Folder, since: UtcDateTime) -> Option<Seen> {
        let ours = |entry: &&Entry<'_>| entry.change == Change::Unchanged && !entry.secret;
        let plain: BTreeSet<_> = self.entries.iter().filter(ours).map(|entry| entry.path.as_str()).collect();
        self.is_clean().then(|| folder.seen(|path| plain.contains(path), since))?
    }

    /// How containers get to read what they must, over all files that have a certain reader.
    pub fn choices(&self) -> BTreeSet<Choice> {
        self.entries.iter().map(|entry| entry.settled.choice).filter(|choice| *choice != Choice::Plain).collect()
    }
}

/// Files with a second name among those whose owner or mode are to be set.
fn linked(entries: &[Entry], folder: Option<&Folder>) -> Result<Vec<BundlePath>, WriteError> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let mut linked = Vec::new();
    for entry in entries.iter().filter(|entry| !entry.directory && entry.change == Change::Access) {
        let Some((parent, name)) = folder.parent(&entry.path)? else { continue };
        let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
        let names =
            names(parent, name).map_err(|error| WriteError::io("read", folder.shown(entry.path.as_str()), error))?;
        linked.extend((names > 1).then(|| entry.path.clone()));
    }
    Ok(linked)
}

fn own_path(path: &str) -> BundlePath {
    path.parse().expect("names of our own files are paths")
}

/// What every file is compared with.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    earlier: &'c Earlier,
    identity: Identity,
    folder: Option<&'c Folder>,
}

/// All artifacts and the directories nobody named, in order of their paths.
fn complete(bundle: &Bundle) -> Result<Vec<Cow<'_, Artifact>>, WriteError> {
    let twice = |path: &BundlePath| WriteError::Twice { path: path.to_string() };
    let mut all: BTreeMap<BundlePath, Cow<'_, Artifact>> = BTreeMap::new();
    for artifact in &bundle.artifacts {
        let known = all.insert(artifact.path.clone(), Cow::Borrowed(artifact));
        if [LOCK, SEALS].contains(&artifact.path.as_str()) || known.is_some() {
            return Err(twice(&artifact.path));
        }
    }
    // What an application made in its own directory it may have closed, too.
    let is_given = |path: &BundlePath| {
        let given = bundle.artifacts.iter().filter(|it| it.content == Content::Directory && it.access.owner.is_some());
        given.map(|it| it.path.as_str()).any(|it| path.as_str().strip_prefix(it).is_some_and(|it| it.starts_with('/')))
    };
    for artifact in &bundle.artifacts {
        for (cut, _) in artifact.path.as_str().match_indices('/') {
            let Ok(above) = artifact.path.as_str()[..cut].parse::<BundlePath>() else { continue };
            let directory = all.entry(above.clone()).or_insert_with(|| {
                let content = Content::Directory;
                let access = PLAIN_DIRECTORY;
                let policy = if is_given(&above) { Policy::Once } else { Policy::Managed };
                Cow::Owned(Artifact { path: above, content, access, policy })
            });
            if directory.content != Content::Directory {
                return Err(twice(&artifact.path));
            }
        }
    }
    Ok(all.into_values().collect())
}

pub(super) fn entry<'a>(
    artifact: &Artifact,
    new: Option<Bytes<'a>>,
    found: Found,
    context: &Context<'_>,
) -> Result<Entry<'a>, WriteError> {
    let settled = settle(artifact.access, context.identity);
    let directory = artifact.content == Content::Directory;
    let wanted = if directory { "directory" } else { "regular file" };
    let in_the_way = || WriteError::InTheWay {
        path: context.folder.map_or_else(String::new, |folder| folder.shown(artifact.path.as_str())),
        wanted,
    };
    // Existing secrets and certificates are kept by being filled in again; their owner and mode remain ours.
    let keeps_itself = matches!(artifact.content, Content::Secret(_) | Content::Certificate(_) | Content::Marks);
    let access = |has| if fits(artifact.access, context.identity, has) { Change::Unchanged } else { Change::Access };
    let holds_secret = artifact.content.holds_secret();
    let (change, old) = match found {
        Found::Absent => (converge::settle(artifact.policy, Written::Never, Now::Nothing), None),
        Found::Directory { .. } if !directory => return Err(in_the_way()),
        Found::Directory { .. } if artifact.policy == Policy::Once => (Change::Unchanged, None),
        Found::Directory { access: has } => (access(has), None),
        Found::File { .. } if directory => return Err(in_the_way()),
        Found::File { mut bytes, access: has, .. } => {
            match judge(artifact, new.as_deref(), &bytes, context.earlier) {
                Change::Unchanged => {
                    if !holds_secret {
                        // It is no secret, and wiping takes longer than reading.
                        drop(std::mem::take(&mut *bytes));
                    }
                    (access(has), None)
                }
                Change::Kept => (Change::Kept, None),
                change => (change, Some(Bytes::Wiped(bytes))),
            }
        }
    };
    // What an unknown hand wrote, or what used to hold a secret, is not shown either.
    let record = context.earlier.record(artifact.path.as_str());
    let plain_before = old.is_none() || artifact.path.as_str() == LOCK || record.is_some_and(|r| r.kind == Kind::Text);
    let loss = match artifact.policy {
        _ if keeps_itself || artifact.path.as_str() == LOCK => Loss::Final,
        Policy::Managed => Loss::Repaired,
        Policy::Once => Loss::RepairedIfGone,
    };
    Ok(Entry {
        path: artifact.path.clone(),
        change,
        directory,
        secret: holds_secret || !plain_before,
        loss,
        settled,
        agreed: false,
        turn: Turn::Any,
        sealed: holds_secret && !keeps_itself && artifact.policy == Policy::Managed,
        new,
        old,
    })
}

/// What is to be done with a file that is there.
fn judge(artifact: &Artifact, wanted: Option<&[u8]>, bytes: &[u8], earlier: &Earlier) -> Change {
    let same = wanted == Some(bytes);
    let keeps_itself = matches!(artifact.content, Content::Secret(_) | Content::Certificate(_) | Content::Marks);
    // The lock is ours by its name, whatever became of it; values that exist are what was filled in.
    if artifact.path.as_str() == LOCK || keeps_itself {
        return if same { Change::Unchanged } else { Change::Update { edited: false } };
    }
    if same {
        return converge::settle(artifact.policy, Written::Something, Now::Wanted);
    }
    let (written, untouched) = earlier.written(artifact.path.as_str(), bytes);
    let now = match () {
        () if untouched => Now::Written,
        () if is_torn(bytes, wanted.unwrap_or_default()) => Now::Torn,
        () => Now::Other,
    };
    converge::settle(artifact.policy, written, now)
}
