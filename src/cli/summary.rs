//! What a run says in the end: what was written, what is enforced, what remains manual, what to type next.

use super::check::plural;
use super::next;
use super::terminal::{Terminal, lines, shown};
use crate::artifact::Scope;
use crate::compile::Bundle;
use crate::report::{self, Status};
use crate::writer::{Applied, Change, Choice, Entry, Foreign, Plan, Stale};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Everything there is to say about one bundle.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The profile.
    pub profile: &'a Path,
    /// The bundle's folder.
    pub out: &'a Path,
    /// The bundle.
    pub bundle: &'a Bundle,
    /// What was to be done.
    pub plan: &'a Plan<'a>,
    /// What was done; nothing where nobody asked for it.
    pub applied: Option<Applied>,
}

/// What is to be done with a file, as the rest of a sentence.
pub fn what(entry: &Entry) -> &'static str {
    match entry.change {
        Change::Create => "is missing",
        Change::Update { edited: true } => "was changed by hand",
        Change::Update { edited: false } => "differs",
        Change::Foreign => "was not written by Stockade, and differs",
        Change::Access => "has another owner or mode",
        Change::Unchanged => "is up to date",
        Change::Kept => "belongs to the application",
        Change::Unjudged => "cannot be judged in a clone",
    }
}

/// One line for every file that differs.
pub fn changes(plan: &Plan) -> String {
    let aside = |agreed| if agreed { "; it will be set aside" } else { "" };
    let second =
        |entry: &Entry| if plan.linked.contains(&entry.path) { ", and a second name (a hard link)" } else { "" };
    let line = |entry: &Entry| format!("{} {}{}{}\n", entry.path, what(entry), second(entry), aside(entry.agreed));
    let mut text: String = plan.changes().map(line).collect();
    text.extend(plan.stale.iter().map(|stale| format!("{} {}{}\n", stale.path, gone(stale), aside(stale.agreed))));
    text.extend(plan.foreign.iter().map(|foreign| format!("{} {}\n", foreign.path, intruder(foreign))));
    text.extend(plan.debris.iter().map(|name| format!("{name} {DEBRIS}\n")));
    if plan.is_to_be_closed() {
        text.push_str("the bundle's own directory is open to other users\n");
    }
    text
}

/// What is to be said of a private folder, as the rest of a sentence.
pub const DEBRIS: &str = "was left by a run that was ended";

/// What is to be said of a file that is no longer generated, as the rest of a sentence.
pub fn gone(stale: &Stale) -> &'static str {
    if stale.edited { "is no longer generated, but was changed by hand" } else { "is no longer generated" }
}

/// What is to be said of something that lies where a program reads it, as the rest of a sentence.
pub fn intruder(foreign: &Foreign) -> String {
    match foreign.scope {
        Scope::Folder => format!("is not of this bundle, and {} reads that folder whole", foreign.reader),
        Scope::File => format!("is not of this bundle, and {} reads it by itself", foreign.reader),
    }
}

/// The same for programs.
pub fn data(outcome: &Outcome<'_>) -> Value {
    let Outcome { profile, out, bundle, plan, applied } = outcome;
    let effect = &plan.effect;
    let word = |entry: &Entry| match entry.change {
        Change::Create => "create",
        Change::Update { edited: true } => "edited",
        Change::Update { edited: false } => "update",
        Change::Foreign => "foreign",
        Change::Access => "access",
        Change::Unchanged => "unchanged",
        Change::Kept => "kept",
        Change::Unjudged => "unjudged",
    };
    let files = plan.entries.iter().map(|entry| json!({ "path": entry.path.as_str(), "change": word(entry) }));
    let stale = plan.stale.iter().map(|stale| json!({ "path": stale.path.as_str(), "removable": stale.removable }));
    let foreign = plan.foreign.iter().map(|it| json!({ "path": it.path, "reader": it.reader }));
    let kept = applied.iter().flat_map(|applied| &applied.kept);
    let kept = kept.map(|(path, kept)| json!({ "path": path.as_str(), "kept": kept }));
    let recommendations: serde_json::Map<String, Value> = report::summary(&bundle.report)
        .iter()
        .map(|(status, count)| (status.as_str().into(), (*count).into()))
        .collect();
    json!({
        "profile": profile.display().to_string(),
        "out": out.display().to_string(),
        "written": applied.is_some(),
        "clone": plan.is_clone,
        "files": files.collect::<Vec<_>>(),
        "stale": stale.collect::<Vec<_>>(),
        "foreign": foreign.collect::<Vec<_>>(),
        "set_aside": kept.collect::<Vec<_>>(),
        "controls": enforced(bundle),
        "recommendations": recommendations,
        "recreated": effect.anew.iter().chain(&effect.forced).collect::<BTreeSet<_>>(),
        "next": next::lines(&bundle.next, effect),
    })
}

