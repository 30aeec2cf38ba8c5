//! JSON, version 1: own types, so that inner changes do not break scripts. Fields are added, never changed.

use serde::Serialize;

use super::{Texts, place};
use crate::diagnostics::{Diagnostic, Diagnostics, Label, Severity};

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
        place: item.primary().and_then(|label| place_v1(label, sources)),
        labels: item
            .labels
            .iter()
            .filter_map(|label| {
                let place = place_v1(label, sources)?;
                Some(LabelV1 { place, text: label.text.clone(), primary: label.primary })
            })
            .collect(),
        help: item.help.clone(),
        notes: item.notes.clone(),
    }
}

fn place_v1(label: &Label, sources: &dyn Texts) -> Option<PlaceV1> {
    place::of(label, sources).map(|place| PlaceV1 {
        file: place.file.to_owned(),
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    })
}
