//! A bundle as a page shows it: texts, and names of what only the host makes.

use crate::artifact::{self, Artifact, Piece};
use crate::compile::Bundle;
use crate::report::{self, JSON, MARKDOWN, Report};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// A bundle.
#[derive(Debug)]
pub struct Shown {
    /// Name of the compose project.
    pub name: String,
    /// The host it is for, where the profile lists several.
    pub host: Option<String>,
    /// Files and directories, by path.
    pub files: BTreeMap<String, File>,
    /// How many recommendations have each answer.
    pub answers: Vec<(&'static str, usize)>,
    report: Report,
}

/// One file or directory.
#[derive(Debug, Serialize)]
pub struct File {
    /// Its permission bits, in octal.
    pub mode: String,
    /// What it holds.
    pub content: Content,
}

/// What a file holds, as far as that may be here.
#[derive(Debug)]
pub enum Content {
    /// A directory.
    Directory,
    /// Its text.
    Text(String),
    /// Its text with the name of each secret in the place of its value.
    Gaps(String),
    /// A secret, a certificate, a key: made where the bundle is written.
    Made,
}

impl Content {
    fn of(content: &artifact::Content) -> Self {
        match content {
            artifact::Content::Directory => Self::Directory,
            artifact::Content::Text(text) => Self::Text(text.clone()),
            artifact::Content::Pieces(pieces) => Self::Gaps(pieces.iter().map(piece).collect()),
            artifact::Content::Secret(_) | artifact::Content::Certificate(_) | artifact::Content::Marks => Self::Made,
        }
    }

    /// The text, where there is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Gaps(text) => Some(text),
            Self::Directory | Self::Made => None,
        }
    }

    /// `whole` or `partly`, where it is made on the host.
    pub fn made(&self) -> Option<&'static str> {
        match self {
            Self::Made => Some("whole"),
            Self::Gaps(_) => Some("partly"),
            Self::Directory | Self::Text(_) => None,
        }
    }
}

impl Serialize for Content {
    /// For an archive: the text of what is complete, `false` for a directory, nothing for what the host makes.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Directory => serializer.serialize_bool(false),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Gaps(_) | Self::Made => serializer.serialize_none(),
        }
    }
}

/// A piece with names where values will be.
fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Secret { name, .. } => format!("<{name}>"),
        Piece::Value { parts, .. } => {
            let parts = parts.iter().enumerate();
            let part = |(at, part): (usize, &String)| if at % 2 == 0 { part.clone() } else { format!("<{part}>") };
            format!("\"{}\"", parts.map(part).collect::<String>())
        }
        Piece::Inputs { .. } => "<digest>".to_owned(),
    }
}

impl Shown {
    /// What of a bundle is shown.
    pub fn of(bundle: &Bundle) -> Self {
        let file = |artifact: &Artifact| {
            let file = File { mode: artifact.access.mode.to_string(), content: Content::of(&artifact.content) };
            (artifact.path.to_string(), file)
        };
        Self {
            name: bundle.name.to_string(),
            host: bundle.host.as_ref().map(ToString::to_string),
            files: bundle.artifacts.iter().map(file).collect(),
            answers: report::summary(&bundle.report).map(|(status, count)| (status.as_str(), count)).to_vec(),
            report: bundle.report.clone(),
        }
    }

    /// What its folder is called in an archive.
    pub fn folder(&self) -> String {
        [Some(&self.name), self.host.as_ref()].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("-")
    }

    /// The report's diagram, as SVG.
    ///
    /// # Errors
    /// A mistake of the template.
    pub fn diagram(&self) -> Result<String, String> {
        report::diagram(&self.report).map_err(|error| error.to_string())
    }

    /// The report as a page of its own.
    ///
    /// # Errors
    /// A mistake of the template.
    pub fn page(&self) -> Result<String, String> {
        report::page(&self.report).map_err(|error| error.to_string())
    }
}

/// Whether a file only tells what the others say.
pub fn tells(path: &str) -> bool {
    [JSON, MARKDOWN].contains(&path)
}
