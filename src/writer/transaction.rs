//! Writes a plan: everything is made ready in private folders inside the bundle first, then renamed into place.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Gid, Mode as Bits, OFlags, Uid, fchmod, fchown, mkdirat, openat, unlinkat};
use rustix::io::Errno;

use super::aside;
use super::folder::directory;
use super::lock::LOCK;
use super::plan::Turn;
use super::stage::{Home, Ready, Stages, names, names_of};
use super::{Change, Entry, Folder, Loss, Plan, Settled, Stale, WriteError, fault, settle};
use crate::values::BundlePath;

/// What was done.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The bundle's own directory was closed to other users.
    pub tightened: bool,
    /// Stale files that were removed.
    pub removed: usize,
    /// Files that were set aside: where they were, and where they are kept.
    pub kept: Vec<(BundlePath, String)>,
}

/// Brings a claimed folder in line with its plan. Until the last file is ready nothing in the bundle changes. Then
/// directories are made, and the lock says for every file what it was and what it is to be; files are renamed one by one,
/// stale files removed, and the lock that knows only what is comes last. So whatever ends a run, the next one knows
/// which files are ours.
///
/// # Errors
/// Somebody's work would be lost and nobody has agreed; what the disk refused. While files are made ready a failure leaves
/// the bundle as it was.
pub fn apply(plan: &Plan, folder: &Folder) -> Result<Applied, WriteError> {
    judge(plan, folder)?;
    let mut applied = Applied { tightened: tighten(plan, folder)?, ..Applied::default() };
    sweep(plan, folder)?;
    let idle = plan.changes().next().is_none() && plan.seals.ahead.is_none() && plan.seals.last.is_none();
    if idle && !plan.stale.iter().any(|stale| stale.removable || stale.agreed) {
        return Ok(applied);
    }
    let mut stages = Stages::new(folder);
    // The lock of a change takes the place of the one that is there meanwhile, be it what it was before.
    let is_left = |entry: &Entry| !entry.change.is_one() || entry.change == Change::Access;
    let is_last = |entry: &&Entry| entry.path.as_str() == LOCK && is_left(entry) && plan.is_ahead();
    let written = plan.changes().filter(|entry| !entry.directory && entry.change != Change::Access);
    let written = written.chain(plan.entries.iter().filter(is_last));
    let (precious, repaired): (Vec<_>, Vec<_>) = written.partition(|entry| entry.loss != Loss::Repaired);
    let make = |stages: &mut Stages, entry: &Entry| {
        let no_value = || failed("write", folder, &entry.path, std::io::Error::other("it has no value yet"));
        stages.make(&entry.path, entry.settled, entry.new.as_ref().ok_or_else(no_value)?)
    };
    let mut to_sync = Vec::new();
    let mut files = Vec::new();
    for entry in precious {
        let (ready, file) = make(&mut stages, entry)?;
        to_sync.push(file);
        files.push((entry, ready));
    }
    // What tells our files from others' is as hard to make again as a secret.
    let mut ahead = Vec::new();
    for (path, text, access) in plan.ahead() {
        let (ready, file) = stages.make(&path, settle(access, plan.identity), text.as_bytes())?;
        to_sync.push(file);
        ahead.push((path, ready));
    }
    let behind = match plan.behind() {
        Some((path, text, access)) => {
            let (ready, file) = stages.make(&path, settle(access, plan.identity), text.as_bytes())?;
            to_sync.push(file);
            Some((path, ready))
        }
        None => None,
    };
    // The disk takes its time, in which the other files are made ready.
    while_syncing(&to_sync, folder, || {
        for entry in repaired {
            files.push((entry, make(&mut stages, entry)?.0));
        }
        Ok(())
    })?;
    // The lock comes last, the others in their turn.
    let lock = files.iter().position(|(entry, _)| entry.path.as_str() == LOCK).map(|at| files.remove(at));
    files.sort_by_key(|(entry, _)| entry.turn);

    for entry in plan.changes().filter(|entry| entry.directory && entry.change == Change::Create) {
        make_directory(folder, entry)?;
    }
    for entry in plan.changes().filter(|entry| entry.change == Change::Access) {
        set_access(folder, entry)?;
    }
    for (path, ready) in &ahead {
        put(folder, &stages, path, ready)?;
    }
    let replaces = files.iter().any(|(entry, _)| entry.change != Change::Create) || !plan.stale.is_empty();
    if replaces && !ahead.is_empty() {
        // A file system may keep the names of one directory and lose those of another.
        sync_directories(folder, [""])?;
    }
    let place = |entry: &Entry, ready: &Ready, applied: &mut Applied| {
        if entry.change.is_conflict() {
            applied.kept.push(set_aside(plan, folder, &entry.path)?);
        }
        put(folder, &stages, &entry.path, ready)
    };
    let (values, told) = (
        files.partition_point(|(it, _)| it.turn < Turn::Holding),
        files.partition_point(|(it, _)| it.turn < Turn::Marks),
    );
    for (entry, ready) in &files[..values] {
        place(entry, ready, &mut applied)?;
    }
    // What the files with secrets in them, the marks and the lock tell must not be lost when they are not.
    sync_directories(folder, settled_in(files[..values].iter().map(|(entry, _)| *entry)))?;
    for (entry, ready) in &files[values..told] {
        place(entry, ready, &mut applied)?;
    }
    for stale in &plan.stale {
        if stale.agreed {
            applied.kept.push(set_aside(plan, folder, &stale.path)?);
        }
        applied.removed += usize::from(remove(folder, stale)? && !stale.agreed && !stale.directory);
    }
    let gone = plan.stale.iter().filter(|stale| stale.removable || stale.agreed).map(|stale| stale.path.as_str());
    let held = settled_in(files[values..told].iter().map(|(entry, _)| *entry));
    sync_directories(folder, above(gone).chain(held).collect::<BTreeSet<_>>())?;
    for (entry, ready) in &files[told..] {
        put(folder, &stages, &entry.path, ready)?;
    }
    if let Some((path, ready)) = &behind {
        put(folder, &stages, path, ready)?;
    }
    if let Some((entry, ready)) = &lock {
        put(folder, &stages, &entry.path, ready)?;
    }
    if files.iter().any(|(entry, _)| entry.loss == Loss::Final) || replaces {
        sync_directories(folder, [""])?;
    }
    stages.close()?;
    Ok(applied)
}

