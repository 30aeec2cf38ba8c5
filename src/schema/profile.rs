//! The schema of a profile with the systems that it names.

use super::narrow::{Part, narrow};
use crate::format::File;
use crate::format::system::System;
use crate::stack::among_several;
use crate::systems::{Own, builtin, is_path, read};
use crate::text::{SourceFile, SourceId};
use crate::yaml::Sources;
use serde_json::Value;
use std::collections::BTreeMap;

/// The words under `system`, with the name under `systems` where there are several; also of a profile that is not valid yet.
pub(super) fn named_systems(sources: &Sources, profile: SourceId) -> Vec<(Option<String>, Option<String>)> {
    let Some(root) = sources.tree(profile) else { return Vec::new() };
    let word = |node: &crate::yaml::Node| node.get("system").and_then(|it| it.as_text()).map(str::to_owned);
    let parts = root.get("systems").map(|systems| systems.entries()).unwrap_or_default();
    if parts.is_empty() {
        return word(root).map(|word| (None, Some(word))).into_iter().collect();
    }
    parts.iter().map(|part| (Some(part.name().to_owned()), word(&part.value))).collect()
}

/// Of one profile, with what its systems say. One that names a system which cannot be read has the schema of any profile.
pub fn of_profile(sources: &mut Sources, profile: SourceId, own: &BTreeMap<String, Own>) -> Value {
    let named = named_systems(sources, profile);
    let systems = systems_of(sources, profile, own);
    let parts: Vec<Part> = named
        .iter()
        .zip(&systems)
        .map(|((name, _), system)| Part { name: name.as_deref(), system: system.as_ref() })
        .collect();
    let mut schema = File::Profile.published().clone();
    narrow(&mut schema, &parts);
    let titles: Vec<_> = systems.iter().flatten().map(|system| system.title.as_str()).collect();
    if !titles.is_empty() {
        schema["title"] = format!("Stockade profile for {}", titles.join(" and ")).into();
    }
    schema
}

/// The systems of one profile, in its order; none where one cannot be read.
pub fn systems_of(sources: &mut Sources, profile: SourceId, own: &BTreeMap<String, Own>) -> Vec<Option<System>> {
    let named = named_systems(sources, profile);
    let one = |(name, word): (Option<String>, Option<String>)| {
        let word = word.as_deref()?.trim();
        let system = load(word, own, sources)?;
        let key = name.filter(|_| is_path(word)).and_then(|name| name.parse().ok());
        Some(key.map_or_else(|| system.clone(), |key| among_several(&key, &system)))
    };
    named.into_iter().map(one).collect()
}

fn load(word: &str, own: &BTreeMap<String, Own>, sources: &mut Sources) -> Option<System> {
    let id = match own.get(word) {
        Some(own) => own.file,
        None => sources.add(SourceFile::new(format!("{word} (built in)"), builtin(word)?)),
    };
    read(sources, id).0
}
