//! In: a recommendation and the places of its controls. Out: the few of them that show what is claimed.

use super::Place;
use super::files::Files;
use super::marks::Marks;
use crate::stack::Recommendation;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// How many places of controls an answer cites.
const MANY: usize = 12;
/// How many of one control.
const FEW: usize = 4;

/// What shows a claim.
#[derive(Default)]
pub(super) struct Evidence {
    /// A few places, in order.
    pub places: Vec<Place>,
    /// How many more the controls have.
    pub more: usize,
    /// The first place of the first control, which says most.
    pub best: Option<Place>,
}

/// The places that show the claim.
pub(super) fn of(recommendation: &Recommendation, files: &Files, marks: &Marks) -> Evidence {
    let Recommendation { controls, evidence, .. } = recommendation;
    let mut all: Vec<&[Place]> = controls.iter().filter_map(|id| marks.get(*id)).map(Vec::as_slice).collect();
    let fits = |place: &&Place| evidence.is_empty() || evidence.iter().any(|word| speaks_of(place, word, files));
    let each = (MANY / all.len().max(1)).clamp(1, if evidence.is_empty() { FEW } else { MANY });
    let mut places: Vec<Place> = Vec::new();
    let mut best = None;
    for control in &mut all {
        let mut own: Vec<&Place> = control.iter().filter(fits).collect();
        own.sort_by(|a, b| order(a, b));
        let few = few(&own, each, files);
        best = best.or_else(|| few.first().copied().cloned());
        places.extend(few.into_iter().cloned());
    }
    places.sort_by(order);
    places.dedup();
    let whole: BTreeSet<&Place> = all.iter().flat_map(|control| control.iter()).filter(fits).collect();
    let more = whole.len() - places.len();
    Evidence { places, more, best }
}

/// A port's rule is the outermost guard of much; what is closer to the point comes first.
pub(super) fn order(a: &Place, b: &Place) -> Ordering {
    (a.artifact.starts_with("firewall/"), a).cmp(&(b.artifact.starts_with("firewall/"), b))
}

/// One of each kind before a second of any, in their order.
fn few<'a>(places: &[&'a Place], most: usize, files: &Files) -> Vec<&'a Place> {
    let mut seen = BTreeSet::new();
    let (first, again): (Vec<&Place>, Vec<&Place>) =
        places.iter().partition(|place| seen.insert((place.artifact.as_str(), kind(place, files))));
    first.into_iter().chain(again).take(most).collect()
}

/// The last key, or the first word of the line.
fn kind(place: &Place, files: &Files) -> String {
    let key = place.key.as_deref().and_then(|key| key.rsplit('.').next());
    let word = || text(place, files).split_whitespace().next().unwrap_or_default().to_owned();
    key.map_or_else(word, |key| key.split('[').next().unwrap_or_default().to_owned())
}

/// Whether artifact, key or line hold a word, however it is written.
fn speaks_of(place: &Place, word: &str, files: &Files) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(&word.to_lowercase());
    holds(&place.artifact) || place.key.as_deref().is_some_and(holds) || holds(text(place, files))
}

/// The line, without the mark at its end.
fn text<'a>(place: &Place, files: &'a Files) -> &'a str {
    let line = place.line.zip(files.get(&place.artifact)).map_or("", |(number, file)| file.line(number));
    line.split("# why: ").next().unwrap_or_default()
}
