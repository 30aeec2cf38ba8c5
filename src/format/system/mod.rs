//! In: nodes of a system file, version 1.
//! Out: a [`System`]: data that describes an application stack. Built-in and users' own files are the same.
//!
//! Text fields marked *computed* may hold minijinja expressions over the facts of a run, `"{{ settings.port }}"`;
//! [`crate::stack`] computes them once and parses the result into the field's type. Fields named `when` are one bare
//! expression.

mod abilities;
mod api;
mod ask;
mod computed;
mod dependency;
mod edge;
mod file;
mod given;
mod need;
mod network;
mod own_edge;
mod recommendation;
mod secret;
mod service;
mod setting;
mod template;

pub use abilities::Abilities;
pub use api::{Api, ApiMode};
pub use ask::{Ask, Finding};
pub use computed::{Computed, When};
pub use dependency::Dependency;
pub use edge::{Answer, Edge, Encoded, PathRule, STATUSES, Site, Upstream};
pub use file::{AppFile, Format, Policy, StepList};
pub use given::{Given, Part};
pub use need::{SysctlNeed, UlimitNeed};
pub use network::{Bridge, HostPort, Network, Volume, VolumeKind};
pub use own_edge::OwnEdge;
pub use recommendation::{
    Asked, Difference, DifferenceKind, Lint, LintSeverity, Outcome, Recommendation, Status, Weaker,
};
pub use secret::SecretSpec;
pub use service::{
    Audience, CapabilityNeed, Condition, Healthcheck, Limit, Limits, Link, Mount, Process, Replaces, Restart, Service,
    Shim, Stop, Tmpfs,
};
pub use setting::{Field, Setting, SettingType};
pub use template::{Template, Templates};

use crate::text::Spanned;
use crate::values::{Interface, Line, NetworkName, SecretName, ServiceName, SettingName, SystemName, VolumeName};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A system file: everything Stockade knows about one application stack.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Stockade system")]
pub struct System {
    /// Whether parts of the file were refused and left out, so that nothing is concluded from their absence.
    #[serde(skip)]
    pub damaged: bool,
    /// Version of the system format; always 1.
    pub format: Spanned<u32>,
    /// Name by which profiles choose it.
    pub name: Spanned<SystemName>,
    /// The product's name for people.
    pub title: Line,
    /// One sentence on what it is.
    pub summary: Line,
    /// Where the facts come from.
    #[serde(default)]
    pub sources: Vec<Line>,
    /// Kinds of host or deployment the system knows; none means one nameless variant.
    #[serde(default)]
    pub variants: BTreeMap<Spanned<String>, Variant>,
    /// What hosts a system can be spread over; none means that it lives on one.
    #[serde(default)]
    pub roles: BTreeMap<Spanned<String>, Role>,
    /// What the operator may choose, with types and defaults.
    #[serde(default)]
    pub settings: BTreeMap<Spanned<SettingName>, Setting>,
    /// What `stockade init` asks for, because no default can be right and nothing runs without.
    #[serde(default)]
    pub ask: Vec<Ask>,
    /// Texts that other expressions use as `words.NAME`. Computed, from the settings.
    #[serde(default)]
    pub words: BTreeMap<Spanned<SettingName>, Computed<String>>,
    /// Values that other expressions use as `facts.NAME`: expressions that may use each other. Networks are there before
    /// them.
    #[serde(default)]
    pub facts: BTreeMap<Spanned<String>, When>,
    /// Networks and who is meant to be on them.
    #[serde(default)]
    pub networks: BTreeMap<Spanned<NetworkName>, Network>,
    /// Bridges of the host beside them, by interface: `docker0`, and those of networks that other software makes.
    #[serde(default)]
    pub bridges: BTreeMap<Spanned<Interface>, Bridge>,
    /// Ports that processes of the host listen on, for the firewall.
    #[serde(default)]
    pub host_ports: BTreeMap<Spanned<String>, HostPort>,
    /// Storage.
    #[serde(default)]
    pub volumes: BTreeMap<Spanned<VolumeName>, Volume>,
    /// Secrets, who reads them and how.
    #[serde(default)]
    pub secrets: BTreeMap<Spanned<SecretName>, SecretSpec>,
    /// Containers.
    pub services: BTreeMap<Spanned<ServiceName>, Service>,
    /// What the reverse proxy does for the services; absent where nothing speaks HTTP to people.
    pub edge: Option<Edge>,
    /// The service that is the stack's reverse proxy itself, instead of `edge`.
    pub own_edge: Option<OwnEdge>,
    /// Config and state files of the application.
    #[serde(default)]
    pub files: BTreeMap<Spanned<String>, AppFile>,
    /// Combinations that are wrong for this application.
    #[serde(default)]
    pub lints: Vec<Lint>,
    /// Every numbered line of the vendor's hardening guide.
    #[serde(default)]
    pub recommendations: Vec<Recommendation>,
    /// What works differently than with the vendor's own compose file.
    #[serde(default)]
    pub differences: Vec<Difference>,
    /// What is left to do by hand, in order.
    #[serde(default)]
    pub runbook: Vec<StepList>,
    /// Weaknesses of the application that remain behind the controls.
    #[serde(default)]
    pub limitations: Vec<Spanned<String>>,
    /// Templates that lie beside the file.
    #[serde(skip)]
    pub templates: Arc<Templates>,
}

/// One kind of host or deployment.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What it is.
    pub title: Line,
    /// Whether it is taken when the profile names none; exactly one is.
    #[serde(default)]
    pub default: bool,
    /// What runs the containers.
    #[serde(default)]
    pub engine: ContainerEngine,
    /// Absolute path of the bundle on the host. With it, `compose.yaml` is one self-contained file: absolute paths and
    /// no interpolation. Computed.
    pub base: Option<Computed<crate::values::HostPath>>,
    /// Defaults of the profile that this variant changes.
    #[serde(default)]
    pub defaults: VariantDefaults,
}

/// What one host of several does.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// What it is.
    pub title: Line,
    /// Whether it is taken when the profile lists no hosts; exactly one is.
    #[serde(default)]
    pub default: bool,
}

/// What runs the containers of a variant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerEngine {
    /// Docker with its Compose.
    #[default]
    Docker,
    /// Podman with podman-compose: secrets are Podman's own, and mounts of the bundle carry SELinux labels.
    Podman,
}

/// Defaults of the profile that a variant changes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VariantDefaults {
    /// Port for HTTP on the host; `null` publishes none.
    #[serde(deserialize_with = "present")]
    #[schemars(schema_with = "port_or_null")]
    pub http_port: Option<Option<crate::values::Port>>,
    /// Port for HTTPS on the host.
    pub https_port: Option<crate::values::Port>,
    /// Certificates.
    pub tls_mode: Option<crate::values::TlsMode>,
    /// TLS versions and suites.
    pub tls_policy: Option<crate::values::TlsPolicy>,
    /// Firewall.
    pub firewall: Option<crate::values::FirewallKind>,
}

/// A port, or the `null` that stands for none.
fn port_or_null(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let port = generator.subschema_for::<crate::values::Port>();
    schemars::json_schema!({ "anyOf": [port, { "enum": [null] }] })
}

/// Keeps a written `null` apart from a key that is not there.
fn present<'de, D>(deserializer: D) -> Result<Option<Option<crate::values::Port>>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let given = Given::deserialize(deserializer)?;
    if given.is_null() {
        return Ok(Some(None));
    }
    let text = match given.to_json() {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    text.parse().map(|port| Some(Some(port))).map_err(serde::de::Error::custom)
}
