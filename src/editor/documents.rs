//! The texts a client has open; they stand before those on disk.

use super::position::Encoding;
use super::protocol::{ContentChange, TextDocumentItem};
use super::uri;
use crate::text::SourceFile;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One open text.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its name, as the client writes it.
    pub uri: String,
    /// Where it lies; nothing for a text that is no file yet.
    pub path: Option<PathBuf>,
    /// Its version, which the client counts.
    pub version: i32,
    /// The text, named like its path.
    pub file: SourceFile,
}

impl Document {
    fn new(uri: String, version: i32, text: String) -> Self {
        let path = uri::path(&uri);
        let name = path.as_ref().map_or_else(|| uri.clone(), |path| path.display().to_string());
        Self { uri, path, version, file: SourceFile::new(name, text) }
    }
}

/// All open texts, by name.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    by_uri: BTreeMap<String, Document>,
}

impl Documents {
    /// Takes a text the client opens.
    pub fn open(&mut self, item: TextDocumentItem) {
        self.by_uri.insert(item.uri.clone(), Document::new(item.uri, item.version, item.text));
    }

    /// Carries out changes, each on what the one before made; nothing on a text that is not open.
    pub fn change(&mut self, uri: &str, version: Option<i32>, changes: Vec<ContentChange>, encoding: Encoding) {
        let Some(document) = self.by_uri.get_mut(uri) else { return };
        for change in changes {
            let text = match change.range {
                None => change.text,
                Some(range) => {
                    let start = encoding.offset(&document.file, range.start);
                    let end = encoding.offset(&document.file, range.end).max(start);
                    let mut text = document.file.text().to_owned();
                    text.replace_range(start..end, &change.text);
                    text
                }
            };
            let name = document.file.name().to_owned();
            document.file = SourceFile::new(name, text);
        }
        document.version = version.unwrap_or(document.version);
    }

    /// Forgets a text the client closes.
    pub fn close(&mut self, uri: &str) -> Option<Document> {
        self.by_uri.remove(uri)
    }

    /// The text of a name.
    pub fn get(&self, uri: &str) -> Option<&Document> {
        self.by_uri.get(uri)
    }

    /// The text that lies at a path.
    pub fn at(&self, path: &Path) -> Option<&Document> {
        self.by_uri.values().find(|document| document.path.as_deref() == Some(path))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Document> {
        self.by_uri.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::protocol::{Position, Range};

    fn opened(text: &str) -> Documents {
        let mut documents = Documents::default();
        documents.open(TextDocumentItem { uri: "file:///a.yaml".into(), version: 1, text: text.into() });
        documents
    }

    fn at(line: u32, from: u32, to: u32) -> Option<Range> {
        Some(Range { start: Position { line, character: from }, end: Position { line, character: to } })
    }

    #[test]
    fn changes_build_on_each_other() {
        let mut documents = opened("a: 1\nb: 𝄞2\n");
        let change = |range, text: &str| ContentChange { range, text: text.into() };
        let changes = vec![change(at(1, 5, 6), "3"), change(at(0, 0, 1), "ä𝄞"), change(at(0, 1, 3), "")];
        documents.change("file:///a.yaml", Some(2), changes, Encoding::Utf16);
        let document = documents.at(Path::new("/a.yaml")).unwrap();
        assert_eq!((document.file.text(), document.version), ("ä: 1\nb: 𝄞3\n", 2));
        documents.change("file:///a.yaml", None, vec![change(None, "new")], Encoding::Utf16);
        assert_eq!(documents.get("file:///a.yaml").unwrap().file.text(), "new");
    }

    #[test]
    fn a_range_that_is_none_inserts() {
        let mut documents = opened("abc");
        let change = ContentChange { range: at(0, 2, 1), text: "X".into() };
        documents.change("file:///a.yaml", None, vec![change], Encoding::Utf8);
        assert_eq!(documents.get("file:///a.yaml").unwrap().file.text(), "abXc");
        documents.change("file:///other.yaml", None, Vec::new(), Encoding::Utf8);
    }
}
