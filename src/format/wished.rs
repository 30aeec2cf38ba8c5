//! Ways out that rules wish for, as edits of the file; and those of mistakes that only the file's own text can tell apart.

use super::File;
use crate::diagnostics::{Diagnostic, Diagnostics, Fix, Grade, Wish, codes};
use crate::text::{SourceFile, SourceId, Span};
use crate::values::Day;
use crate::yaml::patch::{self, Operation, Value};
use crate::yaml::{Node, NodeKind, Route, Sources, Step, find, route_at};
use std::collections::BTreeSet;

/// Days that a waiver gets whose end nobody has said.
const DAYS: i64 = 90;
/// Keys of a profile that are asked for when all of it has been read.
const NEEDED: [&str; 12] = [
    "version", "name", "system", "domain", "admin", "control", "reason", "until", "protocol", "purpose", "role",
    "address",
];

/// Adds them to findings about files of the user's.
pub fn fulfil(found: &mut Diagnostics, sources: &Sources, today: Day) {
    for finding in found.iter_mut() {
        let Some(span) = finding.primary().map(|label| label.span) else { continue };
        let Some(file) = sources.get(span.source).filter(|file| !file.is_embedded()) else { continue };
        let fixes = match finding.wish.take() {
            _ if finding.code == codes::DUPLICATE_KEY => duplicate(finding, file, span),
            Some(wish) => sources.tree(span.source).map(|root| wished(&wish, sources, root, span, today)),
            None => None,
        };
        finding.fixes.extend(fixes.into_iter().flatten());
        if finding.code == codes::WRONG_TYPE {
            keep_needed(finding, file);
        }
    }
}

fn wished(wish: &Wish, sources: &Sources, root: &Node, span: Span, today: Day) -> Vec<Fix> {
    let route = route_at(root, span.start);
    let edits = |route: &Route, operation: &Operation| patch::edits(sources, span.source, route, operation).ok();
    match wish {
        Wish::Remove => {
            // An item inside a list that is meant as a whole, and a value that holds others.
            let steps = route.steps();
            let whole = (0..=steps.len()).rev().map(|end| Route::from(steps[..end].to_vec()));
            let meant = |route: &Route| find(root, route).is_some_and(|it| it.span == span || it.key == Some(span));
            let Some(route) = whole.into_iter().find(meant) else { return Vec::new() };
            let title = format!("remove {}", named(&route));
            edits(&route, &Operation::Remove)
                .map(|edits| Fix { title, grade: Grade::Behaviour, edits })
                .into_iter()
                .collect()
        }
        Wish::RemoveItem => {
            let Some(at) = route.steps().iter().rposition(|step| matches!(step, Step::Index(_))) else {
                return Vec::new();
            };
            let item = Route::from(route.steps()[..=at].to_vec());
            let title = format!("remove this entry of {}", named(&Route::from(route.steps()[..at].to_vec())));
            edits(&item, &Operation::Remove)
                .map(|edits| Fix { title, grade: Grade::Behaviour, edits })
                .into_iter()
                .collect()
        }
        Wish::Add(key) => {
            let day = Day(today.0.saturating_add(time::Duration::days(DAYS)));
            let (value, shown) = match key.as_str() {
                "until" => (Value::Yaml(day.to_string()), format!("add `until: {day}`")),
                _ => (Value::Text("TODO".to_owned()), format!("add `{key}`")),
            };
            let steps = route.steps();
            let whole = (0..=steps.len()).rev().map(|end| Route::from(steps[..end].to_vec()));
            let meant = |route: &Route| {
                find(root, route).is_some_and(|it| it.span == span && matches!(it.node.kind, NodeKind::Map { .. }))
            };
            let Some(route) = whole.into_iter().find(meant) else { return Vec::new() };
            let operation = Operation::Insert { key: key.clone(), value };
            // Only a person can say what it is to be.
            edits(&route, &operation)
                .map(|edits| Fix { title: shown, grade: Grade::Shown, edits })
                .into_iter()
                .collect()
        }
    }
}

