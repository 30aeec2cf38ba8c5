//! Mistakes of shape whose right form is written in the file: how to write it.

use super::de::{Error, Kind};
use super::node::{Node, NodeKind, Style};
use super::patch::{self, Operation, Value};
use super::{Route, Sources, Step, find, route_at};
use crate::diagnostics::{Diagnostic, Fix, Grade};
use crate::text::SourceId;

/// Adds the fixes of a decoding error to its finding.
pub(super) fn mend(finding: Diagnostic, error: &Error, sources: &Sources, id: SourceId) -> Diagnostic {
    let span = error.span();
    if span.is_unknown() || span.source != id || error.alias().is_some() {
        return finding;
    }
    let Some(root) = sources.tree(id) else { return finding };
    if let Kind::MissingKey(name) = error.kind() {
        let operation = Operation::Insert { key: (*name).to_owned(), value: Value::Text("TODO".to_owned()) };
        return add(
            finding,
            sources,
            id,
            &mapping(root, span.start),
            format!("add `{name}`"),
            Grade::Shown,
            &operation,
        );
    }
    let route = route_at(root, span.start);
    let Some(found) = find(root, &route).filter(|found| found.span == span || found.key == Some(span)) else {
        return finding;
    };
    match error.kind() {
        Kind::WrongType { found: what, .. } if what == "nothing" && found.node.is_null() => {
            match route.steps().last() {
                Some(Step::Key(key)) => {
                    let title = format!("remove `{}`, which has no value", key.escape_debug());
                    add(finding, sources, id, &route, title, Grade::Safe, &Operation::Remove)
                }
                _ => finding,
            }
        }
        Kind::WrongType { expected, .. } => match value(found.node, expected) {
            Some((text, grade)) => {
                let title = format!("write `{text}`");
                add(finding, sources, id, &route, title, grade, &Operation::Replace(Value::Yaml(text)))
            }
            None => finding,
        },
        _ => finding,
    }
}

/// The mapping that a missing key is missed in: the one at its first key, or the value of the key there.
fn mapping(root: &Node, at: usize) -> Route {
    let route = route_at(root, at);
    let is_mapping = |route: &Route| find(root, route).is_some_and(|it| matches!(it.node.kind, NodeKind::Map { .. }));
    let begins = find(root, &route).and_then(|it| it.key).is_some_and(|key| key.start == at);
    if begins && !is_mapping(&route) || !begins && !is_mapping(&route) {
        return Route::from(route.steps().split_last().map_or(&[][..], |(_, around)| around).to_vec());
    }
    route
}

/// The value as it should be written.
fn value(node: &Node, expected: &str) -> Option<(String, Grade)> {
    let NodeKind::Scalar { text, style } = &node.kind else { return None };
    let unquoted = || Some((text.clone().into_owned(), Grade::Safe));
    match (expected, *style) {
        ("a number", Style::Quoted) => super::scalar::float(text).and_then(|_| unquoted()),
        (_, Style::Quoted) if expected.starts_with("a whole number") => {
            super::scalar::int(text).filter(|number| is_within(*number, expected)).and_then(|_| unquoted())
        }
        ("`true` or `false`", Style::Plain | Style::Quoted) => {
            let word = match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "on" => "true",
                "false" | "no" | "n" | "off" => "false",
                _ => return None,
            };
            Some((word.to_owned(), Grade::Safe))
        }
        ("a list", Style::Plain | Style::Quoted) => list(text),
        _ => None,
    }
}

/// Whether a number lies within the bounds that are told: `a whole number`, `… from 0`, `… from 0 to 255`.
fn is_within(number: i128, expected: &str) -> bool {
    let bounds = expected.strip_prefix("a whole number from ").unwrap_or_default();
    let (least, most) = bounds.split_once(" to ").unwrap_or((bounds, ""));
    let is = |bound: &str, fits: fn(i128, i128) -> bool| bound.parse().map_or(true, |bound| fits(number, bound));
    is(least, |number, least| number >= least) && is(most, |number, most| number <= most)
}

/// A text that stands for a list: one item, items between commas, or a command line.
fn list(text: &str) -> Option<(String, Grade)> {
    let word = |item: &str| {
        !item.is_empty()
            && item.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@+".contains(c))
            && !item.starts_with('-')
    };
    let (items, grade): (Vec<&str>, _) = match text.contains(',') {
        true => (text.split(',').map(str::trim).collect(), Grade::Safe),
        false => (text.split_whitespace().collect(), Grade::Behaviour),
    };
    let grade = if items.len() == 1 { Grade::Safe } else { grade };
    let items: Vec<String> =
        items.iter().map(|item| word(item).then(|| patch::in_list(item))).collect::<Option<_>>()?;
    (!items.is_empty()).then(|| (format!("[{}]", items.join(", ")), grade))
}

/// A finding with a fix where the operation can be carried out.
fn add(
    finding: Diagnostic,
    sources: &Sources,
    id: SourceId,
    route: &Route,
    title: String,
    grade: Grade,
    operation: &Operation,
) -> Diagnostic {
    match patch::edits(sources, id, route, operation) {
        Ok(edits) => finding.fix(Fix { title, grade, edits }),
        Err(_) => finding,
    }
}
