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
    /// Files with a second name, which may lie outside: a change of owner or mode would show there as well.
    HardLinked {
        /// The files.
        paths: Vec<String>,
    },
    /// A file is a mount point of its own, and so cannot be replaced.
    Mounted {
        /// The file.
        path: String,
    },
    /// Somebody's work would be lost, and nobody has agreed.
    Unsettled {
        /// The files.
        paths: Vec<String>,
    },
    /// Another run works on the same bundle.
    Busy {
        /// The bundle.
        path: String,
    },
    /// A newer version has written the lock.
    Newer {
        /// The lock.
        path: String,
        /// The version.
        version: String,
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
            Self::HardLinked { paths } => {
                let copies: Vec<String> = paths.iter().map(|path| copy(path)).collect();
                format!("make it a file of its own, and run again: `{}`", copies.join(" && "))
            }
            Self::Mounted { path } => format!("unmount `{path}`, or mount the directory it lies in"),
            Self::Unsettled { .. } => "look at them, and move away what is to be kept".into(),
            Self::Busy { .. } => "wait for the other run to end".into(),
            Self::Newer { version, .. } => format!("install Stockade {version} or a later version"),
            Self::Twice { .. } => "give one of the two files another `path` in the system file".into(),
        }
    }
}

/// The command that gives a file its own bytes.
fn copy(path: &str) -> String {
    let quoted = |text: &str| shlex::try_quote(text).unwrap_or_default().into_owned();
    let (old, new) = (quoted(path), quoted(&format!("{path}.copy")));
    format!("cp -p {old} {new} && mv {new} {old}")
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, error } => write!(f, "cannot {action} `{path}`: {error}"),
            Self::Symlink { path } => write!(f, "`{path}` is a symbolic link, which is not followed"),
            Self::InTheWay { path, wanted } => write!(f, "`{path}` is no {wanted}"),
            Self::TooLarge { path } => write!(f, "`{path}` is larger than 8 MiB and was not read"),
            Self::HardLinked { paths } => {
                write!(
                    f,
                    "`{}` has a second name (a hard link), whose owner and mode would change too",
                    paths.join("`, `")
                )
            }
            Self::Mounted { path } => write!(f, "`{path}` is a mount point, and so cannot be replaced"),
            Self::Unsettled { paths } => write!(f, "`{}` would be lost", paths.join("`, `")),
            Self::Busy { path } => write!(f, "another run is writing to `{path}`"),
            Self::Newer { path, version } => {
                write!(
                    f,
                    "`{path}` was written by Stockade {version}, and this is {}, which may not know what that one did",
                    env!("CARGO_PKG_VERSION")
                )
            }
            Self::Twice { path } => write!(f, "the bundle has two files at `{path}`"),
        }
    }
}

impl std::error::Error for WriteError {}
