//! Why the disk could not be read or written.

use std::fmt;
use std::io;

/// Why the disk could not be read or written; never holds a secret.
#[derive(Debug)]
pub enum WriteError {
    /// A call of the operating system failed.
    Io {
        /// What was being done, as in `read` or `create`.
        action: &'static str,
        /// Where.
        path: String,
        /// The system's words.
        error: io::Error,
    },
    /// A part of the path is a symbolic link, which could lead out of the bundle.
    Symlink {
        /// The link.
        path: String,
    },
    /// Something stands where a file or directory of the bundle belongs.
    InTheWay {
        /// Where.
        path: String,
        /// What belongs there.
        wanted: &'static str,
    },
    /// A file larger than any of ours.
    TooLarge {
        /// The file.
        path: String,
    },
    /// Another run works on the same bundle.
    Busy {
        /// The bundle.
        path: String,
    },
    /// Two artifacts have one path, or one lies below a file: a mistake in the system file or in Stockade.
    Twice {
        /// The path.
        path: String,
    },
}

impl WriteError {
    pub(super) fn io(action: &'static str, path: impl fmt::Display, error: impl Into<io::Error>) -> Self {
        Self::Io { action, path: path.to_string(), error: error.into() }
    }

    /// The way out.
    pub fn help(&self) -> String {
        match self {
            Self::Io { error, .. } => match error.kind() {
                io::ErrorKind::PermissionDenied => {
                    "run as the user who owns the bundle, with `sudo` where its files belong to the containers".into()
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space and run again".into(),
                io::ErrorKind::ReadOnlyFilesystem => "choose a writable place with `--out DIR`".into(),
                _ => "look at the path and its permissions".into(),
            },
            Self::Symlink { path } => {
                format!("replace `{path}` by a real file or directory, or choose another `--out`")
            }
            Self::InTheWay { path, .. } => format!("move `{path}` away and run again"),
            Self::TooLarge { path } => format!("no generated file is larger than 8 MiB; move `{path}` away"),
            Self::Busy { .. } => "wait for the other run to end".into(),
            Self::Twice { .. } => "give one of the two files another `path` in the system file".into(),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, error } => write!(f, "cannot {action} `{path}`: {error}"),
            Self::Symlink { path } => write!(f, "`{path}` is a symbolic link, which is not followed"),
            Self::InTheWay { path, wanted } => write!(f, "`{path}` is no {wanted}"),
            Self::TooLarge { path } => write!(f, "`{path}` is larger than 8 MiB and was not read"),
            Self::Busy { path } => write!(f, "another run is writing to `{path}`"),
            Self::Twice { path } => write!(f, "the bundle has two files at `{path}`"),
        }
    }
}

impl std::error::Error for WriteError {}
