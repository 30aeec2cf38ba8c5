//! In: the stack, the answers and the view. Out: `report.json` and its schema.
//! Every field is converted by hand, so that a change of ours is either kept from scripts or seen.

mod format;
mod reach;

use super::{Report, view};
use crate::checks::Verification;
use crate::controls::{Hardened, catalogue, live};
use crate::diagnostics;
use crate::format::system;
use crate::stack::Service;
use crate::values;
use format::{
    Boundary, Checker, Compared, Control, Difference, DifferenceKind, Document, Due, FromImage, Place, Profile, Reason,
    Recommendation, Severity, Status, Step, StepList, Summary, System, Waiver,
};
use schemars::{Schema, schema_for};

/// Bytes that most reports fit into.
const SIZE: usize = 256 << 10;

/// The JSON schema of `report.json`.
pub fn schema() -> Schema {
    schema_for!(Document)
}

/// The text of `report.json`.
pub(super) fn render(stack: &Hardened, report: &Report) -> String {
    let mut text = Vec::with_capacity(SIZE);
    serde_json::to_writer_pretty(&mut text, &document(stack, report)).expect("plain data has a JSON form");
    text.push(b'\n');
    let text = String::from_utf8(text).expect("JSON is UTF-8");
    crate::diagnostics::render::visible(text)
}

fn document(stack: &Hardened, report: &Report) -> Document {
    let count = |status| report.counted().filter(|line| line.status == status).count();
    let total = report.counted().count();
    let lists = || report.view.start.iter().chain(&report.view.runbook).filter(|list| !list.proofs);
    Document {
        version: 1,
        stockade: env!("CARGO_PKG_VERSION").to_owned(),
        host: stack.host.as_ref().map(ToString::to_string),
        systems: stack
            .systems
            .iter()
            .map(|system| System {
                name: system.name.to_string(),
                title: system.title.to_string(),
                variant: system.variant.clone(),
                domain: system.domain.as_ref().map(ToString::to_string),
            })
            .collect(),
        profile: Profile {
            name: stack.name.to_string(),
            level: stack.level.to_string(),
            environment: stack.environment.to_string(),
            target: "compose".to_owned(),
        },
        summary: Summary {
            enforced: count(super::Status::Enforced),
            compensated: count(super::Status::Compensated),
            relaxed: count(super::Status::Relaxed),
            waived: count(super::Status::Waived),
            manual: count(super::Status::Manual),
            not_applicable: count(super::Status::NotApplicable),
            total,
            same: report.lines.len() - total,
        },
        controls: report.controls.iter().filter_map(|line| control(stack, line)).collect(),
        recommendations: report.lines.iter().map(recommendation).collect(),
        checkers: report.checkers.iter().map(checker).collect(),
        waivers: stack
            .waivers
            .iter()
            .map(|waiver| Waiver {
                control: waiver.control.to_owned(),
                service: waiver.service.as_ref().map(ToString::to_string),
                reason: waiver.reason.clone(),
                until: Some(waiver.until.to_string()),
            })
            .collect(),
        differences: stack.differences.iter().map(difference).collect(),
        images: stack.services.values().filter_map(from_image).collect(),
        exposure: reach::exposure(&report.view),
        runbook: lists().map(steps).collect(),
        checks: report.view.start.iter().filter(|list| list.proofs).flat_map(|list| &list.steps).map(step).collect(),
        verification: Verification {
            project: stack.name.to_string(),
            engine: live::engine(stack).to_owned(),
            checks: report.checks.clone(),
        },
        due: report.view.due.iter().map(due).collect(),
        limitations: stack.limitations.clone(),
    }
}

fn from_image(service: &Service) -> Option<FromImage> {
    let given = service.from_image.as_ref()?;
    Some(FromImage {
        service: service.name.to_string(),
        image: service.image.value.to_string(),
        family: given.family.clone(),
        keys: given.keys.clone(),
    })
}

fn steps(list: &view::Steps) -> StepList {
    StepList { title: list.title.clone(), steps: list.steps.iter().map(step).collect() }
}

fn step(step: &view::Step) -> Step {
    Step { action: step.action.clone(), run: step.run.clone(), expect: step.expect.clone() }
}

