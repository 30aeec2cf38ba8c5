//! The artifacts as text with keys and lines; each is parsed at most once, and only when asked for a key.

use super::marks;
use crate::artifact::Artifact;
use crate::text::{SourceFile, SourceId};
use crate::yaml::{self, Node, NodeKind, Route, Step, Style, Tags};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All artifacts by path.
pub(super) struct Files(BTreeMap<String, File>);

/// One artifact.
pub struct File {
    /// Its text, where it has one; secrets in it are left out.
    text: Option<SourceFile>,
    /// Whether its lines can carry marks, and keys give places.
    grammar: Kind,
    tree: OnceCell<Option<Arc<Node>>>,
    /// Control, line and key of each mark in it.
    pub(super) marks: Vec<(String, usize, Option<String>)>,
}

/// What of an artifact can be pointed at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Yaml,
    Json,
    Lines,
}

impl Files {
    pub(super) fn new(files: Vec<(String, File)>) -> Self {
        Self(files.into_iter().collect())
    }

    /// Every artifact.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().map(|(path, file)| (path.as_str(), file))
    }

    pub(super) fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// Every path.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }

    /// Whether a file or directory of this path is in the bundle.
    pub(super) fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let below = |other: &str| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        self.0.contains_key(path) || self.0.keys().any(|other| below(other))
    }
}

impl File {
    pub(super) fn new(artifact: &Artifact) -> Self {
        let path = artifact.path.as_str();
        let text = artifact.content.shown();
        let grammar = match path.rsplit_once('.').map(|(_, extension)| extension) {
            Some("yaml" | "yml") => Kind::Yaml,
            Some("json") => Kind::Json,
            _ => Kind::Lines,
        };
        let text = text.map(|text| SourceFile::new(path, text));
        let mut file = Self { text, grammar, tree: OnceCell::new(), marks: Vec::new() };
        // JSON has no comments.
        if grammar != Kind::Json {
            file.marks = marks::scan(&file);
        }
        file
    }

    pub(super) fn text(&self) -> &str {
        self.text.as_ref().map_or("", SourceFile::text)
    }

    /// The text of a line, from 1.
    pub(super) fn line(&self, number: usize) -> &str {
        let text = || self.text.as_ref()?.line_range(number).map(|(start, end)| &self.text()[start..end]);
        text().unwrap_or_default()
    }

    /// The tree of a YAML or JSON text.
    pub(super) fn tree(&self) -> Option<&Node> {
        let read = || match (&self.text, self.grammar) {
            (Some(text), Kind::Yaml | Kind::Json) => yaml::read_with(text, SourceId::new(0), Tags::Keep).ok(),
            _ => None,
        };
        self.tree.get_or_init(read).as_deref()
    }

    /// Line of a key, or of a list's item; `None` where there is none.
    pub(super) fn line_of(&self, route: &Route) -> Option<usize> {
        let found = yaml::find(self.tree()?, route)?;
        let start = found.key.unwrap_or(found.span).start;
        Some(self.text.as_ref()?.position(start).line)
    }

    /// Whether the byte is a part of some value rather than of a comment. A plain scalar ends before a comment, and the
    /// parser lets a quoted one reach over what follows it, so that its last quote is what counts.
    pub(super) fn is_value(&self, offset: usize) -> bool {
        let Some(found) = self.tree().and_then(|tree| yaml::find(tree, &yaml::route_at(tree, offset))) else {
            return false;
        };
        let NodeKind::Scalar { style, .. } = found.node.kind else { return false };
        if !(found.span.start..found.span.end).contains(&offset) {
            return false;
        }
        match style {
            Style::Plain => false,
            Style::Block => true,
            Style::Quoted => self.text().get(offset..found.span.end).is_some_and(|rest| rest.contains(['"', '\''])),
        }
    }

    /// The value a line is about: what begins on it, a flow list or mapping as a whole.
    pub(super) fn key_at(&self, line: usize) -> Option<Route> {
        yaml::value_at_line(self.tree()?, self.text.as_ref()?, line)
    }
}

/// Reads a route as people write it, `services.app.ports[0]` or `"a.b".c`; `None` when it is none.
pub(super) fn parse_route(text: &str) -> Option<Route> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let key;
        if let Some(quoted) = rest.strip_prefix('"') {
            (key, rest) = quoted.split_once('"')?;
        } else {
            (key, rest) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
            if key.is_empty() {
                return None;
            }
        }
        steps.push(Step::Key(key.to_owned()));
        while let Some(index) = rest.strip_prefix('[') {
            let (number, after) = index.split_once(']')?;
            steps.push(Step::Index(number.parse().ok()?));
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None => return rest.is_empty().then(|| Route::from(steps)),
        }
    }
}
