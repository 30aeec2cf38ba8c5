//! A folder whose contents are reached without ever following a symbolic link.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, Dir, FileType, FlockOperation, Mode as Bits, OFlags, flock, fstat, open, openat, statat};
use rustix::io::Errno;
use time::UtcDateTime;
use zeroize::Zeroizing;

use super::WriteError;
use super::lock::{self, LOCK};
use super::seen::{Seen, Stamp, Trace};
use crate::values::{BundlePath, Mode};

/// Largest file that is read: no generated one comes near it.
const MAX_FILE: u64 = 8 << 20;

/// Beginning of the names of folders in which files are made ready.
pub(super) const STAGE: &str = ".stockade-stage-";

/// How long a run waits for another one to leave a folder, and how often it tries.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// An open folder on disk.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    root: OwnedFd,
    /// We made it; if it is still empty in the end, it goes again.
    fresh: bool,
    /// What ended runs had left in it is gone, and none can have come to it since.
    swept: bool,
    /// What was read before it was asked for.
    ahead: BTreeMap<BundlePath, Found>,
    /// What was seen, where that is to be remembered: files by their path, the names in a folder by its path and a slash,
    /// the folder itself as nothing.
    noted: Option<Mutex<BTreeMap<String, Trace>>>,
}

/// Something that lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// Its name; what is no UTF-8 is shown as such.
    pub(super) name: String,
    pub(super) directory: bool,
}

/// What stands at a path.
#[derive(Debug, Clone)]
pub enum Found {
    /// Nothing.
    Absent,
    /// A directory.
    Directory {
        /// User and group id, permission bits.
        access: (u32, u32, Mode),
    },
    /// A regular file.
    File {
        /// Its bytes, wiped when dropped because they may be a secret.
        bytes: Zeroizing<Vec<u8>>,
        /// User and group id, permission bits.
        access: (u32, u32, Mode),
        /// Which file it was, and in which state.
        stamp: Stamp,
    },
}

