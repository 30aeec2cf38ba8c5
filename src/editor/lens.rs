//! Remarks above the lines of a profile: what each enforces, by the same facts as the report of its bundle.

use super::describe;
use super::facts::Facts;
use super::protocol::{CodeLens, Command, TextDocument};
use super::spot::Spot;
use super::state::State;
use crate::format::File;
use crate::report::Status;
use crate::stack::controls_of_key;
use crate::yaml::{Entry, Node};

/// Most names in one remark.
const MANY: usize = 6;

/// The remarks of a profile; none where its bundle was never complete.
pub fn lenses(state: &State, text: &TextDocument) -> Option<Vec<CodeLens>> {
    let document = state.documents.get(&text.uri)?;
    let spot = Spot::at(state, document, 0).filter(|spot| spot.kind == File::Profile)?;
    let facts = spot.facts()?;
    let root = spot.root()?;
    let mut said: Vec<(usize, String)> = Vec::new();
    for entry in root.entries().iter().filter(|entry| !entry.merged) {
        of_entry(entry, facts, &mut said);
    }
    for (name, known) in spot.systems() {
        let settings = match &name {
            None => root.get("settings"),
            Some(part) => {
                root.get("systems").and_then(|systems| systems.get(part)).and_then(|part| part.get("settings"))
            }
        };
        for setting in settings.map_or(&[][..], Node::entries) {
            let key = format!("settings.{}", setting.name());
            let all = describe::recommendations_on(&known, &key).into_iter().map(str::to_owned);
            let asked = facts.asked.get(&key).into_iter().flatten().map(|asked| asked.by.clone());
            let mut ids: Vec<String> = all.chain(asked).collect();
            ids.sort();
            ids.dedup();
            let answered = |id: &String| match facts.answers.get(id) {
                Some(status) => format!("{id} ({})", status.title().to_lowercase()),
                None => id.clone(),
            };
            say(&mut said, setting, "decides", ids.iter().map(answered).collect());
        }
    }
    let lens = |(offset, title): (usize, String)| {
        let start = state.encoding.position(spot.file(), offset);
        let end = start;
        CodeLens { range: super::protocol::Range { start, end }, command: Command { title, command: "" } }
    };
    said.sort();
    Some(said.into_iter().map(lens).collect())
}

fn say(said: &mut Vec<(usize, String)>, entry: &Entry, verb: &str, names: Vec<String>) {
    if names.is_empty() {
        return;
    }
    let shown = names.iter().take(MANY).cloned().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(MANY);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    said.push((entry.key.span.start, format!("{verb}: {shown}{rest}")));
}

fn of_entry(entry: &Entry, facts: &Facts, said: &mut Vec<(usize, String)>) {
    let on = |ids: Vec<&'static str>| -> Vec<String> {
        let shown = |id: &&str| facts.controls.get(id).is_some_and(|places| !places.is_empty());
        ids.into_iter().filter(shown).map(str::to_owned).collect()
    };
    match entry.name() {
        "system" | "systems" => {
            let met = |status| facts.answers.values().filter(|known| **known == status).count();
            let met = met(Status::Enforced) + met(Status::Compensated);
            let active = facts.controls.values().filter(|places| !places.is_empty()).count();
            let title = format!("{active} controls enforced; {met} of {} recommendations met", facts.answers.len());
            said.push((entry.key.span.start, title));
        }
        "services" => {
            for service in entry.value.entries() {
                say(said, service, "enforces", on(facts.below(&format!("services.{}", service.name()))));
                for key in service.value.entries() {
                    say(said, key, "enforces", on(controls_of_key(&format!("services.{}", key.name()))));
                }
            }
        }
        "waivers" => {
            for waiver in entry.value.items() {
                let word = |key: &str| waiver.get(key).and_then(Node::as_text);
                let Some((control, first)) = word("control").zip(waiver.entries().first()) else { continue };
                let service = word("service").map_or("everywhere".to_owned(), |service| format!("for {service}"));
                let until = word("until").map_or_else(String::new, |day| format!(" until {day}"));
                said.push((first.key.span.start, format!("switches off: {control} {service}{until}")));
            }
        }
        section @ ("proxy" | "firewall" | "logging" | "monitoring") => {
            say(said, entry, "enforces", on(controls_of_key(section)));
            for key in entry.value.entries() {
                say(said, key, "enforces", on(controls_of_key(&format!("{section}.{}", key.name()))));
            }
        }
        name => say(said, entry, "enforces", on(controls_of_key(name))),
    }
}
