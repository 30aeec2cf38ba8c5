//! What can be wrong with a secret; no variant ever holds a value.

use std::fmt;

use super::EntropyError;

/// Why a secret cannot be made or kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// Two requests share a name.
    Duplicate {
        /// The name.
        name: String,
    },
    /// A derived secret names a source that is not requested.
    UnknownSource {
        /// The derived secret.
        name: String,
        /// The source it names.
        of: String,
    },
    /// A derived secret names a derived one, or itself; this covers every cycle.
    SourceIsDerived {
        /// The derived secret.
        name: String,
        /// The source it names.
        of: String,
    },
    /// The source cannot be hashed.
    Unhashable {
        /// The derived secret.
        name: String,
        /// Its source.
        of: String,
        /// What is wrong with the source's value.
        flaw: Flaw,
    },
    /// A hash exists, but the value it was made of does not: making a new one would leave the hash wrong.
    Orphaned {
        /// The derived secret that exists.
        name: String,
        /// Its source that does not.
        of: String,
    },
    /// A value found in the bundle does not fit its kind.
    Unfit {
        /// The secret.
        name: String,
        /// What is wrong with its value.
        flaw: Flaw,
    },
    /// A hash that was checked does not belong to its source; see [`verify`](super::verify).
    Mismatch {
        /// The derived secret.
        name: String,
        /// Its source.
        of: String,
    },
    /// The entropy source failed.
    Entropy(EntropyError),
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate { name } => {
                write!(f, "the secret `{name}` is declared twice, rename one")
            }
            Self::UnknownSource { name, of } => {
                write!(f, "`{name}` is a hash of `{of}`, which is not declared, declare it or correct `of`")
            }
            Self::SourceIsDerived { name, of } => {
                write!(f, "`{name}` is a hash of `{of}`, which is a hash itself, name the secret in clear instead")
            }
            Self::Unhashable { name, of, flaw } => {
                write!(f, "`{name}` cannot be a hash of `{of}`: {flaw}")
            }
            Self::Orphaned { name, of } => write!(
                f,
                "`{name}` is a hash of `{of}`, whose file is missing, restore it or remove `{name}` to make both anew"
            ),
            Self::Unfit { name, flaw } => {
                write!(f, "the existing secret `{name}` cannot be used: {flaw}")
            }
            Self::Mismatch { name, of } => {
                write!(f, "`{name}` is not a hash of the present `{of}`, remove `{name}` to make it anew")
            }
            Self::Entropy(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SecretError {}

impl From<EntropyError> for SecretError {
    fn from(error: EntropyError) -> Self {
        Self::Entropy(error)
    }
}

/// What is wrong with a value, without the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing in it but blanks.
    Empty,
    /// Not UTF-8.
    NotText,
    /// Longer than the 72 bytes bcrypt reads.
    TooLongForBcrypt {
        /// Its length in bytes.
        bytes: usize,
    },
    /// Holds a NUL byte, where bcrypt implementations stop reading or refuse.
    HasNul,
    /// One line and a newline after it, which applications would read as part of the value.
    TrailingNewline,
    /// Letters outside the kind's alphabet, or a broken encoding.
    NotOfKind {
        /// What was expected, for example `hex digits`.
        expected: &'static str,
    },
    /// Shorter than the kind asks for.
    TooShort {
        /// Length found, in `unit`.
        found: usize,
        /// Least length.
        least: usize,
        /// `bytes` (after decoding) or `characters`.
        unit: &'static str,
    },
    /// A hash with another prefix than the application reads.
    WrongPrefix {
        /// What it must begin with, for example `$2a$`.
        expected: &'static str,
    },
    /// A supplied value of another form.
    WrongStart {
        /// What it must begin with, for example `rediss://`.
        expected: String,
    },
    /// A hash cheaper to guess than asked for.
    CostTooLow {
        /// Cost found.
        found: u32,
        /// Least cost.
        least: u32,
    },
    /// An htpasswd line for someone else.
    WrongUser {
        /// The user asked for.
        expected: String,
    },
    /// A value that everyone knows from the documentation.
    Placeholder,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty, put the value into it"),
            Self::NotText => f.write_str("it is not UTF-8 text, encode it as base64"),
            Self::TooLongForBcrypt { bytes } => {
                write!(f, "it has {bytes} bytes and bcrypt reads only 72, use a shorter one")
            }
            Self::HasNul => f.write_str("it contains a NUL byte, which bcrypt cannot hash, use printable text"),
            Self::TrailingNewline => {
                f.write_str("it ends with a newline, which applications read as part of it, write it with `printf %s`")
            }
            Self::NotOfKind { expected } => write!(f, "it is not {expected}, move its file away to have it made anew"),
            Self::TooShort { found, least, unit } => {
                write!(f, "it has {found} {unit} and needs {least}, put a longer one there or move its file away")
            }
            Self::WrongPrefix { expected } => {
                write!(f, "it does not begin with `{expected}`, move its file away to have it made anew")
            }
            Self::WrongStart { expected } => write!(f, "it does not begin with `{expected}`, supply one that does"),
            Self::CostTooLow { found, least } => {
                write!(f, "its bcrypt cost is {found} and must be {least}, move its file away to have it made anew")
            }
            Self::WrongUser { expected } => {
                write!(f, "it is not for the user `{expected}`, move its file away to have it made anew")
            }
            Self::Placeholder => f.write_str("it is a well-known placeholder, choose a random value"),
        }
    }
}

impl std::error::Error for Flaw {}

impl Flaw {
    /// What is wrong with a value that was brought and lies nowhere yet: without the file to move away.
    #[must_use]
    pub fn brought(&self) -> String {
        let text = self.to_string();
        let file = [", move its file away", ", put a longer one there or move", ", put the value into it"];
        let end = file.iter().filter_map(|words| text.find(words)).min().unwrap_or(text.len());
        text[..end].to_owned()
    }
}
