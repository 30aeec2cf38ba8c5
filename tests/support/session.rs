//! A terminal session: the real binary in a folder of its own, with an environment of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder and the files in it.
pub struct Session {
    folder: TempDir,
}

/// How a command ended.
pub struct Outcome {
    /// The command as typed.
    pub line: String,
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Session {
    /// An empty folder.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    /// A folder that holds a profile.
    pub fn with_profile(text: &str) -> Self {
        Self::new().file("stockade.yaml", text)
    }

    /// A copy of a golden case, its `profile.yaml` and whatever lies beside it.
    pub fn with_case(case: &Path) -> Self {
        let session = Self::new();
        for (name, text) in super::tree::given(case) {
            session.put(&name, text);
        }
        session
    }

    /// Writes a file, with the directories above it.
    pub fn file(self, name: &str, text: &str) -> Self {
        self.put(name, text);
        self
    }

    /// Writes a file, with the directories above it.
    pub fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }

    /// A path of the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Text of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Permission bits of a path.
    pub fn mode(&self, name: &str) -> u32 {
        fs::symlink_metadata(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}")).permissions().mode()
            & 0o7777
    }

    /// Types a command, `stockade ` in front of it left out; words are split at spaces.
    pub fn run(&self, line: &str) -> Outcome {
        let done = self.command(line).output().expect("the binary starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what the binary prints is UTF-8");
        Outcome {
            line: format!("stockade {line}"),
            status: done.status.code().unwrap_or(-1),
            out: text(done.stdout),
            err: text(done.stderr),
        }
    }

    /// The command before it is started, for tests that change its surroundings.
    pub fn command(&self, line: &str) -> Command {
        command(self.folder.path(), line)
    }
}

/// The command of a line, in a folder that is its home as well.
pub fn command(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stockade"));
    command
        .args(line.split_whitespace())
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder)
        .env("STOCKADE_TODAY", super::TODAY)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    command
}

impl Outcome {
    /// Fails unless the command ended with this status.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "$ {}\n{}\n{}", self.line, self.out, self.err);
        self
    }

    /// Fails unless standard output holds the text.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text), "$ {}\nno {text:?} in\n{}\n{}", self.line, self.out, self.err);
        self
    }

    /// Fails unless standard error holds the text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "$ {}\nno {text:?} in\n{}\n{}", self.line, self.err, self.out);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("$ {}\n{error} in\n{}", self.line, self.out))
    }
}
