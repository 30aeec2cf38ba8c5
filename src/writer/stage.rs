//! Private folders in which files are made ready, one on each file system of the bundle: a rename cannot leave its own.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as MapEntry;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, FileType, Mode as Bits, OFlags, fstat, mkdirat, openat, renameat, statat, unlinkat};
use rustix::io::Errno;

use super::folder::{STAGE, directory};
use super::transaction::give;
use super::{Folder, Settled, WriteError, fault};
use crate::values::BundlePath;

/// Where a rename can go from one directory to another: one mount of one file system. Sub-volumes of a mount have a
/// device each; a directory that is bound to another place of the same device has another mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    device: (u32, u32),
    mount: u64,
}

impl Place {
    /// Of what an open directory has under a name, or of the directory itself with an empty one.
    pub(super) fn of(directory: BorrowedFd<'_>, name: &str) -> Result<Self, Errno> {
        use rustix::fs::{StatxFlags, statx};
        let flags = AtFlags::EMPTY_PATH | AtFlags::SYMLINK_NOFOLLOW;
        let stat = statx(directory, name, flags, StatxFlags::BASIC_STATS | StatxFlags::MNT_ID)?;
        // Kernels before 5.8 know no number of the mount.
        let known = stat.stx_mask & StatxFlags::MNT_ID.bits() != 0;
        Ok(Self { device: (stat.stx_dev_major, stat.stx_dev_minor), mount: if known { stat.stx_mnt_id } else { 0 } })
    }

    /// Of a file, whose device may be told differently from that of its directory.
    pub(super) fn has_file(self, directory: BorrowedFd<'_>, name: &str) -> Result<bool, Errno> {
        Ok(Self::of(directory, name)?.mount == self.mount)
    }
}

/// The topmost directory of the bundle on the same mount as a path will be, as far as it is there, and its path.
pub(super) struct Home {
    pub(super) place: Place,
    /// Nothing for the bundle's own directory.
    directory: Option<OwnedFd>,
    path: String,
}

impl Home {
    pub(super) fn of(folder: &Folder, path: &BundlePath) -> Result<Self, WriteError> {
        let failed = |path: &str, error: Errno| WriteError::io("open", folder.shown(path), error);
        let place = Place::of(folder.root(), "").map_err(|error| failed("", error))?;
        let mut home = Self { place, directory: None, path: String::new() };
        let mut at: Option<OwnedFd> = None;
        for (cut, _) in path.as_str().match_indices('/') {
            let above = &path.as_str()[..cut];
            let name = above.rsplit_once('/').map_or(above, |(_, name)| name);
            let opened = directory(at.as_ref().map_or(folder.root(), |fd| fd.as_fd()), name);
            let opened = match opened {
                Ok(opened) => opened,
                Err(Errno::NOENT) => break,
                Err(error) => return Err(failed(above, error)),
            };
            let place = Place::of(opened.as_fd(), "").map_err(|error| failed(above, error))?;
            if place != home.place {
                let opened = opened.try_clone().map_err(|error| WriteError::io("open", folder.shown(above), error))?;
                home = Self { place, directory: Some(opened), path: above.to_owned() };
            }
            at = Some(opened);
        }
        Ok(home)
    }

    fn fd<'a>(&'a self, folder: &'a Folder) -> BorrowedFd<'a> {
        self.directory.as_ref().map_or(folder.root(), |fd| fd.as_fd())
    }

    /// Removes what a killed run has left.
    pub(super) fn sweep(&self, folder: &Folder) -> Result<(), WriteError> {
        let failed = |error: Errno| WriteError::io("remove what a killed run left in", folder.shown(&self.path), error);
        for entry in Dir::read_from(self.fd(folder)).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if !name.to_bytes().starts_with(STAGE.as_bytes()) {
                continue;
            }
            let stat = statat(self.fd(folder), name, AtFlags::SYMLINK_NOFOLLOW).map_err(failed)?;
            if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let left = openat(self.fd(folder), name, flags, Bits::empty()).map_err(failed)?;
                empty(&left).map_err(failed)?;
                unlinkat(self.fd(folder), name, AtFlags::REMOVEDIR).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// Removes the files of a folder of ours, which has nothing but files.
fn empty(folder: &OwnedFd) -> Result<(), Errno> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if !matches!(name.to_bytes(), b"." | b"..") {
            unlinkat(folder, name, AtFlags::empty())?;
        }
    }
    Ok(())
}

