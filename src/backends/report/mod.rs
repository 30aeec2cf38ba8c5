//! In: the hardened stack and the artifacts made from it. Out: where every recommendation is met, as data, `report.json`
//! and `HARDENING.md`.

use crate::values::RecommendationId;

/// Every recommendation of the system's guide and what became of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// In the guide's order.
    pub lines: Vec<Line>,
}

/// What became of one recommendation.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its number.
    pub id: RecommendationId,
    /// The answer.
    pub status: Status,
    /// Where in the bundle it is met.
    pub places: Vec<Place>,
}

/// The answer to a recommendation, waivers and levels included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Written into the bundle.
    Enforced,
    /// Met by other means.
    Compensated,
    /// Switched off by the operator, by waiver or by level.
    Waived,
    /// Left to a person.
    Manual,
    /// Has no object here.
    NotApplicable,
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
