//! Writes a plan: everything is made ready in a private folder inside the bundle first, then renamed into place.

use std::fs::{File, Permissions};
use std::io::Write as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt as _;

use rustix::fs::{
    AtFlags, Gid, Mode as Bits, OFlags, Uid, fchmod, fchown, fstat, fsync, mkdirat, openat, renameat, unlinkat,
};
use rustix::io::Errno;

use super::folder::{STAGE, directory};
use super::{Change, Choice, Entry, Folder, Loss, Plan, Settled, Stale, WriteError};
use crate::values::BundlePath;

/// What was done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The bundle's own directory was closed to other users, because files in it had to be readable for everybody.
    pub tightened: bool,
    /// Stale files that were removed.
    pub removed: usize,
}

/// Brings a claimed folder in line with its plan. Until the last file is ready nothing in the bundle changes; then
/// directories are made, files renamed one by one, the lock last, and stale files removed.
///
/// # Errors
/// What the disk refused. While files are made ready a failure leaves the bundle as it was.
pub fn apply(plan: &Plan, folder: &Folder) -> Result<Applied, WriteError> {
    let mut applied = Applied { tightened: tighten(plan, folder)?, removed: 0 };
    if plan.is_clean() {
        return Ok(applied);
    }
    let files = || plan.changes().filter(|entry| !entry.directory && entry.change != Change::Access).enumerate();
    let path = folder.path();
    let stage = tempfile::Builder::new()
        .prefix(STAGE)
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(path)
        .map_err(|error| WriteError::io("write to", path.display(), error))?;
    let stage_name = stage.path().file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let staged =
        directory(folder.root(), stage_name).map_err(|error| WriteError::io("open", stage.path().display(), error))?;
    let mut precious = Vec::new();
    for (number, entry) in files() {
        let file =
            make_ready(staged.as_fd(), number, entry).map_err(|error| failed("write", folder, &entry.path, error))?;
        precious.extend((entry.loss != Loss::Repaired).then_some(file));
    }
    sync(&precious).map_err(|error| WriteError::io("write to", path.display(), error))?;

    for entry in plan.changes().filter(|entry| entry.directory && entry.change == Change::Create) {
        make_directory(folder, entry)?;
    }
    for entry in plan.changes().filter(|entry| entry.change == Change::Access) {
        set_access(folder, entry)?;
    }
    for (number, entry) in files() {
        let (parent, name) = parent(folder, &entry.path)?;
        let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
        renameat(&staged, number.to_string(), parent, name)
            .map_err(|error| failed("write", folder, &entry.path, error))?;
    }
    for stale in &plan.stale {
        applied.removed += usize::from(remove(folder, stale)?);
    }
    if files().any(|(_, entry)| entry.loss == Loss::Final) {
        fsync(folder.root()).map_err(|error| WriteError::io("write to", path.display(), error))?;
    }
    Ok(applied)
}

fn failed(action: &'static str, folder: &Folder, path: &BundlePath, error: impl Into<std::io::Error>) -> WriteError {
    WriteError::io(action, folder.shown(path.as_str()), error)
}

/// A secret that everybody may read needs a directory that nobody else may enter.
fn tighten(plan: &Plan, folder: &Folder) -> Result<bool, WriteError> {
    let open = plan.entries.iter().any(|entry| entry.secret && entry.settled.choice == Choice::Shared);
    let failed = |error| WriteError::io("close to other users", folder.path().display(), error);
    let stat = fstat(folder.root()).map_err(failed)?;
    if !open || stat.st_mode & 0o077 == 0 {
        return Ok(false);
    }
    fchmod(folder.root(), Bits::from_raw_mode(0o700)).map_err(failed)?;
    Ok(true)
}

fn make_ready(stage: BorrowedFd<'_>, number: usize, entry: &Entry) -> Result<File, std::io::Error> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(stage, number.to_string(), flags, Bits::from_raw_mode(0o600))?);
    give(file.as_fd(), entry.settled)?;
    let bytes = entry.new.as_ref().ok_or_else(|| std::io::Error::other("it has no value yet"))?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Owner first: a change of owner may clear mode bits. The umask has no say, because the mode is set on the open file.
fn give(file: BorrowedFd<'_>, settled: Settled) -> Result<(), Errno> {
    if let Some(owner) = settled.owner {
        fchown(file, Some(Uid::from_raw(owner.uid)), Some(Gid::from_raw(owner.gid)))?;
    }
    fchmod(file, Bits::from_raw_mode(settled.mode.0))
}

/// What the next run could not make again must outlive a power cut, such as a password that a database already has, and
/// what it would leave alone must be whole. All files at once: a disk that is asked for one after the other is many times slower.
fn sync(files: &[File]) -> Result<(), std::io::Error> {
    const AT_ONCE: usize = 8;
    let share = files.len().div_ceil(AT_ONCE).max(1);
    std::thread::scope(|scope| {
        let each = |part: &[File]| part.iter().try_for_each(File::sync_all);
        let workers: Vec<_> = files.chunks(share).map(|part| scope.spawn(move || each(part))).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(std::io::Error::other("a worker thread ended early")))
        })
    })
}

fn parent<'p>(folder: &Folder, path: &'p BundlePath) -> Result<(Option<OwnedFd>, &'p str), WriteError> {
    folder.parent(path)?.ok_or_else(|| failed("write", folder, path, Errno::NOENT))
}

fn make_directory(folder: &Folder, entry: &Entry) -> Result<(), WriteError> {
    let (parent, name) = parent(folder, &entry.path)?;
    let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
    // Closed until its owner and mode are set.
    let made = mkdirat(parent, name, Bits::from_raw_mode(0o700))
        .and_then(|()| directory(parent, name))
        .and_then(|fd| give(fd.as_fd(), entry.settled));
    made.map_err(|error| failed("create", folder, &entry.path, error))
}

fn set_access(folder: &Folder, entry: &Entry) -> Result<(), WriteError> {
    let (parent, name) = parent(folder, &entry.path)?;
    let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let set = openat(parent, name, flags, Bits::empty()).and_then(|fd| give(fd.as_fd(), entry.settled));
    set.map_err(|error| failed("set the mode of", folder, &entry.path, error))
}

fn remove(folder: &Folder, stale: &Stale) -> Result<bool, WriteError> {
    if !stale.removable {
        return Ok(false);
    }
    let Some((parent, name)) = folder.parent(&stale.path)? else { return Ok(false) };
    let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
    let flags = if stale.directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
    match unlinkat(parent, name, flags) {
        Ok(()) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        // Something of somebody else's lies in it.
        Err(Errno::NOTEMPTY | Errno::EXIST) if stale.directory => Ok(false),
        Err(error) => Err(failed("remove", folder, &stale.path, error)),
    }
}
