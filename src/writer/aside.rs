//! What somebody else wrote is set aside before another text takes its place, and never over anything.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{AtFlags, Mode as Bits, OFlags, fstat, linkat, openat, statat};
use rustix::io::Errno;

use super::{Folder, Plan, WriteError, fault};
use crate::artifact::Scope;
use crate::values::BundlePath;

/// What is added to the name.
pub const BEFORE: &str = ".before-stockade";
/// Names that are tried.
const MOST: usize = 1000;

/// Where a file is set aside: beside it, or beside the folder that a program reads whole, which would read it too.
pub(super) fn place(plan: &Plan, path: &BundlePath) -> BundlePath {
    let inside =
        |folder: &BundlePath| path.as_str().strip_prefix(folder.as_str()).is_some_and(|it| it.starts_with('/'));
    let folders = plan.watched.iter().filter(|watched| watched.scope == Scope::Folder);
    let folder =
        folders.map(|watched| &watched.path).filter(|folder| inside(folder)).min_by_key(|it| it.as_str().len());
    let Some(folder) = folder else { return path.clone() };
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let beside = folder.as_str().rsplit_once('/').map_or(String::new(), |(above, _)| format!("{above}/"));
    format!("{beside}{name}").parse().unwrap_or_else(|_| path.clone())
}

/// Gives a file a second name; its own is for a rename to take over. Returns where it is kept.
pub(super) fn keep(plan: &Plan, folder: &Folder, path: &BundlePath) -> Result<String, WriteError> {
    let failed = |error: std::io::Error| WriteError::io("set aside", folder.shown(path.as_str()), error);
    let gone = || failed(Errno::NOENT.into());
    let beside = place(plan, path);
    let (parent, name) = folder.parent(path)?.ok_or_else(gone)?;
    let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
    let (other, stem) = folder.parent(&beside)?.ok_or_else(gone)?;
    let other = other.as_ref().map_or(folder.root(), |fd| fd.as_fd());
    let source = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map_err(|error| failed(error.into()))?;
    fault::point().map_err(|error| failed(error.into()))?;
    for number in 1..MOST {
        let number = if number == 1 { String::new() } else { format!(".{number}") };
        let kept = format!("{stem}{BEFORE}{number}");
        let done = || Ok(format!("{}{BEFORE}{number}", beside.as_str()));
        match linkat(parent, name, other, kept.as_str(), AtFlags::empty()) {
            Ok(()) => return done(),
            Err(Errno::EXIST) => match statat(other, kept.as_str(), AtFlags::SYMLINK_NOFOLLOW) {
                // A killed run has got as far as this.
                Ok(stat) if (stat.st_dev, stat.st_ino) == (source.st_dev, source.st_ino) => return done(),
                _ => {}
            },
            // No second names there, or the file is not ours to give one.
            Err(_) => match copy(parent, name, other, &kept) {
                Ok(()) => return done(),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            },
        }
    }
    Err(failed(Errno::EXIST.into()))
}

fn copy(parent: BorrowedFd<'_>, name: &str, other: BorrowedFd<'_>, kept: &str) -> Result<(), std::io::Error> {
    let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut from = File::from(openat(parent, name, OFlags::RDONLY | OFlags::NONBLOCK | flags, Bits::empty())?);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | flags;
    let mut to = File::from(openat(other, kept, flags, Bits::from_raw_mode(0o600))?);
    let stat = fstat(&from)?;
    // Only root may give files away; then the copy belongs to whoever keeps it.
    let (uid, gid) = (rustix::fs::Uid::from_raw(stat.st_uid), rustix::fs::Gid::from_raw(stat.st_gid));
    let given = rustix::fs::fchown(to.as_fd(), Some(uid), Some(gid)).is_ok();
    std::io::copy(&mut from, &mut to)?;
    to.flush()?;
    if given {
        rustix::fs::fchmod(&to, Bits::from_raw_mode(stat.st_mode & 0o777))?;
    }
    to.sync_all()
}
