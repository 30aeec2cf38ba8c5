//! What is known of a control, a recommendation or a part of a system, as Markdown for a hover.

use super::facts::{Asked, Facts};
use super::known::Known;
use crate::controls::Meta;
use crate::format::system::{Recommendation, Service, Setting, Status};
use crate::report;
use crate::systems::{names, words};
use crate::values::{ServiceName, SettingName};

/// A control: what it does, why, and from which level on.
pub fn control(meta: &Meta, facts: Option<&Facts>) -> String {
    let mut text = format!("**{}**: {}\n\n{}\n\n", meta.id, meta.title, meta.why);
    text.push_str(&format!("Guards: {}. Level: `{}` and above.", meta.boundary.title(), meta.level));
    if !meta.references.is_empty() {
        text.push_str(&format!("\n\nReferences: {}", meta.references.join(", ")));
    }
    if let Some(facts) = facts {
        let here = match facts.controls.get(meta.id).map(Vec::as_slice) {
            None => "It is off here: the level leaves it out, or a waiver switches it off.".to_owned(),
            Some([]) => "It is on here, and nothing in the bundle needs it.".to_owned(),
            Some([first, rest @ ..]) => {
                let at = first
                    .key
                    .as_ref()
                    .map_or_else(|| first.artifact.clone(), |key| format!("{}#{key}", first.artifact));
                let more = if rest.is_empty() { String::new() } else { format!(" and {} further places", rest.len()) };
                format!("It is on here: `{at}`{more}.")
            }
        };
        text.push_str(&format!("\n\n{here}"));
    }
    text
}

/// A recommendation: what the guide asks, and how it is answered here, or can be.
pub fn recommendation(known: &Known, it: &Recommendation, facts: Option<&Facts>) -> String {
    let mut text = format!("**{}** of the {} guide\n\n{}\n\n", it.id.as_str(), known.system.title, it.guide);
    text.push_str(&format!("Guards: {}.", it.boundary.title()));
    if let Some(same) = &it.same_as {
        text.push_str(&format!(" Asks the same as {}.", same.value));
    }
    if let Some(answer) = facts.and_then(|facts| facts.answers.get(it.id.as_str())) {
        text.push_str(&format!("\n\nHere: **{}**", answer.title().to_lowercase()));
    }
    let mut rows: Vec<String> = Vec::new();
    for outcome in &it.outcomes {
        let controls: Vec<String> = outcome.controls.iter().map(|control| format!("`{}`", control.as_str())).collect();
        let status = match outcome.status {
            Status::Enforced => "enforced",
            Status::Compensated => "compensated",
            Status::Manual => "manual",
            Status::NotApplicable => "not applicable",
        };
        let by = if controls.is_empty() { String::new() } else { format!(" by {}", controls.join(", ")) };
        let when = outcome.when.as_ref().map(|when| format!(", when `{}`", when.0.value)).unwrap_or_default();
        rows.push(format!("- {status}{by}{when}"));
    }
    if !rows.is_empty() {
        text.push_str(&format!("\n\nHow it can be met:\n{}", rows.join("\n")));
    }
    if let Some(deviation) = &it.deviation {
        text.push_str(&format!("\n\nOther than the guide says: {deviation}"));
    }
    text
}

/// A setting: what it does, its type with bounds, its default, and what the guide asks of it.
pub fn setting(known: &Known, name: &SettingName, setting: &Setting, facts: Option<&Facts>) -> String {
    let default = words::shown(&setting.default.value.to_json());
    let mut text = format!("**{}**: {}\n\n", name.as_str(), setting.purpose);
    text.push_str(&format!("Type: {}. Default: `{default}`.", words::kind(&setting.kind)));
    let key = format!("settings.{}", name.as_str());
    let asked = facts.and_then(|facts| facts.asked.get(&key)).map_or(&[][..], Vec::as_slice);
    text.push_str(&of_guide(asked));
    let by: Vec<&str> = asked.iter().map(|asked| asked.by.as_str()).collect();
    let others: Vec<&str> = recommendations_on(known, &key).into_iter().filter(|id| !by.contains(id)).collect();
    if !others.is_empty() {
        text.push_str(&format!("\n\nDecides on: {}", others.join(", ")));
    }
    text
}

/// What the guide asks of a key, one line for each recommendation.
pub fn of_guide(asked: &[Asked]) -> String {
    let line = |asked: &Asked| {
        let here = match (asked.chosen == asked.guide, asked.weaker) {
            (true, _) => "as here".to_owned(),
            (false, true) => format!("`{}` here is weaker", asked.chosen),
            (false, false) => format!("`{}` here", asked.chosen),
        };
        format!("\n\n{} asks for `{}`; {here}.", asked.by, asked.guide)
    };
    asked.iter().map(line).collect()
}

/// The recommendations whose answer depends on a key, such as `settings.players`.
pub fn recommendations_on<'a>(known: &'a Known, key: &str) -> Vec<&'a str> {
    let names = |text: &str| names::names(text).iter().any(|name| is_below(&name.path, key));
    let asks = |it: &&Recommendation| {
        let outcomes = it.outcomes.iter().filter_map(|outcome| outcome.when.as_ref());
        it.asks.iter().map(|asked| &asked.value).chain(outcomes).any(|when| names(&when.0.value))
    };
    known.system.recommendations.iter().filter(asks).map(|it| it.id.as_str()).collect()
}

/// Whether a name is a key or something inside it: `settings.heap.bytes` is inside `settings.heap`.
fn is_below(path: &[&str], key: &str) -> bool {
    let mut parts = path.iter();
    key.split('.').all(|word| parts.next() == Some(&word))
}

/// A service: what it is, its image, and what of it hardening sets.
pub fn service(name: &ServiceName, service: &Service, facts: Option<&Facts>) -> String {
    let mut text = format!("**{}**: {}\n\nImage: `{}`.", name.as_str(), service.title, service.image.value);
    let controls = facts.map(|facts| facts.below(&format!("services.{}", name.as_str()))).unwrap_or_default();
    if !controls.is_empty() {
        text.push_str(&format!("\n\nEnforced on it: {}", controls.join(", ")));
    }
    if let Some(why) = &service.writable_root {
        text.push_str(&format!("\n\nIts root file system is writable: {why}"));
    }
    text
}

/// How many recommendations have each answer, those that somebody must still look at last.
pub fn counts(facts: &Facts) -> String {
    let count = |status| facts.answers.values().filter(|known| **known == status).count();
    let each = report::Status::ALL.into_iter().map(|status| (status, count(status))).filter(|(_, count)| *count > 0);
    each.map(|(status, count)| format!("{count} {}", status.title().to_lowercase())).collect::<Vec<_>>().join(", ")
}
