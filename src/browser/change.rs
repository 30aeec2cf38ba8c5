//! What a change of the profile's line does to the bundle.
//!
//! Compared is with the bundle as it was before somebody began to change the line: while they type, the difference grows; at
//! another line it begins anew.

use super::shown::Shown;
use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use std::rc::Rc;

/// The bundles before the line was changed.
#[derive(Debug, Default)]
pub struct Baseline {
    bundles: Rc<Vec<Shown>>,
    /// The line that is being changed, and its file.
    line: Option<(String, usize)>,
}

/// Lines that came and went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Came.
    pub added: usize,
    /// Went.
    pub removed: usize,
}

/// One line of a difference.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Line<'a> {
    /// ` `, `+` or `-`.
    pub is: char,
    /// Its number in the new text, from 1; nothing for one that is gone.
    pub line: Option<usize>,
    /// What stands in it.
    pub text: &'a str,
}

impl Baseline {
    /// Before a text becomes another: where another line changes than last time, the bundles of now are what is compared with.
    pub fn before_edit(&mut self, old: Option<&str>, new: &str, path: &str, bundles: &Rc<Vec<Shown>>) {
        let line = old.and_then(|old| changed_line(old, new));
        let place = line.map(|line| (path.to_owned(), line));
        if old == Some(new) || (place.is_some() && place == self.line) {
            return;
        }
        self.line = place;
        self.bundles = Rc::clone(bundles);
    }

    fn before(&self, bundle: &Shown, path: &str) -> Option<&str> {
        self.bundle(bundle)?.files.get(path)?.content.text()
    }

    fn bundle(&self, bundle: &Shown) -> Option<&Shown> {
        self.bundles.iter().find(|before| before.host == bundle.host)
    }

    /// How a file differs; nothing where it does not, or there is nothing to compare it with.
    pub fn count(&self, bundle: &Shown, path: &str, text: &str) -> Option<Count> {
        self.bundle(bundle)?;
        let before = self.before(bundle, path).unwrap_or_default();
        if before == text {
            return None;
        }
        let mut count = Count { added: 0, removed: 0 };
        for change in TextDiff::from_lines(before, text).iter_all_changes() {
            match change.tag() {
                ChangeTag::Insert => count.added += 1,
                ChangeTag::Delete => count.removed += 1,
                ChangeTag::Equal => {}
            }
        }
        Some(count)
    }

    /// Every line of a file with what became of it; empty where nothing did.
    pub fn lines<'a>(&'a self, bundle: &Shown, path: &str, text: &'a str) -> Vec<Line<'a>> {
        if self.bundle(bundle).is_none() {
            return Vec::new();
        }
        let before = self.before(bundle, path).unwrap_or_default();
        if before == text {
            return Vec::new();
        }
        // Numbers of lines, with which both texts are asked again: a difference keeps no longer than its function.
        let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), text.lines().collect());
        let line = |change: similar::Change<&str>| match (change.tag(), change.old_index(), change.new_index()) {
            (ChangeTag::Delete, Some(at), _) => {
                Line { is: '-', line: None, text: old.get(at).copied().unwrap_or_default() }
            }
            (tag, _, at) => Line {
                is: if tag == ChangeTag::Insert { '+' } else { ' ' },
                line: at.map(|at| at + 1),
                text: at.and_then(|at| new.get(at)).copied().unwrap_or_default(),
            },
        };
        TextDiff::from_slices(&old, &new).iter_all_changes().map(line).collect()
    }

    /// Files that were there before and are not now.
    pub fn gone<'a>(&'a self, bundle: &Shown) -> Vec<&'a str> {
        let before = self.bundle(bundle).map(|before| before.files.keys()).into_iter().flatten();
        before.filter(|path| !bundle.files.contains_key(*path)).map(String::as_str).collect()
    }
}

/// The one line in which two texts differ, from 0; nothing where they differ in more, or in how many they have.
fn changed_line(old: &str, new: &str) -> Option<usize> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let mut differ = old.iter().zip(&new).enumerate().filter(|(_, (old, new))| old != new);
    let (first, _) = differ.next()?;
    (old.len() == new.len() && differ.next().is_none()).then_some(first)
}
