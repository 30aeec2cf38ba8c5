//! A system's own templates.

use crate::text::{SourceFile, SourceId, Span};
use crate::yaml::Sources;
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
