//! Differences, checkers and controls as rows.

use super::super::{ControlLine, Finding};
use super::answers::{Seen, seen};
use crate::controls::{Meta, catalogue};
use crate::diagnostics::Severity;
use serde::Serialize;

/// Something that works differently than with the vendor's own compose file.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct DifferenceView {
    pub system: Option<String>,
    pub kind: &'static str,
    pub vendor: String,
    pub here: String,
    pub because: String,
    /// Lines of the profile.
    pub restore: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Said {
    pub checker: &'static str,
    pub rule: &'static str,
    pub seen: Vec<Seen>,
    pub reason: String,
}

/// A control of the catalogue, with all of its places.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct ControlRow {
    pub id: &'static str,
    pub does: &'static str,
    /// What an attacker could do without it.
    pub why: &'static str,
    pub boundary: &'static str,
    pub level: String,
    pub severity: &'static str,
    /// Whether it is on.
    pub state: &'static str,
    pub references: Vec<&'static str>,
    pub seen: Vec<Seen>,
}

pub(super) fn control(line: &ControlLine) -> Option<ControlRow> {
    let meta = catalogue::find(line.id)?.meta();
    Some(ControlRow {
        id: meta.id,
        does: meta.title,
        why: meta.why,
        boundary: meta.boundary.title(),
        level: meta.level.to_string(),
        severity: match meta.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        state: match (line.active, line.places.is_empty()) {
            (false, _) => "off",
            (true, true) => "on, without an object",
            (true, false) => "on",
        },
        references: references(meta),
        seen: seen(&line.places),
    })
}

/// Numbers in outside checklists; an entry `none: …` says why there is none.
pub(in super::super) fn references(meta: &Meta) -> Vec<&'static str> {
    meta.references.iter().copied().filter(|text| !text.starts_with("none:")).collect()
}

pub(super) fn difference(difference: &crate::stack::Difference) -> DifferenceView {
    DifferenceView {
        system: difference.system.as_ref().map(ToString::to_string),
        kind: difference.kind.title(),
        vendor: difference.vendor.clone(),
        here: difference.here.clone(),
        because: difference.because.clone(),
        restore: difference.restore.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn said(finding: &Finding) -> Said {
    Said { checker: finding.checker, rule: finding.rule, seen: seen(&finding.places), reason: finding.reason.clone() }
}
