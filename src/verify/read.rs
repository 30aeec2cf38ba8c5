//! `report.json` as far as checks are concerned.

use crate::checks::{Check, Verification};
use serde::Deserialize;

/// What is asked of a host.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Name of the compose project.
    pub project: String,
    /// The engine's command line.
    pub engine: Engine,
    /// The checks.
    pub checks: Vec<Check>,
    /// Recommendations that a person answers for.
    pub manual: Vec<String>,
}

/// The engine's command line; nothing else is ever started under this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Docker's.
    Docker,
    /// Podman's.
    Podman,
}

impl Engine {
    /// The program.
    pub fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }
}

/// Why a text holds no checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAsked {
    /// It is no report.
    NoReport(String),
    /// Its version had no checks yet.
    Older,
    /// It names an engine that nobody here knows.
    UnknownEngine(String),
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    verification: Option<Verification>,
    recommendations: Vec<Recommendation>,
}

#[derive(Deserialize)]
struct Recommendation {
    id: String,
    status: String,
}

/// Reads the checks of a report.
///
/// # Errors
/// There are none.
pub fn read(text: &[u8]) -> Result<Asked, NotAsked> {
    let document: Document = serde_json::from_slice(text).map_err(|error| NotAsked::NoReport(error.to_string()))?;
    let Some(Verification { project, engine, checks }) = document.verification else { return Err(NotAsked::Older) };
    let engine = match engine.as_str() {
        "docker" => Engine::Docker,
        "podman" => Engine::Podman,
        _ => return Err(NotAsked::UnknownEngine(engine)),
    };
    let manual = document.recommendations.into_iter().filter(|line| line.status == "manual");
    Ok(Asked { project, engine, checks, manual: manual.map(|line| line.id).collect() })
}
