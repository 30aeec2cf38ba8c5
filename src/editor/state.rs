//! What the server knows between two messages.

use super::convert::Converter;
use super::documents::{Document, Documents};
use super::kind;
use super::look::{Look, Subject};
use super::position::Encoding;
use super::protocol::{AboutDocument, Diagnostic, DidChange, DidOpen, InitializeParams, PublishDiagnostics};
use super::schemas::Schemas;
use super::uri;
use super::world::World;
use crate::format::File;
use lsp_server::Notification;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Open texts, and what was last seen of them.
#[derive(Debug)]
pub struct State {
    /// How the client counts columns.
    pub encoding: Encoding,
    /// Whether it shows further places of a finding.
    related: bool,
    /// The open texts.
    pub documents: Documents,
    /// What may stand in them.
    pub schemas: Schemas,
    looks: BTreeMap<Subject, Look>,
    /// Files that changed since they were looked at.
    changed: BTreeSet<PathBuf>,
    /// Whether texts were opened or closed, or files on disk changed, so that other profiles may have to be looked at.
    moved: bool,
    /// Whether something came since findings were told.
    untold: bool,
    /// Texts whose findings the client waits for.
    awaited: BTreeSet<String>,
    published: BTreeMap<String, Vec<Diagnostic>>,
}

impl State {
    /// Nothing open yet.
    pub fn new(client: &InitializeParams) -> Self {
        let said = &client.capabilities;
        let offered = said["general"]["positionEncodings"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            encoding: Encoding::negotiate(offered.iter().filter_map(|encoding| encoding.as_str())),
            related: said["textDocument"]["publishDiagnostics"]["relatedInformation"] == true,
            documents: Documents::default(),
            schemas: Schemas::default(),
            looks: BTreeMap::new(),
            changed: BTreeSet::new(),
            moved: false,
            untold: false,
            awaited: BTreeSet::new(),
            published: BTreeMap::new(),
        }
    }

    /// Takes in what the client tells; what nobody knows is passed over, as the protocol asks.
    pub fn notify(&mut self, notification: Notification) {
        match notification.method.as_str() {
            "textDocument/didOpen" => {
                let Some(DidOpen { text_document }) = read(notification) else { return };
                let uri = text_document.uri.clone();
                self.documents.open(text_document);
                self.moved = true;
                self.touch(&uri);
            }
            "textDocument/didChange" => {
                let Some(DidChange { text_document, content_changes }) = read(notification) else { return };
                let uri = text_document.uri;
                self.documents.change(&uri, text_document.version, content_changes, self.encoding);
                self.touch(&uri);
            }
            "textDocument/didClose" => {
                let Some(AboutDocument { text_document }) = read(notification) else { return };
                let closed = self.documents.close(&text_document.uri);
                // Its text is that on disk again.
                self.changed.extend(closed.and_then(|document| document.path));
                self.moved = true;
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.moved = true;
                self.changed.extend(self.looks.keys().map(|subject| subject.path().to_owned()));
            }
            _ => return,
        }
        self.untold = true;
    }

    fn touch(&mut self, uri: &str) {
        let Some(document) = self.documents.get(uri) else { return };
        self.awaited.insert(uri.to_owned());
        self.changed.extend(document.path.clone());
        // What a text is may change with it.
        self.moved |= document.path.as_ref().is_some_and(|path| !self.is_looked_at(path));
    }

    fn is_looked_at(&self, path: &Path) -> bool {
        self.looks.values().any(|look| look.read(path))
    }

    /// Whether something changed since the last look.
    pub fn is_stale(&self) -> bool {
        self.moved || !self.changed.is_empty()
    }

    /// Whether the client may have to be told something.
    pub fn awaits(&self) -> bool {
        self.untold
    }

    /// Looks at what changed.
    pub fn refresh(&mut self, world: &dyn World) {
        if !self.is_stale() {
            return;
        }
        let changed = std::mem::take(&mut self.changed);
        if std::mem::take(&mut self.moved) {
            let subjects = self.profiles(world);
            self.looks.retain(|subject, _| subjects.contains(subject) || matches!(subject, Subject::System(_)));
            for subject in subjects.into_iter().filter(|subject| !self.looks.contains_key(subject)).collect::<Vec<_>>()
            {
                self.look(subject, world);
            }
        }
        let touched = |subject: &Subject, look: &Look| {
            changed.contains(subject.path()) || changed.iter().any(|path| look.read(path))
        };
        let stale: Vec<Subject> = self
            .looks
            .iter()
            .filter(|(subject, look)| touched(subject, look))
            .map(|(subject, _)| subject.clone())
            .collect();
        for subject in stale {
            self.look(subject, world);
        }
        self.settle_systems(&changed, world);
    }

