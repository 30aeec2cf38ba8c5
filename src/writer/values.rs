//! Values of secrets that are changed one by one: the new one in its place, the earlier one kept until somebody says that it
//! may go. It lies among the secrets, where nobody else can enter.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Mode as Bits, fsync, linkat, mkdirat, renameat, statat, unlinkat};
use rustix::io::Errno;
use time::UtcDateTime;

use super::folder::directory;
use super::stage::Stages;
use super::{Folder, Settled, WriteError, fault};
use crate::secrets::Secret;
use crate::values::{BundlePath, Mode};

/// Where earlier values are, below the directory of the secrets.
const EARLIER: &str = ".earlier";

/// A file as the file system tells of it.
#[derive(Debug, Clone, Copy)]
pub struct Lying {
    /// User and group id, permission bits.
    pub access: (u32, u32, Mode),
    /// When its bytes were written.
    pub modified: UtcDateTime,
}

/// Owner, mode and time of a secret's file; nothing where there is none.
///
/// # Errors
/// A symbolic link on the way, a failing disk.
pub fn lying(folder: &Folder, path: &BundlePath) -> Result<Option<Lying>, WriteError> {
    let Some((parent, name)) = folder.parent(path)? else { return Ok(None) };
    let parent = parent.as_ref().map_or(folder.root(), |fd| fd.as_fd());
    match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(Lying {
            access: (stat.st_uid, stat.st_gid, Mode(stat.st_mode & 0o7777)),
            modified: UtcDateTime::from_unix_timestamp(stat.st_mtime).unwrap_or(UtcDateTime::UNIX_EPOCH),
        })),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(failed("read", folder, path, error)),
    }
}

/// Names of secrets whose earlier value is kept.
///
/// # Errors
/// A symbolic link in the way, a failing disk.
pub fn earlier(folder: &Folder) -> Result<Vec<String>, WriteError> {
    let path = format!("secrets/{EARLIER}").parse().expect("the bundle's own names are paths");
    Ok(folder.names(&path)?.into_iter().filter(|entry| !entry.directory).map(|entry| entry.name).collect())
}

/// Takes the value of a secret out of use, so that the next run makes another one, and keeps it.
///
/// # Errors
/// One is kept already, there is no value, what the disk refused.
pub fn set_aside(folder: &Folder, path: &BundlePath) -> Result<(), WriteError> {
    let places = Places::of(folder, path)?;
    let failed = |error| failed("set aside", folder, path, error);
    match statat(&places.earlier, places.name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => {}
        Ok(_) => return Err(failed(Errno::EXIST)),
        Err(error) => return Err(failed(error)),
    }
    fault::point()
        .and_then(|()| renameat(&places.secrets, places.name, &places.earlier, places.name))
        .and_then(|()| places.sync())
        .map_err(failed)
}

/// Puts a value in place at once. One that is there becomes the earlier one, unless an older one is kept already.
///
/// # Errors
/// What the disk refused; the value that was there is there still.
pub fn put(folder: &Folder, path: &BundlePath, settled: Settled, value: &Secret) -> Result<(), WriteError> {
    let places = Places::of(folder, path)?;
    let failed = |error: Errno| failed("write", folder, path, error);
    let mut stages = Stages::new(folder);
    let (ready, file) = stages.make(path, settled, value.expose().as_bytes())?;
    file.sync_all().map_err(|error| WriteError::io("write", folder.shown(path.as_str()), error))?;
    let kept = fault::point()
        .and_then(|()| linkat(&places.secrets, places.name, &places.earlier, places.name, AtFlags::empty()));
    match kept {
        // There was none, or an older one is kept.
        Ok(()) | Err(Errno::NOENT | Errno::EXIST) => {}
        // No second names there, or the file is not ours to give one.
        Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) => {
            renameat(&places.secrets, places.name, &places.earlier, places.name).map_err(failed)?;
        }
        Err(error) => return Err(failed(error)),
    }
    stages.put(&ready, places.secrets.as_fd(), places.name).map_err(failed)?;
    places.sync().map_err(failed)?;
    places.leave();
    Ok(())
}

/// Puts the earlier value back in the place of the present one.
///
/// # Errors
/// None is kept, what the disk refused.
pub fn bring_back(folder: &Folder, path: &BundlePath) -> Result<(), WriteError> {
    let places = Places::of(folder, path)?;
    fault::point()
        .and_then(|()| renameat(&places.earlier, places.name, &places.secrets, places.name))
        .map_err(|error| failed("bring back", folder, path, error))?;
    // A killed run may have left both names on one file, which a rename leaves as they are.
    match unlinkat(&places.earlier, places.name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(error) => return Err(failed("remove the earlier value of", folder, path, error)),
    }
    places.sync().map_err(|error| failed("bring back", folder, path, error))?;
    places.leave();
    Ok(())
}

/// Removes the earlier value.
///
/// # Errors
/// None is kept, what the disk refused.
pub fn forget(folder: &Folder, path: &BundlePath) -> Result<(), WriteError> {
    let places = Places::of(folder, path)?;
    fault::point()
        .and_then(|()| unlinkat(&places.earlier, places.name, AtFlags::empty()))
        .and_then(|()| places.sync())
        .map_err(|error| failed("remove the earlier value of", folder, path, error))?;
    places.leave();
    Ok(())
}

/// The two directories a value may be in, open, and its name in both.
struct Places<'p> {
    secrets: OwnedFd,
    earlier: OwnedFd,
    name: &'p str,
}

impl<'p> Places<'p> {
    /// Makes what is missing of them.
    fn of(folder: &Folder, path: &'p BundlePath) -> Result<Self, WriteError> {
        let failed = |error| failed("open", folder, path, error);
        let (above, name) = path.as_str().rsplit_once('/').ok_or_else(|| failed(Errno::INVAL))?;
        let closed = |parent, name| match mkdirat(parent, name, Bits::RWXU) {
            Ok(()) | Err(Errno::EXIST) => directory(parent, name),
            Err(error) => Err(error),
        };
        let secrets = closed(folder.root(), above).map_err(failed)?;
        let earlier = closed(secrets.as_fd(), EARLIER).map_err(failed)?;
        Ok(Self { secrets, earlier, name })
    }

    fn sync(&self) -> Result<(), Errno> {
        fsync(&self.earlier).and_then(|()| fsync(&self.secrets))
    }

    /// An empty directory says nothing; one that is not empty stays.
    fn leave(&self) {
        let _ = unlinkat(&self.secrets, EARLIER, AtFlags::REMOVEDIR);
    }
}

fn failed(action: &'static str, folder: &Folder, path: &BundlePath, error: Errno) -> WriteError {
    WriteError::io(action, folder.shown(path.as_str()), error)
}
