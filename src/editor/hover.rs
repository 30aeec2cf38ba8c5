//! What is said about the place under the pointer.

use super::describe;
use super::keys::Shape;
use super::protocol::{AtPosition, Hover, Markup};
use super::spot::Spot;
use super::state::State;
use crate::controls::catalogue;
use crate::diagnostics::Code;
use crate::format::File;
use crate::stack::controls_of_key;
use crate::yaml::{Route, Step};
use serde_json::Value;

/// The text about a place; nothing where nothing is known.
pub fn hover(state: &State, at: &AtPosition) -> Option<Hover> {
    let spot = Spot::of(state, at)?;
    let key = spot.key();
    let (word, start) = spot.word();
    let schema = spot.schema(state);
    let (text, range) = match key {
        Some(range) => (of_key(&spot, &schema)?, Some(range)),
        None => match of_word(&spot, word) {
            Some(text) => (text, Some((start, start + word.len()))),
            None => (of_value(&spot, &schema, word)?, None),
        },
    };
    let range = range.map(|(start, end)| state.encoding.range(spot.file(), start, end));
    Some(Hover { contents: Markup { kind: "markdown", value: text }, range })
}

/// A word that names something of its own: a control, a recommendation, a code.
fn of_word(spot: &Spot, word: &str) -> Option<String> {
    if let Some(control) = catalogue::find(word) {
        return Some(describe::control(control.meta(), spot.facts()));
    }
    for (_, known) in spot.systems() {
        if let Some(it) = known.system.recommendations.iter().find(|it| it.id.as_str() == word) {
            return Some(describe::recommendation(&known, it, spot.facts()));
        }
    }
    let info = Code::find(word).filter(|_| word.contains('-')).and_then(Code::info)?;
    Some(format!("**{}**: {}\n\n{}\n\nWay out: {}", info.code, info.title, info.explanation, info.way_out))
}

/// A key: what the system says of it, else what the schema says.
fn of_key(spot: &Spot, schema: &Value) -> Option<String> {
    let route = spot.route();
    let own = match spot.kind {
        File::Profile => of_system(spot, &route),
        File::System => None,
    };
    own.or_else(|| of_schema(spot, schema, &route))
}

/// Settings and services, of which more is known than a schema says.
fn of_system(spot: &Spot, route: &Route) -> Option<String> {
    let (steps, systems) = spot.of_system(route);
    let facts = spot.facts();
    systems.iter().find_map(|known| {
        let system = &known.system;
        match steps {
            [Step::Key(section), Step::Key(name), ..] if section == "settings" => {
                let (name, setting) = system.settings.iter().find(|(known, _)| known.value.as_str() == name)?;
                Some(describe::setting(known, &name.value, setting, facts))
            }
            [Step::Key(section), Step::Key(name)] if section == "services" => {
                let (name, service) = system.services.iter().find(|(known, _)| known.value.as_str() == name)?;
                Some(describe::service(&name.value, service, facts))
            }
            _ => None,
        }
    })
}

/// What the schema says of a key, which controls carry it out, and what the guide asks of it.
fn of_schema(spot: &Spot, schema: &Value, route: &Route) -> Option<String> {
    let shape = Shape::root(schema).at(route)?;
    let Some(Step::Key(name)) = route.steps().last() else { return None };
    let mut text = format!("**{name}**");
    if let Some(about) = shape.about() {
        text.push_str(&format!(": {about}"));
    }
    let words = shape.words();
    for word in words.iter().filter(|word| word.about.is_some()) {
        text.push_str(&format!("\n- `{}`: {}", word.text, word.about.unwrap_or_default()));
    }
    if let Some(default) = shape.value("default") {
        text.push_str(&format!("\n\nDefault: `{default}`."));
    }
    if let Some(example) = shape.value("examples") {
        text.push_str(&format!("\n\nExample: `{example}`"));
    }
    if spot.kind == File::Profile {
        let controls = controls_of_key(&key_of(route));
        if !controls.is_empty() {
            text.push_str(&format!("\n\nCarried out by: {}", controls.join(", ")));
        }
        if let Some(asked) = spot.facts().and_then(|facts| facts.asked.get(&route.to_string())) {
            text.push_str(&describe::of_guide(asked));
        }
    }
    Some(text)
}

/// A value: what the word means, else what is said about its key.
fn of_value(spot: &Spot, schema: &Value, word: &str) -> Option<String> {
    let route = spot.route();
    if spot.kind == File::Profile && matches!(route.steps().last(), Some(Step::Key(key)) if key == "system") {
        let (_, systems) = spot.of_system(&route);
        let system = &systems.first()?.system;
        let answers =
            spot.facts().map(|facts| format!("\n\nIts guide here: {}.", describe::counts(facts))).unwrap_or_default();
        return Some(format!("**{}**\n\n{}{answers}", system.title, system.summary));
    }
    let shape = Shape::root(schema).at(&route);
    let meant = shape.as_ref().and_then(|shape| {
        let word = shape.words().into_iter().find(|known| known.text == word)?;
        Some(format!("**{}**: {}", word.text, word.about?))
    });
    meant.or_else(|| if route.steps().is_empty() { None } else { of_key(spot, schema) })
}

/// A route as rules name it: that of a service without its name, of a list without its items.
fn key_of(route: &Route) -> String {
    let keys = route.steps().iter().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    });
    keys.collect::<Vec<_>>().join(".")
}
