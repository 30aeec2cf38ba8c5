//! The difference between a folder and a plan as a unified diff, without anything that nobody may see.

use similar::{ChangeTag, DiffTag, TextDiff};

use super::{Change, Entry, LOCK, Plan};
use crate::report;
use crate::values::BundlePath;

/// Files that only tell what the others say: each is one line unless all is asked for.
const DERIVED: [&str; 3] = [LOCK, report::JSON, report::MARKDOWN];

/// Renders all changes, those of files that act before those of files that tell. Files that hold secrets, and files of
/// unknown origin, are named and not shown.
pub fn diff(plan: &Plan, all: bool) -> String {
    let mut out = String::new();
    let is_derived = |entry: &&Entry| DERIVED.contains(&entry.path.as_str());
    for entry in plan.changes().filter(|entry| !is_derived(entry)) {
        one(entry, &mut out);
    }
    for entry in plan.changes().filter(is_derived) {
        match entry.change {
            Change::Update { .. } | Change::Create if !all => {
                let what = if entry.change == Change::Create { "created" } else { "follows" };
                out.push_str(&format!("{}: {what}; `--all` shows it\n", entry.path));
            }
            _ => one(entry, &mut out),
        }
    }
    for stale in &plan.stale {
        let fate = if stale.removable { "no longer generated" } else { "no longer generated, but kept" };
        out.push_str(&format!("{}: {fate}\n", stale.path));
    }
    for foreign in &plan.foreign {
        out.push_str(&format!("{}: not of this bundle, and read by {}\n", foreign.path, foreign.reader));
    }
    out
}

/// A file that somebody has changed by hand.
#[derive(Debug)]
pub struct Edit {
    /// The difference from it to what would be written; nothing where it holds, or may hold, what nobody may see.
    pub diff: Option<String>,
    /// The first line of the file that differs, from 1.
    pub line: usize,
    /// Lines that would come back.
    pub back: Vec<String>,
}

/// What somebody has changed by hand, and would be lost without anybody having agreed, by path.
pub fn edits<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = (&'p BundlePath, Edit)> {
    let edited = |entry: &&Entry| entry.change == Change::Update { edited: true };
    plan.unsettled().filter(edited).map(|entry| (&entry.path, edit(entry)))
}

fn edit(entry: &Entry) -> Edit {
    if entry.secret {
        return Edit { diff: None, line: 1, back: Vec::new() };
    }
    let mut shown = String::new();
    one(entry, &mut shown);
    let (old, new) = (text(entry.old.as_ref()), text(entry.new.as_ref()));
    let diff = TextDiff::from_lines(old.as_str(), new.as_str());
    let differs = diff.ops().iter().find(|op| op.tag() != DiffTag::Equal);
    let most = old.lines().count().max(1);
    let line = differs.map_or(1, |op| (op.old_range().start + 1).min(most));
    let back = diff.iter_all_changes().filter(|change| change.tag() == ChangeTag::Insert);
    let back = back.map(|change| change.value().trim_end().to_owned()).collect();
    Edit { diff: Some(shown), line, back }
}

fn text(bytes: Option<&super::render::Bytes>) -> String {
    bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
}

fn one(entry: &Entry, out: &mut String) {
    let path = &entry.path;
    let what = match entry.change {
        Change::Unchanged | Change::Kept | Change::Unjudged => return,
        Change::Access => Some(format!("mode becomes {}", entry.settled.mode)),
        Change::Foreign => Some("replaced, though Stockade did not write it".to_owned()),
        Change::Create if entry.directory => Some("directory created".to_owned()),
        Change::Create if entry.secret || entry.new.is_none() => Some("secret created".to_owned()),
        Change::Update { .. } if entry.secret || entry.new.is_none() => Some("secret content changed".to_owned()),
        Change::Create | Change::Update { .. } => None,
    };
    if let Some(what) = what {
        out.push_str(&format!("{path}: {what}\n"));
        return;
    }
    let (old, new) = (text(entry.old.as_ref()), text(entry.new.as_ref()));
    let before = if entry.old.is_some() { format!("a/{path}") } else { "/dev/null".to_owned() };
    let diff = TextDiff::from_lines(old.as_str(), new.as_str());
    out.push_str(&diff.unified_diff().context_radius(3).header(&before, &format!("b/{path}")).to_string());
}
