//! Services that Stockade itself adds: reverse proxies and the socket proxy, described like any other service.

use super::load::recorded;
use crate::diagnostics::Diagnostics;
use crate::embedded;
use crate::format::system::{Abilities, Service, Volume};
use crate::text::{SourceFile, Spanned};
use crate::values::{Line, SystemName, VolumeName};
use crate::yaml::{Sources, read_as};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A service that Stockade adds to a stack.
#[derive(Debug, Clone, Deserialize)]
#[expect(dead_code, reason = "the file says its format, name and title to people")]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Version of the format; always 1.
    pub format: u32,
    /// Its name, and the end of its service's name.
    pub name: SystemName,
    /// Its name for people.
    pub title: Line,
    /// What a proxy can do; absent for other components.
    pub can: Option<Abilities>,
    /// Storage it needs.
    #[serde(default)]
    pub volumes: BTreeMap<Spanned<VolumeName>, Volume>,
    /// Its container.
    pub service: Service,
}

/// Reads the component of a name into `sources`.
///
/// # Errors
/// Only mistakes of ours: the files are part of the program and read by its tests.
pub fn find(name: &str, sources: &mut Sources) -> (Option<Component>, Diagnostics) {
    let text = embedded::text(&format!("systems/components/{name}.yaml")).unwrap_or_default();
    let id = sources.add(SourceFile::embedded(format!("{name} (component)"), text, recorded(name)));
    let decoded = read_as::<Component>(sources, id);
    (decoded.value, decoded.diagnostics)
}