    fn look(&mut self, subject: Subject, world: &dyn World) {
        let before = self.looks.get(&subject).and_then(|look| look.facts.clone());
        let look = Look::at(&subject, &self.documents, world, before);
        self.looks.insert(subject, look);
    }

    /// The profiles that are open, and those that may name a system file that is.
    fn profiles(&self, world: &dyn World) -> BTreeSet<Subject> {
        let mut subjects = BTreeSet::new();
        for document in self.documents.iter() {
            let Some(path) = &document.path else { continue };
            match kind::of(path, &document.file) {
                Some(File::Profile) => {
                    subjects.insert(Subject::Profile(path.clone()));
                }
                Some(File::System) => subjects.extend(world.profiles_near(path).into_iter().map(Subject::Profile)),
                None => {}
            }
        }
        subjects
    }

    /// A system file that a profile names is looked at with that; any other alone. Profiles that name none of the open
    /// systems, and are not open, are none of the user's concern.
    fn settle_systems(&mut self, changed: &BTreeSet<PathBuf>, world: &dyn World) {
        let documents = &self.documents;
        let systems: Vec<PathBuf> =
            documents.iter().filter(|it| is(it, File::System)).filter_map(|it| it.path.clone()).collect();
        self.looks.retain(|subject, look| match subject {
            Subject::Profile(path) => documents.at(path).is_some() || systems.iter().any(|system| look.read(system)),
            Subject::System(path) => documents.at(path).is_some(),
        });
        for path in systems {
            let named =
                self.looks.iter().any(|(subject, look)| matches!(subject, Subject::Profile(_)) && look.read(&path));
            let subject = Subject::System(path);
            if named {
                self.looks.remove(&subject);
            } else if changed.contains(subject.path()) || !self.looks.contains_key(&subject) {
                self.look(subject, world);
            }
        }
    }

    /// The looks in which a file was read, its own first.
    pub fn looks(&self, path: &Path) -> Vec<&Look> {
        let mut all: Vec<_> = self.looks.iter().filter(|(_, look)| look.read(path)).collect();
        all.sort_by_key(|(subject, _)| subject.path() != path);
        all.into_iter().map(|(_, look)| look).collect()
    }

    /// The name of a file, as the client writes it where it has it open.
    pub fn name(&self, path: &Path) -> String {
        self.documents.at(path).map_or_else(|| uri::of(path), |document| document.uri.clone())
    }

    /// What our findings need to be written for this client.
    pub fn converter<'a>(
        &self,
        name: &'a dyn Fn(&Path) -> String,
        page: &'a dyn Fn(&str) -> Option<String>,
    ) -> Converter<'a> {
        Converter { encoding: self.encoding, related: self.related, name, page }
    }

    /// Everything that was found, by the name of the file it is listed under, each finding once.
    pub fn findings(&self, world: &dyn World) -> BTreeMap<String, Vec<Diagnostic>> {
        let name = |path: &Path| self.name(path);
        let page = |code: &str| world.page_of_code(code);
        let converter = self.converter(&name, &page);
        let mut all: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        for look in self.looks.values() {
            for (uri, finding) in look.found.iter().filter_map(|finding| converter.finding(look, finding)) {
                let known = all.entry(uri).or_default();
                if !known.contains(&finding) {
                    known.push(finding);
                }
            }
        }
        all
    }

    /// What the client must be told: the findings of every text that changed, and of every file for which they did.
    pub fn publications(&mut self, world: &dyn World) -> Vec<PublishDiagnostics> {
        self.refresh(world);
        self.untold = false;
        let mut found = self.findings(world);
        let awaited = std::mem::take(&mut self.awaited);
        let known = |uri: &String| self.documents.get(uri).is_some_and(is_ours);
        for uri in self.published.keys().chain(awaited.iter().filter(|uri| known(uri))) {
            found.entry(uri.clone()).or_default();
        }
        let mut told = Vec::new();
        for (uri, diagnostics) in found {
            if awaited.contains(&uri) || self.published.get(&uri) != Some(&diagnostics) {
                let version = self.documents.get(&uri).map(|document| document.version);
                told.push(PublishDiagnostics { uri: uri.clone(), version, diagnostics: diagnostics.clone() });
            }
            match diagnostics.is_empty() {
                true => self.published.remove(&uri),
                false => self.published.insert(uri, diagnostics),
            };
        }
        told
    }
}

fn is(document: &Document, file: File) -> bool {
    document.path.as_ref().is_some_and(|path| kind::of(path, &document.file) == Some(file))
}

fn is_ours(document: &Document) -> bool {
    document.path.as_ref().is_some_and(|path| kind::of(path, &document.file).is_some())
}

/// The parameters, where they are what the protocol says.
fn read<T: DeserializeOwned>(notification: Notification) -> Option<T> {
    serde_json::from_value(notification.params).ok()
}
