//! A system's own templates.

use super::load::BUILTIN;
use crate::source::{SourceFile, SourceId, Sources, Span};
use include_dir::Dir;
use std::collections::BTreeMap;

/// One template of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The file of this run.
    pub source: SourceId,
    /// Its text.
    pub text: String,
}

/// Templates of one system by their path in its folder.
pub type Templates = BTreeMap<String, Template>;

impl Template {
    /// A file of this run as a template.
    pub fn new(source: SourceId, sources: &Sources) -> Self {
        Self { source, text: sources.get(source).map(|file| file.text().to_owned()).unwrap_or_default() }
    }

    /// The place of a line, counted from 1.
    pub fn line(&self, line: usize) -> Span {
        let file = SourceFile::new("", self.text.as_str());
        let (start, end) = file.line_range(line).unwrap_or((0, 0));
        let indent = self.text.get(start..end).map_or(0, |text| text.len() - text.trim_start().len());
        Span::new(self.source, start + indent, end)
    }
}

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
