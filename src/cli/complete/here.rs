//! The systems that matter where somebody types: those of the profile in the command or in this folder, else the built-in ones.

use crate::cli::input::{PROFILE, lenient};
use crate::format::system::System;
use crate::schema;
use crate::systems::{builtins, read};
use crate::text::SourceFile;
use crate::yaml::Sources;
use std::path::{Path, PathBuf};

/// The systems; whatever cannot be read is left out.
pub(super) fn systems() -> Vec<System> {
    let found = profile().map(|path| of_profile(&path)).unwrap_or_default();
    if found.is_empty() { builtin() } else { found }
}

/// Those that are part of the program.
pub(super) fn builtin() -> Vec<System> {
    let one = |(name, text): (&str, &'static str)| {
        let mut sources = Sources::new();
        let id = sources.add(SourceFile::new(name, text));
        read(&sources, id).0
    };
    builtins().into_iter().filter_map(one).collect()
}

/// The systems a profile names.
fn of_profile(path: &Path) -> Vec<System> {
    let Ok((mut sources, id, own)) = lenient(path) else { return Vec::new() };
    schema::systems_of(&mut sources, id, &own).into_iter().flatten().collect()
}

/// A profile that stands in the command already, else the one of this folder.
fn profile() -> Option<PathBuf> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(2).map(PathBuf::from);
    let folder = |path: PathBuf| if path.is_dir() { path.join(PROFILE) } else { path };
    let named = |path: &PathBuf| path.is_file() && path.extension().is_some_and(|extension| extension == "yaml");
    words.map(folder).find(named).or_else(|| Some(PathBuf::from(PROFILE)).filter(|path| path.is_file()))
}
