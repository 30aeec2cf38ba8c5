//! The verdict of `generate --check`, and of `generate` over many profiles, that nothing differs, remembered until something that it rests on does.
//!
//! It rests on the program, the command, the files read, every path of the bundle that was looked at, the user, the day
//! of waivers and the hour of certificates. The entry lies in the user's own cache directory: one in the bundle could be
//! forged together with the file that it vouches for.

use super::clashes::Taken;
use super::terminal::{Said, Terminal};
use crate::values::Day;
use crate::writer::{Cache, Folder, Identity, Seen, digest};
use crate::yaml::Sources;
use serde::{Deserialize, Serialize};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use time::UtcDateTime;

/// Where the verdict of one command is, and what it must rest on.
#[derive(Debug)]
pub struct Verdict {
    cache: Cache,
    name: String,
    grounds: String,
}

/// What is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    grounds: String,
    folders: Vec<(PathBuf, Seen)>,
    said: Vec<Said>,
    taken: Vec<Taken>,
}

impl Verdict {
    /// Of one profile and its files, compared with the bundle at `out`; nothing where there is no place to keep one.
    pub fn of(
        profile: &Path,
        out: &Path,
        sources: &Sources,
        today: Day,
        now: UtcDateTime,
        terminal: &Terminal,
    ) -> Option<Self> {
        let cache = Cache::of_user()?;
        let here = std::env::current_dir().ok()?;
        let mut name = Parts::default();
        for path in [&here, profile, out] {
            name.add(path.as_os_str().as_encoded_bytes());
        }
        let program = std::env::current_exe().and_then(std::fs::metadata).ok()?;
        let Identity { uid, gid } = Identity::current();
        let hour = now.unix_timestamp() / 3600;
        let mut grounds = Parts::default();
        grounds.add(env!("CARGO_PKG_VERSION").as_bytes());
        grounds.add(format!("{:?}", [program.dev(), program.ino(), program.size()]).as_bytes());
        grounds.add(
            format!("{:?}", [program.mtime(), program.mtime_nsec(), program.ctime(), program.ctime_nsec()]).as_bytes(),
        );
        grounds.add(format!("{uid} {gid} {hour} {today} {} {}", terminal.colour, terminal.width).as_bytes());
        for (_, file) in sources.iter() {
            grounds.add(file.name().as_bytes());
            grounds.add(file.text().as_bytes());
        }
        Some(Self { cache, name: name.digest(), grounds: grounds.digest() })
    }

    /// What the last run said, and what the bundles take, where everything is as it was then.
    pub fn recall(&self) -> Option<(Vec<Said>, Vec<Taken>)> {
        let entry: Entry = serde_json::from_str(&self.cache.read(&self.name)?).ok()?;
        let holds = |(path, seen): &(PathBuf, Seen)| {
            Folder::open(path).ok().flatten().is_some_and(|folder| folder.is_swept() && seen.still_holds(&folder))
        };
        (entry.grounds == self.grounds && entry.folders.iter().all(holds)).then_some((entry.said, entry.taken))
    }

    /// Keeps what this run said about folders, each in the state in which it was seen.
    pub fn keep(self, folders: Vec<(PathBuf, Seen)>, said: Vec<Said>, taken: Vec<Taken>) {
        if let Ok(text) = serde_json::to_string(&Entry { grounds: self.grounds, folders, said, taken }) {
            self.cache.write(&self.name, &text);
        }
    }
}

/// Bytes of parts that cannot run into one another.
#[derive(Default)]
struct Parts(Vec<u8>);

impl Parts {
    fn add(&mut self, part: &[u8]) {
        self.0.extend(part.len().to_le_bytes());
        self.0.extend(part);
    }

    fn digest(self) -> String {
        digest(&self.0)
    }
}
