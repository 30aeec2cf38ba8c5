//! In: the hardened stack and the artifacts made from it. Out: where every recommendation is met, as data, `report.json`
//! and `HARDENING.md`.

mod checkers;
mod commands;
mod evidence;
mod files;
mod json;
mod lines;
mod markdown;
mod marks;
mod page;
#[cfg(test)]
mod tests;
mod view;

pub use checkers::Finding;
use files::{File, Files};
pub use json::schema;
pub use view::View;

use crate::artifact::Artifact;
use crate::checks::Check;
use crate::controls::{Hardened, Id, live};
use crate::diagnostics::Diagnostics;
use crate::stack::Compared;
use crate::templates::{Engine, TemplateError};
use crate::values::{Boundary, BundlePath, Day, Line as Text, RecommendationId, ServiceName, Vantage};

/// The report for people.
pub const MARKDOWN: &str = "HARDENING.md";
/// The report for programs.
pub const JSON: &str = "report.json";

/// Every recommendation of the system's guide and what became of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// In the guide's order.
    pub lines: Vec<Line>,
    /// Every control of the catalogue, in its order.
    pub controls: Vec<ControlLine>,
    /// What third-party checkers say about the compose file.
    pub checkers: Vec<Finding>,
    /// What a running host must show.
    pub checks: Vec<Check>,
    /// What documents for people show.
    view: View,
}

/// What became of one recommendation.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its number.
    pub id: RecommendationId,
    /// What the guide asks.
    pub guide: Text,
    /// The boundary it guards.
    pub boundary: Boundary,
    /// The answer.
    pub status: Status,
    /// Controls behind it.
    pub controls: Vec<Id>,
    /// Where in the bundle it is met, in order.
    pub places: Vec<Place>,
    /// The one of them that shows it best.
    pub best: Option<Place>,
    /// How many further places its controls have.
    pub more: usize,
    /// Why, unless it is simply enforced.
    pub because: Option<String>,
    /// Command that proves it on the host.
    pub verify: Option<String>,
    /// What it shows when all is well; otherwise it merely succeeds.
    pub expect: Option<String>,
    /// Where it is typed.
    pub from: Vantage,
    /// Whether it changes anything.
    pub changes: bool,
    /// Where we do other than the guide says.
    pub deviation: Option<Text>,
    /// Values that the guide names, beside those chosen here.
    pub compared: Vec<Compared>,
    /// The recommendation whose answer this is too; it counts there.
    pub same_as: Option<RecommendationId>,
    /// Why it is [`Status::Waived`].
    pub waived: Option<Waived>,
    /// Waivers for single services, which leave the status as it is.
    pub notes: Vec<String>,
}

/// Why a recommendation is waived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waived {
    /// The control that is off.
    pub control: Id,
    /// The one service it is off for.
    pub service: Option<ServiceName>,
    /// Why.
    pub reason: String,
    /// Last day of the waiver; `None` where the level leaves the control out.
    pub until: Option<Day>,
}

/// A control of the catalogue in this bundle.
#[derive(Debug, Clone)]
pub struct ControlLine {
    /// The control.
    pub id: Id,
    /// Whether level and waivers left it on.
    pub active: bool,
    /// Lines of the bundle that carry its mark.
    pub places: Vec<Place>,
}

/// The answer to a recommendation, waivers and levels included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Written into the bundle.
    Enforced,
    /// Met by other means.
    Compensated,
    /// In place, with a value of the profile that is weaker than the guide's.
    Relaxed,
    /// Switched off by the operator, by waiver or by level.
    Waived,
    /// Left to a person.
    Manual,
    /// Has no object here.
    NotApplicable,
}

impl Status {
    /// All, from done to not to be done.
    pub const ALL: [Self; 6] =
        [Self::Enforced, Self::Compensated, Self::Relaxed, Self::Waived, Self::Manual, Self::NotApplicable];

    /// Whether the recommendation is met.
    pub const fn is_met(self) -> bool {
        matches!(self, Self::Enforced | Self::Compensated)
    }

