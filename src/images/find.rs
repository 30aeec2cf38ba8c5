//! The family of an image, and what holds for its version.

use crate::diagnostics::Diagnostics;
use crate::embedded;
use crate::format::image::{Facts, Family};
use crate::text::{SourceFile, SourceId};
use crate::values::ImageRef;
use crate::yaml::{Entry, Node, NodeKind, Sources, read_as, read_node};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

const FOLDER: &str = "images/builtin/";

/// What is known of one image.
#[derive(Debug, Clone)]
pub struct Known {
    /// The family's name.
    pub name: String,
    /// The family's name for people.
    pub title: String,
    /// What holds for this version.
    pub facts: Facts,
}

/// A family with the tree it was read from.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) family: Family,
    pub(super) root: Arc<Node>,
}

/// The families there are, by name, with their texts.
pub(super) fn families() -> impl Iterator<Item = (&'static str, &'static str)> {
    embedded::below(FOLDER)
        .filter_map(|path| Some((path.strip_prefix(FOLDER)?.strip_suffix(".yaml")?, embedded::text(path)?)))
}

/// What is known of an image, where anything is.
pub fn known(image: &ImageRef) -> Option<Arc<Known>> {
    static READ: Mutex<BTreeMap<String, Option<Arc<Known>>>> = Mutex::new(BTreeMap::new());
    let plain = ImageRef { digest: None, ..image.clone() }.to_string();
    if let Some(known) = READ.lock().unwrap_or_else(PoisonError::into_inner).get(&plain) {
        return known.clone();
    }
    let known = of(image).and_then(|read| {
        let facts = read_node::<Facts>(&facts(&read, image)).value?;
        Some(Arc::new(Known { name: read.family.name.to_string(), title: read.family.title.to_string(), facts }))
    });
    READ.lock().unwrap_or_else(PoisonError::into_inner).insert(plain, known.clone());
    known
}

/// The family of an image.
pub(super) fn of(image: &ImageRef) -> Option<Arc<Read>> {
    let name = plain_name(&image.repository);
    let first = name.split_once('/').map_or(name, |(first, _)| first);
    // A file that does not name it need not be read.
    let names = |text: &str| text.contains(name) || text.contains(&format!("{first}/"));
    let tag = image.tag.as_deref().unwrap_or_default();
    families().filter(|(_, text)| names(text)).filter_map(|(family, _)| read(family)).find(|read| {
        let family = &read.family;
        family.images.iter().any(|start| begins(name, start.as_str()))
            && !family.unless.iter().any(|word| tag.contains(word.as_str()))
            && (family.only.is_empty() || family.only.iter().any(|word| tag.contains(word.as_str())))
    })
}

/// A family by its name, read once.
pub(super) fn read(name: &'static str) -> Option<Arc<Read>> {
    static READ: OnceLock<BTreeMap<&'static str, OnceLock<Option<Arc<Read>>>>> = OnceLock::new();
    let all = READ.get_or_init(|| families().map(|(name, _)| (name, OnceLock::new())).collect());
    let one = all.get(name)?;
    one.get_or_init(|| parse(name).0.map(Arc::new)).clone()
}

/// Reads a family; what is wrong in it is a mistake of ours, for which its tests look.
pub(super) fn parse(name: &str) -> (Option<Read>, Diagnostics) {
    let mut sources = Sources::new();
    let text = embedded::text(&format!("{FOLDER}{name}.yaml")).unwrap_or_default();
    let id: SourceId = sources.add(SourceFile::embedded(format!("{name} (image facts)"), text, None));
    let decoded = read_as::<Family>(&sources, id);
    let root = sources.tree(id).cloned();
    let value = decoded.value.filter(|family| family.format.value == 1);
    (value.zip(root).map(|(family, root)| Read { family, root }), decoded.diagnostics)
}

