//! One generated file or directory, complete but for secrets, which are only named.

use crate::grammar::Grammar;
use crate::stack::Access;
use crate::values::{BundlePath, SecretName};

/// One file or directory of the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Where in the bundle.
    pub path: BundlePath,
    /// What it holds.
    pub content: Content,
    /// Owner and mode.
    pub access: Access,
    /// Who owns it after generation.
    pub policy: Policy,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A directory.
    Directory,
    /// Text.
    Text(String),
    /// Text with secrets in it, each written in the file's grammar.
    Pieces(Vec<Piece>),
    /// Exactly one secret's value.
    Secret(SecretName),
    /// A part of the bundle's own certificate.
    Certificate(CertificatePart),
    /// What tells at the next run which secrets somebody has changed: a key and a keyed digest of each.
    Marks,
}

/// A piece of a text of which a part is known only on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Plain text.
    Text(String),
    /// The inside of a quoted string that holds a secret's value.
    Secret {
        /// The secret.
        name: SecretName,
        /// Grammar in whose quoted form it stands, without the quotes.
        grammar: Grammar,
    },
    /// A whole value of the file's grammar, quotes included.
    Value {
        /// Plain text and names of secrets in turn, plain text first.
        parts: Vec<String>,
        /// Grammar in which it is written.
        grammar: Grammar,
    },
    /// The inside of a quoted string that says in which state a service's files are; no secret, and nothing of one.
    Inputs {
        /// Digest over what is known.
        public: String,
        /// Secrets and certificates whose generation counts too.
        private: Vec<String>,
    },
}

impl Piece {
    /// Names of the secrets in it.
    pub fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Text(_) | Self::Inputs { .. } => Vec::new(),
            Self::Secret { name, .. } => vec![name.as_str()],
            Self::Value { parts, .. } => parts.iter().skip(1).step_by(2).map(String::as_str).collect(),
        }
    }
}

impl Content {
    /// What can be shown of a text; what is known only on disk is left out, quotes around it stay.
    pub fn shown(&self) -> Option<String> {
        let part = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Secret { .. } | Piece::Inputs { .. } => String::new(),
            Piece::Value { .. } => "\"\"".to_owned(),
        };
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Pieces(pieces) => Some(pieces.iter().map(part).collect()),
            Self::Directory | Self::Secret(_) | Self::Certificate(_) | Self::Marks => None,
        }
    }

    /// Whether the value of a secret stands in it.
    pub fn holds_secret(&self) -> bool {
        match self {
            Self::Directory | Self::Text(_) => false,
            Self::Secret(_) | Self::Marks => true,
            Self::Pieces(pieces) => pieces.iter().any(|piece| !piece.secrets().is_empty()),
            Self::Certificate(part) => matches!(part, CertificatePart::AuthorityKey | CertificatePart::ServerKey),
        }
    }
}

/// A part of the bundle's own certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificatePart {
    /// Certificate of the private authority.
    AuthorityCertificate,
    /// Key of the private authority.
    AuthorityKey,
    /// Certificate of the server, with the authority's behind it.
    ServerCertificate,
    /// Key of the server.
    ServerKey,
}

/// Who owns a file after generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Stockade: every run brings it up to date.
    Managed,
    /// Whoever uses it: it is written once and never overwritten.
    Once,
}

impl Artifact {
    /// A managed text that everybody may read.
    pub fn text(path: BundlePath, text: String) -> Self {
        Self { path, content: Content::Text(text), access: Access::PUBLIC, policy: Policy::Managed }
    }

    /// A managed script.
    pub fn script(path: BundlePath, text: String) -> Self {
        Self { path, content: Content::Text(text), access: Access::SCRIPT, policy: Policy::Managed }
    }
}

/// A place of the bundle's folder that a program reads whatever lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Where.
    pub path: BundlePath,
    /// One file or a whole folder.
    pub scope: Scope,
    /// Who reads it, for people.
    pub reader: String,
}

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A file of this name, if there is one.
    File,
    /// Everything in a folder of this name.
    Folder,
}
