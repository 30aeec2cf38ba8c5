//! From text to [`Profile`]: one reading, every mistake at once.

use super::Profile;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::source::{SourceId, Sources, Span, read_as};

/// Reads a profile that `sources` already holds.
///
/// # Errors
/// Everything that is wrong with the text and the shape of the profile, each with its place. What depends on the
/// system or on several fields together is found later, by [`crate::stack::resolve`].
pub fn parse(sources: &Sources, id: SourceId) -> (Option<Profile>, Diagnostics) {
    let decoded = read_as::<Profile>(sources, id);
    let mut diagnostics = decoded.diagnostics;
    if let Some(profile) = &decoded.value {
        require(profile, Span::point(id, 0), &mut diagnostics);
    }
    (decoded.value, diagnostics)
}

fn require(profile: &Profile, start: Span, diagnostics: &mut Diagnostics) {
    match &profile.version {
        Some(version) if version.value != 1 => diagnostics.push(
            Diagnostic::error(codes::UNKNOWN_VALUE, format!("profile version {} is not known", version.value))
                .at(version.span, "this Stockade reads version 1")
                .help("write `version: 1`, or use a newer Stockade"),
        ),
        _ => {}
    }
    let mut missing = |present: bool, key: &str, help: &str| {
        // A key that was there but wrong has its own diagnostic already.
        let said = diagnostics.iter().any(|d| d.message.contains(&format!("`{key}`")));
        if !present && !said {
            diagnostics.push(
                Diagnostic::error(codes::MISSING_KEY, format!("the profile has no `{key}`")).at(start, "").help(help),
            );
        }
    };
    missing(profile.version.is_some(), "version", "add `version: 1` as the first line");
    missing(profile.name.is_some(), "name", "add a name for the stack such as `name: game-night`");
    missing(
        profile.system.is_some(),
        "system",
        "add the system to harden, such as one that `stockade systems` lists, or a path such as `./myapp.system.yaml`",
    );
}

/// The keys every profile starts from, for `init` and the documentation.
pub fn skeleton(name: &str, system: &str) -> String {
    format!(
        "# yaml-language-server: $schema=.stockade/profile.schema.json\nversion: 1\nname: {name}\nsystem: {system}\n\
         domain: {name}.example.com\nadmin: [10.8.0.0/24]        # who may reach admin surfaces\n"
    )
}
