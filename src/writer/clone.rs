//! A bundle as a clone of a repository holds it: without what its own `.gitignore` leaves out, without empty directories, and
//! with the owners and modes that Git gave.

use std::collections::BTreeSet;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{Change, LOCK, Plan};

/// The bundle's own list of what belongs in no repository.
const IGNORED: &str = ".gitignore";

impl Plan<'_> {
    /// Where the folder is a clone, leaves out of the comparison what Git does not keep: see [`Change::Unjudged`]. It is one
    /// where an earlier run was and nothing is there of all that the bundle's `.gitignore` names.
    pub fn judge_as_clone(&mut self) {
        let Some(ignored) = self.ignored() else { return };
        let is_ignored = |path: &str, directory| ignored.matched_path_or_any_parents(path, directory).is_ignore();
        let ran = self.entries.iter().any(|entry| entry.path.as_str() == LOCK && entry.change != Change::Create);
        let (mut named, mut present) = (false, !ran);
        for entry in self.entries.iter().filter(|entry| is_ignored(entry.path.as_str(), entry.directory)) {
            named = true;
            present |= entry.change != Change::Create;
        }
        if !named || present {
            return;
        }
        // A directory in which something is must be there.
        let holds = |path: &str, other: &str| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let kept: Vec<String> =
            self.entries.iter().filter(|entry| !entry.directory).map(|it| it.path.to_string()).collect();
        let kept: BTreeSet<String> = kept.into_iter().filter(|path| !is_ignored(path, false)).collect();
        for entry in &mut self.entries {
            let path = entry.path.as_str();
            let left_out = is_ignored(path, entry.directory);
            let is_empty = || entry.directory && !kept.iter().any(|other| holds(path, other));
            match entry.change {
                Change::Create if left_out || is_empty() => {
                    self.unjudged += usize::from(!entry.directory);
                    entry.change = Change::Unjudged;
                }
                Change::Access => entry.change = Change::Unjudged,
                _ => {}
            }
        }
        self.open = None;
        self.is_clone = true;
    }

    fn ignored(&self) -> Option<Gitignore> {
        let list = self.entries.iter().find(|entry| entry.path.as_str() == IGNORED)?;
        let mut builder = GitignoreBuilder::new("");
        for line in std::str::from_utf8(list.new.as_deref()?).ok()?.lines() {
            builder.add_line(None, line).ok()?;
        }
        builder.build().ok()
    }
}