/// The last key of a route, in backticks.
fn named(route: &Route) -> String {
    let key = route.steps().iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(format!("`{}`", key.escape_debug())),
        Step::Index(_) => None,
    });
    match (route.steps().last(), key) {
        (Some(Step::Index(_)), Some(key)) => format!("this entry of {key}"),
        (_, Some(key)) => key,
        (_, None) => "it".to_owned(),
    }
}

/// A key that is written twice: one of the two goes. Where both say the same it does not matter which.
fn duplicate(finding: &Diagnostic, file: &SourceFile, again: Span) -> Option<Vec<Fix>> {
    let first = finding.labels.iter().find(|label| !label.primary)?.span;
    let name = file.text().get(again.start..again.end)?;
    let ordinal = [(again, "second"), (first, "first")];
    let parts: Vec<(String, Vec<crate::text::Edit>)> = ordinal
        .iter()
        .filter_map(|(span, which)| Some((format!("remove the {which} {}", shown(name)), without(file, *span)?)))
        .collect();
    let same = value_of(file, first).zip(value_of(file, again)).is_some_and(|(one, other)| one == other);
    let grade = if same { Grade::Safe } else { Grade::Shown };
    Some(parts.into_iter().map(|(title, edits)| Fix { title, grade, edits }).collect())
}

fn shown(name: &str) -> String {
    format!("`{}`", name.trim_matches(['"', '\'']).escape_debug())
}

/// The file with one key under another name, as long as it was, so that both can be read: its text, tree and route.
fn apart(file: &SourceFile, key: Span) -> Option<(Sources, SourceId, Route)> {
    let letter = ["z", "y", "x"].into_iter().find(|it| !file.text().contains(&it.repeat(key.end - key.start)))?;
    let mut text = file.text().to_owned();
    text.replace_range(key.start..key.end, &letter.repeat(key.end - key.start));
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new(file.name(), text));
    let route = route_at(sources.tree(id)?, key.start);
    let at = route.steps().iter().rposition(|step| matches!(step, Step::Key(name) if name.starts_with(letter)))?;
    let route = Route::from(route.steps()[..=at].to_vec());
    Some((sources, id, route))
}

fn without(file: &SourceFile, key: Span) -> Option<Vec<crate::text::Edit>> {
    let (sources, id, route) = apart(file, key)?;
    let mut edits =
        patch::edits_of(file.text(), id, sources.tree(id).map(|root| &**root), &route, &Operation::Remove).ok()?;
    edits.iter_mut().for_each(|edit| edit.span.source = key.source);
    Some(edits)
}

fn value_of(file: &SourceFile, key: Span) -> Option<String> {
    let (sources, id, route) = apart(file, key)?;
    let span = find(sources.tree(id)?, &route)?.span;
    file.text().get(span.start..span.end).map(str::to_owned)
}

/// Removing a key that must be there would only be the next mistake.
fn keep_needed(finding: &mut Diagnostic, file: &SourceFile) {
    let needed = |key: &str| NEEDED.contains(&key) || required().contains(key);
    for fix in finding.fixes.iter_mut().filter(|fix| fix.grade == Grade::Safe) {
        let [edit] = fix.edits.as_slice() else { continue };
        let gone = file.text().get(edit.span.start..edit.span.end).unwrap_or_default();
        let key = gone.trim_start_matches([' ', '-', ',']).split(':').next().unwrap_or_default().trim();
        let rest = edit.text.trim_start();
        if (rest.is_empty() || rest.starts_with('#')) && needed(key) {
            fix.grade = Grade::Shown;
        }
    }
}

/// Keys that some mapping of either file cannot do without.
fn required() -> BTreeSet<String> {
    fn collect(value: &serde_json::Value, keys: &mut BTreeSet<String>) {
        match value {
            serde_json::Value::Object(entries) => {
                let names = entries.get("required").and_then(|it| it.as_array()).into_iter().flatten();
                keys.extend(names.filter_map(|name| name.as_str()).map(str::to_owned));
                entries.values().for_each(|value| collect(value, keys));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|value| collect(value, keys)),
            _ => {}
        }
    }
    let mut keys = BTreeSet::new();
    [File::Profile, File::System].into_iter().for_each(|file| collect(file.published(), &mut keys));
    keys
}
