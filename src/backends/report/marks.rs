//! Marks at line ends, `# why: control, control`, which tie a line of the bundle to the controls behind it.

use super::Place;
use super::files::{File, Files};
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

/// The marks of one file: control, line and key.
pub(super) fn scan(file: &File) -> Vec<(String, usize, Option<String>)> {
    let mut marks = Vec::new();
    for (line, offset, ids) in candidates(file.text()) {
        if file.is_value(offset) {
            continue;
        }
        let key = key(file, line, offset).map(|route| route.to_string());
        let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
        marks.extend(ids.map(|id| (id.to_owned(), line, key.clone())));
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

/// The key of the mark's line; a mark on a line of its own speaks of the next one.
fn key(file: &File, line: usize, offset: usize) -> Option<crate::source::Route> {
    let alone = file.text()[..offset].rsplit('\n').next().is_some_and(|before| before.trim().is_empty());
    file.key_at(if alone { line + 1 } else { line })
}