/// What holds for an image of a family: the facts of its cases instead of those of all, key by key.
pub(super) fn facts(read: &Read, image: &ImageRef) -> Arc<Node> {
    let empty = || Node { kind: NodeKind::Map { entries: Vec::new(), flow: false }, ..(*read.root).clone() };
    let mut facts = read.root.get("facts").map_or_else(empty, Node::clone);
    let tag = image.tag.as_deref().unwrap_or_default();
    let version = version(tag, read.family.version_after.as_ref().map(|word| word.as_str()));
    let cases = read.root.get("cases").into_iter().flat_map(|cases| cases.items());
    for (case, node) in read.family.cases.iter().zip(cases) {
        let holds = case.tag.as_ref().is_none_or(|word| tag.contains(word.as_str()))
            && case.from.as_ref().is_none_or(|from| version.is_some_and(|it| !older(it, from.as_str())))
            && case.before.as_ref().is_none_or(|before| version.is_some_and(|it| older(it, before.as_str())));
        if let Some(own) = node.get("facts").filter(|_| holds) {
            replace(&mut facts, own, 1);
        }
    }
    Arc::new(facts)
}

/// Puts entries in place of those of the same name; `deep` says how many levels below are joined likewise.
fn replace(into: &mut Node, from: &Node, deep: usize) {
    let NodeKind::Map { entries, .. } = &mut into.kind else { return };
    for entry in from.entries() {
        match entries.iter_mut().find(|mine| mine.name() == entry.name()) {
            Some(mine) if deep > 0 && is_map(mine) && is_map(entry) => {
                replace(Arc::make_mut(&mut mine.value.node), &entry.value.node, deep - 1);
            }
            Some(mine) => *mine = entry.clone(),
            None => entries.push(entry.clone()),
        }
    }
}

fn is_map(entry: &Entry) -> bool {
    matches!(entry.value.node.kind, NodeKind::Map { .. })
}

/// The version that a tag names: what stands behind the word, else what it begins with.
fn version<'t>(tag: &'t str, after: Option<&str>) -> Option<&'t str> {
    let digits = |text: &'t str| {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        Some(&text[..end]).filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    };
    let behind = after.and_then(|word| digits(tag.split_once(word)?.1));
    behind.or_else(|| digits(tag.strip_prefix('v').unwrap_or(tag)))
}

/// Whether one version comes before another: number by number, as far as the other goes.
fn older(version: &str, than: &str) -> bool {
    let numbers = |text: &str| text.split('.').map(|part| part.parse().unwrap_or(0_u64)).collect::<Vec<_>>();
    let (mine, other) = (numbers(version), numbers(than));
    let mine = mine.into_iter().chain(std::iter::repeat(0)).take(other.len());
    mine.lt(other)
}

/// Whether a name is this one, or is one below it where it ends with `/`.
fn begins(name: &str, start: &str) -> bool {
    if start.ends_with('/') { name.starts_with(start) } else { name == start }
}

/// A first part with a dot or a port is a registry (distribution reference grammar); `library/` is what Docker Hub calls its own.
fn plain_name(repository: &str) -> &str {
    let registry = |first: &str| first.contains(['.', ':']) || first == "localhost";
    let name = repository.split_once('/').filter(|(first, _)| registry(first)).map_or(repository, |(_, rest)| rest);
    name.strip_prefix("library/").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, than, is) in [
            ("17.6", "18", true),
            ("18", "18", false),
            ("18.1", "18", false),
            ("9", "10", true),
            ("10.5", "10.5.1", true),
        ] {
            assert_eq!(older(version, than), is, "{version} {than}");
        }
        assert_eq!(version("17.6-alpine", None), Some("17.6"));
        assert_eq!(version("0.8.1-pg18-trixie", Some("pg")), Some("18"));
        assert_eq!(version("v1.2.3", None), Some("1.2.3"));
        assert_eq!(version("18-trixie", Some("pg")), Some("18"));
        assert_eq!(version("latest", None), None);
        assert_eq!(version("", Some("pg")), None);
    }
}
