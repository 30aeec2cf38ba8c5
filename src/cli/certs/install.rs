//! Lists of trusted authorities on this machine: Debian's, and that of the user's Chromium.

use super::trust::Trusted;
use crate::cli::exit::Failure;
use crate::writer::Identity;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian keeps what its operator trusts.
const STORE: &str = "/usr/local/share/ca-certificates";

/// The list of the user's browsers: where it is, or would be.
fn browsers() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute())?;
    Some(home.join(".pki/nssdb"))
}

/// Whether root stands for somebody else, whose browsers' list is not root's.
fn stands_for_another() -> bool {
    Identity::current().is_root() && std::env::var_os("SUDO_UID").is_some_and(|uid| uid != "0")
}

/// Has this machine trust it: as root all of it, as anybody the user's browsers.
///
/// # Errors
/// A program fails or is missing, the disk refuses.
pub fn install(it: &Trusted) -> Result<Vec<String>, Failure> {
    let mut done = Vec::new();
    if Identity::current().is_root() {
        let target = store(it);
        if !Path::new(STORE).is_dir() {
            let help = "`stockade certs trust` says what other systems want";
            return Err(Failure::machine(
                format!("there is no `{STORE}`: this is no Debian, or the package ca-certificates is missing"),
                help,
            ));
        }
        put(&target, it.text.expose())?;
        program("update-ca-certificates", &[], "sudo apt install ca-certificates")?;
        done.push(format!("this machine trusts it: `{}`", target.display()));
    } else {
        done.push(
            "the machine's own list is left alone, which is root's: `sudo stockade certs trust --install`".to_owned(),
        );
    }
    if stands_for_another() {
        done.push(
            "the browsers' list is yours, not root's: `stockade certs trust --install`, without `sudo`".to_owned(),
        );
        return Ok(done);
    }
    let Some(list) = browsers() else { return Ok(done) };
    let database = format!("sql:{}", list.display());
    if !list.exists() {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&list);
        made.map_err(|error| {
            Failure::machine(format!("cannot make `{}`: {error}", list.display()), "look at its permissions")
        })?;
    }
    // An earlier one of the same name would stay beside it.
    let _ = quiet("certutil", &["-d", &database, "-D", "-n", &it.name]);
    let file = it.file.display().to_string();
    match program(
        "certutil",
        &["-d", &database, "-A", "-t", "C,,", "-n", &it.name, "-i", &file],
        "sudo apt install libnss3-tools",
    ) {
        Ok(()) => done.push(format!(
            "Chromium and Chrome trust it, once they are started anew: `{}` in `{}`",
            it.name,
            list.display()
        )),
        Err(failure) if Identity::current().is_root() => {
            done.push(format!("Chromium was left alone: {}", failure.finding.message))
        }
        Err(failure) => return Err(failure),
    }
    Ok(done)
}

/// Takes that back.
///
/// # Errors
/// As [`install`].
pub fn remove(it: &Trusted) -> Result<Vec<String>, Failure> {
    let mut done = Vec::new();
    let target = store(it);
    if target.exists() {
        if Identity::current().is_root() {
            std::fs::remove_file(&target).map_err(|error| {
                Failure::machine(format!("cannot remove `{}`: {error}", target.display()), "look at its permissions")
            })?;
            program("update-ca-certificates", &["--fresh"], "sudo apt install ca-certificates")?;
            done.push("this machine trusts it no more".to_owned());
        } else {
            done.push(
                "this machine trusts it still, until root takes it back: `sudo stockade certs trust --remove`"
                    .to_owned(),
            );
        }
    }
    if let Some(list) = browsers().filter(|list| list.exists() && !stands_for_another()) {
        let database = format!("sql:{}", list.display());
        if quiet("certutil", &["-d", &database, "-D", "-n", &it.name]) {
            done.push("Chromium and Chrome trust it no more, once they are started anew".to_owned());
        }
    }
    if done.is_empty() {
        done.push("nothing here trusted it".to_owned());
    }
    Ok(done)
}

fn store(it: &Trusted) -> PathBuf {
    Path::new(STORE).join(format!("{}.crt", it.name))
}

/// Puts the certificate in place in one step; a link in its place is replaced and not followed.
fn put(target: &Path, text: &str) -> Result<(), Failure> {
    let staged = target.with_extension("crt.new");
    let write = || {
        let _ = std::fs::remove_file(&staged);
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(&staged)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&staged, target)
    };
    write().map_err(|error| {
        Failure::machine(format!("cannot write `{}`: {error}", target.display()), "look at its permissions")
    })
}

fn program(name: &str, arguments: &[&str], get: &str) -> Result<(), Failure> {
    let done = Command::new(name).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).output();
    match done {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
            Err(Failure::machine(format!("`{name}` failed: {said}"), "see what it says"))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(Failure::machine(format!("there is no program `{name}` on this host"), format!("install it: `{get}`")))
        }
        Err(error) => Err(Failure::machine(format!("cannot start `{name}`: {error}"), format!("install it: `{get}`"))),
    }
}

fn quiet(name: &str, arguments: &[&str]) -> bool {
    let done =
        Command::new(name).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}
