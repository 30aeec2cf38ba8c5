//! The bundle that is asked about.

use crate::cli::exit::Failure;
use crate::cli::{find, input, places, typed};
use crate::diagnostics::codes;
use crate::report;
use crate::verify::{self, Asked, NotAsked};
use crate::writer::{self, LOCK};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// Largest report that is read.
const LARGEST: u64 = 16 << 20;

/// The folder that an argument means: a bundle, or that of a profile; without one, what is here.
///
/// # Errors
/// There is none, or there are several.
pub fn folder(argument: Option<&Path>) -> Result<PathBuf, Failure> {
    match argument {
        Some(path) if path.is_dir() && is_bundle(path)? => Ok(path.to_owned()),
        Some(path) if path.is_dir() => of_profile(&path.join(input::PROFILE)),
        Some(path) if path.file_name().and_then(|name| name.to_str()).is_some_and(find::is_named) => of_profile(path),
        Some(path) => Err(no_bundle(path)),
        None if is_bundle(Path::new("."))? => Ok(PathBuf::from(".")),
        None => of_profile(Path::new(input::PROFILE)),
    }
}

/// Whether a folder holds a bundle; one that cannot be entered may.
fn is_bundle(folder: &Path) -> Result<bool, Failure> {
    match std::fs::metadata(folder.join(LOCK)) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(Failure::machine(
            format!("cannot look into `{}`: {error}", folder.display()),
            "it is another user's: ask as root, `sudo stockade verify`",
        )),
        found => Ok(found.is_ok()),
    }
}

fn of_profile(profile: &Path) -> Result<PathBuf, Failure> {
    let folder = places::base(profile, None);
    if is_bundle(&folder)? {
        return Ok(folder);
    }
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut several: Vec<PathBuf> = entries.filter(|path| path.join(LOCK).exists()).collect();
    several.sort();
    match several.as_slice() {
        [] => Err(no_bundle(&folder)),
        [first, ..] => {
            let help = format!("name that of this host, as in `stockade verify {}`", typed::path(first));
            Err(Failure::input(codes::INVALID_VALUE, format!("`{}` holds several bundles", folder.display()), help))
        }
    }
}

fn no_bundle(folder: &Path) -> Failure {
    let says = format!("there is no bundle in `{}`", folder.display());
    Failure::input(
        codes::IO,
        says,
        "`stockade generate` writes one; or name its folder, as in `stockade verify bundle`",
    )
}

/// The checks of a bundle.
///
/// # Errors
/// Its report cannot be read, was changed by hand, or has none.
pub fn checks(folder: &Path) -> Result<Asked, Failure> {
    let path = folder.join(report::JSON);
    let shown = path.display();
    let cannot = |error: std::io::Error| {
        Failure::machine(format!("cannot read `{shown}`: {error}"), "run it as who generated the bundle, or as root")
    };
    // Also what would never end, as a pipe.
    if std::fs::metadata(&path).map_or_else(|error| error.kind() == ErrorKind::NotFound, |meta| !meta.is_file()) {
        let says = format!("there is no file `{shown}`");
        return Err(Failure::input(codes::EDITED_FILE, says, "`stockade generate` brings it back"));
    }
    let mut text = Vec::new();
    std::fs::File::open(&path).map_err(cannot)?.take(LARGEST).read_to_end(&mut text).map_err(cannot)?;
    // What it says is run, perhaps by the superuser.
    if !writer::is_as_written(folder, report::JSON).map_err(cannot)? {
        let says = format!("`{shown}` is not as it was generated, and its checks are not run");
        return Err(Failure::input(
            codes::EDITED_FILE,
            says,
            "`stockade generate` shows how it differs, and brings it back",
        ));
    }
    verify::read(&text).map_err(|error| match error {
        NotAsked::Older => Failure::input(
            codes::INVALID_VALUE,
            format!("`{shown}` has no checks: an older Stockade wrote it"),
            "run `stockade generate`",
        ),
        NotAsked::NoReport(why) => Failure::input(
            codes::INVALID_VALUE,
            format!("`{shown}` is no report of this version: {why}"),
            "run `stockade generate`",
        ),
        NotAsked::UnknownEngine(name) => Failure::input(
            codes::UNKNOWN_VALUE,
            format!("`{shown}` names the engine `{}`", name.escape_debug()),
            "run `stockade generate`",
        ),
    })
}
