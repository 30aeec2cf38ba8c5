//! A place in an open text: the key and the word there, and what is known around it.

use super::documents::Document;
use super::facts::Facts;
use super::kind;
use super::known::{self, Known};
use super::look::Look;
use super::protocol::AtPosition;
use super::state::State;
use crate::format::File;
use crate::text::{SourceFile, SourceId};
use crate::yaml::{self, Node, Route, Sources, Step};
use serde_json::Value;
use std::sync::Arc;

/// A place in a profile or a system file.
pub struct Spot<'a> {
    /// The text.
    pub document: &'a Document,
    /// Which of the two it is.
    pub kind: File,
    /// The last look in which it was read.
    pub look: Option<&'a Look>,
    /// The byte.
    pub offset: usize,
    sources: Sources,
    id: SourceId,
}

impl<'a> Spot<'a> {
    /// The place a question is about; nothing in texts that are none of ours.
    pub fn of(state: &'a State, at: &AtPosition) -> Option<Self> {
        let document = state.documents.get(&at.text_document.uri)?;
        Self::at(state, document, state.encoding.offset(&document.file, at.position))
    }

    /// A byte of a text.
    pub fn at(state: &'a State, document: &'a Document, offset: usize) -> Option<Self> {
        let path = document.path.as_ref()?;
        let kind = kind::of(path, &document.file)?;
        let (sources, id) = kind::tree(&document.file);
        Some(Self { document, kind, look: state.looks(path).into_iter().next(), offset, sources, id })
    }

    /// The text's tree, as far as it can be read.
    pub fn root(&self) -> Option<&Node> {
        self.sources.tree(self.id).map(|root| &**root)
    }

    /// The text.
    pub fn file(&self) -> &SourceFile {
        &self.document.file
    }

    /// The value at the place, or the one whose key is there.
    pub fn route(&self) -> Route {
        self.root().map(|root| yaml::route_at(root, self.offset)).unwrap_or_default()
    }

    /// The bytes of the key at the place, where a key is there.
    pub fn key(&self) -> Option<(usize, usize)> {
        let found = yaml::find(self.root()?, &self.route())?;
        let span = found.key.filter(|span| span.start <= self.offset && self.offset <= span.end)?;
        Some((span.start, span.end))
    }

    /// The word at the place and its first byte: letters, digits, `-` and `_`.
    pub fn word(&self) -> (&str, usize) {
        let text = self.file().text();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let (before, after) = text.split_at_checked(self.offset).unwrap_or((text, ""));
        let start = before.len() - before.chars().rev().take_while(|c| is_part(*c)).map(char::len_utf8).sum::<usize>();
        let end = before.len() + after.chars().take_while(|c| is_part(*c)).map(char::len_utf8).sum::<usize>();
        (text.get(start..end).unwrap_or(""), start)
    }

    /// What stands right before the word.
    pub fn before_word(&self) -> &str {
        let (_, start) = self.word();
        self.file().text().get(..start).unwrap_or("")
    }

    /// What may stand in the text; in a profile with what its systems say.
    pub fn schema(&self, state: &State) -> Arc<Value> {
        match (self.kind, &self.document.path, self.root()) {
            (File::Profile, Some(path), Some(root)) => state.schemas.of(path, root, self.look),
            (File::Profile, ..) => state.schemas.of_any(),
            (File::System, ..) => state.schemas.of_system(),
        }
    }

    /// What the bundles of the profile show.
    pub fn facts(&self) -> Option<&Facts> {
        self.look?.facts.as_deref()
    }

    /// The systems that matter here: those the profile names, or the one this text describes.
    pub fn systems(&self) -> Vec<(Option<String>, Arc<Known>)> {
        let Some(path) = &self.document.path else { return Vec::new() };
        match self.kind {
            File::Profile => {
                let words = self.root().map(known::words).unwrap_or_default();
                let named = |(part, word): (Option<&str>, &str)| {
                    Some((part.map(str::to_owned), known::named(word, path, self.look)?))
                };
                words.into_iter().filter_map(named).collect()
            }
            File::System => {
                let file = SourceFile::new(self.file().name(), self.file().text());
                let own = known::parsed(file, known::Place::File(path.clone()));
                own.map(|known| (None, Arc::new(known))).into_iter().collect()
            }
        }
    }

    /// A route of a profile without the part of several systems that it is in, and the systems it may speak of.
    pub fn of_system<'r>(&self, route: &'r Route) -> (&'r [Step], Vec<Arc<Known>>) {
        let all = self.systems();
        match route.steps() {
            [Step::Key(systems), Step::Key(part), rest @ ..] if systems == "systems" => {
                let own = all.into_iter().filter(|(name, _)| name.as_ref() == Some(part));
                (rest, own.map(|(_, known)| known).collect())
            }
            steps => (steps, all.into_iter().map(|(_, known)| known).collect()),
        }
    }
}
