//! Searches folders for profiles, as a repository holds them.

use super::exit::Failure;
use super::input::{self, PROFILE};
use crate::diagnostics::codes;
use crate::writer::LOCK;
use ignore::{DirEntry, WalkBuilder};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Folders with other people's code.
const VENDOR: [&str; 2] = ["node_modules", "vendor"];

/// What a search has found.
#[derive(Debug, Default)]
pub struct Search {
    /// Profiles, each once: those of a folder by path, arguments in the order in which they were typed.
    pub profiles: Vec<PathBuf>,
    /// Folders that could not be searched, and those without a profile.
    pub failed: Vec<Failure>,
}

/// The profiles that arguments name: files as they are, folders for every profile below them, nothing for the one here.
///
/// # Errors
/// Nothing was found at all.
pub fn profiles(arguments: &[PathBuf]) -> Result<Search, Failure> {
    if arguments.is_empty() {
        return Ok(Search { profiles: vec![input::here()?], ..Search::default() });
    }
    let mut search = Search::default();
    for argument in arguments {
        if argument.is_dir() {
            search.below(argument);
        } else {
            search.profiles.push(argument.clone());
        }
    }
    if arguments.len() > 1 {
        let mut known = BTreeSet::new();
        // What is not there has no other name.
        search.profiles.retain(|path| known.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    }
    match search.profiles.is_empty().then(|| search.failed.pop()).flatten() {
        Some(failure) => Err(failure),
        None => Ok(search),
    }
}

impl Search {
    fn below(&mut self, folder: &Path) {
        let before = (self.profiles.len(), self.failed.len());
        for entry in walk(folder) {
            match entry {
                Ok(entry) if is_profile(&entry) => self.profiles.push(entry.into_path()),
                Ok(_) => {}
                Err(error) => {
                    let says = format!("cannot search `{}`: {error}", folder.display());
                    self.failed.push(Failure::machine(says, "look at its permissions, or name the profiles"));
                }
            }
        }
        if before == (self.profiles.len(), self.failed.len()) {
            self.failed.push(none(folder));
        }
    }
}

/// Everything below a folder but what is hidden, other people's, ignored by Git, or a bundle; symbolic links are not followed.
/// What Git ignores is read from files named `.gitignore` alone, so that every machine finds the same: in a repository as Git
/// does, elsewhere from the folder downwards.
fn walk(folder: &Path) -> ignore::Walk {
    let is_in_repository =
        std::path::absolute(folder).is_ok_and(|path| path.ancestors().any(|above| above.join(".git").exists()));
    WalkBuilder::new(folder)
        .ignore(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(is_in_repository)
        .parents(is_in_repository)
        .filter_entry(|entry| entry.depth() == 0 || !is_closed(entry))
        .sort_by_file_name(std::ffi::OsStr::cmp)
        .build()
}

/// Whether there is nothing to look for in a folder.
fn is_closed(entry: &DirEntry) -> bool {
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    is_folder && (entry.file_name().to_str().is_some_and(|name| VENDOR.contains(&name)) || is_bundle(entry.path()))
}

/// A bundle may have been generated around its profile.
fn is_bundle(folder: &Path) -> bool {
    folder.join(LOCK).exists() && !folder.join(PROFILE).exists()
}

fn is_profile(entry: &DirEntry) -> bool {
    let is_file = match entry.file_type() {
        // A link to a file is what its owner wanted there; one to a folder could lead anywhere.
        Some(kind) if kind.is_symlink() => entry.path().is_file(),
        kind => kind.is_some_and(|kind| kind.is_file()),
    };
    is_file && is_named(&entry.file_name().to_string_lossy())
}

/// Whether a file of this name is a profile.
pub fn is_named(name: &str) -> bool {
    name == PROFILE || name.ends_with(".stockade.yaml")
}

fn none(folder: &Path) -> Failure {
    let word = super::init::word(&folder.display().to_string());
    Failure::input(
        codes::IO,
        format!("there is no profile in `{}`", folder.display()),
        format!("`stockade init {word}` writes one there; or name a file"),
    )
}
