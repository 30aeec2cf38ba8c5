//! The user's own cache directory (XDG Base Directory Specification 0.8): what may be lost at any time, and what nobody
//! else could have written.

use std::fs::{DirBuilder, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, SystemTime};

use rustix::fs::{FileType, Mode as Bits, OFlags, fstat, open, stat};
use rustix::process::geteuid;
use tempfile::NamedTempFile;

/// Name of our directory in it.
const NAME: &str = "stockade";
/// Longest entry that is read, in bytes.
const MAX_ENTRY: u64 = 1 << 20;
/// Entries nobody has renewed for so long are removed.
const OLD: Duration = Duration::from_secs(30 * 24 * 3600);

/// Texts under names. Whatever goes wrong with it is no failure: then there is no entry.
#[derive(Debug)]
pub struct Cache {
    above: PathBuf,
}

impl Cache {
    /// `$XDG_CACHE_HOME`, else `~/.cache`; nothing where neither is an absolute path, or where it is another user's, as
    /// under `sudo`.
    pub fn of_user() -> Option<Self> {
        let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let (above, owned) = match (set("XDG_CACHE_HOME"), set("HOME")) {
            (Some(cache), _) => (cache.clone(), cache),
            (None, Some(home)) => (home.join(".cache"), home),
            (None, None) => return None,
        };
        let owned =
            std::iter::successors(Some(owned.as_path()), |path| path.parent()).find_map(|path| stat(path).ok())?;
        (owned.st_uid == geteuid().as_raw()).then_some(Self { above })
    }

    /// The text of an entry, where this user wrote it and nobody else could have.
    pub fn read(&self, name: &str) -> Option<String> {
        let folder = self.folder();
        is_ours(&stat(&folder).ok()?, FileType::Directory).then_some(())?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = open(folder.join(name), flags, Bits::empty()).ok()?;
        is_ours(&fstat(&file).ok()?, FileType::RegularFile).then_some(())?;
        let mut text = String::new();
        std::fs::File::from(file).take(MAX_ENTRY).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// Sets the text of an entry, in one step and with mode 0600, and removes entries of old.
    pub fn write(&self, name: &str, text: &str) {
        let folder = self.folder();
        let private = |path: &Path| {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.above).ok()?;
            let made = rustix::fs::mkdir(path, Bits::RWXU).is_ok();
            (made || is_ours(&stat(path).ok()?, FileType::Directory)).then_some(())
        };
        let written = || {
            private(&folder)?;
            let mut file = NamedTempFile::new_in(&folder).ok()?;
            file.write_all(text.as_bytes()).ok()?;
            file.persist(folder.join(name)).ok()
        };
        // A run over many profiles has as many entries.
        static SWEPT: Once = Once::new();
        if written().is_some() {
            SWEPT.call_once(|| remove_old(&folder));
        }
    }

    /// Puts a text where other programs of this user can read it and none writes it, and says where it lies; what lies there
    /// already stays. The file is of no use to anybody who may change it: it is a copy.
    pub fn keep(&self, name: &str, text: &str) -> Option<PathBuf> {
        let path = self.folder().join(name);
        if self.read(name).as_deref() != Some(text) {
            self.write(name, text);
            (self.read(name).as_deref() == Some(text)).then_some(())?;
            std::fs::set_permissions(&path, Permissions::from_mode(0o400)).ok()?;
        }
        Some(path)
    }

    fn folder(&self) -> PathBuf {
        self.above.join(NAME)
    }
}

/// Whether nobody else can have come near it. What others may read is none of ours either: we write it closed, but what a
/// repository or an archive brings comes with the usual modes, and then a build job owns it.
fn is_ours(stat: &rustix::fs::Stat, kind: FileType) -> bool {
    FileType::from_raw_mode(stat.st_mode) == kind && stat.st_uid == geteuid().as_raw() && stat.st_mode & 0o077 == 0
}

fn remove_old(folder: &Path) {
    let is_old = |entry: &std::fs::DirEntry| {
        let modified = entry.metadata().and_then(|data| data.modified()).ok()?;
        Some(SystemTime::now().duration_since(modified).ok()? > OLD)
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_old(&entry) == Some(true) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
