//! The types of `report.json`, version 1. They are a promise to scripts: they change only by a new version, whatever becomes
//! of ours, and `tests/fixtures/report-v1.frozen.json` holds what was promised.

use super::reach::Exposure;
use crate::checks::Verification;
use schemars::JsonSchema;
use serde::Serialize;

/// The report of a bundle.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Stockade report")]
pub(super) struct Document {
    /// Version of this format.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// Version of Stockade that wrote it.
    pub stockade: String,
    /// The host it is for, where the profile lists several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The systems it is about.
    pub systems: Vec<System>,
    /// What the profile chose.
    pub profile: Profile,
    /// Number of recommendations by answer.
    pub summary: Summary,
    /// Every control of the catalogue.
    pub controls: Vec<Control>,
    /// Every recommendation of the vendor's guide, in its order.
    pub recommendations: Vec<Recommendation>,
    /// What third-party checkers say about the compose file, and why it is right as it is.
    pub checkers: Vec<Checker>,
    /// Controls that are switched off.
    pub waivers: Vec<Waiver>,
    /// What works differently than with the vendor's own compose file.
    pub differences: Vec<Difference>,
    /// What services have from what is known of their images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<FromImage>,
    /// What can be reached, and by whom.
    pub exposure: Exposure,
    /// What a person does, in order.
    pub runbook: Vec<StepList>,
    /// What shows that the bundle as a whole runs as it should.
    pub checks: Vec<Step>,
    /// What `stockade verify` asks the host.
    pub verification: Verification,
    /// What comes due.
    pub due: Vec<Due>,
    /// Weaknesses of the application that remain.
    pub limitations: Vec<String>,
}

/// What one service has from what is known of its image.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FromImage {
    /// The service.
    pub service: String,
    /// Its image.
    pub image: String,
    /// The family of images, as in `stockade images show FAMILY`.
    pub family: String,
    /// Keys of a system file that its own does not say.
    pub keys: Vec<String>,
}

/// Something with an end.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Due {
    /// What it is.
    pub what: String,
    /// When it ends, in words.
    pub when: String,
    /// What is done then, or who does it.
    pub then: String,
    /// The command that shows the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// Steps towards one end.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct StepList {
    /// The end.
    pub title: String,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    /// What to do.
    pub action: String,
    /// The command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// A system.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct System {
    /// Name by which profiles choose it.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Its variant, where it has any.
    pub variant: Option<String>,
    /// Host name under which people reach it.
    pub domain: Option<String>,
}

/// What the profile chose.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    /// Name of the compose project.
    pub name: String,
    /// How much hardening: `baseline`, `hardened` or `strict`.
    pub level: String,
    /// `production` or `development`.
    pub environment: String,
    /// What was generated.
    pub target: String,
}

/// Number of recommendations by answer. Those that ask the same as another count once.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    /// Written into the bundle.
    pub enforced: usize,
    /// Met by other means.
    pub compensated: usize,
    /// In place, with a value of the profile that is weaker than the guide's.
    pub relaxed: usize,
    /// Switched off by waiver or level.
    pub waived: usize,
    /// Left to a person.
    pub manual: usize,
    /// Without an object here.
    pub not_applicable: usize,
    /// All of these.
    pub total: usize,
    /// Recommendations that ask the same as another, and are in none of these.
    pub same: usize,
}

/// A control.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Control {
    /// Its id.
    pub id: String,
    /// What it does.
    pub title: String,
    /// The trust boundary it guards.
    pub boundary: Boundary,
    /// The lowest level that turns it on.
    pub level: String,
    /// How bad its absence is.
    pub severity: Severity,
    /// Numbers in outside checklists.
    pub references: Vec<String>,
    /// Whether it is on in this bundle.
    pub active: bool,
    /// The waiver that switches it off everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Reason>,
    /// Lines of the bundle that it is behind.
    pub places: Vec<Place>,
}

/// A recommendation and its answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Recommendation {
    /// Its number.
    pub id: String,
    /// What the guide asks.
    pub guide: String,
    /// The trust boundary it guards.
    pub boundary: Boundary,
    /// The answer.
    pub status: Status,
    /// Controls behind it.
    pub controls: Vec<String>,
    /// Where in the bundle it is met.
    pub places: Vec<Place>,
    /// Why, unless it is simply enforced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Command that proves it on the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<String>,
    /// What that command shows when all is well; without it, that it succeeds (exit status 0).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Where and why it is met in another way than the guide says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<String>,
    /// Values that the guide names, beside those chosen here.
    pub values: Vec<Compared>,
    /// The recommendation that asks the same: the answer is its answer, and counts there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// Why it is waived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
    /// Waivers for single services, which leave the answer as it is.
    pub notes: Vec<String>,
}

/// A trust boundary.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Boundary {
    /// From the outside to the host.
    ExternalHost,
    /// From a container to the host.
    HostContainer,
    /// From container to container.
    ContainerContainer,
    /// Inside a container.
    ContainerInside,
}

/// The answer to a recommendation.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    /// Written into the bundle.
    Enforced,
    /// Met by other means.
    Compensated,
    /// Switched off by waiver or level.
    Waived,
    /// Left to a person.
    Manual,
    /// Without an object here.
    NotApplicable,
    /// In place, with a value of the profile that is weaker than the guide's; not met.
    Relaxed,
}

/// A value that the guide names, beside the one chosen here.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Compared {
    /// What it is: a key of the profile, or words.
    pub what: String,
    /// The value here.
    pub chosen: String,
    /// The guide's.
    pub guide: String,
    /// Whether the value here is weaker.
    pub weaker: bool,
}

/// Something that works differently than with the vendor's own compose file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Difference {
    /// The system, where the profile has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// What differs.
    pub kind: DifferenceKind,
    /// What the vendor's file has.
    pub vendor: String,
    /// What this bundle has instead.
    pub here: String,
    /// Why.
    pub because: String,
    /// Lines of the profile that bring the vendor's back; none where there is no way.
    pub restore: Vec<String>,
}

/// What differs from the vendor's compose file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DifferenceKind {
    /// A port of the host.
    Port,
    /// A mount or a volume.
    Mount,
    /// A variable of a container.
    Variable,
    /// Something people could do.
    Feature,
    /// An amount: memory, counts, times.
    Limit,
}

/// How bad something is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Severity {
    /// Worth knowing.
    Note,
    /// Weak.
    Warning,
    /// Wrong.
    Error,
}

/// A place in the bundle.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    /// The file, relative to the bundle.
    pub artifact: String,
    /// Line, from 1, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Key path, in files that have keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What a checker says.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checker {
    /// The checker.
    pub checker: String,
    /// Its rule, in its own words.
    pub rule: String,
    /// Whether it reports the place; `false` names what it passes over.
    pub raised: bool,
    /// The places.
    pub places: Vec<Place>,
    /// Why it is right as it is.
    pub reason: String,
}

/// Why a control is off.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reason {
    /// The operator's words.
    pub reason: String,
    /// Last day.
    pub until: String,
}

/// A control that is off, for everything or for one service.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Waiver {
    /// The control.
    pub control: String,
    /// The one service it is off for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Why.
    pub reason: String,
    /// Last day of the waiver; absent where the level leaves the control out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}
