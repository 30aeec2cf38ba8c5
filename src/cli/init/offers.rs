//! What can be set up here.

use crate::cli::exit::Failure;
use crate::cli::systems::parsed;
use crate::diagnostics::Diagnostics;
use crate::init::Offer;
use crate::systems::{builtins, examples, read};
use crate::yaml::Sources;
use std::path::Path;

/// System files that are looked at in a folder.
const MOST: usize = 32;

/// Built-in systems, the system files of the folder that can be read, and the examples.
///
/// # Errors
/// Only a mistake of ours: built-in systems are part of the program.
pub fn all(folder: &Path) -> Result<Vec<Offer>, Failure> {
    let mut offers = Vec::new();
    for (name, text) in builtins() {
        offers.push(Offer::of(name, &parsed(name, text)?, true));
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    files.retain(|name| name.ends_with(".system.yaml"));
    files.sort();
    for name in files.iter().take(MOST) {
        offers.extend(own(folder, &format!("./{name}")).ok());
    }
    for (file, text) in examples().into_iter().filter(|(file, _)| !files.iter().any(|own| own == file)) {
        offers.push(Offer::of_example(file, text, &parsed(file, text)?));
    }
    Ok(offers)
}

/// The system of a file, by its path from the folder of the profile.
///
/// # Errors
/// Everything that is wrong with it, and the files for the places.
pub fn own(folder: &Path, reference: &str) -> Result<Offer, (Diagnostics, Sources)> {
    let mut sources = Sources::new();
    let path = folder.join(reference);
    let bytes = match crate::cli::input::bounded(&path) {
        Ok(bytes) => bytes,
        Err((finding, _)) => return Err(((*finding).into(), sources)),
    };
    let id = match sources.add_bytes(path.display().to_string(), &bytes) {
        Ok(id) => id,
        Err(finding) => return Err((finding.into(), sources)),
    };
    match read(&sources, id) {
        (Some(system), found) if !found.has_errors() => Ok(Offer::of(reference, &system, false)),
        (_, found) => Err((found, sources)),
    }
}
