//! A user's own file gets another text.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::folder::STAGE;
use super::{WriteError, fault};

/// Gives a file another text in one step, so that after any interruption it holds the one or the other. Owner and mode
/// stay; a symbolic link stays too, and what it leads to changes.
///
/// # Errors
/// The file is no longer what it was when it was read, has a second name, or cannot be written.
pub fn rewrite(path: &Path, before: &[u8], after: &[u8]) -> Result<(), WriteError> {
    let shown = path.display().to_string();
    let failed = |action| {
        let shown = shown.clone();
        move |error: io::Error| WriteError::io(action, shown, error)
    };
    let real = path.canonicalize().map_err(failed("read"))?;
    let stat = fs::metadata(&real).map_err(failed("read"))?;
    if !stat.is_file() {
        return Err(WriteError::InTheWay { path: shown, wanted: "file" });
    }
    if stat.nlink() > 1 {
        return Err(WriteError::HardLinked { paths: vec![shown] });
    }
    if fs::read(&real).map_err(failed("read"))? != before {
        let changed = io::Error::new(io::ErrorKind::ResourceBusy, "it has changed since it was read");
        return Err(WriteError::io("write", &shown, changed));
    }
    let folder = real.parent().unwrap_or(Path::new("/"));
    let mut staged = tempfile::Builder::new().prefix(STAGE).tempfile_in(folder).map_err(failed("create"))?;
    let own = staged.as_file().metadata().map_err(failed("create"))?;
    if (own.uid(), own.gid()) != (stat.uid(), stat.gid()) {
        std::os::unix::fs::fchown(staged.as_file(), Some(stat.uid()), Some(stat.gid()))
            .map_err(failed("keep the owner of"))?;
    }
    fault::point().map_err(|error| WriteError::io("write", &shown, error))?;
    staged.write_all(after).map_err(failed("write"))?;
    staged.as_file().set_permissions(stat.permissions()).map_err(failed("write"))?;
    staged.as_file().sync_all().map_err(failed("write"))?;
    fault::point().map_err(|error| WriteError::io("write", &shown, error))?;
    staged.persist(&real).map_err(|error| WriteError::io("write", &shown, error.error))?;
    // The file is whole by now; that the folder is on disk as well may be known later.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn a_file_is_changed_in_one_step_and_keeps_its_mode_and_its_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real.yaml"), folder.path().join("link.yaml"));
        fs::write(&real, "a").expect("written");
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("set");
        symlink("real.yaml", &link).expect("linked");
        for steps in 0..2 {
            fault::after(Some(steps));
            assert!(rewrite(&link, b"a", b"b").is_err());
            fault::after(None);
            assert_eq!(fs::read(&real).expect("read"), b"a");
            assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 2, "nothing is left behind");
        }
        rewrite(&link, b"a", b"b").expect("rewritten");
        assert_eq!(fs::read(&real).expect("read"), b"b");
        assert_eq!(fs::metadata(&real).expect("stat").mode() & 0o7777, 0o640);
        assert!(fs::symlink_metadata(&link).expect("stat").is_symlink());
        assert!(rewrite(&real, b"a", b"c").is_err(), "somebody else was here");
        fs::hard_link(&real, folder.path().join("second.yaml")).expect("linked");
        assert!(matches!(rewrite(&real, b"b", b"c"), Err(WriteError::HardLinked { .. })));
        assert_eq!(fs::read(&real).expect("read"), b"b");
    }
}
