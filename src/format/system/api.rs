//! What containers ask of the Docker engine.

use super::Computed;
use crate::values::{ContainerPath, HostPath, Invalid, Method, UrlPattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a container asks the Docker engine.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// `none`, `filtered` or `raw`. Computed.
    pub mode: Computed<ApiMode>,
    /// Directory in which the filtered socket is seen; link it to where the application looks with a shim.
    pub directory: ContainerPath,
    /// Where the application looks for the socket.
    pub socket: ContainerPath,
    /// Everything it may ask.
    pub calls: Vec<ApiCall>,
    /// Directories of the host that containers which it creates may mount; none is no rule. Computed.
    #[serde(default)]
    pub bind_mounts_from: Vec<Computed<HostPath>>,
}

/// How a container reaches the Docker engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ApiMode {
    /// Not at all.
    None,
    /// Through a proxy that allows the listed calls only.
    Filtered,
    /// Through the socket itself, which is root on the host.
    Raw,
}

impl std::str::FromStr for ApiMode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "filtered" => Ok(Self::Filtered),
            "raw" => Ok(Self::Raw),
            _ => Err(Invalid::new("this is no way to the Docker engine").help("write none, filtered or raw")),
        }
    }
}

/// One call to the Docker engine.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiCall {
    /// HTTP method.
    pub method: Method,
    /// Path without the version, letters, digits, `/`, `_`, `-` and `.` taken literally; a part `*` is any one name.
    pub path: UrlPattern,
}
