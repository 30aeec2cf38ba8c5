//! What of the kernel a service needs set for itself, and why.

use super::{Computed, When};
use crate::values::{Line, Ulimit};
use schemars::JsonSchema;
use serde::Deserialize;

/// The value of a setting of the kernel, and why.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SysctlNeed {
    /// Its value. Computed.
    pub value: Computed<Line>,
    /// What breaks without it.
    pub reason: Line,
    /// Whether it is set.
    pub when: Option<When>,
}

/// A limit of processes, and why it is not the engine's own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UlimitNeed {
    /// Up to where the process may raise it: a number, or `unlimited`. Computed.
    pub hard: Computed<Ulimit>,
    /// Where it begins; default the same. Computed.
    pub soft: Option<Computed<Ulimit>>,
    /// What breaks without it.
    pub reason: Line,
    /// Whether it is set.
    pub when: Option<When>,
}
