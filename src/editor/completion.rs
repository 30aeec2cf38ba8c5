//! What can be written at a place: keys and words of the format, and the names that systems give.

use super::cursor::{self, Cursor};
use super::describe;
use super::keys::Shape;
use super::known::Known;
use super::protocol::{AtPosition, CompletionItem, Markup, TextEdit};
use super::spot::Spot;
use super::state::State;
use crate::controls::catalogue;
use crate::format::File;
use crate::format::system::SettingType;
use crate::systems::{builtins, words};
use crate::yaml::Step;
use std::sync::Arc;

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
    let mut offers = of_systems(&spot, &cursor);
    if let Some(shape) = Shape::root(super::schema(spot.kind)).at(&cursor.route) {
        of_format(&shape, &cursor, &mut offers);
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

/// Keys and words that the format knows.
fn of_format(shape: &Shape, cursor: &Cursor, offers: &mut Vec<Offer>) {
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
    offers.extend(shape.keys().into_iter().map(|(name, shape, must)| Offer {
        text: name.to_owned(),
        kind: KEY,
        detail: shape.value("examples").map(|example| format!("such as {example}")),
        about: shape.about().map(str::to_owned),
        must,
        opens: shape.holds("object") || shape.holds("array"),
    }));
}

/// Names that the systems of a profile give, and those of controls.
fn of_systems(spot: &Spot, cursor: &Cursor) -> Vec<Offer> {
    let (steps, systems) = spot.of_system(&cursor.route);
    let path: Vec<&str> =
        steps.iter().map(|step| if let Step::Key(key) = step { key.as_str() } else { "[]" }).collect();
    let value = |text: &str, detail: &str| plain(text, VALUE, detail);
    let key = |text: &str, detail: &str| plain(text, KEY, detail);
    let each = |of: &dyn Fn(&Known) -> Vec<Offer>| systems.iter().flat_map(|known| of(known)).collect::<Vec<_>>();
    match (spot.kind, path.as_slice(), cursor.value) {
        (_, ["waivers", "[]", "control"], true)
        | (File::System, ["recommendations", "[]", "outcomes", "[]", "controls", "[]"], _) => catalogue::ALL
            .iter()
            .map(|control| control.meta())
            .map(|meta| Offer {
                text: meta.id.to_owned(),
                kind: VALUE,
                detail: Some(meta.title.to_owned()),
                about: Some(describe::control(meta, spot.facts())),
                must: false,
                opens: false,
            })
            .collect(),
        (File::System, ..) => Vec::new(),
        (_, ["system"], true) => builtins().into_iter().map(|(name, _)| value(name, "built in")).collect(),
        (_, ["variant"], true) => each(&|known| {
            known.system.variants.iter().map(|(name, variant)| value(&name.value, variant.title.as_str())).collect()
        }),
        (_, ["hosts", _, "role"], true) => each(&|known| {
            known.system.roles.iter().map(|(name, role)| value(&name.value, role.title.as_str())).collect()
        }),
        (_, ["waivers", "[]", "service"], true) => each(&|known| {
            known
                .system
                .services
                .iter()
                .map(|(name, service)| value(name.value.as_str(), service.title.as_str()))
                .collect()
        }),
        (_, ["services"], false) => each(&|known| {
            let services = known.system.services.iter();
            services
                .map(|(name, service)| Offer { opens: true, ..key(name.value.as_str(), service.title.as_str()) })
                .collect()
        }),
        (_, ["secrets", "sources"], false) => each(&|known| {
            known.system.secrets.iter().map(|(name, spec)| key(name.value.as_str(), spec.purpose.as_str())).collect()
        }),
        (_, ["proxy", "rate_limits"], false) => each(&|known| {
            let rates = known.system.edge.iter().flat_map(|edge| &edge.rates);
            rates.map(|(name, class)| key(&name.value, class.purpose.as_str())).collect()
        }),
        (_, ["settings"], false) => systems.iter().flat_map(|known| settings(known, spot)).collect(),
        (_, ["settings", name, inner @ ..], in_value) => each(&|known| {
            let setting = known.system.settings.iter().find(|(known, _)| known.value.as_str() == *name);
            let Some((_, setting)) = setting else { return Vec::new() };
            of_type(&setting.kind, inner, in_value)
        }),
        _ => Vec::new(),
    }
}

fn settings(known: &Arc<Known>, spot: &Spot) -> Vec<Offer> {
    let offer =
        |(name, setting): (&crate::text::Spanned<crate::values::SettingName>, &crate::format::system::Setting)| Offer {
            text: name.value.as_str().to_owned(),
            kind: KEY,
            detail: Some(format!(
                "{}; default {}",
                words::kind(&setting.kind),
                words::shown(&setting.default.value.to_json())
            )),
            about: Some(describe::setting(known, &name.value, setting, spot.facts())),
            must: false,
            opens: matches!(
                setting.kind,
                SettingType::Records { .. } | SettingType::Items { .. } | SettingType::List { .. }
            ),
        };
    known.system.settings.iter().map(offer).collect()
}

/// Words of a setting's type, and fields of its records.
fn of_type(of: &SettingType, inner: &[&str], value: bool) -> Vec<Offer> {
    match (of, inner) {
        (SettingType::Boolean, []) if value => ["true", "false"].map(|word| plain(word, VALUE, "")).into(),
        (SettingType::Choice { of }, []) => of.iter().map(|word| plain(word, VALUE, "")).collect(),
        (SettingType::Items { of }, ["[]", rest @ ..]) => of_type(of, rest, value),
        (SettingType::Records { fields, .. }, ["[]"]) => {
            let must = |field: &crate::format::system::Field| field.default.is_none();
            fields
                .iter()
                .map(|(name, field)| Offer { must: must(field), ..plain(&name.value, KEY, field.purpose.as_str()) })
                .collect()
        }
        (SettingType::Records { fields, .. }, ["[]", name, rest @ ..]) => {
            let field = fields.iter().find(|(known, _)| known.value == *name);
            field.map(|(_, field)| of_type(&field.kind, rest, value)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn plain(text: &str, kind: u8, detail: &str) -> Offer {
    let detail = Some(detail.to_owned()).filter(|detail| !detail.is_empty());
    Offer { text: text.to_owned(), kind, detail, about: None, must: false, opens: false }
}
