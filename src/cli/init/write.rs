//! A new profile, in one step and never over another.

use crate::cli::exit::Failure;
use crate::diagnostics::codes;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Says that a profile is there already.
///
/// # Errors
/// It is.
pub fn refuse_existing(path: &Path) -> Result<(), Failure> {
    match path.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) => Err(exists(path)),
    }
}

fn exists(path: &Path) -> Failure {
    let shown = crate::cli::terminal::shown(path);
    Failure::input(
        codes::IO,
        format!("`{shown}` is there already, and `init` replaces no file"),
        format!(
            "change it in an editor and look with `stockade check {shown}`; or name another folder, `stockade init DIR`"
        ),
    )
}

/// Writes the profile; after an interruption it is there whole or not at all.
///
/// # Errors
/// A file of that name, a folder that cannot be written.
pub fn new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => Failure::machine(
            format!("cannot write `{}`: {error}", crate::cli::terminal::shown(path)),
            "choose another folder, `stockade init DIR`",
        ),
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut staged = tempfile::Builder::new().prefix(".stockade-stage-").tempfile_in(folder).map_err(failed)?;
    staged.write_all(text.as_bytes()).map_err(failed)?;
    staged.as_file().set_permissions(std::fs::Permissions::from_mode(0o644)).map_err(failed)?;
    staged.as_file().sync_all().map_err(failed)?;
    staged.persist_noclobber(path).map_err(|error| failed(error.error))?;
    Ok(())
}
