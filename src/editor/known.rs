//! The systems that a profile names, as far as they can be read.

use super::look::Look;
use super::uri;
use crate::format::system::System;
use crate::systems::{self, builtin, is_path};
use crate::text::SourceFile;
use crate::yaml::{Node, Sources};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A system with its text.
#[derive(Debug)]
pub struct Known {
    /// What it says.
    pub system: System,
    /// Its text, for places.
    pub file: SourceFile,
    /// Where it lies.
    pub place: Place,
}

/// Where a system's file lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the program.
    Builtin(String),
    /// On disk.
    File(PathBuf),
}

/// Built-in systems never change: each is read once, when it is first asked for.
static BUILTIN: Mutex<BTreeMap<String, Arc<Known>>> = Mutex::new(BTreeMap::new());

/// The built-in system of a name.
pub fn built_in(name: &str) -> Option<Arc<Known>> {
    let mut all = BUILTIN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(name) {
        return Some(known.clone());
    }
    let known = Arc::new(parsed(SourceFile::new(name, builtin(name)?), Place::Builtin(name.to_owned()))?);
    all.insert(name.to_owned(), known.clone());
    Some(known)
}

/// A system file's text as far as it can be read.
pub fn parsed(file: SourceFile, place: Place) -> Option<Known> {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new(file.name(), file.text()));
    Some(Known { system: systems::read(&sources, id).0?, file, place })
}

/// The system that a profile names by a word, `look` being one at that profile or at nothing.
pub fn named(word: &str, profile: &Path, look: Option<&Look>) -> Option<Arc<Known>> {
    if !is_path(word) {
        return built_in(word);
    }
    let path = uri::plain(&profile.parent()?.join(word));
    let look = look?;
    let file = look.sources.get(look.source(&path)?)?;
    parsed(SourceFile::new(file.name(), file.text()), Place::File(path)).map(Arc::new)
}

/// The words by which a profile names its systems, each with the key of its part, where it has several.
pub fn words(root: &Node) -> Vec<(Option<&str>, &str)> {
    let one = root.get("system").and_then(Node::as_text).map(|word| (None, word));
    let parts = root.get("systems").map_or(&[][..], Node::entries).iter();
    let several = parts.filter_map(|part| Some((Some(part.name()), part.value.get("system")?.as_text()?)));
    one.into_iter().chain(several).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::kind;

    #[test]
    fn the_systems_of_a_profile_are_found_by_their_words() {
        let text = "systems:\n  games: {system: hyos}\n  hub: {system: ./own.system.yaml}\n  none: {}\n";
        let (sources, id) = kind::tree(&SourceFile::new("p", text));
        let root = sources.tree(id).unwrap();
        assert_eq!(words(root), [(Some("games"), "hyos"), (Some("hub"), "./own.system.yaml")]);
        assert!(Arc::ptr_eq(&built_in("hyos").unwrap(), &named("hyos", Path::new("/p"), None).unwrap()));
        assert!(named("./own.system.yaml", Path::new("/p"), None).is_none());
        assert!(named("nonsense", Path::new("/p"), None).is_none());
    }
}