/// Every private folder of a run; they go when it ends, however it does.
pub(super) struct Stages<'f> {
    folder: &'f Folder,
    all: BTreeMap<Place, Stage>,
    next: usize,
}

struct Stage {
    home: Home,
    open: OwnedFd,
}

/// A file that is ready, still under a number.
#[derive(Debug)]
pub(super) struct Ready {
    place: Place,
    name: String,
}

impl<'f> Stages<'f> {
    pub(super) fn new(folder: &'f Folder) -> Self {
        Self { folder, all: BTreeMap::new(), next: 0 }
    }

    fn name() -> String {
        format!("{STAGE}{}", std::process::id())
    }

    /// Makes a file ready for a path, with its final owner and mode from the start.
    pub(super) fn make(
        &mut self,
        path: &BundlePath,
        settled: Settled,
        bytes: &[u8],
    ) -> Result<(Ready, File), WriteError> {
        let folder = self.folder;
        let home = Home::of(folder, path)?;
        let place = home.place;
        let stage = match self.all.entry(place) {
            MapEntry::Occupied(stage) => stage.into_mut(),
            MapEntry::Vacant(none) => {
                let failed = |error: Errno| WriteError::io("write to", folder.shown(&home.path), error);
                home.sweep(folder)?;
                fault::point().and_then(|()| mkdirat(home.fd(folder), Self::name(), Bits::RWXU)).map_err(failed)?;
                let open = directory(home.fd(folder), &Self::name()).map_err(failed)?;
                none.insert(Stage { home, open })
            }
        };
        let name = self.next.to_string();
        self.next += 1;
        let failed = |error: std::io::Error| WriteError::io("write", folder.shown(path.as_str()), error);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&stage.open, name.as_str(), flags, Bits::from_raw_mode(0o600));
        let file = file.map_err(|error| failed(error.into()))?;
        let mut file = File::from(file);
        fault::point().and_then(|()| give(file.as_fd(), settled)).map_err(|error| failed(error.into()))?;
        file.write_all(bytes).map_err(failed)?;
        Ok((Ready { place, name }, file))
    }

    /// Removes the private folders, of which every file is in its place by now.
    pub(super) fn close(mut self) -> Result<(), WriteError> {
        self.remove()
    }

    /// That of the bundle's own directory goes last, so that a look there tells whether there is any.
    fn remove(&mut self) -> Result<(), WriteError> {
        let mut all: Vec<Stage> = std::mem::take(&mut self.all).into_values().collect();
        all.sort_by_key(|stage| stage.home.path.is_empty());
        for stage in all {
            let shown = self.folder.shown(&stage.home.path);
            let failed = |error: Errno| WriteError::io("remove what this run made in", shown.clone(), error);
            empty(&stage.open).map_err(failed)?;
            unlinkat(stage.home.fd(self.folder), Self::name(), AtFlags::REMOVEDIR).map_err(failed)?;
        }
        Ok(())
    }

    /// Puts a file in its place.
    pub(super) fn put(&self, ready: &Ready, parent: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
        fault::point()?;
        renameat(&self.all[&ready.place].open, ready.name.as_str(), parent, name)
    }
}

impl Drop for Stages<'_> {
    fn drop(&mut self) {
        // What is left is swept by the next run.
        let _ = self.remove();
    }
}

/// Whether a file may be replaced by a rename, and how many names it has.
pub(super) fn names(directory: BorrowedFd<'_>, name: &str) -> Result<u64, Errno> {
    let stat = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion, reason = "the type differs between platforms")]
    Ok(stat.st_nlink as u64)
}

/// Number of names of an open file.
pub(super) fn names_of(file: BorrowedFd<'_>) -> Result<u64, Errno> {
    let stat = fstat(file)?;
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion, reason = "the type differs between platforms")]
    Ok(stat.st_nlink as u64)
}
