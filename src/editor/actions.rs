//! Ways out of findings, as edits an editor carries out.

use super::convert::Converter;
use super::look::Look;
use super::protocol::{CodeAction, CodeActionParams, Diagnostic, TextEdit, WorkspaceEdit};
use super::state::State;
use super::world::World;
use crate::diagnostics::{Fix, Grade};
use crate::text::Edit;
use std::collections::BTreeMap;

const QUICK_FIX: &str = "quickfix";
/// What an editor may carry out when it saves.
pub const FIX_ALL: &str = "source.fixAll.stockade";

/// What can be done about a range of a text.
pub fn actions(state: &State, world: &dyn World, asked: &CodeActionParams) -> Vec<CodeAction> {
    let Some(path) = state.documents.get(&asked.text_document.uri).and_then(|document| document.path.as_ref()) else {
        return Vec::new();
    };
    let wants = |kind: &str| {
        let is_above = |only: &String| {
            kind.strip_prefix(only.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        asked.context.only.as_ref().is_none_or(|only| only.iter().any(is_above))
    };
    let name = |path: &std::path::Path| state.name(path);
    let page = |code: &str| world.page_of_code(code);
    let converter = state.converter(&name, &page);
    let mut actions: Vec<CodeAction> = Vec::new();
    let mut all = Vec::new();
    for look in state.looks(path) {
        for finding in &look.found {
            let Some((uri, shown)) = converter.finding(look, finding) else { continue };
            if uri != asked.text_document.uri {
                continue;
            }
            all.extend(finding.fixes.iter().find(|fix| fix.grade == Grade::Safe).map(|fix| (look, fix, shown.clone())));
            if !wants(QUICK_FIX) || !shown.range.touches(&asked.range) {
                continue;
            }
            for fix in &finding.fixes {
                let action = action(&converter, look, fix, vec![shown.clone()]);
                actions.extend(action.filter(|action| !actions.contains(action)));
            }
        }
    }
    // An editor that asks for all of them at once says so; in a menu it is of use where there are several.
    let named = asked.context.only.is_some();
    if wants(FIX_ALL) && (named || all.len() > 1) {
        actions.extend(fix_all(&converter, &all));
    }
    actions
}

fn action(converter: &Converter, look: &Look, fix: &Fix, diagnostics: Vec<Diagnostic>) -> Option<CodeAction> {
    let changes = changes(converter, look, &fix.edits)?;
    let mut title = fix.title.clone();
    if let Some(first) = title.get(..1).map(str::to_uppercase) {
        title.replace_range(..1, &first);
    }
    Some(CodeAction {
        title,
        kind: QUICK_FIX,
        diagnostics,
        is_preferred: fix.grade == Grade::Safe,
        edit: WorkspaceEdit { changes },
    })
}

/// Every safe fix at once; of two that change the same place the first.
fn fix_all(converter: &Converter, all: &[(&Look, &Fix, Diagnostic)]) -> Option<CodeAction> {
    let mut merged: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    let mut ended = Vec::new();
    for (look, fix, shown) in all {
        let Some(changes) = changes(converter, look, &fix.edits) else { continue };
        let collides = changes.iter().any(|(uri, edits)| {
            let known = merged.get(uri).map_or(&[][..], Vec::as_slice);
            edits.iter().any(|edit| known.iter().any(|other| edit.range.touches(&other.range)))
        });
        if !collides {
            changes.into_iter().for_each(|(uri, edits)| merged.entry(uri).or_default().extend(edits));
            ended.push(shown.clone());
        }
    }
    (!merged.is_empty()).then(|| CodeAction {
        title: "Apply every safe fix of Stockade".to_owned(),
        kind: FIX_ALL,
        diagnostics: ended,
        is_preferred: false,
        edit: WorkspaceEdit { changes: merged },
    })
}

/// Edits by the name of their file; nothing where one is in a file that nobody can edit.
fn changes(converter: &Converter, look: &Look, edits: &[Edit]) -> Option<BTreeMap<String, Vec<TextEdit>>> {
    let mut changes: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    for edit in edits {
        let file = look.sources.get(edit.span.source)?;
        let range = converter.encoding.range(file, edit.span.start, edit.span.end);
        let uri = (converter.name)(&look.path(edit.span.source)?);
        changes.entry(uri).or_default().push(TextEdit { range, new_text: edit.text.clone() });
    }
    (!changes.is_empty()).then_some(changes)
}