/// Everything that would stop a run half-way, or do what nobody agreed to, before anything is done.
fn judge(plan: &Plan, folder: &Folder) -> Result<(), WriteError> {
    let shown = |path: &BundlePath| folder.shown(path.as_str());
    let unsettled: Vec<String> = plan.unsettled().map(|entry| shown(&entry.path)).collect();
    if !unsettled.is_empty() {
        return Err(WriteError::Unsettled { paths: unsettled });
    }
    let mut linked = Vec::new();
    for entry in plan.changes().filter(|entry| !entry.directory && entry.change != Change::Create) {
        let Some((parent, name)) = folder.parent(&entry.path)? else { continue };
        let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
        let failed = |error| failed("read", folder, &entry.path, error);
        if entry.change == Change::Access {
            linked.extend((names(parent, name).map_err(failed)? > 1).then(|| shown(&entry.path)));
        } else if !Home::of(folder, &entry.path)?.place.has_file(parent, name).map_err(failed)? {
            return Err(WriteError::Mounted { path: shown(&entry.path) });
        }
    }
    if linked.is_empty() { Ok(()) } else { Err(WriteError::HardLinked { paths: linked }) }
}

/// Keeps what somebody wrote under another name, which is on disk before its own one goes.
fn set_aside(plan: &Plan, folder: &Folder, path: &BundlePath) -> Result<(BundlePath, String), WriteError> {
    let kept = aside::keep(plan, folder, path)?;
    sync_directories(folder, [kept.rsplit_once('/').map_or("", |(above, _)| above)])?;
    Ok((path.clone(), kept))
}

/// What killed runs have left on file systems of their own; in the bundle's own directory it is gone already.
fn sweep(plan: &Plan, folder: &Folder) -> Result<(), WriteError> {
    let mut swept = BTreeSet::from([Home::of(folder, &plan.entries[0].path)?.place]);
    for entry in plan.entries.iter().filter(|entry| !entry.directory) {
        let home = Home::of(folder, &entry.path)?;
        if swept.insert(home.place) {
            home.sweep(folder)?;
        }
    }
    Ok(())
}

fn failed(action: &'static str, folder: &Folder, path: &BundlePath, error: impl Into<std::io::Error>) -> WriteError {
    WriteError::io(action, folder.shown(path.as_str()), error)
}

/// Secrets lie in a directory that nobody else may enter.
fn tighten(plan: &Plan, folder: &Folder) -> Result<bool, WriteError> {
    if !plan.is_to_be_closed() {
        return Ok(false);
    }
    let failed = |error| WriteError::io("close to other users", folder.path().display(), error);
    fchmod(folder.root(), Bits::from_raw_mode(0o700)).map_err(failed)?;
    Ok(true)
}

fn put(folder: &Folder, stages: &Stages, path: &BundlePath, ready: &Ready) -> Result<(), WriteError> {
    let (parent, name) = parent(folder, path)?;
    let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
    stages.put(ready, parent, name).map_err(|error| failed("write", folder, path, error))
}

