//! What lies where a program would take it for a part of the bundle, and is none.

use std::collections::BTreeSet;

use super::folder::Entry;
use super::{Folder, Found, Stale, WriteError};
use crate::artifact::{Scope, Watched};

/// Something that no run has written, in a place that a program reads by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Where in the bundle, however it is called.
    pub path: String,
    /// Who reads it.
    pub reader: String,
    /// Whether the whole folder is read.
    pub scope: Scope,
}

/// Looks at every watched place. What is `present` in the bundle belongs there, and what is stale is named as such.
pub(super) fn foreign(
    watched: &[Watched],
    present: &BTreeSet<&str>,
    stale: &[Stale],
    folder: Option<&Folder>,
) -> Result<Vec<Foreign>, WriteError> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let named = |path: &str| {
        present.contains(path)
            || stale.iter().any(|it| it.path.as_str() == path && (it.removable || it.edited) && !it.directory)
    };
    let mut found = Vec::new();
    for place in watched {
        let foreign = |path: String| Foreign { path, reader: place.reader.clone(), scope: place.scope };
        if place.scope == Scope::File {
            if !named(place.path.as_str()) && !is_absent(folder, place)? {
                found.push(foreign(place.path.to_string()));
            }
            continue;
        }
        let mut folders = vec![place.path.clone()];
        while let Some(path) = folders.pop() {
            for Entry { name, directory } in folder.names(&path)? {
                let below = path.join(&name).ok();
                match below.filter(|below| named(below.as_str())) {
                    Some(below) if directory => folders.push(below),
                    Some(_) => {}
                    None => found.push(foreign(format!("{path}/{name}"))),
                }
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Whatever stands there is read: a link and a file too large to look at as well.
fn is_absent(folder: &Folder, place: &Watched) -> Result<bool, WriteError> {
    match folder.find(&place.path) {
        Ok(Found::Absent) => Ok(true),
        Ok(Found::Directory { .. } | Found::File { .. })
        | Err(WriteError::Symlink { .. } | WriteError::InTheWay { .. } | WriteError::TooLarge { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
