//! One recommendation and the places where it is met.

use super::super::{Line, Place, Status};
use crate::stack::Compared;
use serde::Serialize;

/// Recommendations of one boundary.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Section {
    pub id: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub lines: Vec<Entry>,
}

/// One recommendation.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Entry {
    pub id: String,
    pub guide: String,
    pub status: &'static str,
    pub title: &'static str,
    /// The answer, as the beginning of a sentence.
    pub answer: &'static str,
    /// Values beside the guide's.
    pub values: Vec<ValueView>,
    /// The recommendation that asks the same.
    pub same_as: Option<String>,
    pub controls: Vec<String>,
    pub seen: Vec<Seen>,
    /// How many further places there are.
    pub more: usize,
    pub because: Option<String>,
    pub waived: Option<String>,
    pub deviation: Option<String>,
    pub notes: Vec<String>,
    /// Number of the step or check with its command.
    pub place: Option<String>,
}

/// A value beside the guide's.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct ValueView {
    pub what: String,
    pub chosen: String,
    pub guide: String,
    pub differs: bool,
    pub weaker: bool,
}

/// Places in one file.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Seen {
    pub file: String,
    /// Lines, with runs drawn together: `4, 7-9`; empty where the whole file is meant.
    pub lines: String,
    /// Whether there is more than one line.
    pub several: bool,
    /// What the lines say, where it is the same on all.
    pub key: Option<String>,
}

pub(super) fn entry(line: &Line) -> Entry {
    Entry {
        id: line.id.to_string(),
        guide: line.guide.to_string(),
        status: line.status.as_str(),
        title: line.status.title(),
        answer: match (line.status, line.controls.is_empty()) {
            (Status::Manual, false) => "Manual, supported by",
            (Status::Waived, false) => "Waived, was to be enforced by",
            (Status::Enforced, false) => "Enforced by",
            (Status::Compensated, false) => "Compensated by",
            (Status::Relaxed, false) => "Relaxed, though in place by",
            (status, _) => status.title(),
        },
        values: line.compared.iter().map(value).collect(),
        same_as: line.same_as.as_ref().map(ToString::to_string),
        controls: line.controls.iter().map(|id| (*id).to_owned()).collect(),
        seen: seen(&line.places),
        more: line.more,
        because: line.because.clone(),
        waived: line.waived.as_ref().map(|waived| {
            let service = waived.service.as_ref().map_or(String::new(), |service| format!(" for `{service}`"));
            match &waived.until {
                Some(until) => format!("`{}`{service}, until {until}: {}", waived.control, waived.reason),
                None => waived.reason.clone(),
            }
        }),
        deviation: line.deviation.as_ref().map(ToString::to_string),
        notes: line.notes.clone(),
        place: None,
    }
}

fn value(value: &Compared) -> ValueView {
    let Compared { what, is_key, chosen, guide, differs, weaker } = value;
    let what = if *is_key { format!("`{what}`") } else { what.clone() };
    ValueView { what, chosen: chosen.clone(), guide: guide.clone(), differs: *differs, weaker: *weaker }
}

/// Places by file, in the order in which the files come.
pub(in super::super) fn seen(places: &[Place]) -> Vec<Seen> {
    let mut files: Vec<(&str, Vec<&Place>)> = Vec::new();
    for place in places {
        match files.iter_mut().find(|(file, _)| *file == place.artifact) {
            Some((_, list)) => list.push(place),
            None => files.push((&place.artifact, vec![place])),
        }
    }
    files.into_iter().map(|(file, places)| seen_in(file, &places)).collect()
}

fn seen_in(file: &str, places: &[&Place]) -> Seen {
    let mut numbers: Vec<usize> = places.iter().filter_map(|place| place.line).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut keys: Vec<Option<&str>> = places.iter().map(|place| last(place.key.as_deref()?)).collect();
    keys.dedup();
    let key = match keys.as_slice() {
        [key] => key.map(str::to_owned),
        _ => None,
    };
    Seen { file: file.to_owned(), lines: runs(&numbers), several: numbers.len() > 1, key }
}

/// The last key of a path, without an index; nothing of paths that need quotes.
fn last(path: &str) -> Option<&str> {
    let key = path.rsplit('.').next()?.split('[').next()?;
    (!path.contains('"') && !key.is_empty()).then_some(key)
}

/// `4, 7-9` for 4, 7, 8, 9.
fn runs(numbers: &[usize]) -> String {
    let mut text: Vec<String> = Vec::new();
    for run in numbers.chunk_by(|a, b| a + 1 == *b) {
        match run {
            [one] => text.push(one.to_string()),
            [first, .., last] => text.push(format!("{first}-{last}")),
            [] => {}
        }
    }
    text.join(", ")
}
