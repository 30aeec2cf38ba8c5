//! Marks at line ends, `# why: control, control`, which tie a line of the bundle to the controls behind it.

use super::Place;
use super::files::{File, Files};
use crate::text::Span;
use crate::yaml::{self, Node, NodeKind, Route, Step};
use std::collections::BTreeMap;

const MARK: &str = "# why: ";

/// Places by control, each list in order. JSON has no comments and so no marks.
pub(super) type Marks = BTreeMap<String, Vec<Place>>;

/// The marks of all files.
pub(super) fn gather(files: &Files) -> Marks {
    let mut marks = Marks::new();
    for (path, file) in files.iter() {
        for (id, line, key) in &file.marks {
            let place = Place { artifact: path.to_owned(), line: Some(*line), key: key.clone() };
            marks.entry(id.clone()).or_default().push(place);
        }
    }
    for places in marks.values_mut() {
        places.sort();
        places.dedup();
    }
    marks
}

/// The marks of one file: control, line and key. What a mark on a line of its own speaks of is the next line; a remark on
/// what is not there speaks of the part it is not in; behind the key of a list it speaks of every item, and on an entry
/// that is merged into others of those.
pub(super) fn scan(file: &File) -> Vec<(String, usize, Option<String>)> {
    let mut marks = Vec::new();
    for (line, offset, ids) in candidates(file.text()) {
        if file.is_value(offset) {
            continue;
        }
        let (line, key) = place(file, line, offset);
        let places = key.as_ref().map(|key| spread(file, line, key)).unwrap_or_default();
        let places = if places.is_empty() { vec![(line, key)] } else { places };
        for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            marks.extend(places.iter().map(|(line, key)| (id.to_owned(), *line, key.as_ref().map(Route::to_string))));
        }
    }
    marks
}

/// Line, offset and ids of everything that looks like a mark: at a line's end, behind blanks or nothing.
fn candidates(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').zip(1..).filter_map(move |(line, number)| {
        let begin = start;
        start += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        let at = line.rfind(MARK)?;
        let ids = &line[at + MARK.len()..];
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-, ".contains(&b);
        (line[..at].trim_end().len() < at || at == 0).then_some(())?;
        (!ids.trim().is_empty() && ids.bytes().all(plain)).then_some((number, begin + at, ids))
    })
}

/// Where else than at its own key a mark counts: at the items of the list that begins below it, or at the keys that come of
/// it by merging.
fn spread(file: &File, line: usize, key: &Route) -> Vec<(usize, Option<Route>)> {
    let Some(tree) = file.tree() else { return Vec::new() };
    let Some(found) = yaml::find(tree, key) else { return Vec::new() };
    if let NodeKind::Seq { items, flow: false } = &found.node.kind {
        let routes = (0..items.len()).map(|index| key.clone().index(index));
        let below = routes.filter_map(|route| Some((file.line_of(&route)?, Some(route))));
        return below.filter(|(at, _)| *at > line).collect();
    }
    let mut merged = Vec::new();
    // What is merged into services lies in a part of its own, whose name begins with `x-` (Compose specification, extensions).
    let shared = matches!(key.steps(), [Step::Key(part), Step::Key(_)] if part.starts_with("x-"));
    if let Some(span) = found.key.filter(|_| shared) {
        merges(tree, span, &mut Vec::new(), &mut merged);
    }
    merged.into_iter().map(|route| (line, Some(route))).collect()
}

/// Keys that are written at the place and merged into other mappings.
fn merges<'n>(node: &'n Node, written: Span, at: &mut Vec<&'n str>, found: &mut Vec<Route>) {
    for entry in node.entries() {
        at.push(entry.name());
        if entry.merged && entry.key.span == written {
            found.push(at.iter().fold(Route::root(), |route, name| route.key(*name)));
        } else if entry.value.alias.is_none() && !entry.merged {
            merges(&entry.value, written, at, found);
        }
        at.pop();
    }
}

/// The line a mark speaks of, and its key.
fn place(file: &File, line: usize, offset: usize) -> (usize, Option<Route>) {
    let before = file.text()[..offset].rsplit('\n').next().unwrap_or_default().trim();
    if before.is_empty() {
        let rest = file.text()[offset..].lines().zip(line..).skip(1);
        let said = |text: &str| !text.trim().is_empty() && !text.trim_start().starts_with('#');
        let next = rest.filter(|(text, _)| said(text)).map(|(_, number)| number).next().unwrap_or(line);
        return (next, file.key_at(next));
    }
    let key = file.key_at(line);
    let around = key.as_ref().filter(|_| before.starts_with('#')).and_then(|key| file.line_of(key));
    (around.unwrap_or(line), key)
}
