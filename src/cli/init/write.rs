//! A new profile, in one step and never over another.

use crate::cli::exit::Failure;
use crate::diagnostics::codes;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// A profile is there already.
pub fn exists(path: &Path) -> Failure {
    let shown = crate::cli::terminal::shown(path);
    Failure::input(
        codes::IO,
        format!("`{shown}` is there already, and `init` replaces no file"),
        "name another folder, `stockade init DIR`",
    )
}

/// Puts a changed profile in the place of the one that was read; its mode stays.
///
/// # Errors
/// Somebody changed it meanwhile, or the folder cannot be written.
pub fn change(path: &Path, before: &[u8], text: &str) -> Result<(), Failure> {
    let shown = crate::cli::terminal::shown(path);
    let failed = |error: std::io::Error| {
        Failure::machine(format!("cannot write `{shown}`: {error}"), "look at the permissions of its folder")
    };
    // Behind a link lies the file that is meant.
    let path = path.canonicalize().map_err(failed)?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mode = path.metadata().map_err(failed)?.permissions();
    let mut staged = tempfile::Builder::new().prefix(".stockade-stage-").tempfile_in(folder).map_err(failed)?;
    staged.write_all(text.as_bytes()).map_err(failed)?;
    staged.as_file().set_permissions(mode).map_err(failed)?;
    staged.as_file().sync_all().map_err(failed)?;
    if std::fs::read(&path).map_err(failed)? != before {
        return Err(Failure::input(
            codes::IO,
            format!("`{shown}` was changed while you answered; nothing was written"),
            "run `stockade init` again",
        ));
    }
    staged.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
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