    /// Its word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Compensated => "compensated",
            Self::Relaxed => "relaxed",
            Self::Waived => "waived",
            Self::Manual => "manual",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Enforced => "Enforced",
            Self::Compensated => "Compensated",
            Self::Relaxed => "Relaxed",
            Self::Waived => "Waived",
            Self::Manual => "Manual",
            Self::NotApplicable => "Not applicable",
        }
    }
}

/// A place in the bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The artifact.
    pub artifact: String,
    /// Line, from 1, where one is known.
    pub line: Option<usize>,
    /// Key path such as `services.app.read_only`, in artifacts that have keys.
    pub key: Option<String>,
}

/// Artifacts as the report looks at them, their marks read.
pub fn files(artifacts: &[Artifact]) -> Vec<(String, File)> {
    artifacts.iter().map(|artifact| (artifact.path.to_string(), File::new(artifact))).collect()
}

/// Finds where each recommendation is met, and writes the two files that say so. A declared place that does not exist,
/// and an enforced recommendation that nothing in the bundle shows, become errors in `diagnostics`.
///
/// # Errors
/// A value that Markdown cannot hold, or a mistake of the template.
pub fn emit(
    stack: &Hardened,
    files: Vec<(String, File)>,
    engine: &Engine,
    diagnostics: &mut Diagnostics,
) -> Result<(Report, Vec<Artifact>), TemplateError> {
    let files = Files::new(files);
    let mut marks = marks::gather(&files);
    lines::covered(stack, &files, &mut marks, diagnostics);
    let mut report = Report {
        lines: lines::answer(stack, &files, &marks, diagnostics),
        controls: crate::controls::catalogue::ALL
            .iter()
            .map(|control| {
                let id = control.meta().id;
                let places = marks.get(id).cloned().unwrap_or_default();
                ControlLine { id, active: stack.active().contains(&id), places }
            })
            .collect(),
        checkers: checkers::findings(stack, &files),
        checks: live::checks(stack),
        view: View::default(),
    };
    report.attach();
    let commands = commands::checks(stack, &report);
    report.checks.extend(commands);
    report.checks.sort_by_key(|check| check.boundary);
    report.view = view::view(stack, &report);
    let (markdown, json) = rayon::join(|| markdown::render(&report.view, engine), || json::render(stack, &report));
    let written = vec![Artifact::text(path(MARKDOWN), markdown?), Artifact::text(path(JSON), json)];
    Ok((report, written))
}

/// The report as one HTML page, for browsers.
///
/// # Errors
/// A mistake of the template.
pub fn page(report: &Report) -> Result<String, TemplateError> {
    page::render(&report.view, &Engine::builtin())
}

/// Services, networks, ports and trust boundaries as SVG, as the page shows them.
///
/// # Errors
/// A mistake of the template.
#[cfg(any(test, not(feature = "cli")))]
pub fn diagram(report: &Report) -> Result<String, TemplateError> {
    page::diagram(&report.view, &Engine::builtin())
}

/// How many recommendations have each answer; those that ask the same count once.
pub fn summary(report: &Report) -> [(Status, usize); 6] {
    Status::ALL.map(|status| (status, report.counted().filter(|line| line.status == status).count()))
}

impl Report {
    /// Ports that others than containers reach: the port, who, and what answers there.
    pub fn exposed(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let rows = self.view.ports.iter();
        rows.filter_map(|row| Some((row.host.as_str(), row.outside.as_deref()?, row.service.as_str())))
    }

    /// Tells each check which recommendations it speaks of: those that are met by what it shows.
    fn attach(&mut self) {
        for check in &mut self.checks {
            let shown = |line: &&Line| line.controls.iter().any(|id| check.controls.iter().any(|known| known == id));
            let lines = self.lines.iter().filter(|line| line.same_as.is_none());
            let lines = lines.filter(|line| line.status.is_met() || line.status == Status::Relaxed).filter(shown);
            check.recommendations = lines.map(|line| line.id.to_string()).collect();
        }
    }

    /// Recommendations without those that ask the same as another.
    pub fn counted(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.same_as.is_none())
    }
}

fn path(name: &str) -> BundlePath {
    name.parse().expect("the report's own names are paths")
}
