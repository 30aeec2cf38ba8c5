//! Keys that stand elsewhere, as changes of the file.

use super::{File, compose, places};
use crate::diagnostics::{Diagnostic, Fix, Grade};
use crate::yaml::patch::{self, Operation};
use crate::yaml::{Node, Route, Sources, Step, find};

/// How the entry is moved to where its key is known, where that is one place.
pub(super) fn home(
    finding: Diagnostic,
    sources: &Sources,
    root: &Node,
    own: &[(Vec<places::Part>, String)],
    route: &Route,
    file: File,
) -> Diagnostic {
    let Some((Step::Key(key), parent)) = route.steps().split_last() else { return finding };
    let (to, last, grade) = match (compose::new_place(file, parent, key), dotted_place(own, parent, key)) {
        (Some(keys), _) | (None, Some(keys)) => {
            let Some((last, around)) = keys.split_last() else { return finding };
            let to = around.iter().fold(Route::from(parent.to_vec()), |to, key| to.key(key.clone()));
            (to, last.clone(), Grade::Safe)
        }
        _ if compose::way_out(file, parent, key).is_some() => return finding,
        _ => match places::only(own, parent, key) {
            Some(to) => (to, key.clone(), Grade::Safe),
            None => return finding,
        },
    };
    let guessed = finding.help.as_deref().is_some_and(|help| help.starts_with("did you mean"));
    let grade = if guessed { Grade::Shown } else { grade };
    relocate(finding, sources, root, route, (to, last), grade)
}

/// A finding with the fix that moves an entry.
pub(super) fn relocate(
    finding: Diagnostic,
    sources: &Sources,
    root: &Node,
    route: &Route,
    (to, key): (Route, String),
    grade: Grade,
) -> Diagnostic {
    let Some(Step::Key(old)) = route.steps().last() else { return finding };
    let id = root.span.source;
    let target = to.clone().key(key.clone());
    let what = match *old == key {
        true => format!("`{key}`"),
        false => format!("`{}` as `{key}`", old.escape_debug()),
    };
    let title = match to.steps().is_empty() {
        true => format!("write {what} at the top level"),
        false => format!("write {what} under `{to}`"),
    };
    if find(root, &target).is_some() {
        return finding;
    }
    match patch::edits(sources, id, route, &Operation::Move { to, key }) {
        Ok(edits) => finding.fix(Fix { title, grade, edits }),
        Err(_) => finding,
    }
}

/// Two ways out are a choice.
pub(super) fn unsure(mut finding: Diagnostic) -> Diagnostic {
    finding.fixes.iter_mut().for_each(|fix| fix.grade = Grade::Shown);
    finding
}

/// A path written as a key, as its keys.
fn dotted_place(own: &[(Vec<places::Part>, String)], parent: &[Step], path: &str) -> Option<Vec<String>> {
    let keys: Vec<&str> = path.split('.').collect();
    let known = keys.len() > 1 && keys.iter().all(|key| !key.is_empty()) && places::known(own, parent, keys[0]);
    known.then(|| keys.into_iter().map(str::to_owned).collect())
}
