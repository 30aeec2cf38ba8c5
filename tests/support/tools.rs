//! The real programs that judge the output. One that is missing fails the test: nothing is skipped.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::root;

/// How a tool ended.
pub struct Verdict {
    /// The command.
    pub line: String,
    /// Whether it ended well.
    pub ok: bool,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Verdict {
    /// Fails unless the tool ended well; gives its standard output.
    #[track_caller]
    pub fn accepted(self, what: &str) -> String {
        assert!(self.ok, "{what}\n$ {}\n{}\n{}", self.line, self.out, self.err);
        self.out
    }
}

/// The program of a name: from `.tools/bin`, else from the system.
pub fn tool(name: &str) -> PathBuf {
    let own = root().join(".tools/bin").join(name);
    let system = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].map(|folder| Path::new(folder).join(name));
    [own]
        .into_iter()
        .chain(system)
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("`{name}` is missing; run tests/setup, which installs every tool"))
}

/// A command of a tool, with a plain environment.
pub fn command(name: &str) -> Command {
    let mut command = Command::new(tool(name));
    command
        .env_clear()
        .env("PATH", format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", root().join(".tools/bin").display()))
        .env("HOME", std::env::temp_dir())
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

/// Runs a tool in a folder.
pub fn run(folder: &Path, name: &str, arguments: &[&str]) -> Verdict {
    let mut command = command(name);
    command.current_dir(folder).args(arguments);
    finish(&mut command, None)
}

/// Runs a line of POSIX shell in a folder, without a terminal.
pub fn shell(folder: &Path, script: &str) -> Verdict {
    let mut command = command("sh");
    command.current_dir(folder).args(["-c", script]);
    finish(&mut command, None)
}

/// Runs a bash script in network, mount and process namespaces of its own: whatever it mounts, listens on or leaves
/// running ends with it.
pub fn apart(folder: &Path, script: &str) -> Verdict {
    let mut command = command("unshare");
    command.current_dir(folder);
    if !rustix::process::geteuid().is_root() {
        command.arg("--map-root-user");
    }
    command.args(["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "-euo", "pipefail"]);
    finish(&mut command, Some(&format!("ip link set lo up\n{script}")))
}

fn finish(command: &mut Command, input: Option<&str>) -> Verdict {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let line = words.join(" ");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let done: Output = match input {
        None => command.output().unwrap_or_else(|error| panic!("{line}: {error}")),
        Some(text) => {
            let mut child = command.stdin(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{line}: {error}"));
            let mut pipe = child.stdin.take().expect("standard input is a pipe");
            let text = text.to_owned();
            // A tool may end without reading all of it, and may print before it has read: neither is our business.
            let writer = std::thread::spawn(move || drop(pipe.write_all(text.as_bytes())));
            let done = child.wait_with_output().unwrap_or_else(|error| panic!("{line}: {error}"));
            writer.join().expect("the writer does not panic");
            done
        }
    };
    Verdict {
        line,
        ok: done.status.success(),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}