pub(super) fn enforced(bundle: &Bundle) -> usize {
    bundle.report.controls.iter().filter(|control| control.active).count()
}

/// The table at the end of a run.
pub fn text(outcome: &Outcome<'_>, terminal: &Terminal) -> String {
    let Outcome { out, bundle, plan, applied, .. } = outcome;
    let files = |change: fn(Change) -> bool| plan.entries.iter().filter(|e| !e.directory && change(e.change)).count();
    let mut table = terminal.table();
    let written = files(Change::is_one);
    table.add_row(["written".to_owned(), plural(written, "file")]);
    table.add_row(["unchanged".to_owned(), plural(files(|change| change == Change::Unchanged), "file")]);
    let kept = files(|change| change == Change::Kept);
    if kept > 0 {
        table.add_row(["kept".to_owned(), format!("{} that the application changes itself", plural(kept, "file"))]);
    }
    if !plan.stale.is_empty() {
        let left: Vec<&str> =
            plan.stale.iter().filter(|s| !s.removable && !s.agreed).map(|s| s.path.as_str()).collect();
        let removed = plural(applied.as_ref().map_or(0, |applied| applied.removed), "file");
        let left = if left.is_empty() { String::new() } else { format!("; look at {} yourself", left.join(", ")) };
        table.add_row(["removed".to_owned(), format!("{removed} no longer generated{left}")]);
    }
    for (path, kept) in applied.iter().flat_map(|applied| &applied.kept) {
        table.add_row(["set aside".to_owned(), format!("{path} as {kept}")]);
    }
    table.add_row(["enforced".to_owned(), plural(enforced(bundle), "control")]);
    if !bundle.report.lines.is_empty() {
        table.add_row(["guide".to_owned(), guide(bundle)]);
    }
    let manual = bundle.report.lines.iter().filter(|line| line.status == Status::Manual).count();
    if manual > 0 {
        table.add_row(["manual".to_owned(), format!("{} in HARDENING.md", plural(manual, "step"))]);
    }
    let choices = plan.choices();
    // Beside another way none is said of all.
    let of = if choices.len() > 1 { "some " } else { "" };
    for choice in choices {
        table.add_row(["secrets".to_owned(), format!("{of}{}", ownership(choice))]);
    }
    let mut text = format!("{}: bundle in {}\n\n{}", bundle.name, out.display(), indent(&lines(table)));
    match &bundle.next.host {
        Some((host, address)) => text.push_str(&format!("\nnext, for {host} ({address})\n")),
        None => text.push_str("\nnext\n"),
    }
    let lines = next::lines(&bundle.next, &plan.effect);
    let way = next::way(&bundle.next, out, bundle.name.as_str());
    text.extend(way.iter().chain(&lines).map(|line| format!("  {line}\n")));
    text
}

/// What became of one bundle among those of many profiles.
pub fn line(outcome: &Outcome<'_>, changed: bool) -> String {
    let Outcome { out, plan, .. } = outcome;
    let out = shown(out);
    if !changed {
        return format!("{out}: up to date\n");
    }
    let files = plural(plan.entries.iter().filter(|entry| !entry.directory && entry.change.is_one()).count(), "file");
    let effect = &plan.effect;
    let anew: BTreeSet<&str> = effect.anew.iter().chain(&effect.forced).map(String::as_str).collect();
    let then = match effect.first {
        true => "; not started yet".to_owned(),
        false if anew.is_empty() => String::new(),
        false => format!("; a start makes anew: {}", anew.into_iter().collect::<Vec<_>>().join(", ")),
    };
    format!("{out}: {files} written{then}\n")
}

/// How the recommendations of the guide are met, by count.
pub(super) fn guide(bundle: &Bundle) -> String {
    let counts = report::summary(&bundle.report);
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {}", status.title().to_lowercase()))
        .collect();
    format!("{}: {}", plural(total, "recommendation"), parts.join(", "))
}

/// Which way was taken to let containers read what they must.
fn ownership(choice: Choice) -> &'static str {
    match choice {
        Choice::Plain => "readable by you alone",
        Choice::Given => "owned by the users of the containers that read them",
        Choice::Same => "owned by you, who have the number of the container's user",
        Choice::Shared => {
            "readable inside this bundle, which only you may enter; `sudo ./install.sh` gives them to their readers"
        }
    }
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!(" {}\n", line.trim_end())).collect()
}
