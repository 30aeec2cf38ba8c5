//! Profiles and system files in a folder and below.

use crate::cli::input::PROFILE;
use std::path::{Path, PathBuf};

/// How deep folders are looked into, and how many entries in all.
const DEPTH: usize = 12;
const ENTRIES: usize = 50_000;

/// Folders of other tools, and of bundles.
const PASSED_OVER: [&str; 3] = ["bundle", "node_modules", "target"];

/// What was found, as paths from the folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Profiles.
    pub(super) profiles: Vec<PathBuf>,
    /// System files.
    pub(super) systems: Vec<PathBuf>,
}

/// Looks into a folder; what cannot be read is passed over, and so are links, hidden folders and bundles.
pub(super) fn all(root: &Path) -> Found {
    let mut found = Found::default();
    let mut entries = 0;
    let mut folders = vec![(PathBuf::new(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(root.join(&folder)).into_iter().flatten().flatten() {
            entries += 1;
            let Ok(kind) = entry.file_type() else { continue };
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = folder.join(&name);
            let is_bundle = || entry.path().join(crate::writer::LOCK).exists();
            if kind.is_dir() {
                let passed = name.starts_with('.') || PASSED_OVER.contains(&name.as_str());
                if !passed && depth < DEPTH && entries < ENTRIES && !is_bundle() {
                    folders.push((path, depth + 1));
                }
            } else if kind.is_file() && (name == PROFILE || name.ends_with(".stockade.yaml")) {
                found.profiles.push(path);
            } else if kind.is_file() && name.ends_with(".system.yaml") {
                found.systems.push(path);
            }
        }
    }
    found.profiles.sort();
    found.systems.sort();
    found
}
