//! What the operator, the profile or the level took away.

use super::super::{ControlLine, Line, Report, Status};
use super::answers::{ValueView, entry};
use crate::controls::{Hardened, catalogue};
use crate::stack::Waiver;
use serde::Serialize;

/// A recommendation that is relaxed, with its weaker values.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Relaxed {
    pub id: String,
    pub values: Vec<ValueView>,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct WaiverRow {
    pub control: String,
    /// What the control does.
    pub does: String,
    pub service: Option<String>,
    pub reason: String,
    pub until: String,
    /// Recommendations that are not, or not everywhere, met because of it.
    pub affects: Vec<String>,
}

/// A control that the level leaves out.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct LeftOut {
    pub control: String,
    pub does: String,
    pub level: String,
    pub affects: Vec<String>,
}

pub(super) fn relaxed(line: &Line) -> Relaxed {
    let values = entry(line).values.into_iter().filter(|value| value.weaker).collect();
    Relaxed { id: line.id.to_string(), values }
}

pub(super) fn waiver_row(report: &Report, waiver: &Waiver) -> WaiverRow {
    let Waiver { control, service, reason, until } = waiver;
    WaiverRow {
        control: (*control).to_owned(),
        does: does(control),
        service: service.as_ref().map(ToString::to_string),
        reason: reason.clone(),
        until: until.to_string(),
        affects: affected(report, control),
    }
}

pub(super) fn left_out(stack: &Hardened, report: &Report, control: &ControlLine) -> Option<LeftOut> {
    let waived = stack.waivers.iter().any(|waiver| waiver.control == control.id && waiver.service.is_none());
    if control.active || waived {
        return None;
    }
    let meta = catalogue::find(control.id)?.meta();
    Some(LeftOut {
        control: meta.id.to_owned(),
        does: meta.title.to_owned(),
        level: meta.level.to_string(),
        affects: affected(report, meta.id),
    })
}

/// What a control does, in a few words.
pub(super) fn does(control: &str) -> String {
    catalogue::find(control).map_or_else(String::new, |control| control.meta().title.to_owned())
}

/// Recommendations that a control was to meet.
pub(super) fn affected(report: &Report, control: &str) -> Vec<String> {
    let to_meet = |line: &&Line| !matches!(line.status, Status::Manual | Status::NotApplicable);
    let named = report.counted().filter(|line| line.controls.contains(&control));
    named.filter(to_meet).map(|line| line.id.to_string()).collect()
}
