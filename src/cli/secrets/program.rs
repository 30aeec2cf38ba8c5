//! Programs of the host that encrypt, decrypt or fetch values: `age`, `sops`, whatever the profile names. Values pass through
//! pipes; arguments and environment, which others can see, hold names and public keys alone.

use crate::cli::exit::Failure;
use crate::diagnostics::codes;
use std::ffi::OsString;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use zeroize::Zeroizing;

/// Most bytes that a program may answer with.
const MOST: u64 = 16 << 20;

/// A program, and how a person gets it where it is missing.
pub struct Program<'p> {
    /// Its name, or path.
    pub name: &'p str,
    /// Ends "there is no program `…`".
    pub get: &'p str,
}

/// age, of which Debian has a package.
pub const AGE: Program<'static> = Program { name: "age", get: "install it, as with `sudo apt install age`" };
/// sops.
pub const SOPS: Program<'static> =
    Program { name: "sops", get: "install it from https://github.com/getsops/sops/releases, or choose `store: age`" };

impl Program<'_> {
    /// Gives it something to read and takes what it answers. What it says in error goes to the user's terminal.
    ///
    /// # Errors
    /// It is not there, or fails; `doing` begins the sentence "… failed".
    pub fn run(
        &self,
        arguments: &[OsString],
        input: &[u8],
        around: (&Path, &[(&str, OsString)]),
        doing: &str,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let (folder, variables) = around;
        let mut command = Command::new(self.name);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        if !folder.as_os_str().is_empty() {
            command.current_dir(folder);
        }
        let mut child = command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                Failure::machine(format!("there is no program `{}` on this host", self.name), self.get)
            }
            _ => Failure::machine(format!("cannot start `{}`: {error}", self.name), self.get),
        })?;
        let mut answer = Zeroizing::new(Vec::with_capacity(4096));
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let read = std::thread::scope(|scope| {
            // A program that answers before it has read all would wait for us, and we for it.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
            stdout.map_or(Ok(0), |stdout| stdout.take(MOST).read_to_end(&mut answer))
        });
        let done = child.wait();
        let failed = |why: String| {
            Failure::machine(format!("{doing} failed: {why}"), "what it said stands above; nothing was changed")
        };
        read.map_err(|error| failed(error.to_string()))?;
        match done {
            Ok(status) if status.success() => Ok(answer),
            Ok(status) => Err(failed(format!("`{}` ended with {status}", self.name))),
            Err(error) => Err(failed(error.to_string())),
        }
    }
}

/// A value that a profile's command fetched is no file of ours to trust: an unknown command is the profile's mistake.
pub fn of_profile(name: &str) -> Program<'_> {
    Program { name, get: "correct `secrets.fetch` in the profile, or install it" }
}

/// For what the host lacks before anything is read.
pub fn no_identity() -> Failure {
    Failure::input(
        codes::BAD_SECRET,
        "nothing says with which key values are opened",
        "name the file of your private key, as in `stockade secrets open --identity ~/.config/age/key.txt`",
    )
}
