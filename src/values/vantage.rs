//! From where something is asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where something is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Vantage {
    /// On the host of the stack.
    #[default]
    Host,
    /// On a machine in an admin network.
    Admin,
    /// On a machine in none.
    Outside,
}

impl Vantage {
    /// Whether it is asked on the host.
    pub fn is_host(&self) -> bool {
        *self == Self::Host
    }
}
