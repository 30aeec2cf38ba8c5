//! Marks at line ends, `# why: control, control`, which tie a line of the bundle to the controls behind it.

use super::Place;
use super::files::{File, Files};
use std::collections::BTreeMap;

const MARK: &str = "# why: ";

/// Places by control, each list in order. JSON has no comments and so no marks.
pub(super) type Marks = BTreeMap<String, Vec<Place>>;

/// The file, parsed if its marks will ask for keys.
pub(super) fn prepared(file: File) -> File {
    if file.has_comments() && candidates(file.text()).next().is_some() {
        file.tree();
    }
    file
}

/// Reads every artifact.
pub(super) fn scan(files: &Files) -> Marks {
    let mut marks = Marks::new();
    for (path, file) in files.marked() {
        for (line, offset, ids) in candidates(file.text()) {
            if file.is_value(offset) {
                continue;
            }
            let key = key(file, line, offset).map(|route| route.to_string());
            for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
                let place = Place { artifact: path.to_owned(), line: Some(line), key: key.clone() };
                marks.entry(id.to_owned()).or_default().push(place);
            }
        }
    }
    for places in marks.values_mut() {
        places.sort();
        places.dedup();
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
