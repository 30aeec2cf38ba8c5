//! A numbered line of a vendor's guide: what it asks, and how it is met here or can be met.

use super::super::input::{self, PROFILE};
use super::super::{exit::Failure, systems::parsed};
use super::answer;
use super::placeholders::readable;
use crate::format::system::{Recommendation, Status, System, Weaker};
use crate::systems::{builtins, read};
use crate::text::SourceId;
use crate::yaml::Sources;
use std::path::Path;

/// What is said about a recommendation: how the bundle or the profile here answers it, else how its system may; `None` where
/// nobody knows it.
pub fn explain(id: &str) -> Result<Option<String>, Failure> {
    let answers: Vec<String> = answer::here().iter().filter_map(|found| found.explain(id)).collect();
    if !answers.is_empty() {
        return Ok(Some(answers.join("\n")));
    }
    let mut systems = own_systems();
    for (name, text) in builtins() {
        systems.push(parsed(name, text)?);
    }
    Ok(systems.iter().find_map(|system| {
        let same = |it: &&Recommendation| it.id.as_str().eq_ignore_ascii_case(id);
        Some(describe(system, system.recommendations.iter().find(same)?))
    }))
}

/// The recommendations of the built-in systems that name a control, one line each.
pub fn of_control(control: &str) -> Result<String, Failure> {
    let mut text = String::new();
    for (name, source) in builtins() {
        let system = parsed(name, source)?;
        let names = |it: &&Recommendation| {
            it.outcomes.iter().any(|outcome| outcome.controls.iter().any(|known| known.as_str() == control))
        };
        for it in system.recommendations.iter().filter(names) {
            text.push_str(&format!("  {}  {}\n", it.id.as_str(), it.guide));
        }
    }
    Ok(if text.is_empty() { text } else { format!("recommendations behind it\n{text}") })
}

fn describe(system: &System, it: &Recommendation) -> String {
    let mut text = format!(
        "{} of the {} guide: {}\n  boundary  {}\n",
        it.id.as_str(),
        system.title,
        it.guide,
        it.boundary.title()
    );
    if let Some(same) = &it.same_as {
        text.push_str(&format!("  asks the same as {}, whose answer counts for both\n", same.value));
    }
    for asked in &it.asks {
        let weaker = match &asked.weaker {
            Weaker::Higher => "higher is weaker".to_owned(),
            Weaker::Lower => "lower is weaker".to_owned(),
            Weaker::Other => "every other is weaker".to_owned(),
            Weaker::These(words) => format!("weaker: {}", words.join(", ")),
        };
        let what = asked.what.as_ref().map_or(asked.value.0.value.as_str(), |what| what.as_str());
        text.push_str(&format!("  the guide asks for {} of {what}; {weaker}\n", asked.guide.text.value));
    }
    let mut placeholders = false;
    for outcome in &it.outcomes {
        let status = match outcome.status {
            Status::Enforced => "enforced",
            Status::Compensated => "compensated",
            Status::Manual => "manual",
            Status::NotApplicable => "not applicable",
        };
        let controls: Vec<&str> = outcome.controls.iter().map(|control| control.as_str()).collect();
        let by = if controls.is_empty() { String::new() } else { format!(" by {}", controls.join(", ")) };
        let when = outcome.when.as_ref().map(|when| format!(" when {}", when.0.value)).unwrap_or_default();
        text.push_str(&format!("  {status}{by}{when}\n"));
        let mut legend = Vec::new();
        for (word, computed) in
            [("because", &outcome.because), ("verify with:", &outcome.verify), ("expect", &outcome.expect)]
        {
            let Some(computed) = computed else { continue };
            let (readable, notes) = readable(&computed.text.value, system);
            text.push_str(&format!("    {word} {}\n", readable.trim().replace('\n', "\n    ")));
            legend.extend(notes);
        }
        legend.sort();
        legend.dedup();
        placeholders |= !legend.is_empty();
        text.extend(legend.iter().map(|line| format!("      {line}\n")));
    }
    if let Some(deviation) = &it.deviation {
        text.push_str(&format!("  other than the guide says: {deviation}\n"));
    }
    if placeholders {
        text.push_str(
            "parts in angle brackets come from a profile, which may change or leave out others too; in the folder of a profile or of \
             a bundle this shows its answer, with the command to type\n",
        );
    }
    text
}

/// Systems of the profile in this folder that are the user's own.
fn own_systems() -> Vec<System> {
    let Ok(today) = input::today() else { return Vec::new() };
    if !Path::new(PROFILE).is_file() {
        return Vec::new();
    }
    let Ok(input) = input::read(Path::new(PROFILE), today) else { return Vec::new() };
    input.systems.values().filter_map(|system| own(&input.sources, system.file)).collect()
}

fn own(sources: &Sources, id: SourceId) -> Option<System> {
    read(sources, id).0
}
