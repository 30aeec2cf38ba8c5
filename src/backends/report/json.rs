//! `report.json`, version 1. These types are a promise to scripts: they change only by a new version, whatever becomes of
//! ours.

use super::{Report, Status};
use crate::controls::{Hardened, catalogue};
use crate::diagnostics::Severity;
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

/// The report of a bundle.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Stockade report")]
struct Document {
    /// Version of this format.
    #[schemars(range(min = 1, max = 1))]
    version: u32,
    /// Version of Stockade that wrote it.
    stockade: String,
    /// The host it is for, where the profile lists several.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    /// The systems it is about.
    systems: Vec<System>,
    /// What the profile chose.
    profile: Profile,
    /// Number of recommendations by answer.
    summary: Summary,
    /// Every control of the catalogue.
    controls: Vec<Control>,
    /// Every recommendation of the vendor's guide, in its order.
    recommendations: Vec<Recommendation>,
    /// What third-party checkers say about the compose file, and why it is right as it is.
    checkers: Vec<Checker>,
    /// Controls that are switched off.
    waivers: Vec<Waiver>,
}

/// A system.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct System {
    /// Name by which profiles choose it.
    name: String,
    /// Name for people.
    title: String,
    /// Its variant, where it has any.
    variant: Option<String>,
    /// Host name under which people reach it.
    domain: Option<String>,
}

/// What the profile chose.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Profile {
    /// Name of the compose project.
    name: String,
    /// How much hardening: `baseline`, `hardened` or `strict`.
    level: String,
    /// `production` or `development`.
    environment: String,
    /// What was generated.
    target: String,
}

/// Number of recommendations by answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// Written into the bundle.
    enforced: usize,
    /// Met by other means.
    compensated: usize,
    /// Switched off by waiver or level.
    waived: usize,
    /// Left to a person.
    manual: usize,
    /// Without an object here.
    not_applicable: usize,
    /// All.
    total: usize,
}

/// A control.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Control {
    /// Its id.
    id: String,
    /// What it does.
    title: String,
    /// The trust boundary it guards.
    boundary: String,
    /// The lowest level that turns it on.
    level: String,
    /// How bad its absence is: `note`, `warning` or `error`.
    severity: String,
    /// Numbers in outside checklists.
    references: Vec<String>,
    /// Whether it is on in this bundle.
    active: bool,
    /// The waiver that switches it off everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<Reason>,
    /// Lines of the bundle that it is behind.
    places: Vec<Place>,
}

/// A recommendation and its answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Recommendation {
    /// Its number.
    id: String,
    /// What the guide asks.
    guide: String,
    /// The trust boundary it guards.
    boundary: String,
    /// The answer: `enforced`, `compensated`, `waived`, `manual` or `not-applicable`.
    status: String,
    /// Controls behind it.
    controls: Vec<String>,
    /// Where in the bundle it is met.
    places: Vec<Place>,
    /// Why, unless it is simply enforced.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// Command that proves it on the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    verify: Option<String>,
    /// What that command shows when all is well; without it, that it succeeds (exit status 0).
    #[serde(skip_serializing_if = "Option::is_none")]
    expect: Option<String>,
    /// Where and why it is met in another way than the guide says.
    #[serde(skip_serializing_if = "Option::is_none")]
    deviation: Option<String>,
    /// Why it is waived.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<Waiver>,
    /// Waivers for single services, which leave the answer as it is.
    notes: Vec<String>,
}

/// A place in the bundle.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Place {
    /// The file, relative to the bundle.
    artifact: String,
    /// Line, from 1, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// Key path, in files that have keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// What a checker says.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Checker {
    /// The checker.
    checker: String,
    /// Its rule, in its own words.
    rule: String,
    /// Whether it reports the place; `false` names what it passes over.
    raised: bool,
    /// The places.
    places: Vec<Place>,
    /// Why it is right as it is.
    reason: String,
}

/// Why a control is off.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Reason {
    /// The operator's words.
    reason: String,
    /// Last day.
    until: String,
}

/// A control that is off, for everything or for one service.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Waiver {
    /// The control.
    control: String,
    /// The one service it is off for.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    /// Why.
    reason: String,
    /// Last day of the waiver; absent where the level leaves the control out.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

/// The JSON schema of `report.json`.
pub fn schema() -> Schema {
    schema_for!(Document)
}

/// The text of `report.json`.
pub(super) fn render(stack: &Hardened, report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(&document(stack, report)).expect("plain data has a JSON form");
    text.push('\n');
    text
}

fn document(stack: &Hardened, report: &Report) -> Document {
    let count = |status| report.lines.iter().filter(|line| line.status == status).count();
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
            enforced: count(Status::Enforced),
            compensated: count(Status::Compensated),
            waived: count(Status::Waived),
            manual: count(Status::Manual),
            not_applicable: count(Status::NotApplicable),
            total: report.lines.len(),
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
    }
}

fn control(stack: &Hardened, line: &super::ControlLine) -> Option<Control> {
    let meta = catalogue::find(line.id)?.meta();
    let waiver = stack.waivers.iter().find(|waiver| waiver.control == line.id && waiver.service.is_none());
    Some(Control {
        id: meta.id.to_owned(),
        title: meta.title.to_owned(),
        boundary: meta.boundary.as_str().to_owned(),
        level: meta.level.to_string(),
        severity: match meta.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
        .to_owned(),
        // An entry `none: …` says why there is no number.
        references: meta.references.iter().filter(|t| !t.starts_with("none:")).map(|t| (*t).to_owned()).collect(),
        active: line.active,
        waiver: waiver.map(|waiver| Reason { reason: waiver.reason.clone(), until: waiver.until.to_string() }),
        places: places(&line.places),
    })
}

fn recommendation(line: &super::Line) -> Recommendation {
    let super::Line {
        id,
        guide,
        boundary,
        status,
        controls,
        places: found,
        because,
        verify,
        expect,
        deviation,
        waived,
        notes,
    } = line;
    Recommendation {
        id: id.to_string(),
        guide: guide.to_string(),
        boundary: boundary.as_str().to_owned(),
        status: status.as_str().to_owned(),
        controls: controls.iter().map(|id| (*id).to_owned()).collect(),
        places: places(found),
        because: because.clone(),
        verify: verify.clone(),
        expect: expect.clone(),
        deviation: deviation.as_ref().map(ToString::to_string),
        waiver: waived.as_ref().map(|waived| Waiver {
            control: waived.control.to_owned(),
            service: waived.service.as_ref().map(ToString::to_string),
            reason: waived.reason.clone(),
            until: waived.until.map(|day| day.to_string()),
        }),
        notes: notes.clone(),
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