/// Owner first: a change of owner may clear mode bits. The umask has no say, because the mode is set on the open file.
pub(super) fn give(file: BorrowedFd<'_>, settled: Settled) -> Result<(), Errno> {
    if let Some(owner) = settled.owner {
        fchown(file, Some(Uid::from_raw(owner.uid)), Some(Gid::from_raw(owner.gid)))?;
    }
    fchmod(file, Bits::from_raw_mode(settled.mode.0))
}

/// Directories whose names must be on disk before the next step: of files that the next run could not make again, and of those
/// that are not made but replaced. One that is merely missing is made again.
fn settled_in<'p>(entries: impl Iterator<Item = &'p Entry<'p>>) -> BTreeSet<&'p str> {
    let kept = entries.filter(|entry| entry.loss == Loss::Final || entry.change != Change::Create);
    above(kept.map(|entry| entry.path.as_str())).collect()
}

/// Directories above paths, but for the bundle's own.
fn above<'p>(paths: impl Iterator<Item = &'p str>) -> impl Iterator<Item = &'p str> {
    paths.flat_map(|path| path.match_indices('/').map(move |(cut, _)| &path[..cut]))
}

/// Waits until the names in directories of the bundle are on disk; an empty path is the bundle's own.
fn sync_directories<'p>(folder: &Folder, paths: impl IntoIterator<Item = &'p str>) -> Result<(), WriteError> {
    let open = |path: &str| {
        let failed = |error: Errno| WriteError::io("write to", folder.shown(path), error);
        let Ok(path) = path.parse::<BundlePath>() else {
            return rustix::io::dup(folder.root()).map(|root| Some(File::from(root))).map_err(failed);
        };
        // One that is no longer generated may be gone by now.
        let Some((parent, name)) = folder.parent(&path)? else { return Ok(None) };
        let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
        match directory(parent, name) {
            Ok(opened) => Ok(Some(File::from(opened))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    };
    let opened = paths.into_iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let opened: Vec<File> = opened.into_iter().flatten().collect();
    while_syncing(&opened, folder, || Ok(()))
}

/// What the next run could not make again must outlive a power cut, such as a password that a database already has, and
/// what it would leave alone must be whole. All files at once: a disk that is asked for one after the other is many times slower.
/// Does something else meanwhile.
fn while_syncing(
    files: &[File],
    folder: &Folder,
    work: impl FnOnce() -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    const AT_ONCE: usize = 8;
    let share = files.len().div_ceil(AT_ONCE).max(1);
    let synced = std::thread::scope(|scope| {
        let each = |part: &[File]| part.iter().try_for_each(File::sync_all);
        let workers: Vec<_> = files.chunks(share).map(|part| scope.spawn(move || each(part))).collect();
        let done = work();
        let synced = workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(std::io::Error::other("a worker thread ended early")))
        });
        done.map(|()| synced)
    })?;
    synced.map_err(|error| WriteError::io("write to", folder.path().display(), error))
}

fn parent<'p>(folder: &Folder, path: &'p BundlePath) -> Result<(Option<OwnedFd>, &'p str), WriteError> {
    folder.parent(path)?.ok_or_else(|| failed("write", folder, path, Errno::NOENT))
}

fn make_directory(folder: &Folder, entry: &Entry) -> Result<(), WriteError> {
    let (parent, name) = parent(folder, &entry.path)?;
    let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
    // Closed until its owner and mode are set.
    let made = fault::point()
        .and_then(|()| mkdirat(parent, name, Bits::from_raw_mode(0o700)))
        .and_then(|()| directory(parent, name))
        .and_then(|made| fault::point().map(|()| made))
        .and_then(|fd| give(fd.as_fd(), entry.settled));
    made.map_err(|error| failed("create", folder, &entry.path, error))
}

fn set_access(folder: &Folder, entry: &Entry) -> Result<(), WriteError> {
    let (parent, name) = parent(folder, &entry.path)?;
    let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let failed = |error| failed("set the mode of", folder, &entry.path, error);
    let open = openat(parent, name, flags, Bits::empty()).map_err(failed)?;
    if !entry.directory && names_of(open.as_fd()).map_err(failed)? > 1 {
        return Err(WriteError::HardLinked { paths: vec![folder.shown(entry.path.as_str())] });
    }
    fault::point().and_then(|()| give(open.as_fd(), entry.settled)).map_err(failed)
}

fn remove(folder: &Folder, stale: &Stale) -> Result<bool, WriteError> {
    if !stale.removable && !stale.agreed {
        return Ok(false);
    }
    let Some((parent, name)) = folder.parent(&stale.path)? else { return Ok(false) };
    let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
    let flags = if stale.directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
    match fault::point().and_then(|()| unlinkat(parent, name, flags)) {
        Ok(()) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        // Something of somebody else's lies in it, or it is a mount point.
        Err(Errno::NOTEMPTY | Errno::EXIST | Errno::BUSY) if stale.directory => Ok(false),
        Err(error) => Err(failed("remove", folder, &stale.path, error)),
    }
}
