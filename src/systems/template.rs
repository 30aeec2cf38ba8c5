//! Templates of the built-in systems.

use super::load::BUILTIN;
use crate::format::system::{Template, Templates};
use crate::text::SourceFile;
use crate::yaml::Sources;
use include_dir::Dir;

/// Paths and texts of a built-in system's templates.
pub fn builtin(system: &str) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    if let Some(folder) = BUILTIN.get_dir(system) {
        collect(folder, system, &mut found);
    }
    found.sort_unstable();
    found
}

fn collect(folder: &'static Dir<'static>, system: &str, found: &mut Vec<(String, &'static str)>) {
    found.extend(folder.files().filter_map(|file| {
        let path = file.path().strip_prefix(system).ok()?;
        Some((path.to_str()?.to_owned(), file.contents_utf8()?))
    }));
    folder.dirs().for_each(|inner| collect(inner, system, found));
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
