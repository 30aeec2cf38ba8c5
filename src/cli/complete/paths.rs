//! Paths that an argument may be.

use crate::cli::input::PROFILE;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _};
use std::ffi::OsStr;
use std::path::Path;

/// Profiles, and folders on the way to some; any YAML file where none is called as profiles usually are.
pub(in crate::cli) fn profiles() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let folder = |found: &CompletionCandidate| found.get_value().to_string_lossy().ends_with('/');
        let found = PathCompleter::any().filter(is_profile).complete(current);
        if found.iter().any(|one| !folder(one)) {
            return found;
        }
        PathCompleter::any().filter(is_yaml).complete(current)
    })
}

/// Files, each with the `:` behind which its line follows.
pub(super) fn places(current: &OsStr) -> Vec<CompletionCandidate> {
    let file = |found: CompletionCandidate| {
        let value = found.get_value().to_string_lossy().into_owned();
        let hidden = found.is_hide_set();
        if value.ends_with('/') { found } else { CompletionCandidate::new(format!("{value}:")).hide(hidden) }
    };
    PathCompleter::any().filter(Path::is_file).complete(current).into_iter().map(file).collect()
}

fn is_profile(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.is_file() && (name == PROFILE || name.ends_with(".stockade.yaml"))
}

fn is_yaml(path: &Path) -> bool {
    path.is_file() && path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}
