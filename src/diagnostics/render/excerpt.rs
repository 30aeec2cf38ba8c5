use std::ops::Range;

use super::{Texts, escape};
use crate::diagnostics::{Diagnostic, Label};
use crate::text::{SourceFile, SourceId};

/// Longest piece of a line that is shown on each side of a mark.
const BESIDE: usize = 400;

/// Most lines of one marked place that are shown.
const LINES: usize = 6;

/// A mark whose place has not been reached.
const UNSET: usize = usize::MAX;

/// First line, last line and bytes of a mark.
type Place = (usize, usize, Range<usize>);

/// The lines around the marks of one file, made safe to print, and the marks in that text.
#[derive(Debug)]
pub(super) struct Excerpt {
    pub(super) first_line: usize,
    pub(super) text: String,
    pub(super) marks: Vec<Mark>,
}

/// A range of the excerpt's text.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) text: String,
    pub(super) primary: bool,
}

/// One entry for a file that is in the store: its name, and the excerpt unless the file has no text.
pub(super) fn of<'a>(item: &Diagnostic, id: SourceId, sources: &'a dyn Texts) -> Option<(&'a str, Option<Excerpt>)> {
    let file = sources.file(id)?;
    let labels: Vec<&Label> = item.labels.iter().filter(|label| label.span.source == id).collect();
    if file.text().is_empty() || labels.is_empty() {
        return Some((file.name(), None));
    }
    Some((file.name(), Some(cut(file, &labels, &sources.withheld(id)))))
}

fn cut(file: &SourceFile, labels: &[&Label], withheld: &[Range<usize>]) -> Excerpt {
    let places: Vec<Place> = labels
        .iter()
        .map(|label| {
            let (start, end) = (label.span.start, label.span.end.max(label.span.start));
            let first = file.position(start).line;
            let last = file.position(end).line.min(first + LINES - 1);
            let limit = file.line_range(last).map_or(end, |(_, end)| end);
            (first, last, start..end.min(limit).max(start))
        })
        .collect();
    let first_line = places.iter().map(|place| place.0).min().unwrap_or(1);
    let last_line = places.iter().map(|place| place.1).max().unwrap_or(1);
    let mut text = String::new();
    let mut marks: Vec<Mark> = labels
        .iter()
        .map(|label| Mark { range: UNSET..UNSET, text: label.text.clone(), primary: label.primary })
        .collect();
    for line in first_line..=last_line {
        let Some((start, end)) = file.line_range(line) else {
            break;
        };
        let shown = places.iter().any(|(first, last, _)| (*first..=*last).contains(&line));
        if shown {
            push_line(file.text(), start..end, (&places, withheld), &mut text, &mut marks);
        }
        text.push('\n');
    }
    for mark in &mut marks {
        mark.range.start = mark.range.start.min(text.len());
        mark.range.end = mark.range.end.clamp(mark.range.start, text.len());
    }
    Excerpt { first_line, text, marks }
}

/// Appends one line with deceiving characters escaped and moves the marks along.
fn push_line(
    source: &str,
    line: Range<usize>,
    (places, withheld): (&[Place], &[Range<usize>]),
    text: &mut String,
    marks: &mut [Mark],
) {
    let near = |at: usize| {
        places
            .iter()
            .any(|(_, _, range)| at + BESIDE >= range.start.max(line.start) && at <= range.end.min(line.end) + BESIDE)
    };
    let mut gap = false;
    // The end of the line is a place too: a mark may begin or end there.
    let ends = std::iter::once((line.end, None));
    let chars = source[line.clone()].char_indices().map(|(at, c)| (line.start + at, Some(c)));
    for (at, c) in chars.chain(ends) {
        for (mark, (_, _, range)) in marks.iter_mut().zip(places) {
            if at >= range.start && mark.range.start == UNSET {
                mark.range.start = text.len();
            }
            if at <= range.end {
                mark.range.end = text.len();
            }
        }
        let Some(c) = c else { break };
        if !near(at) || withheld.iter().any(|range| range.contains(&at)) {
            if !gap {
                text.push('…');
            }
            gap = true;
            continue;
        }
        gap = false;
        match escape::shown(c) {
            Some(escaped) => text.push_str(&escaped),
            None => text.push(c),
        }
    }
}
