//! Files that are replaced as a whole or not at all.

use crate::cli::exit::Failure;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Mode of a file that was not there.
const MODE: u32 = 0o644;

/// The text of a file; nothing where there is none.
///
/// # Errors
/// Why it is left alone, in few words.
pub(super) fn text(path: &Path) -> Result<Option<String>, String> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
        Ok(found) if found.is_symlink() => return Err("it is a link".to_owned()),
        Ok(found) if !found.is_file() => return Err("it is no regular file".to_owned()),
        Ok(found) if found.len() > crate::yaml::MAX_BYTES as u64 => return Err("it is larger than 1 MiB".to_owned()),
        Ok(_) => {}
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map(Some).map_err(|_| "it is not UTF-8".to_owned())
}

/// Writes a file beside itself and renames it, with the mode it had.
///
/// # Errors
/// A folder that cannot be written; a file that changed since it was read.
pub(super) fn replace(path: &Path, before: Option<&str>, after: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::machine(format!("cannot write to `{}`: {error}", path.display()), "look at the folder's permissions")
    };
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut staged = tempfile::Builder::new().prefix(".stockade-stage-").tempfile_in(folder).map_err(failed)?;
    staged.write_all(after.as_bytes()).map_err(failed)?;
    let mode = path.metadata().map_or(MODE, |found| found.permissions().mode() & 0o7777);
    staged.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    staged.as_file().sync_all().map_err(failed)?;
    if text(path).ok().flatten().as_deref() != before {
        return Err(Failure::machine(
            format!("`{}` changed while it was brought up to date, and was left alone", path.display()),
            "run the command again",
        ));
    }
    staged.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
