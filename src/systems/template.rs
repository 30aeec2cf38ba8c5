//! Templates of the built-in systems.

use crate::embedded;
use crate::format::system::{Template, Templates};
use crate::text::SourceFile;
use crate::yaml::Sources;

/// Paths and texts of a built-in system's templates, by path.
pub fn builtin(system: &str) -> Vec<(String, &'static str)> {
    let folder = format!("systems/builtin/{system}/");
    embedded::below(&folder)
        .filter_map(|path| Some((path.strip_prefix(&folder)?.to_owned(), embedded::text(path)?)))
        .collect()
}

/// Reads a built-in system's templates into `sources`.
pub(super) fn load(system: &str, sources: &mut Sources) -> Templates {
    builtin(system)
        .into_iter()
        .map(|(name, text)| {
            let source = sources.add(SourceFile::new(format!("{system}/{name} (built in)"), text));
            (name, Template::new(source, sources))
        })
        .collect()
}
