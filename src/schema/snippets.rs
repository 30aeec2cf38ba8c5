//! What editors offer to fill in: texts with gaps, as data.

use serde_json::Value;

/// For profiles.
pub(super) const PROFILE: &str = include_str!("snippets/profile.yaml");
/// For system files.
pub(super) const SYSTEM: &str = include_str!("snippets/system.yaml");

/// Puts snippets into a schema. The data maps a place, with `/` between keywords and names, to snippets.
pub(super) fn add(schema: &mut Value, data: &str) {
    let all: Value = serde_yaml::from_str(data).unwrap_or_default();
    for (place, snippets) in all.as_object().into_iter().flatten() {
        if let Some(at) = schema.pointer_mut(place)
            && at.is_object()
        {
            at["defaultSnippets"] = snippets.clone();
        }
    }
}
