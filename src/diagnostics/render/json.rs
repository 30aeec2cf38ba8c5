//! JSON, version 1: own types, so that inner changes do not break scripts. Fields are added, never changed.

use serde::Serialize;

use super::{Texts, place};
use crate::diagnostics::{Diagnostic, Diagnostics, Fix, Severity};
use crate::text::Span;

/// The whole document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportV1 {
    /// Always 1.
    pub version: u8,
    /// The findings in order.
    pub diagnostics: Vec<DiagnosticV1>,
}

/// One finding; places are absent when it has none.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiagnosticV1 {
    /// The code, `unknown-key`.
    pub code: String,
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// The reason.
    pub message: String,
    /// The primary place.
    #[serde(flatten)]
    pub place: Option<PlaceV1>,
    /// All places.
    pub labels: Vec<LabelV1>,
    /// The way out, or null.
    pub help: Option<String>,
    /// Further facts.
    pub notes: Vec<String>,
    /// Exact changes that mend it, the best first.
    pub fixes: Vec<FixV1>,
}

/// One way to mend a finding.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FixV1 {
    /// What it does.
    pub title: String,
    /// `safe`, `behaviour` or `shown`.
    pub grade: &'static str,
    /// The changes; all of them or none.
    pub edits: Vec<EditV1>,
}

/// A range and the text that replaces it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EditV1 {
    /// Where.
    #[serde(flatten)]
    pub place: PlaceV1,
    /// First byte of the file's text, from 0, without a byte order mark.
    pub start_byte: usize,
    /// The byte after the last.
    pub end_byte: usize,
    /// What stands there afterwards.
    pub text: String,
}

/// A range; lines and columns count from 1, columns in characters, the end is exclusive.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceV1 {
    /// The file as the user named it.
    pub file: String,
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column after the last character.
    pub end_column: usize,
}

/// A marked place.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelV1 {
    /// Where.
    #[serde(flatten)]
    pub place: PlaceV1,
    /// What is said about it.
    pub text: String,
    /// Whether the finding is about this place.
    pub primary: bool,
}

/// Converts to the frozen types.
pub fn report(diagnostics: &Diagnostics, sources: &dyn Texts) -> ReportV1 {
    ReportV1 { version: 1, diagnostics: diagnostics.iter().map(|item| convert(item, sources)).collect() }
}

/// Renders as one indented JSON document with a line end.
pub fn render(diagnostics: &Diagnostics, sources: &dyn Texts) -> String {
    let mut text =
        serde_json::to_string_pretty(&report(diagnostics, sources)).expect("plain strings and numbers serialize");
    text.push('\n');
    super::visible(text)
}

fn convert(item: &Diagnostic, sources: &dyn Texts) -> DiagnosticV1 {
    DiagnosticV1 {
        code: item.code.as_str().to_owned(),
        severity: match item.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        message: item.message.clone(),
        place: item.primary().and_then(|label| place_v1(label.span, sources)),
        labels: item
            .labels
            .iter()
            .filter_map(|label| {
                let place = place_v1(label.span, sources)?;
                Some(LabelV1 { place, text: label.text.clone(), primary: label.primary })
            })
            .collect(),
        help: item.help.clone(),
        notes: item.notes.clone(),
        fixes: item.fixes.iter().filter_map(|fix| fix_v1(fix, sources)).collect(),
    }
}

/// A fix of files that can be shown; half of one is none.
fn fix_v1(fix: &Fix, sources: &dyn Texts) -> Option<FixV1> {
    let edits = fix.edits.iter().map(|edit| {
        let place = place_v1(edit.span, sources)?;
        Some(EditV1 { place, start_byte: edit.span.start, end_byte: edit.span.end, text: edit.text.clone() })
    });
    Some(FixV1 { title: fix.title.clone(), grade: fix.grade.as_str(), edits: edits.collect::<Option<_>>()? })
}

fn place_v1(span: Span, sources: &dyn Texts) -> Option<PlaceV1> {
    place::of(span, sources).map(|place| PlaceV1 {
        file: place.file.to_owned(),
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    })
}
