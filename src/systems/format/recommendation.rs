//! The vendor's guide line by line, and combinations that are wrong.

use super::{Computed, When};
use crate::source::Spanned;
use crate::values::{ControlId, Line, RecommendationId, SettingName};
use schemars::JsonSchema;
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
    /// How it is met; the first outcome whose condition holds counts.
    pub outcomes: Vec<Outcome>,
    /// Where and why we do other than the guide says.
    pub deviation: Option<Line>,
}

/// A trust boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Boundary {
    /// From the outside to the host.
    ExternalHost,
    /// From a container to the host.
    HostContainer,
    /// From container to container.
    ContainerContainer,
    /// Inside a container.
    ContainerInside,
}

impl Boundary {
    /// All, from the outside in.
    pub const ALL: [Self; 4] =
        [Self::ExternalHost, Self::HostContainer, Self::ContainerContainer, Self::ContainerInside];

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ExternalHost => "External to host",
            Self::HostContainer => "Host to container",
            Self::ContainerContainer => "Container to container",
            Self::ContainerInside => "Inside containers",
        }
    }

    /// What is looked at there.
    pub const fn about(self) -> &'static str {
        match self {
            Self::ExternalHost => {
                "What the network can reach on the host: ports, proxy, certificates, log-ins, firewall."
            }
            Self::HostContainer => {
                "What a container could do to the host: its user, rights, mounts, limits and the engine."
            }
            Self::ContainerContainer => "What one container could do to another: networks, shared files, credentials.",
            Self::ContainerInside => "What a process could do in its own container: its secrets, files and sessions.",
        }
    }

    /// Its word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExternalHost => "external-host",
            Self::HostContainer => "host-container",
            Self::ContainerContainer => "container-container",
            Self::ContainerInside => "container-inside",
        }
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
    /// Why, needed unless the status is `enforced`. Computed.
    pub because: Option<Computed<String>>,
    /// A command that proves it on the host. Computed.
    pub verify: Option<Computed<String>>,
    /// What that command shows when all is well; without it, that it succeeds (exit status 0). Computed.
    pub expect: Option<Computed<String>>,
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
