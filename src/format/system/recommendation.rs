//! The vendor's guide line by line, and combinations that are wrong.

use super::{Computed, Given, When};
use crate::text::Spanned;
use crate::values::{Boundary, ControlId, Line, RecommendationId, SettingName, Vantage};
use schemars::JsonSchema;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

/// One numbered line of the vendor's hardening guide.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    /// Its number.
    pub id: Spanned<RecommendationId>,
    /// What the guide asks.
    pub guide: Line,
    /// The trust boundary it guards.
    pub boundary: Boundary,
    /// Values that the guide names and the profile may choose. Where one chosen is weaker, the recommendation is
    /// *relaxed* instead of enforced or compensated, and not counted as met.
    #[serde(default)]
    pub asks: Vec<Asked>,
    /// The recommendation that asks the same. Its answer holds for both and counts once; this one has no outcomes.
    pub same_as: Option<Spanned<RecommendationId>>,
    /// How it is met; the first outcome whose condition holds counts.
    #[serde(default)]
    pub outcomes: Vec<Outcome>,
    /// Where and why we do other than the guide says.
    pub deviation: Option<Line>,
}

/// A value that the guide names.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Whether it is compared.
    pub when: Option<When>,
    /// What the value is, for people; default the key of the profile that `value` depends on.
    pub what: Option<Line>,
    /// The value here: an expression, such as `settings.rate_max`.
    pub value: When,
    /// The guide's: a number, a size, a time, a rate, a word, `true` or `false`. Computed.
    pub guide: Computed<String>,
    /// Which values are weaker than the guide's.
    pub weaker: Weaker,
}

/// Which values are weaker than the guide's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weaker {
    /// Larger numbers, sizes, times and rates.
    Higher,
    /// Smaller ones.
    Lower,
    /// Every other.
    Other,
    /// These.
    These(Vec<String>),
}

impl<'de> Deserialize<'de> for Weaker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = |given: &Given| match given.to_json() {
            serde_json::Value::String(text) => Some(text),
            value @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_)) => Some(value.to_string()),
            _ => None,
        };
        let given = Given::deserialize(deserializer)?;
        let these = match &given {
            Given::List(items) => items.iter().map(|item| word(&item.value)).collect::<Option<Vec<_>>>(),
            _ => None,
        };
        match (these, word(&given).as_deref()) {
            (Some(these), _) if !these.is_empty() => Ok(Self::These(these)),
            (_, Some("higher")) => Ok(Self::Higher),
            (_, Some("lower")) => Ok(Self::Lower),
            (_, Some("other")) => Ok(Self::Other),
            _ => Err(D::Error::custom("expected `higher`, `lower`, `other`, or a list of the weaker values")),
        }
    }
}

impl JsonSchema for Weaker {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Weaker".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "which values are weaker than the guide's: larger ones, smaller ones, every other, or those of a list",
            "anyOf": [
                {"enum": ["higher", "lower", "other"]},
                {"type": "array", "items": {"type": ["string", "number", "boolean"]}, "minItems": 1},
            ],
        })
    }
}

/// How a recommendation is met.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Whether it counts.
    pub when: Option<When>,
    /// The kind of answer.
    pub status: Status,
    /// Controls that enforce or compensate it; their places in the bundle are found by themselves.
    #[serde(default)]
    pub controls: Vec<Spanned<ControlId>>,
    /// Further places as `ARTEFACT` or `ARTEFACT#key.path[0]`. Computed.
    #[serde(default)]
    pub places: Vec<Computed<String>>,
    /// Which places of those controls show what is claimed here: those whose file, key or line hold one of these words, such
    /// as `X-Frame-Options`; without it the first few of each control. Computed.
    #[serde(default)]
    pub evidence: Vec<Computed<String>>,
    /// Why, needed unless the status is `enforced`. Computed.
    pub because: Option<Computed<String>>,
    /// A command that proves it on the host. Computed.
    pub verify: Option<Computed<String>>,
    /// What that command shows when all is well; without it, that it succeeds (exit status 0). Computed.
    pub expect: Option<Computed<String>>,
    /// Where that command is typed.
    #[serde(default)]
    pub from: Vantage,
    /// Whether it changes anything, as one that uses up a limit does; then nobody runs it unbidden.
    #[serde(default)]
    pub changes: bool,
}

/// The kind of answer to a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Written into the bundle.
    Enforced,
    /// Met by other means, because the recommended one does not work.
    Compensated,
    /// Left to a person, with a command that verifies it.
    Manual,
    /// Has no object here.
    NotApplicable,
}

/// Something that works differently than with the vendor's own compose file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Whether it is so here.
    pub when: Option<When>,
    /// What differs.
    pub kind: DifferenceKind,
    /// What the vendor's file has. Computed.
    pub vendor: Computed<String>,
    /// What this bundle has instead. Computed.
    pub here: Computed<String>,
    /// Why. Computed.
    pub because: Computed<String>,
    /// Lines of the profile that bring the vendor's back, as they must be typed: `settings: {players: 100}`. Computed.
    #[serde(default)]
    pub restore: Vec<Computed<Line>>,
}

/// What differs from the vendor's compose file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceKind {
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

impl DifferenceKind {
    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Port => "Port",
            Self::Mount => "Mount",
            Self::Variable => "Variable",
            Self::Feature => "Feature",
            Self::Limit => "Limit",
        }
    }
}

/// A combination that is wrong for this application.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lint {
    /// Kebab-case name.
    pub code: Spanned<ControlId>,
    /// How bad.
    pub severity: LintSeverity,
    /// Asks for each item of this list instead of once.
    pub each: Option<When>,
    /// Name of the item in the expressions of this rule; default `item`.
    #[serde(rename = "as")]
    pub name: Option<SettingName>,
    /// When it is wrong.
    pub when: When,
    /// The profile key to point at, such as `settings.heap`; `settings.routes[].host` is that field of the item.
    pub at: Option<Spanned<String>>,
    /// What is wrong. Computed.
    pub message: Computed<String>,
    /// The way out. Computed.
    pub help: Computed<String>,
}

/// How bad a finding of a system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LintSeverity {
    /// Nothing is generated.
    Error,
    /// Generated, but said.
    Warning,
}
