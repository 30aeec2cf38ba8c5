//! The script is run for real by the shell of this machine.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::artifact::Content;
use crate::backends::orchestrator::fixture;
use crate::controls::enforce;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// A script with its secrets below a folder of the test.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(run: &[&str], stop_process: Option<&str>, secret: Option<&[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut stack = fixture::stack();
        let service = stack.services.get_mut("panel").unwrap();
        let shim = service.shim.as_mut().unwrap();
        shim.run = run.iter().map(|&word| word.to_owned()).collect();
        shim.stop_process = stop_process.map(str::to_owned);
        shim.links.clear();
        let artifacts = emit(&enforce(stack), &Engine::builtin()).unwrap();
        let script = artifacts.iter().find(|artifact| artifact.path.as_str() == "shims/panel.sh").unwrap();
        let Content::Text(text) = &script.content else { panic!("{script:?}") };
        let secrets = folder.path().to_str().unwrap();
        std::fs::write(folder.path().join("shim.sh"), text.replace("/run/secrets", secrets)).unwrap();
        if let Some(secret) = secret {
            std::fs::write(folder.path().join("session_secret"), secret).unwrap();
        }
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self) -> Command {
        let mut command = Command::new("sh");
        command.arg(self.path().join("shim.sh")).env_clear().env("PATH", std::env::var("PATH").unwrap());
        command
    }

    fn output(&self) -> Output {
        self.command().output().unwrap()
    }

    /// Started, and past the first line that the process prints.
    fn started(&self) -> (Child, BufReader<std::process::ChildStdout>) {
        let mut child = self.command().stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        (child, out)
    }
}

fn terminate(child: &Child) {
    let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

const LONG: &[u8] = b"0123456789abcdef0123456789abcdef\n";

#[test]
fn a_secret_arrives_whole_but_for_its_last_line_break() {
    let print = ["sh", "-c", "printf '%s' \"$SESSION_SECRET\""];
    for (file, expected) in [
        (LONG, "0123456789abcdef0123456789abcdef"),
        (b"0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        (b" with 'quotes' \"and\" $HOME `id` \\ \n\n", " with 'quotes' \"and\" $HOME `id` \\ \n"),
        (b"two lines of a secret\nin one file, with * ?\n", "two lines of a secret\nin one file, with * ?"),
    ] {
        let output = Bench::new(&print, None, Some(file)).output();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}

#[test]
fn a_missing_or_short_secret_stops_the_start_and_is_never_shown() {
    let run = ["sh", "-c", "echo started"];
    for (secret, says) in [
        (None, "panel: secret `session_secret` is missing"),
        (Some(&b""[..]), "panel: secret `session_secret` is shorter than 32 characters"),
        (Some(&b"tooshortbutsecret\n"[..]), "panel: secret `session_secret` is shorter than 32 characters"),
        (Some(&b"0123456789abcdef0123456789abcde\n"[..]), "is shorter than 32 characters"),
    ] {
        let output = Bench::new(&run, None, secret).output();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{message}");
        assert!(message.contains(says) && output.stdout.is_empty(), "{message}");
        assert!(!message.contains("tooshort") && !message.contains("0123456789"), "{message}");
    }
}

#[test]
fn arguments_reach_the_process_as_they_are() {
    let run = ["printf", "%s|", "a b", "$HOME", "it's", "*", ""];
    let output = Bench::new(&run, None, Some(LONG)).output();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "a b|$HOME|it's|*||");
}

/// A process that does not pass SIGTERM on, with a worker that saves before it ends.
fn saving(folder: &Path, word: &str) -> Vec<String> {
    let worker = format!(
        "trap 'echo saving; while [ ! -e \"{0}/go\" ]; do sleep 0.01; done; echo saved >\"{0}/state\"; exit 0' TERM; echo ready; \
         while :; do sleep 0.01; done # {word}",
        folder.display()
    );
    // Handled, not ignored: a shell cannot trap what its parent ignores.
    let front = "trap : TERM; sh -c \"$1\" & while kill -0 \"$!\" 2>/dev/null; do wait \"$!\"; done; exit 5";
    ["sh", "-c", front, "front", &worker].iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn a_slow_save_is_waited_for_even_when_told_twice() {
    let word = format!("worker-{}", std::process::id());
    let pattern = format!("[w]{}", &word[1..]);
    let bench = Bench::new(&[], Some(&pattern), Some(LONG));
    let run = saving(bench.path(), &word);
    let bench_with_run = {
        let words: Vec<&str> = run.iter().map(String::as_str).collect();
        let other = Bench::new(&words, Some(&pattern), Some(LONG));
        std::fs::copy(other.path().join("shim.sh"), bench.path().join("shim.sh")).unwrap();
        other
    };
    let (mut child, mut out) = bench.started();
    terminate(&child);
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "saving\n");
    terminate(&child);
    assert!(child.try_wait().unwrap().is_none(), "it left before the save was done");
    std::fs::write(bench.path().join("go"), "").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5));
    assert_eq!(std::fs::read_to_string(bench.path().join("state")).unwrap(), "saved\n");
    drop(bench_with_run);
}

#[test]
fn a_process_that_ends_by_itself_gives_its_status() {
    let output = Bench::new(&["sh", "-c", "exit 3"], Some("[n]othing-has-this-name"), Some(LONG)).output();
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn the_process_itself_is_told_where_no_other_is_found() {
    let run = ["sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"];
    let bench = Bench::new(&run, Some("[n]othing-has-this-name"), Some(LONG));
    let (mut child, _out) = bench.started();
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(9));
}
