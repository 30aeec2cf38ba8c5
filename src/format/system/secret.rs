//! Secrets: what they are, who reads them and how, what a rotation does.

use super::When;
use crate::secrets::Kind;
use crate::text::Spanned;
use crate::values::{EnvName, Line, ServiceName};
use schemars::JsonSchema;
use serde::Deserialize;

/// One secret.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretSpec {
    /// What it protects.
    pub purpose: Line,
    /// Form and size.
    pub kind: Kind,
    /// Who reads it, and how. Empty for values that only the operator or a config file holds.
    #[serde(default)]
    pub deliver: Vec<Delivery>,
    /// Whether a person types it, so that the end of `generate` names it; default for passwords alone.
    pub login: Option<bool>,
    /// What a rotation does.
    pub rotation: Option<Rotation>,
    /// Whether all hosts that have it have the same value; default each its own.
    #[serde(default)]
    pub shared: bool,
    /// Makes one secret `NAME_ITEM` for each item of this list instead, and each variable it is delivered in becomes
    /// `VARIABLE_ITEM`, in upper case.
    pub each: Option<When>,
    /// Whether it exists.
    pub when: Option<When>,
}

/// How a service gets a secret.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The reader.
    pub service: Spanned<ServiceName>,
    /// The variable its shim exports, for applications that read no file; absent where `/run/secrets/NAME` is read.
    pub environment: Option<EnvName>,
    /// Shortest value the shim accepts, in characters; the container refuses to start below it.
    pub min_length: Option<u32>,
}

/// What a rotation does.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// The effect on users.
    pub effect: Line,
    /// Services to restart.
    #[serde(default)]
    pub restart: Vec<Spanned<ServiceName>>,
}
