//! A system that is a reverse proxy itself, and so needs none of Stockade's in front.

use super::{Abilities, Computed, When};
use crate::text::Spanned;
use crate::values::{ControlId, Domain, ServiceName};
use schemars::JsonSchema;
use serde::Deserialize;

/// The service of the system that is its reverse proxy.
///
/// It publishes its own ports. What the profile says under `proxy` reaches it as facts (`proxy`, `tls`), which the
/// system writes into the service's own configuration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnEdge {
    /// The service.
    pub service: Spanned<ServiceName>,
    /// What its image can do.
    pub can: Abilities,
    /// Names for which the bundle's own authority issues its certificate, where `tls.mode` is `self-signed`. The service
    /// reads that one, or the operator's with `tls.mode: files`, as `/run/secrets/tls_certificate` and
    /// `/run/secrets/tls_key`. Computed.
    #[serde(default)]
    pub certificate: Vec<Computed<Domain>>,
    /// Controls of reverse proxies that its own configuration carries out; they cannot be waived.
    #[serde(default)]
    pub covers: Vec<Cover>,
}

/// A control that the service's own configuration carries out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// The control.
    pub control: Spanned<ControlId>,
    /// Where, as `ARTEFACT#key.path[0]`. Computed.
    pub places: Vec<Computed<String>>,
    /// Whether it does.
    pub when: Option<When>,
}