fn due(due: &view::Due) -> Due {
    Due { what: due.what.clone(), when: due.when.clone(), then: due.then.clone(), run: due.run.clone() }
}

fn control(stack: &Hardened, line: &super::ControlLine) -> Option<Control> {
    let meta = catalogue::find(line.id)?.meta();
    let waiver = stack.waivers.iter().find(|waiver| waiver.control == line.id && waiver.service.is_none());
    Some(Control {
        id: meta.id.to_owned(),
        title: meta.title.to_owned(),
        boundary: self::boundary(meta.boundary),
        level: meta.level.to_string(),
        severity: match meta.severity {
            diagnostics::Severity::Note => Severity::Note,
            diagnostics::Severity::Warning => Severity::Warning,
            diagnostics::Severity::Error => Severity::Error,
        },
        references: view::references(meta).into_iter().map(str::to_owned).collect(),
        active: line.active,
        waiver: waiver.map(|waiver| Reason { reason: waiver.reason.clone(), until: waiver.until.to_string() }),
        places: places(&line.places),
    })
}

fn boundary(boundary: values::Boundary) -> Boundary {
    match boundary {
        values::Boundary::ExternalHost => Boundary::ExternalHost,
        values::Boundary::HostContainer => Boundary::HostContainer,
        values::Boundary::ContainerContainer => Boundary::ContainerContainer,
        values::Boundary::ContainerInside => Boundary::ContainerInside,
    }
}

fn status(status: super::Status) -> Status {
    match status {
        super::Status::Enforced => Status::Enforced,
        super::Status::Compensated => Status::Compensated,
        super::Status::Relaxed => Status::Relaxed,
        super::Status::Waived => Status::Waived,
        super::Status::Manual => Status::Manual,
        super::Status::NotApplicable => Status::NotApplicable,
    }
}

fn recommendation(line: &super::Line) -> Recommendation {
    let super::Line {
        id,
        guide,
        boundary,
        status,
        controls,
        places: found,
        best: _,
        more: _,
        because,
        verify,
        expect,
        from: _,
        changes: _,
        deviation,
        compared,
        same_as,
        waived,
        notes,
    } = line;
    Recommendation {
        id: id.to_string(),
        guide: guide.to_string(),
        boundary: self::boundary(*boundary),
        status: self::status(*status),
        controls: controls.iter().map(|id| (*id).to_owned()).collect(),
        places: places(found),
        because: because.clone(),
        verify: verify.clone(),
        expect: expect.clone(),
        deviation: deviation.as_ref().map(ToString::to_string),
        values: compared
            .iter()
            .map(|value| Compared {
                what: value.what.clone(),
                chosen: value.chosen.clone(),
                guide: value.guide.clone(),
                weaker: value.weaker,
            })
            .collect(),
        same_as: same_as.as_ref().map(ToString::to_string),
        waiver: waived.as_ref().map(|waived| Waiver {
            control: waived.control.to_owned(),
            service: waived.service.as_ref().map(ToString::to_string),
            reason: waived.reason.clone(),
            until: waived.until.map(|day| day.to_string()),
        }),
        notes: notes.clone(),
    }
}

fn difference(difference: &crate::stack::Difference) -> Difference {
    Difference {
        system: difference.system.as_ref().map(ToString::to_string),
        kind: match difference.kind {
            system::DifferenceKind::Port => DifferenceKind::Port,
            system::DifferenceKind::Mount => DifferenceKind::Mount,
            system::DifferenceKind::Variable => DifferenceKind::Variable,
            system::DifferenceKind::Feature => DifferenceKind::Feature,
            system::DifferenceKind::Limit => DifferenceKind::Limit,
        },
        vendor: difference.vendor.clone(),
        here: difference.here.clone(),
        because: difference.because.clone(),
        restore: difference.restore.iter().map(ToString::to_string).collect(),
    }
}

fn checker(finding: &super::Finding) -> Checker {
    Checker {
        checker: finding.checker.to_owned(),
        rule: finding.rule.to_owned(),
        raised: finding.raised,
        places: places(&finding.places),
        reason: finding.reason.clone(),
    }
}

fn places(places: &[super::Place]) -> Vec<Place> {
    places
        .iter()
        .map(|place| Place { artifact: place.artifact.clone(), line: place.line, key: place.key.clone() })
        .collect()
}
