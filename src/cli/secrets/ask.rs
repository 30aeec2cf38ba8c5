//! Questions before something changes.

use crate::cli::exit::Failure;
use crate::cli::init::obstacle;
use crate::diagnostics::{Code, codes};
use dialoguer::console::Term;
use dialoguer::theme::SimpleTheme;
use dialoguer::{Confirm, Input, Password};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use signal_hook::consts::SIGINT;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use zeroize::Zeroizing;

/// Whether the person agrees; `--yes` has answered already. `doing` ends the sentence "nobody can be asked before …".
///
/// # Errors
/// There is nobody to ask, the terminal failed.
pub fn agrees(question: &str, yes: bool, doing: &str) -> Result<bool, Failure> {
    agrees_about(codes::BAD_SECRET, question, yes, doing)
}

/// The same about something else than a secret.
///
/// # Errors
/// As [`agrees`].
pub fn agrees_about(code: Code, question: &str, yes: bool, doing: &str) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if let Some(why) = obstacle() {
        return Err(Failure::input(
            code,
            format!("nobody can be asked before {doing}: {why}"),
            "add `--yes` where you are sure",
        ));
    }
    on_terminal(|term| {
        Confirm::with_theme(&SimpleTheme)
            .with_prompt(question)
            .default(false)
            .interact_on_opt(term)
            .map(Option::unwrap_or_default)
    })
}

/// A value, typed twice and not shown.
///
/// # Errors
/// There is nobody to ask, the terminal failed.
pub fn value(name: &str) -> Result<Zeroizing<String>, Failure> {
    if let Some(why) = obstacle() {
        return Err(Failure::input(
            codes::BAD_SECRET,
            format!("nobody can be asked for `{name}`: {why}"),
            format!("pipe the value into `stockade secrets set {name} --stdin`, or name its file after `--file`"),
        ));
    }
    hidden(name)
}

/// A password for a new file, typed twice and not shown.
///
/// # Errors
/// There is nobody to ask, the terminal failed.
pub fn password(what: &str) -> Result<Zeroizing<String>, Failure> {
    if let Some(why) = obstacle() {
        return Err(Failure::input(
            codes::BAD_CERTIFICATE,
            format!("nobody can be asked for {what}: {why}"),
            "pipe it in with `--stdin`, or name its file after `--password-file`",
        ));
    }
    hidden(what)
}

/// The path of a file; `nobody` says what is wrong where nobody can be asked.
///
/// # Errors
/// There is nobody to ask, the terminal failed.
pub fn path(what: &str, nobody: impl FnOnce() -> Failure) -> Result<PathBuf, Failure> {
    if obstacle().is_some() {
        return Err(nobody());
    }
    on_terminal(|term| {
        Input::<String>::with_theme(&SimpleTheme).with_prompt(what).interact_text_on(term).map(PathBuf::from)
    })
}

fn hidden(what: &str) -> Result<Zeroizing<String>, Failure> {
    on_terminal(|term| {
        Password::with_theme(&SimpleTheme)
            .with_prompt(format!("{what} (not shown)"))
            .with_confirmation("once more", "these two differ")
            .interact_on(term)
            .map(Zeroizing::new)
    })
}

/// Ctrl-C ends the question and then the process, with the terminal as it was.
fn on_terminal<T>(ask: impl FnOnce(&Term) -> dialoguer::Result<T>) -> Result<T, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    if signal_hook::flag::register(SIGINT, Arc::clone(&interrupted)).is_ok() {
        watch(interrupted);
    }
    let term = Term::stderr();
    ask(&term).map_err(|dialoguer::Error::IO(error)| {
        let _ = term.show_cursor();
        if error.kind() == ErrorKind::Interrupted {
            let _ = signal_hook::low_level::emulate_default_handler(SIGINT);
        }
        Failure::machine(
            format!("cannot ask at this terminal: {error}"),
            "nothing was changed; use `--yes` or `--stdin`",
        )
    })
}

/// A hidden line is read on after a signal, so somebody else has to end it.
fn watch(interrupted: Arc<AtomicBool>) {
    let before = tcgetattr(std::io::stdin());
    std::thread::spawn(move || {
        while !interrupted.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(50));
        }
        if let Ok(before) = before {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &before);
        }
        let _ = signal_hook::low_level::emulate_default_handler(SIGINT);
    });
}
