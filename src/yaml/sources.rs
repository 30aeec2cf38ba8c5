use super::bytes::check;
use super::reader::{Tree, read_partly};
use super::{Node, Tags};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::text::{Edit, SourceFile, SourceId, Span};
use std::sync::{Arc, OnceLock};

/// The files of one run, so that a span can be turned into name, line and text.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    trees: Vec<OnceLock<Tree>>,
}

impl Sources {
    /// An empty store.
    pub const fn new() -> Self {
        Self { files: Vec::new(), trees: Vec::new() }
    }

    /// Adds a file.
    pub fn add(&mut self, file: SourceFile) -> SourceId {
        let id = self.next_id();
        self.files.push(file);
        self.trees.push(OnceLock::new());
        id
    }

    /// Adds the bytes of a file from disk.
    ///
    /// # Errors
    /// More than [`MAX_BYTES`](super::MAX_BYTES), not UTF-8, or a character YAML 1.2 (section 5.1) forbids, with the place
    /// marked; what can be shown of the file is kept for that. A byte order mark is stripped, line ends stay.
    pub fn add_bytes(&mut self, name: impl Into<String>, bytes: &[u8]) -> Result<SourceId, Diagnostic> {
        match check(bytes) {
            Ok(text) => Ok(self.add(SourceFile::new(name, text))),
            Err(refusal) => {
                let (file, diagnostic) = refusal.into_parts(name.into(), self.next_id());
                self.add(file);
                Err(diagnostic)
            }
        }
    }

    /// The file with this id; `None` for ids of another store.
    pub fn get(&self, id: SourceId) -> Option<&SourceFile> {
        self.files.get(id.index())
    }

    /// The tree of one of our own files as far as it can be read, read when it is first asked for.
    pub fn tree(&self, id: SourceId) -> Option<&Arc<Node>> {
        self.read(id)?.root.as_ref()
    }

    /// What is wrong with the tree of a file.
    pub fn flaws(&self, id: SourceId) -> Diagnostics {
        self.read(id).map(|tree| tree.found.clone()).unwrap_or_default()
    }

    /// Whether parts of a file are unread, so that nothing follows from what it does not say.
    pub fn is_partial(&self, id: SourceId) -> bool {
        self.read(id).is_some_and(|tree| tree.partial)
    }

    /// Whether a file may say keys that its tree does not have.
    pub fn is_incomplete(&self, id: SourceId) -> bool {
        self.read(id).is_some_and(|tree| tree.incomplete)
    }

    fn read(&self, id: SourceId) -> Option<&Tree> {
        let file = self.get(id)?;
        Some(self.trees.get(id.index())?.get_or_init(|| read_partly(file, id, Tags::Refuse)))
    }

    /// The text of a span; empty for spans of another store.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).and_then(|file| file.text().get(span.start..span.end)).unwrap_or("")
    }

    /// Drops the fixes that change what is no file of the user's.
    pub fn keep_own_fixes(&self, findings: &mut Diagnostics) {
        let own = |edit: &Edit| {
            self.get(edit.span.source)
                .is_some_and(|file| !file.is_embedded() && file.text().get(edit.span.start..edit.span.end).is_some())
        };
        for finding in findings.iter_mut() {
            finding.fixes.retain(|fix| fix.edits.iter().all(own));
        }
    }

    /// All files in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &SourceFile)> {
        self.files.iter().zip(0..).map(|(file, index)| (SourceId::new(index), file))
    }

    /// Adds a file of another store, where it has the same number, or takes over what was read of it, where it is here already.
    pub fn take_over(&mut self, other: &Self, id: SourceId) {
        let (Some(file), Some(tree)) = (other.files.get(id.index()), other.trees.get(id.index())) else { return };
        if let Some(mine) = self.trees.get_mut(id.index()) {
            *mine = tree.clone();
        } else if id == self.next_id() {
            self.files.push(file.clone());
            self.trees.push(tree.clone());
        }
    }

    /// Whether a file has the same name and text in another store.
    pub fn is_same(&self, other: &Self, id: SourceId) -> bool {
        let both = self.get(id).zip(other.get(id));
        both.is_some_and(|(one, two)| one.name() == two.name() && one.text() == two.text())
    }

    /// The number of the next file.
    pub fn next_id(&self) -> SourceId {
        SourceId::new(u32::try_from(self.files.len()).expect("a run reads fewer than 2^32 files"))
    }
}
