//! What the kernel says of a container's first process.

use crate::checks::Limit;
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// Where groups of processes are shown.
const GROUPS: &str = "/sys/fs/cgroup";

/// A process of this host.
#[derive(Debug, Clone, Copy)]
pub struct Process(pub i64);

impl Process {
    fn read(self, file: &str) -> Result<String, Error> {
        fs::read_to_string(format!("/proc/{}/{file}", self.0))
    }

    /// The words of a field of its status, with single spaces.
    ///
    /// # Errors
    /// The process is not there, or has no such field.
    pub fn status(self, field: &str) -> Result<String, Error> {
        let text = self.read("status")?;
        let value = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        let value = value.ok_or_else(|| Error::new(ErrorKind::InvalidData, "the kernel does not say it"))?;
        Ok(value.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Most files it may open.
    ///
    /// # Errors
    /// The process is not there.
    pub fn open_files(self) -> Result<Option<u64>, Error> {
        let text = self.read("limits")?;
        let line = text.lines().find_map(|line| line.strip_prefix("Max open files"));
        // Soft and hard limit; what the process may set itself counts.
        Ok(line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()))
    }

    /// Type and options of what is mounted at a path, the last one where there are several; nothing where none is.
    ///
    /// # Errors
    /// The process is not there, or only the superuser may look.
    pub fn mounted(self, target: &str) -> Result<Option<Vec<String>>, Error> {
        let text = self.read("mountinfo")?;
        Ok(text.lines().rev().find_map(|line| mount(line, target)))
    }

    /// A limit of its control group; `None` is none.
    ///
    /// # Errors
    /// The group is not shown here.
    pub fn limit(self, limit: Limit) -> Result<Option<u64>, Error> {
        let groups = self.read("cgroup")?;
        let group = |controller: &str| {
            let mut lines = groups.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
            let found = lines.find(|(names, _)| names.split(',').any(|name| name == controller));
            found.map(|(_, path)| path.to_owned())
        };
        let name = match limit {
            Limit::Memory => "memory",
            Limit::Cpus => "cpu",
            Limit::Pids => "pids",
        };
        if let Some(path) = group(name) {
            return first_version(name, &path, limit);
        }
        let path = group("").ok_or_else(|| Error::new(ErrorKind::NotFound, "it is in no control group"))?;
        second_version(&below(GROUPS, &path), limit)
    }
}

fn below(root: &str, path: &str) -> PathBuf {
    Path::new(root).join(path.trim_start_matches('/'))
}

fn number(path: &Path) -> Result<i128, Error> {
    let text = fs::read_to_string(path)?;
    text.trim().parse().map_err(|_| Error::new(ErrorKind::InvalidData, "this is no number"))
}

/// Control groups as they were before 2016 (cgroups(7)).
fn first_version(controller: &str, path: &str, limit: Limit) -> Result<Option<u64>, Error> {
    let folder = below(&format!("{GROUPS}/{controller}"), path);
    match limit {
        Limit::Memory => Ok(u64::try_from(number(&folder.join("memory.limit_in_bytes"))?).ok()),
        Limit::Pids => {
            let text = fs::read_to_string(folder.join("pids.max"))?;
            Ok(text.trim().parse().ok())
        }
        Limit::Cpus => {
            let (quota, period) =
                (number(&folder.join("cpu.cfs_quota_us"))?, number(&folder.join("cpu.cfs_period_us"))?);
            Ok(billionths(quota, period))
        }
    }
}

fn second_version(folder: &Path, limit: Limit) -> Result<Option<u64>, Error> {
    let read = |file: &str| fs::read_to_string(folder.join(file));
    match limit {
        Limit::Memory => Ok(read("memory.max")?.trim().parse().ok()),
        Limit::Pids => Ok(read("pids.max")?.trim().parse().ok()),
        Limit::Cpus => {
            let text = read("cpu.max")?;
            let mut words = text.split_whitespace().map(str::parse::<i128>);
            let (quota, period) = (words.next(), words.next());
            Ok(quota.and_then(Result::ok).zip(period.and_then(Result::ok)).and_then(|(q, p)| billionths(q, p)))
        }
    }
}

fn billionths(quota: i128, period: i128) -> Option<u64> {
    (quota > 0 && period > 0).then(|| u64::try_from(quota * 1_000_000_000 / period).ok()).flatten()
}

/// Type and all options of a line of mountinfo (proc(5)), where it is about a target.
fn mount(line: &str, target: &str) -> Option<Vec<String>> {
    let (mount, system) = line.split_once(" - ")?;
    let mut mount = mount.split(' ').skip(4);
    let here = mount.next()?.replace("\\040", " ");
    let options = mount.next()?;
    let mut system = system.split(' ');
    let (kind, of_system) = (system.next()?, system.nth(1)?);
    let all = std::iter::once(kind).chain(options.split(',')).chain(of_system.split(','));
    (here == target).then(|| all.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_a_mount_are_those_of_mount_and_file_system() {
        let line = "1 2 0:50 / /tmp rw,nosuid,nodev,noexec,relatime shared:1 - tmpfs tmpfs rw,size=65536k,mode=1777";
        let found = mount(line, "/tmp").expect("it is one");
        for option in ["tmpfs", "nosuid", "noexec", "size=65536k", "mode=1777"] {
            assert!(found.iter().any(|it| it == option), "{option}");
        }
        assert_eq!(mount(line, "/"), None);
    }

    #[test]
    fn this_process_tells_of_itself() {
        let this = Process(i64::from(std::process::id()));
        assert_eq!(this.status("Pid").unwrap(), std::process::id().to_string());
        assert!(this.status("Nothing").is_err() && this.mounted("/proc").unwrap().is_some());
        assert!(this.open_files().unwrap().is_some());
    }

    #[test]
    fn processors_are_counted_in_billionths() {
        assert_eq!(billionths(50_000, 100_000), Some(500_000_000));
        assert_eq!(billionths(-1, 100_000), None);
    }
}
