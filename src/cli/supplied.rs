//! Secrets that the operator brings, looked for before `generate` asks for them.

use super::generate::out;
use crate::compile::Compiled;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::secrets::Kind;
use crate::text::{SourceId, Span};
use std::path::{Path, PathBuf};

/// A warning for each that is in no bundle. Where its place was not `given` that is also any other folder beside the profile,
/// since nobody said where.
pub fn missing(profile: &Path, place: &Path, given: bool, compiled: &Compiled, written: SourceId) -> Diagnostics {
    let mut found = Diagnostics::new();
    let system = ["system", "systems"].into_iter().find_map(|key| compiled.sources.tree(written)?.get(key));
    let at = system.map_or(Span::UNKNOWN, |node| node.span);
    for bundle in &compiled.bundles {
        let usual = out(place, bundle);
        let others = if !given { beside(profile) } else { Vec::new() };
        let wanted = bundle.secrets.iter().filter(|secret| matches!(secret.kind, Kind::Supplied { .. }));
        for secret in wanted {
            let file = |folder: &Path| folder.join("secrets").join(&secret.name);
            let there = |folder: &PathBuf| file(&out(folder, bundle)).exists() || file(folder).exists();
            if file(&usual).exists() || others.iter().any(there) {
                continue;
            }
            let shown = file(&usual);
            let folder = shown.parent().unwrap_or(Path::new("")).display();
            let title =
                secret.title.as_deref().map(|title| format!("{} ", title.trim_end_matches('.'))).unwrap_or_default();
            found.push_new(
                Diagnostic::warning(
                    codes::BAD_SECRET,
                    format!("`generate` will want `{}`, which only you can bring", secret.name),
                )
                .at(at, "")
                .with_note(format!("{title}is read from `{}`", shown.display()))
                .help(format!(
                    "`mkdir -p -m 700 {folder}` and write the value into that file; `check --out DIR` looks into another bundle"
                )),
            );
        }
    }
    found
}

/// Folders beside the profile.
fn beside(profile: &Path) -> Vec<PathBuf> {
    let folder = profile.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect()
}
