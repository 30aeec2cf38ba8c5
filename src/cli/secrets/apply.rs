//! Runs what `generate` says is to be typed next, where the stack is on this host.

use super::place::Opened;
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::diagnostics::codes;
use serde_json::Value;
use std::process::{Command, Stdio};

/// Fails where the stack is, or may be, on another host.
///
/// # Errors
/// The profile names another host, or the host has forms instead of a shell.
pub fn is_here(opened: &Opened) -> Result<(), Failure> {
    let elsewhere = |place: &super::place::Place| {
        let next = &place.bundle.next;
        next.up.is_none() || next.host.as_ref().is_some_and(|(_, address)| !address.is_empty())
    };
    match opened.places.iter().any(elsewhere) {
        true => Err(Failure::input(
            codes::BAD_SECRET,
            "the stack runs on another host, where nothing is started from here",
            "leave `--apply` out and type there what is printed",
        )),
        false => Ok(()),
    }
}

/// Runs it, in each bundle; stops at the first command that fails.
///
/// # Errors
/// There is no shell.
pub fn run(opened: &Opened, bundles: &[Value], terminal: &Terminal) -> Done {
    for (place, said) in opened.places.iter().zip(bundles) {
        let lines: Vec<&str> = said["next"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let commands: Vec<&str> = lines.into_iter().filter(|line| !line.starts_with('#')).collect();
        let mut script = String::from("set -e\n");
        // Root needs no `sudo`, and may not have it.
        if crate::writer::Identity::current().is_root() {
            script.push_str("command -v sudo >/dev/null || sudo() { \"$@\"; }\n");
        }
        script.push_str(&commands.join("\n"));
        for command in &commands {
            terminal.message(&format!("$ {command}\n"));
        }
        let done = Command::new("sh")
            .args(["-c", &script])
            .current_dir(&place.folder)
            .stdin(Stdio::null())
            .status()
            .map_err(|error| Failure::machine(format!("cannot start `sh`: {error}"), "type what is printed"))?;
        if !done.success() {
            terminal.message("the last command failed: the new value is in place, and not yet in effect everywhere\n");
            return Ok(Exit::Machine);
        }
    }
    Ok(Exit::Fine)
}