impl Folder {
    /// Opens an existing folder; `None` where there is nothing. The path itself may lead over symbolic links: the user
    /// chose it.
    ///
    /// # Errors
    /// Not a folder, or not ours to enter.
    pub fn open(path: &Path) -> Result<Option<Self>, WriteError> {
        match open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Bits::empty()) {
            Ok(root) => {
                let path = path.to_owned();
                Ok(Some(Self { path, root, fresh: false, swept: false, ahead: BTreeMap::new(), noted: None }))
            }
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR) => Err(WriteError::InTheWay { path: path.display().to_string(), wanted: "directory" }),
            Err(error) => Err(WriteError::io("open", path.display(), error)),
        }
    }

    /// Opens an existing folder for a look, while which no run writes to it; `None` where there is nothing.
    ///
    /// # Errors
    /// As [`open`](Self::open); another run is still writing after a short wait.
    pub fn watch(path: &Path) -> Result<Option<Self>, WriteError> {
        let Some(folder) = Self::open(path)? else { return Ok(None) };
        match folder.wait(FlockOperation::NonBlockingLockShared, PATIENCE) {
            // Where there are no locks, nobody can hold one.
            Ok(()) => Ok(Some(folder)),
            Err(Errno::WOULDBLOCK) => Err(WriteError::Busy { path: path.display().to_string() }),
            Err(_) => Ok(Some(folder)),
        }
    }

    fn wait(&self, lock: FlockOperation, patience: Duration) -> Result<(), Errno> {
        let began = Instant::now();
        loop {
            match flock(&self.root, lock) {
                Err(Errno::WOULDBLOCK) if began.elapsed() < patience => std::thread::sleep(PAUSE),
                done => return done,
            }
        }
    }

    /// Opens a folder for writing, made with mode 0700 if need be, and keeps other runs out of it until it is dropped.
    /// What a killed run has left in it is removed.
    ///
    /// # Errors
    /// As [`open`](Self::open); the folder cannot be made; another run is still at work after a short wait.
    pub fn claim(path: &Path) -> Result<Self, WriteError> {
        Self::claim_within(path, PATIENCE)
    }

    pub(super) fn claim_within(path: &Path, patience: Duration) -> Result<Self, WriteError> {
        let failed = |error| WriteError::io("create", path.display(), error);
        let mut fresh = false;
        if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
            std::fs::DirBuilder::new().recursive(true).mode(0o755).create(above).map_err(failed)?;
        }
        match std::fs::DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => fresh = true,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        let gone = || WriteError::io("open", path.display(), Errno::NOENT);
        let mut folder = Self::open(path)?.ok_or_else(gone)?;
        folder.wait(FlockOperation::NonBlockingLockExclusive, patience).map_err(|error| match error {
            Errno::WOULDBLOCK => WriteError::Busy { path: path.display().to_string() },
            error => WriteError::io("lock", path.display(), error),
        })?;
        folder.fresh = fresh;
        folder.sweep()?;
        folder.swept = true;
        Ok(folder)
    }

    fn sweep(&self) -> Result<(), WriteError> {
        let failed = |error| WriteError::io("read", self.path.display(), error);
        for entry in std::fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name().to_string_lossy().starts_with(STAGE)
                && entry.file_type().is_ok_and(|kind| kind.is_dir())
            {
                std::fs::remove_dir_all(entry.path())
                    .map_err(|error| WriteError::io("remove", entry.path().display(), error))?;
            }
        }
        Ok(())
    }

    /// Whether no killed run has left anything in the folder itself.
    pub fn is_swept(&self) -> bool {
        let is_ours = |name: &std::ffi::CStr| name.to_bytes().starts_with(STAGE.as_bytes());
        Dir::read_from(&self.root)
            .is_ok_and(|entries| entries.into_iter().all(|entry| entry.is_ok_and(|entry| !is_ours(entry.file_name()))))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes from now on what it sees, for [`seen`](Self::seen).
    #[must_use]
    pub fn noting(mut self) -> Self {
        self.noted = Some(Mutex::default());
        self
    }

    /// Everything that was asked for since it takes notes, as [`Seen`] keeps it: of paths that are not `plain` without a
    /// trace of their bytes. Nothing where a change after `since`, which is before the first look, could go unnoticed.
    pub fn seen(&self, plain: impl Fn(&str) -> bool, since: UtcDateTime) -> Option<Seen> {
        Seen::of(&*self.noted.as_ref()?.lock().ok()?, plain, since)
    }

    /// Reads everything that an earlier run generated, for [`find`](Self::find) to have it at hand. What cannot be read
    /// is left for it to say.
    #[must_use]
    pub fn read_ahead(mut self) -> Self {
        let Ok(Found::File { bytes, .. }) = LOCK.parse().map_or(Ok(Found::Absent), |lock| self.find(&lock)) else {
            return self;
        };
        let paths = lock::read(&bytes).records.into_keys().filter_map(|path| path.parse::<BundlePath>().ok());
        self.ahead = paths.filter_map(|path| self.find(&path).ok().map(|found| (path, found))).collect();
        self
    }

    /// What stands at a path of the bundle.
    ///
    /// # Errors
    /// A symbolic link on the way or at the end, something that is no file, a file over 8 MiB, a failing disk.
    pub fn find(&self, path: &BundlePath) -> Result<Found, WriteError> {
        if let Some(found) = self.ahead.get(path) {
            return Ok(found.clone());
        }
        let found = self.look(path)?;
        if let Some(mut noted) = self.noted.as_ref().and_then(|noted| noted.lock().ok()) {
            noted.insert(path.to_string(), Trace::of(&found));
        }
        Ok(found)
    }

    /// Everything that lies in a directory of the bundle, by name; nothing where there is no such directory.
    ///
    /// # Errors
    /// A symbolic link on the way or at the end, something that is no directory, a failing disk.
    pub(super) fn names(&self, path: &BundlePath) -> Result<Vec<Entry>, WriteError> {
        let names = self.list(path)?;
        if let Some(mut noted) = self.noted.as_ref().and_then(|noted| noted.lock().ok()) {
            noted.insert(format!("{path}/"), Trace::of_names(&names));
        }
        Ok(names)
    }

    fn list(&self, path: &BundlePath) -> Result<Vec<Entry>, WriteError> {
        let Some((parent, name)) = self.parent(path)? else { return Ok(Vec::new()) };
        let parent = parent.as_ref().map_or(self.root.as_fd(), |fd| fd.as_fd());
        let failed = |error: Errno| WriteError::io("read", self.shown(path.as_str()), error);
        let folder = match directory(parent, name) {
            Ok(folder) => folder,
            Err(Errno::NOENT) => return Ok(Vec::new()),
            Err(Errno::NOTDIR | Errno::LOOP) => return Err(self.not_a_directory(parent, name, path.as_str())),
            Err(error) => return Err(failed(error)),
        };
        let mut entries = Vec::new();
        for entry in Dir::read_from(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let bytes = entry.file_name();
            if matches!(bytes.to_bytes(), b"." | b"..") {
                continue;
            }
            let name = bytes.to_string_lossy().into_owned();
            let kind = match entry.file_type() {
                FileType::Unknown => statat(&folder, bytes, AtFlags::SYMLINK_NOFOLLOW)
                    .map(|stat| FileType::from_raw_mode(stat.st_mode))
                    .map_err(failed)?,
                kind => kind,
            };
            entries.push(Entry { name, directory: kind == FileType::Directory });
        }
        entries.sort();
        Ok(entries)
    }

    /// Owner and mode of the folder itself.
    ///
    /// # Errors
    /// A failing disk.
    pub(super) fn access(&self) -> Result<(u32, u32, Mode), WriteError> {
        let stat = fstat(&self.root).map_err(|error| WriteError::io("read", self.path.display(), error))?;
        let access = (stat.st_uid, stat.st_gid, Mode(stat.st_mode & 0o7777));
        if let Some(mut noted) = self.noted.as_ref().and_then(|noted| noted.lock().ok()) {
            noted.insert(String::new(), Trace::of(&Found::Directory { access }));
        }
        Ok(access)
    }

    /// Private folders that ended runs have left in the bundle's own directory; where none is there, none is on a file
    /// system inside it either.
    ///
    /// # Errors
    /// A failing disk.
    pub(super) fn debris(&self) -> Result<Vec<String>, WriteError> {
        if self.swept {
            return Ok(Vec::new());
        }
        let left = self.left()?;
        if let Some(mut noted) = self.noted.as_ref().and_then(|noted| noted.lock().ok()) {
            noted.insert("/".to_owned(), Trace::of_names(&left));
        }
        Ok(left.into_iter().map(|entry| entry.name).collect())
    }

    /// The same, for a second look.
    pub(super) fn left(&self) -> Result<Vec<Entry>, WriteError> {
        let failed = |error: std::io::Error| WriteError::io("read", self.path.display(), error);
        let mut left = Vec::new();
        for entry in Dir::read_from(&self.root).map_err(|error| failed(error.into()))? {
            let entry = entry.map_err(|error| failed(error.into()))?;
            let name = entry.file_name();
            if name.to_bytes().starts_with(STAGE.as_bytes())
                && statat(&self.root, name, AtFlags::SYMLINK_NOFOLLOW)
                    .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
            {
                left.push(Entry { name: name.to_string_lossy().into_owned(), directory: true });
            }
        }
        left.sort();
        Ok(left)
    }

    fn look(&self, path: &BundlePath) -> Result<Found, WriteError> {
        let Some((parent, name)) = self.parent(path)? else { return Ok(Found::Absent) };
        let parent = parent.as_ref().map_or(self.root.as_fd(), |fd| fd.as_fd());
        let failed = |error: Errno| WriteError::io("read", self.shown(path.as_str()), error);
        // A look before opening: a device or FIFO may block or act when it is opened.
        let kind = match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(Found::Absent),
            Err(error) => return Err(failed(error)),
            Ok(stat) => FileType::from_raw_mode(stat.st_mode),
        };
        match kind {
            FileType::Symlink => return Err(WriteError::Symlink { path: self.shown(path.as_str()) }),
            FileType::Directory | FileType::RegularFile => {}
            _ => return Err(WriteError::InTheWay { path: self.shown(path.as_str()), wanted: "regular file" }),
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let flags = if kind == FileType::Directory { flags | OFlags::PATH } else { flags };
        let file = openat(parent, name, flags, Bits::empty()).map_err(failed)?;
        let stat = fstat(&file).map_err(failed)?;
        let access = (stat.st_uid, stat.st_gid, Mode(stat.st_mode & 0o7777));
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => Ok(Found::Directory { access }),
            FileType::RegularFile => self.bytes(path, file, access, Stamp::of(&stat)),
            _ => Err(WriteError::InTheWay { path: self.shown(path.as_str()), wanted: "regular file" }),
        }
    }

    fn bytes(
        &self,
        path: &BundlePath,
        file: OwnedFd,
        access: (u32, u32, Mode),
        stamp: Stamp,
    ) -> Result<Found, WriteError> {
        let size = stamp.size().min(MAX_FILE);
        // With room for all of it from the start no copy of a secret is left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
        let read = std::fs::File::from(file).take(MAX_FILE + 1).read_to_end(&mut bytes);
        match read.map_err(|error| WriteError::io("read", self.shown(path.as_str()), error))? {
            size if size as u64 > MAX_FILE => Err(WriteError::TooLarge { path: self.shown(path.as_str()) }),
            _ => Ok(Found::File { bytes, access, stamp }),
        }
    }

    /// The directory a path lies in (`None`: the folder itself) and the last part of the path; nothing where a directory
    /// on the way is missing.
    pub(super) fn parent<'p>(&self, path: &'p BundlePath) -> Result<Option<(Option<OwnedFd>, &'p str)>, WriteError> {
        let Some((above, name)) = path.as_str().rsplit_once('/') else {
            return Ok(Some((None, path.as_str())));
        };
        let mut at: Option<OwnedFd> = None;
        let mut walked = String::new();
        for part in above.split('/') {
            walked = if walked.is_empty() { part.to_owned() } else { format!("{walked}/{part}") };
            let from = at.as_ref().map_or(self.root.as_fd(), |fd| fd.as_fd());
            match directory(from, part) {
                Ok(fd) => at = Some(fd),
                Err(Errno::NOENT) => return Ok(None),
                Err(Errno::NOTDIR | Errno::LOOP) => return Err(self.not_a_directory(from, part, &walked)),
                Err(error) => return Err(WriteError::io("open", self.shown(&walked), error)),
            }
        }
        Ok(Some((at, name)))
    }

    fn not_a_directory(&self, from: BorrowedFd<'_>, part: &str, walked: &str) -> WriteError {
        let path = self.shown(walked);
        match statat(from, part, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink => WriteError::Symlink { path },
            _ => WriteError::InTheWay { path, wanted: "directory" },
        }
    }

    /// The folder itself.
    pub(super) fn root(&self) -> BorrowedFd<'_> {
        self.root.as_fd()
    }

    /// A path in it as messages show it.
    pub fn shown(&self, path: &str) -> String {
        self.path.join(path).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.fresh {
            // Fails where something was written, which is what we want.
            let _ = std::fs::remove_dir(&self.path);
        }
    }
}

/// Opens a directory by its name in another one, never through a symbolic link.
pub(super) fn directory(from: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    openat(from, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Bits::empty())
}

/// Lets what this process makes keep its owner's bits, whatever the umask: a directory that its owner cannot enter is no
/// place for a bundle. What the umask takes from others stays taken.
pub fn keep_owner_bits() {
    let before = rustix::process::umask(Bits::from_raw_mode(0o077));
    rustix::process::umask(before & Bits::from_raw_mode(0o077));
}
