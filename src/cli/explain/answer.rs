//! A recommendation as a bundle answers it, with the command as it can be typed there.

use super::super::input::{self, PROFILE};
use super::line::read;
use crate::artifact::Content;
use crate::compile::{Bundle, compile};
use crate::explain::clean;
use crate::report::JSON;
use crate::values::Boundary;
use serde_json::Value;
use std::path::Path;

/// Where an answer was found, and the report it stands in.
pub(super) struct Found {
    /// In words.
    pub place: String,
    report: Value,
}

/// What is beside the user: the reports of this folder's profile, one for each host, or the one of the bundle around.
pub(super) fn here() -> Vec<Found> {
    let compiled = profile();
    if !compiled.is_empty() {
        return compiled;
    }
    let Ok(folder) = std::env::current_dir() else { return Vec::new() };
    let found = folder.ancestors().take(8).map(|folder| folder.join(JSON)).find(|path| path.is_file());
    let report = found.and_then(|path| serde_json::from_str(&read(&path).ok()?).ok());
    report.into_iter().map(|report| Found { place: "in this bundle".to_owned(), report }).collect()
}

fn profile() -> Vec<Found> {
    let Ok(today) = input::today() else { return Vec::new() };
    if !Path::new(PROFILE).is_file() {
        return Vec::new();
    }
    let Ok(input) = input::read(Path::new(PROFILE), today) else { return Vec::new() };
    let found = |bundle: Bundle| {
        let artifact = bundle.artifacts.iter().find(|artifact| artifact.path.as_str() == JSON)?;
        let Content::Text(text) = &artifact.content else { return None };
        let host = bundle.host.as_ref().map_or_else(String::new, |host| format!(", host {host}"));
        Some(Found { place: format!("in {PROFILE} here{host}"), report: serde_json::from_str(text).ok()? })
    };
    compile(input).bundles.into_iter().filter_map(found).collect()
}

impl Found {
    /// What a recommendation asks, and what became of it.
    pub(super) fn explain(&self, id: &str) -> Option<String> {
        let all = self.report["recommendations"].as_array()?;
        let it = all.iter().find(|it| it["id"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(id)))?;
        let said = |key: &str| it[key].as_str().map(clean);
        let mut text = format!("{}: {}\n", said("id")?, said("guide")?);
        let mut line = |indent: usize, text_of: String| text.push_str(&format!("{}{text_of}\n", " ".repeat(indent)));
        let boundary = Boundary::ALL.into_iter().find(|boundary| it["boundary"] == boundary.as_str());
        if let Some(boundary) = boundary {
            line(2, format!("boundary  {}", boundary.title()));
        }
        if let Some(same) = said("sameAs") {
            line(2, format!("asks the same as {same}, whose answer counts for both"));
        }
        let words = |list: &Value| -> Vec<String> {
            list.as_array().into_iter().flatten().filter_map(Value::as_str).map(clean).collect()
        };
        let controls = words(&it["controls"]);
        let by = if controls.is_empty() { String::new() } else { format!(" by {}", controls.join(", ")) };
        line(2, format!("{}: {}{by}", self.place, said("status")?.replace('-', " ")));
        let places: Vec<String> = it["places"].as_array().into_iter().flatten().map(place).collect();
        if !places.is_empty() {
            line(4, format!("at {}", places.join(", ")));
        }
        if let Some(because) = said("because") {
            line(4, format!("because {because}"));
        }
        for value in it["values"].as_array().into_iter().flatten().filter(|it| it["chosen"] != it["guide"]) {
            let word = |key: &str| clean(value[key].as_str().unwrap_or_default());
            let side = if value["weaker"] == true { ", which is weaker" } else { "" };
            line(4, format!("{} is {}; the guide asks for {}{side}", word("what"), word("chosen"), word("guide")));
        }
        if let Some(reason) = it["waiver"]["reason"].as_str() {
            let until =
                it["waiver"]["until"].as_str().map_or_else(String::new, |day| format!(", until {}", clean(day)));
            line(4, format!("waived{until}: {}", clean(reason)));
        }
        for note in words(&it["notes"]) {
            line(4, format!("exception: {note}"));
        }
        if let Some(deviation) = said("deviation") {
            line(4, format!("other than the guide says: {deviation}"));
        }
        if let Some(verify) = it["verify"].as_str() {
            // A command is copied: its lines stay as they are.
            for (number, part) in verify.lines().map(clean).enumerate() {
                line(4, if number == 0 { format!("verify with: {part}") } else { part });
            }
            line(4, format!("expect {}", said("expect").unwrap_or_else(|| "exit status 0".to_owned())));
        }
        Some(text)
    }
}

fn place(place: &Value) -> String {
    let artifact = clean(place["artifact"].as_str().unwrap_or_default());
    match (place["line"].as_u64(), place["key"].as_str()) {
        (Some(line), _) => format!("{artifact}:{line}"),
        (None, Some(key)) => format!("{artifact}#{}", clean(key)),
        (None, None) => artifact,
    }
}
