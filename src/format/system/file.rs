//! Config and state files of the application, and steps by hand.

use super::{Computed, When};
use crate::text::Spanned;
use crate::values::{BundlePath, Line, MaybeLine, Mode, User};
use schemars::JsonSchema;
use serde::Deserialize;

/// One file of the application.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppFile {
    /// What it does.
    pub purpose: Line,
    /// Where in the bundle.
    pub path: Spanned<BundlePath>,
    /// Who owns it after generation.
    pub policy: Policy,
    /// Owner in the container.
    pub owner: User,
    /// Permission bits.
    pub mode: Mode,
    /// How `content` is written.
    pub format: Format,
    /// The content as a tree. Texts are computed; one that is a single `{{ expression }}` keeps the expression's type;
    /// `{$secret: NAME}` stands for a secret's value; an entry whose value is `{{ omit }}` is left out.
    pub content: Option<serde_json::Value>,
    /// A template in the folder `templates` beside the system file, instead of `content`.
    pub template: Option<Spanned<BundlePath>>,
    /// A file beside the system file that is taken as it is, such as a script, instead of `content`.
    pub verbatim: Option<Spanned<BundlePath>>,
    /// Whether it exists.
    pub when: Option<When>,
}

/// Who owns a file after generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Stockade: every run brings it up to date.
    Managed,
    /// The application: it is written once and then left alone.
    Seed,
}

/// How a tree is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JSON
    Json,
    /// YAML
    Yaml,
    /// That of the template or of the file beside
    Text,
}

/// A numbered list of steps by hand.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepList {
    /// What the steps reach.
    pub title: Line,
    /// Whether they are needed.
    pub when: Option<When>,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// One step by hand.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Whether it is needed.
    pub when: Option<When>,
    /// What to do and why. Computed.
    #[serde(rename = "do")]
    pub action: Computed<String>,
    /// The command. Computed.
    pub run: Option<Computed<String>>,
    /// What it prints when all is well. Computed.
    pub expect: Option<Computed<String>>,
    /// In few words, where the first start waits for it: `generate` ends with it and the command, before the start.
    /// Nothing where it is empty. Computed.
    pub before_start: Option<Computed<MaybeLine>>,
    /// The same, right after the start. Computed.
    pub after_start: Option<Computed<MaybeLine>>,
}
