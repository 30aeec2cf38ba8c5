//! One look at a profile, or at a system file that no profile names: everything that was found, and where it lies.

use super::documents::Documents;
use super::facts::Facts;
use super::uri;
use super::world::{Unread, World};
use crate::compile::{Compiled, Input, compile};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::systems;
use crate::text::{SourceFile, SourceId};
use crate::yaml::Sources;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A profile with what it names.
    Profile(PathBuf),
    /// A system file alone.
    System(PathBuf),
}

impl Subject {
    /// Its own file.
    pub fn path(&self) -> &Path {
        match self {
            Self::Profile(path) | Self::System(path) => path,
        }
    }
}

/// What was seen.
#[derive(Debug)]
pub struct Look {
    /// The files, those on disk by their absolute paths.
    pub sources: Sources,
    /// Everything that was found.
    pub found: Diagnostics,
    /// The subject's own file, where it could be read.
    pub written: Option<SourceId>,
    /// What the bundles show; those of the last look that had any.
    pub facts: Option<Arc<Facts>>,
}

impl Look {
    /// Looks at a subject, open texts before those on disk.
    pub fn at(subject: &Subject, documents: &Documents, world: &dyn World, before: Option<Arc<Facts>>) -> Self {
        match subject {
            Subject::Profile(path) => Self::at_profile(path, documents, world, before),
            Subject::System(path) => Self::at_system(path, documents, world),
        }
    }

    fn at_profile(path: &Path, documents: &Documents, world: &dyn World, before: Option<Arc<Facts>>) -> Self {
        let open = |path: &Path| Some(documents.at(&uri::plain(path))?.file.text().as_bytes().to_vec());
        match world.profile(path, &open) {
            Ok(input) => {
                let Input { profile: written, .. } = input;
                let mut compiled = compile(input);
                let beside = world.beside(path, &compiled, written);
                compiled.diagnostics.extend(beside);
                let facts = (!compiled.bundles.is_empty()).then(|| Arc::new(Facts::of(&compiled.bundles)));
                let Compiled { sources, diagnostics, .. } = compiled;
                Self { sources, found: diagnostics, written: Some(written), facts: facts.or(before) }
            }
            Err(Unread { sources, diagnostics }) => {
                let written = sources.iter().next().map(|(id, _)| id);
                Self { sources, found: diagnostics, written, facts: before }
            }
        }
    }

    fn at_system(path: &Path, documents: &Documents, world: &dyn World) -> Self {
        let mut sources = Sources::new();
        let text = documents.at(path).map(|document| document.file.text().to_owned()).or_else(|| world.text(path));
        let name = path.display().to_string();
        let (written, mut found) = match sources.add_bytes(name, text.unwrap_or_default().as_bytes()) {
            Ok(id) => (Some(id), systems::read(&sources, id).1),
            Err(finding) => (None, finding.into()),
        };
        found.drop_consequences();
        found.sort();
        Self { sources, found, written, facts: None }
    }

    /// Whether a file was read.
    pub fn read(&self, path: &Path) -> bool {
        self.sources.iter().any(|(_, file)| place(file).is_some_and(|known| known == path))
    }

    /// The file a finding is listed under, with its place; of one in a file that nobody can open, or without a place, that of
    /// the profile's word for the system, or its first line.
    pub fn listed<'a>(&'a self, finding: &'a Diagnostic) -> Option<(&'a SourceFile, crate::text::Span)> {
        let label = finding.primary().filter(|label| self.path(label.span.source).is_some());
        let span = label.map(|label| label.span).or_else(|| self.system_word()).or_else(|| {
            self.written
                .or_else(|| self.sources.iter().next().map(|(id, _)| id))
                .map(|id| crate::text::Span::new(id, 0, 0))
        })?;
        Some((self.sources.get(span.source)?, span))
    }

    fn system_word(&self) -> Option<crate::text::Span> {
        let root = self.sources.tree(self.written?)?;
        ["system", "systems"].into_iter().find_map(|key| Some(root.entry(key)?.key.span))
    }

    /// Where a source lies on disk.
    pub fn path(&self, id: SourceId) -> Option<PathBuf> {
        place(self.sources.get(id)?)
    }

    /// The source that lies at a path.
    pub fn source(&self, path: &Path) -> Option<SourceId> {
        self.sources.iter().find(|(_, file)| place(file).as_deref() == Some(path)).map(|(id, _)| id)
    }
}

/// Where a file lies; what is built in has a name that is no absolute path.
fn place(file: &SourceFile) -> Option<PathBuf> {
    let path = Path::new(file.name());
    // Where there is no disk, no path counts as absolute.
    path.has_root().then(|| uri::plain(path))
}
