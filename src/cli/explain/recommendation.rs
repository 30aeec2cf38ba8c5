//! A numbered line of a vendor's guide: what it asks, how it can be met, and how this folder's profile meets it.

use super::super::input::{self, PROFILE};
use super::super::{exit::Failure, systems::parsed};
use crate::compile::compile;
use crate::format::system::{Recommendation, Status, System, Weaker};
use crate::report::Report;
use crate::systems::{builtins, read};
use crate::text::SourceId;
use crate::yaml::Sources;
use std::path::Path;

/// What is said about a recommendation of a built-in system or of the profile here; `None` where it is in neither.
pub fn explain(id: &str) -> Result<Option<String>, Failure> {
    let (mut systems, reports) = here();
    for (name, text) in builtins() {
        systems.push(parsed(name, text)?);
    }
    let found = systems.iter().find_map(|system| {
        let same = |it: &&Recommendation| it.id.as_str().eq_ignore_ascii_case(id);
        Some((system, system.recommendations.iter().find(same)?))
    });
    Ok(found.map(|(system, recommendation)| {
        let mut text = describe(system, recommendation);
        let line = reports.iter().flat_map(|report| &report.lines).find(|line| line.id == *recommendation.id);
        if let Some(line) = line {
            let places: Vec<String> = line.places.iter().map(shown).collect();
            let at = if places.is_empty() { String::new() } else { format!(" at {}", places.join(", ")) };
            text.push_str(&format!("in {PROFILE} here: {}{at}\n", line.status.title().to_lowercase()));
        }
        text
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
        if let Some(because) = &outcome.because {
            text.push_str(&format!("    because {}\n", because.text.value));
        }
        if let Some(verify) = &outcome.verify {
            text.push_str(&format!("    verify with: {}\n", verify.text.value));
        }
        if let Some(expect) = &outcome.expect {
            text.push_str(&format!("    expect {}\n", expect.text.value));
        }
    }
    if let Some(deviation) = &it.deviation {
        text.push_str(&format!("  other than the guide says: {deviation}\n"));
    }
    text
}

fn shown(place: &crate::report::Place) -> String {
    match (place.line, &place.key) {
        (Some(line), _) => format!("{}:{line}", place.artifact),
        (None, Some(key)) => format!("{}#{key}", place.artifact),
        (None, None) => place.artifact.clone(),
    }
}

/// Systems of the profile in this folder that are the user's own, and the profile's reports, one for each host.
fn here() -> (Vec<System>, Vec<Report>) {
    let Ok(today) = input::today() else { return Default::default() };
    if !Path::new(PROFILE).is_file() {
        return Default::default();
    }
    let Ok(input) = input::read(Path::new(PROFILE), today) else { return Default::default() };
    let systems = input.systems.values().filter_map(|system| own(&input.sources, system.file)).collect();
    (systems, compile(input).bundles.into_iter().map(|bundle| bundle.report).collect())
}

fn own(sources: &Sources, id: SourceId) -> Option<System> {
    read(sources, id).0
}
