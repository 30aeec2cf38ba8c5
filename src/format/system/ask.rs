//! What only the operator knows, and nothing runs without.

use super::Given;
use crate::text::Spanned;
use crate::values::{AnswerKey, Line, SettingName};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A question of `stockade init` that no default can answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// What the answer decides: `settings.NAME`, `images.SERVICE` or `bind`.
    pub key: Spanned<AnswerKey>,
    /// The question, with its question mark.
    pub question: Line,
    /// One line of help.
    pub help: Line,
    /// An answer, to show its form.
    pub example: Line,
    /// Variants for which it is asked; without it for all.
    #[serde(default)]
    pub variants: Vec<Spanned<String>>,
    /// Settings that are chosen where the answer is left out; without them something is missing then.
    #[serde(default)]
    pub otherwise: BTreeMap<Spanned<SettingName>, Spanned<Given>>,
    /// What of the host is the answer, where it is found.
    pub found: Option<Finding>,
}

/// Something `stockade init` may find on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// The host's address on its Tailscale network.
    TailscaleAddress,
}
