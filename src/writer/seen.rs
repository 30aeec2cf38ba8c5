//! What a look at a folder has seen, in a form that can be kept: whether a second look sees the same.

use std::collections::BTreeMap;

use rustix::fs::Stat;
use serde::{Deserialize, Serialize};
use time::{Duration, UtcDateTime};

use super::folder::Entry;
use super::lock::digest;
use super::{Folder, Found, WriteError};

/// Time within which two changes of a file may get the same time from a kernel that counts ticks, with a margin.
const TICK: Duration = Duration::milliseconds(100);
/// The same on file systems that know no part of a second.
const COARSE: Duration = Duration::seconds(2);

/// Paths of a folder and what stood there; a path that ends in a slash stands for the names in a directory, and an empty
/// one for the folder itself; a slash alone stands for what ended runs have left in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seen(BTreeMap<String, Look>);

/// What stood at one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Look {
    Absent,
    Directory(Access),
    /// A file and the SHA-256 of its bytes.
    Text(Access, String),
    /// Names in a directory.
    Names(Vec<String>),
    /// A file whose bytes leave no trace: a weak secret could be guessed from its digest.
    Secret(Access, Stamp),
}

/// User and group id, permission bits.
type Access = (u32, u32, u32);

/// What changes whenever a file's bytes do: nobody but the kernel sets the last two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: i64,
    changed: i64,
    nanoseconds: i64,
}

impl Stamp {
    /// Of an open file, taken before it is read.
    pub(super) fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev,
            inode: stat.st_ino,
            size: stat.st_size,
            changed: stat.st_ctime,
            #[allow(clippy::unnecessary_cast, reason = "the type differs between platforms")]
            nanoseconds: stat.st_ctime_nsec as i64,
        }
    }

    /// Bytes the file had.
    pub(super) fn size(self) -> u64 {
        u64::try_from(self.size).unwrap_or(0)
    }

    /// Whether a change after `since` would show.
    fn is_settled(self, since: UtcDateTime) -> bool {
        let margin = if self.nanoseconds == 0 { COARSE } else { TICK };
        let changed = at(self.changed, self.nanoseconds);
        changed.is_some_and(|changed| since - changed > margin)
    }
}

fn at(seconds: i64, nanoseconds: i64) -> Option<UtcDateTime> {
    UtcDateTime::from_unix_timestamp_nanos(i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)).ok()
}

/// What stood at a path when it was read, still with its digest.
#[derive(Debug)]
pub(super) struct Trace {
    plain: Look,
    stamp: Option<Stamp>,
}

impl Trace {
    pub(super) fn of(found: &Found) -> Self {
        let access = |(uid, gid, mode): (u32, u32, crate::values::Mode)| (uid, gid, mode.0);
        match found {
            Found::Absent => Self { plain: Look::Absent, stamp: None },
            Found::Directory { access: has } => Self { plain: Look::Directory(access(*has)), stamp: None },
            Found::File { bytes, access: has, stamp } => {
                Self { plain: Look::Text(access(*has), digest(bytes)), stamp: Some(*stamp) }
            }
        }
    }

    pub(super) fn of_names(names: &[Entry]) -> Self {
        let names = names.iter().map(|entry| match entry.directory {
            true => format!("{}/", entry.name),
            false => entry.name.clone(),
        });
        Self { plain: Look::Names(names.collect()), stamp: None }
    }

    /// What stands at a path as it is kept.
    fn again(folder: &Folder, path: &str) -> Result<Self, WriteError> {
        let nothing = Self { plain: Look::Absent, stamp: None };
        match path.strip_suffix('/') {
            Some("") => Ok(Self::of_names(&folder.left()?)),
            _ if path.is_empty() => Ok(Self::of(&Found::Directory { access: folder.access()? })),
            Some(path) => path.parse().map_or(Ok(nothing), |path| Ok(Self::of_names(&folder.names(&path)?))),
            None => path.parse().map_or(Ok(nothing), |path| Ok(Self::of(&folder.find(&path)?))),
        }
    }

    fn kept(&self, secret: bool) -> Look {
        match (&self.plain, self.stamp) {
            (Look::Text(access, _), Some(stamp)) if secret => Look::Secret(*access, stamp),
            (look, _) => look.clone(),
        }
    }
}

impl Seen {
    /// From what a folder has noted. Only of paths that are `plain` the bytes may leave a trace. Nothing where a change
    /// after `since` could go unnoticed, which is before the look began.
    pub(super) fn of(
        noted: &BTreeMap<String, Trace>,
        plain: impl Fn(&str) -> bool,
        since: UtcDateTime,
    ) -> Option<Self> {
        let looks: BTreeMap<_, _> =
            noted.iter().map(|(path, trace)| (path.clone(), trace.kept(!plain(path)))).collect();
        let settled = looks.values().all(|look| !matches!(look, Look::Secret(_, stamp) if !stamp.is_settled(since)));
        settled.then_some(Self(looks))
    }

    /// Whether a folder looks the same again.
    pub fn still_holds(&self, folder: &Folder) -> bool {
        self.0.iter().all(|(path, look)| {
            let found = Trace::again(folder, path);
            found.is_ok_and(|found| found.kept(matches!(look, Look::Secret(..))) == *look)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(changed: i64, nanoseconds: i64) -> Stamp {
        Stamp { device: 1, inode: 1, size: 1, changed, nanoseconds }
    }

    #[test]
    fn a_change_within_one_tick_could_hide() {
        let since = |seconds, part| at(seconds, part).expect("a time of this century");
        for (stamp, since, settled) in [
            (stamp(1000, 500_000_000), since(1000, 590_000_000), false),
            (stamp(1000, 500_000_000), since(1000, 610_000_000), true),
            (stamp(1000, 0), since(1001, 900_000_000), false),
            (stamp(1000, 0), since(1002, 1), true),
            (stamp(1001, 1), since(1000, 0), false),
        ] {
            assert_eq!(stamp.is_settled(since), settled, "{stamp:?} {since}");
        }
    }
}
