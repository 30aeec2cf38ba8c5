//! One document in a file that somebody named.

use super::exit::Failure;
use crate::diagnostics::codes;
use std::path::Path;

/// Writes beside the target and renames, so that a reader never sees half of it. Nothing but a file is replaced.
///
/// # Errors
/// It cannot be written, or something else stands there.
pub fn put(path: &Path, text: &str, option: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::machine(
            format!("cannot write `{}`: {error}", path.display()),
            format!("choose another file with `{option}`"),
        )
    };
    if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        let message = format!("`{}` is not a regular file", path.display());
        return Err(Failure::input(codes::IO, message, "name a file, or `-` for standard output"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut staged = tempfile::Builder::new().prefix(".stockade-stage-").tempfile_in(folder).map_err(failed)?;
    std::io::Write::write_all(&mut staged, text.as_bytes()).map_err(failed)?;
    // As in a bundle: nothing secret is in it.
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    staged.as_file().set_permissions(readable).map_err(failed)?;
    staged.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
