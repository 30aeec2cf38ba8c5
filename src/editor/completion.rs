//! What can be written at a place: keys and words, by the schema of the profile at hand with what its systems say.

use super::cursor::{self, Cursor};
use super::describe;
use super::keys::Shape;
use super::protocol::{AtPosition, CompletionItem, Markup, TextEdit};
use super::spot::Spot;
use super::state::State;
use crate::controls::{Meta, catalogue};
use crate::format::File;
use crate::yaml::Step;

const KEY: u8 = 10;
const VALUE: u8 = 12;

/// Something that can be written.
struct Offer {
    text: String,
    kind: u8,
    /// A word about it.
    detail: Option<String>,
    about: Option<String>,
    /// Whether it must be written.
    must: bool,
    /// Whether further lines follow below it.
    opens: bool,
}

/// What can be written at a place.
pub fn completion(state: &State, at: &AtPosition) -> Option<Vec<CompletionItem>> {
    let spot = Spot::of(state, at)?;
    let cursor = cursor::at(spot.file(), spot.offset)?;
    let mut offers = controls(&spot, &cursor);
    let schema = spot.schema(state);
    if let Some(shape) = Shape::root(&schema).at(&cursor.route) {
        of_schema(&shape, &cursor, &mut offers);
    }
    let range = state.encoding.range(spot.file(), cursor.start, spot.offset);
    let mut items: Vec<CompletionItem> = Vec::new();
    for (place, offer) in offers.into_iter().enumerate() {
        let known = cursor.siblings.contains(&offer.text) || items.iter().any(|item| item.label == offer.text);
        if known && offer.kind == KEY || items.iter().any(|item| item.label == offer.text) {
            continue;
        }
        let new_text = match offer.kind {
            KEY if cursor.colon => offer.text.clone(),
            KEY if offer.opens => format!("{}:", offer.text),
            KEY => format!("{}: ", offer.text),
            _ if spot.file().text().get(..cursor.start).is_some_and(|before| before.ends_with(':')) => {
                format!(" {}", written(&offer.text))
            }
            _ => written(&offer.text),
        };
        items.push(CompletionItem {
            kind: offer.kind,
            detail: offer.detail,
            documentation: offer.about.map(|value| Markup { kind: "markdown", value }),
            text_edit: TextEdit { range, new_text },
            sort_text: format!("{}{place:04}", if offer.must { 0 } else { 1 }),
            label: offer.text,
        });
    }
    Some(items)
}

/// A word as YAML needs it: in quotes where it would be read as something else.
fn written(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+' | ':' | '@');
    match text.chars().all(plain) && !text.is_empty() && !text.ends_with(':') {
        true => text.to_owned(),
        false => serde_json::Value::from(text).to_string(),
    }
}

/// Keys and words that the schema knows.
fn of_schema(shape: &Shape, cursor: &Cursor, offers: &mut Vec<Offer>) {
    let words = shape.words().into_iter().map(|word| Offer {
        about: word.about.map(str::to_owned),
        text: word.text,
        kind: VALUE,
        detail: None,
        must: false,
        opens: false,
    });
    if cursor.value {
        offers.extend(words);
        return;
    }
    if matches!(cursor.route.steps().last(), Some(Step::Index(_))) {
        offers.extend(words);
    }
    offers.extend(shape.keys().into_iter().map(|(name, shape, must)| {
        Offer {
            text: name.to_owned(),
            kind: KEY,
            detail: shape
                .value("default")
                .map(|default| format!("default {default}"))
                .or_else(|| Some(format!("such as {}", shape.value("examples")?))),
            about: shape.about().map(str::to_owned),
            must,
            opens: shape.holds("object") || shape.holds("array"),
        }
    }));
}

/// The controls, where a recommendation of a system file names them.
fn controls(spot: &Spot, cursor: &Cursor) -> Vec<Offer> {
    let keys = cursor.route.steps().iter().rev().take(2);
    let is_there = matches!(keys.collect::<Vec<_>>().as_slice(), [Step::Index(_), Step::Key(key)] if key == "controls");
    if spot.kind != File::System || !is_there {
        return Vec::new();
    }
    let offer = |meta: &Meta| Offer {
        text: meta.id.to_owned(),
        kind: VALUE,
        detail: Some(meta.title.to_owned()),
        about: Some(describe::control(meta, None)),
        must: false,
        opens: false,
    };
    catalogue::ALL.iter().map(|control| offer(control.meta())).collect()
}
