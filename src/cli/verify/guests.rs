//! Processes that came into a container from outside: their parent is none of its own.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Error;
use std::path::PathBuf;

/// Programs of engines that are on their way into a container, before they become what was asked for.
const ON_THEIR_WAY: [&str; 2] = ["runc", "crun"];

/// Such processes of all containers, as they were at one moment.
#[derive(Debug, Default)]
pub struct Guests(Vec<Guest>);

#[derive(Debug)]
struct Guest {
    pid: i64,
    /// The name space of processes that it is in.
    namespace: PathBuf,
    words: Vec<String>,
}

impl Guests {
    /// Looks at all processes of the host. Who is not root sees but its own.
    pub fn of_host() -> Self {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i64>().ok());
        let namespaces: BTreeMap<i64, PathBuf> = pids.filter_map(|pid| Some((pid, namespace(pid).ok()?))).collect();
        let own = namespace(i64::from(std::process::id())).ok();
        let inside = namespaces.iter().filter(|(_, namespace)| Some(*namespace) != own.as_ref());
        let guest = |(&pid, namespace): (&i64, &PathBuf)| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let parent: i64 = field(&status, "PPid")?.first()?.parse().ok()?;
            let effective: u64 = field(&status, "Uid")?.get(1)?.parse().ok()?;
            let is_guest = namespaces.get(&parent) != Some(namespace) && effective == superuser(pid);
            let words = if is_guest { words(pid)? } else { return None };
            Some(Guest { pid, namespace: namespace.clone(), words })
        };
        Self(inside.filter_map(guest).collect())
    }

    /// Those of the superuser in the container of a first process, but for its health check.
    ///
    /// # Errors
    /// The process is not there, or only the superuser may look.
    pub fn of(&self, first: i64, container: &Value) -> Result<Value, Error> {
        let namespace = namespace(first)?;
        let there = self.0.iter().filter(|guest| guest.namespace == namespace && guest.pid != first);
        Ok(there.filter(|guest| !is_expected(&guest.words, container)).map(|guest| guest.words.join(" ")).collect())
    }
}

fn namespace(pid: i64) -> Result<PathBuf, Error> {
    fs::read_link(format!("/proc/{pid}/ns/pid"))
}

fn field<'a>(status: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(line.split_whitespace().collect())
}

/// Who is the superuser in a process's name space of users.
fn superuser(pid: i64) -> u64 {
    let map = fs::read_to_string(format!("/proc/{pid}/uid_map")).unwrap_or_default();
    let lines = map.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines.filter(|words| words.first() == Some(&"0")).find_map(|words| words.get(1)?.parse().ok()).unwrap_or(0)
}

/// A command and its arguments; nothing of what has ended.
fn words(pid: i64) -> Option<Vec<String>> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words = bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then_some(words)
}

/// Whether a command is the container's health check, or not what it is going to be yet.
fn is_expected(words: &[String], container: &Value) -> bool {
    let base = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let test = container["Config"]["Healthcheck"]["Test"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let test: Vec<&str> = test.collect();
    let health = match test.split_first() {
        Some((&"CMD-SHELL", command)) => words.last().map(String::as_str) == command.first().copied(),
        Some((&"CMD", command)) => {
            // A script stands behind its interpreter, with its whole path.
            let tail = &words[words.len().saturating_sub(command.len())..];
            tail.len() == command.len()
                && tail
                    .iter()
                    .zip(command)
                    .enumerate()
                    .all(|(at, (found, wanted))| found == wanted || at == 0 && base(found) == base(wanted))
        }
        _ => false,
    };
    let way_in = words.first().is_some_and(|word| ON_THEIR_WAY.contains(&base(word).as_str()));
    health || way_in && words.last().is_some_and(|word| word == "init")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_health_check_is_no_guest() {
        let is = |line: &[&str], test: Value| {
            let words: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
            is_expected(&words, &json!({"Config": {"Healthcheck": {"Test": test}}}))
        };
        assert!(is(&["/bin/sh", "-c", "curl -f x"], json!(["CMD-SHELL", "curl -f x"])));
        assert!(is(&["pg_isready", "-q"], json!(["CMD", "pg_isready", "-q"])));
        assert!(is(&["/bin/sh", "/usr/bin/healthy", "-q"], json!(["CMD", "healthy", "-q"])));
        assert!(is(&["runc", "init"], json!(null)));
        for line in [&["sh"][..], &["/bin/sh", "-c", "id"], &["pg_isready"], &["init"]] {
            assert!(!is(line, json!(["CMD", "pg_isready", "-q"])) && !is(line, json!(null)), "{line:?}");
        }
    }

    #[test]
    fn fields_of_a_status_are_words() {
        assert_eq!(field("Name:\ta\nPPid:\t12\nUid:\t0\t1\t2\t3\n", "Uid"), Some(vec!["0", "1", "2", "3"]));
        assert_eq!(field("PPid:\t12\n", "Pid"), None);
    }
}
