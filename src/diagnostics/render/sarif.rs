//! SARIF 2.1.0 (OASIS), the least a code-scanning service needs: tool, rules of the codes used, results with regions.

use serde_json::{Value, json};
use std::collections::HashMap;

use super::{Texts, place};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Fix, Label, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Renders one run as an indented SARIF document with a line end.
pub fn render(diagnostics: &Diagnostics, sources: &dyn Texts) -> String {
    let mut codes: Vec<Code> = diagnostics.iter().map(|item| item.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let results: Vec<Value> = diagnostics.iter().map(|item| result(item, &codes, sources)).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "stockade",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().copied().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    super::visible(format!("{document:#}\n"))
}

/// One run with the results of all: services take few runs of one tool in a file. There is at least one.
pub fn merged(runs: Vec<Value>) -> Value {
    let mut runs = runs.into_iter();
    let mut first = runs.next().unwrap_or_default();
    let list = |run: &mut Value, place: &str| match run.pointer_mut(place).map(Value::take) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    let (mut rules, mut results) = (list(&mut first, "/tool/driver/rules"), list(&mut first, "/results"));
    let mut known: HashMap<String, usize> =
        rules.iter().enumerate().filter_map(|(at, rule)| Some((rule["id"].as_str()?.to_owned(), at))).collect();
    for mut run in runs {
        for rule in list(&mut run, "/tool/driver/rules") {
            let Some(id) = rule["id"].as_str() else { continue };
            if !known.contains_key(id) {
                known.insert(id.to_owned(), rules.len());
                rules.push(rule);
            }
        }
        results.extend(list(&mut run, "/results"));
    }
    for result in &mut results {
        let index = result["ruleId"].as_str().and_then(|id| known.get(id)).copied();
        result["ruleIndex"] = json!(index);
    }
    first["tool"]["driver"]["rules"] = Value::Array(rules);
    first["results"] = Value::Array(results);
    first
}

fn rule(code: Code) -> Value {
    match code.info() {
        None => json!({ "id": code.as_str() }),
        Some(info) => json!({
            "id": code.as_str(),
            "shortDescription": { "text": info.title },
            "fullDescription": { "text": info.explanation },
            "help": { "text": info.way_out },
        }),
    }
}

fn result(item: &Diagnostic, codes: &[Code], sources: &dyn Texts) -> Value {
    let mut text = item.message.clone();
    for more in item.notes.iter().chain(&item.help) {
        text.push('\n');
        text.push_str(more);
    }
    let related: Vec<Value> = item
        .labels
        .iter()
        .filter(|label| Some(*label) != item.primary())
        .enumerate()
        .filter_map(|(id, label)| {
            let mut location = location(label, sources)?;
            location["id"] = json!(id);
            location["message"] = json!({ "text": label.text });
            Some(location)
        })
        .collect();
    let mut result = json!({
        "ruleId": item.code.as_str(),
        "ruleIndex": codes.binary_search(&item.code).ok(),
        "level": match item.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": text },
        "locations": item.primary().and_then(|label| location(label, sources)).into_iter().collect::<Vec<_>>(),
    });
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    let fixes: Vec<Value> = item.fixes.iter().filter_map(|each| fix(each, sources)).collect();
    if !fixes.is_empty() {
        result["fixes"] = Value::Array(fixes);
    }
    result
}

/// A fix as one change for each file (section 3.55); half of one is none. Its grade is a property: a reader that applies
/// fixes unasked applies the safe ones.
fn fix(fix: &Fix, sources: &dyn Texts) -> Option<Value> {
    let mut changes: Vec<(&str, Vec<Value>)> = Vec::new();
    for edit in &fix.edits {
        let place = place::of(edit.span, sources)?;
        let mut replacement = json!({ "deletedRegion": region(&place) });
        if !edit.text.is_empty() {
            replacement["insertedContent"] = json!({ "text": edit.text });
        }
        match changes.iter_mut().find(|(file, _)| *file == place.file) {
            Some((_, replacements)) => replacements.push(replacement),
            None => changes.push((place.file, vec![replacement])),
        }
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(file, replacements)| json!({ "artifactLocation": { "uri": uri(file) }, "replacements": replacements }))
        .collect();
    Some(json!({
        "description": { "text": fix.title },
        "artifactChanges": changes,
        "properties": { "grade": fix.grade.as_str() },
    }))
}

fn region(place: &place::Place<'_>) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

fn location(label: &Label, sources: &dyn Texts) -> Option<Value> {
    let place = place::of(label.span, sources)?;
    Some(json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(place.file) },
        "region": region(&place),
    }}))
}

/// A path as a relative reference (RFC 3986): everything but unreserved characters and `/` is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
