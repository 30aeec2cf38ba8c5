//! What earlier runs have generated and this one does not.

use std::collections::BTreeSet;

use super::earlier::Earlier;
use super::lock::{Kind, Record};
use super::{Folder, Found, WriteError};
use crate::values::BundlePath;

/// A file of an earlier run that is no longer generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Where.
    pub path: BundlePath,
    /// Whether it is exactly as it was generated, and so can go.
    pub removable: bool,
    /// Whether it is a directory, which goes only when it is empty.
    pub directory: bool,
    /// Whether it is a text of ours that somebody has changed: it stays, and so does the finding, until it is gone. Values
    /// and what belongs to the application stay as well, but are named only once.
    pub edited: bool,
    /// Whether somebody agreed that it is set aside.
    pub agreed: bool,
}

/// What is there of the records that have no file in the bundle now, and those whose file is gone.
pub(super) fn stale(
    present: &BTreeSet<&str>,
    earlier: &Earlier,
    folder: Option<&Folder>,
) -> Result<(Vec<Stale>, Vec<Record>), WriteError> {
    let Some(folder) = folder else { return Ok(Default::default()) };
    let (mut stale, mut gone) = (Vec::new(), Vec::new());
    for record in earlier.records().filter(|record| !present.contains(record.path.as_str())) {
        // A path that could leave the bundle is none of ours.
        let Ok(path) = record.path.parse::<BundlePath>() else { continue };
        let (removable, directory, edited) = match folder.find(&path)? {
            Found::Absent => {
                gone.push(record.clone());
                continue;
            }
            Found::Directory { .. } => (record.kind == Kind::Directory, true, false),
            Found::File { bytes, .. } => {
                let (_, untouched) = earlier.written(path.as_str(), &bytes);
                let text = matches!(record.kind, Kind::Text | Kind::TextWithSecrets) && !record.once;
                (untouched, false, text && !untouched)
            }
        };
        stale.push(Stale { path, removable, directory, edited, agreed: false });
    }
    // What lies in a directory goes before the directory.
    stale.reverse();
    Ok((stale, gone))
}
