//! The difference between a folder and a plan as a unified diff, without anything that nobody may see.

use similar::TextDiff;

use super::{Change, Entry, LOCK, Plan};
use crate::backends::report;

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
    out
}

fn one(entry: &Entry, out: &mut String) {
    let path = &entry.path;
    let what = match entry.change {
        Change::Unchanged | Change::Kept => return,
        Change::Access => Some(format!("mode becomes {}", entry.settled.mode)),
        Change::Create if entry.directory => Some("directory created".to_owned()),
        Change::Create if entry.secret || entry.new.is_none() => Some("secret created".to_owned()),
        Change::Update { .. } if entry.secret || entry.new.is_none() => Some("secret content changed".to_owned()),
        Change::Create | Change::Update { .. } => None,
    };
    if let Some(what) = what {
        out.push_str(&format!("{path}: {what}\n"));
        return;
    }
    let text = |bytes: Option<&super::render::Bytes>| {
        bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    };
    let (old, new) = (text(entry.old.as_ref()), text(entry.new.as_ref()));
    let before = if entry.old.is_some() { format!("a/{path}") } else { "/dev/null".to_owned() };
    let diff = TextDiff::from_lines(old.as_str(), new.as_str());
    out.push_str(&diff.unified_diff().context_radius(3).header(&before, &format!("b/{path}")).to_string());
}
