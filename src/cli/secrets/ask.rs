//! Questions before something changes.

use crate::cli::exit::Failure;
use crate::cli::init::obstacle;
use crate::diagnostics::{Code, codes};
use dialoguer::Password;
use dialoguer::console::Term;
use dialoguer::theme::SimpleTheme;
use rustix::termios::{OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr};
use signal_hook::consts::SIGINT;
use std::io::{BufRead as _, ErrorKind, Read as _};
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
    confirmed(question)
}

/// Whether the person says yes: `y` or `yes` alone on a line. An empty line, Ctrl-D and a terminal that goes away are a no; whatever
/// else was typed or pasted is no answer, and asked for again.
///
/// # Errors
/// The terminal failed.
pub fn confirmed(question: &str) -> Result<bool, Failure> {
    on_terminal(|term| {
        loop {
            let answer =
                match line(term, &format!("{question} [y/N] "))?.as_deref().map(str::to_ascii_lowercase).as_deref() {
                    None | Some("" | "n" | "no") => Some(false),
                    Some("y" | "yes") => Some(true),
                    Some(_) => None,
                };
            if let Some(answer) = answer {
                return Ok(answer);
            }
            // What was pasted behind it is no answer either.
            tcflush(std::io::stdin(), QueueSelector::IFlush).map_err(std::io::Error::from)?;
            term.write_line("answer `yes` or `no`, and Enter")?;
        }
    })
}

/// Bytes of the longest line that is read.
const LONGEST: u64 = 4096;

/// A line as it was typed, without the blanks around it; nothing where Ctrl-D was.
fn line(term: &Term, prompt: &str) -> std::io::Result<Option<String>> {
    term.write_str(prompt)?;
    let mut bytes = Vec::new();
    if std::io::stdin().lock().take(LONGEST).read_until(b'\n', &mut bytes)? == 0 {
        // The cursor is still in the line of the question.
        term.write_line("")?;
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned()))
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
    hidden(name, codes::BAD_SECRET)
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
    hidden(what, codes::BAD_CERTIFICATE)
}

/// The path of a file; `nobody` says what is wrong where nobody can be asked.
///
/// # Errors
/// There is nobody to ask, the terminal failed.
pub fn path(what: &str, nobody: impl FnOnce() -> Failure) -> Result<PathBuf, Failure> {
    if obstacle().is_some() {
        return Err(nobody());
    }
    match on_terminal(|term| Ok(line(term, &format!("{what}: "))?))? {
        Some(path) if !path.is_empty() => Ok(path.into()),
        _ => Err(nobody()),
    }
}

/// Ctrl-D and an empty line end the question.
fn hidden(what: &str, code: Code) -> Result<Zeroizing<String>, Failure> {
    let typed = on_terminal(|term| {
        let ask = |prompt: String| {
            let asked = Password::with_theme(&SimpleTheme).with_prompt(prompt).allow_empty_password(true);
            asked.interact_on(term).map(Zeroizing::new)
        };
        loop {
            let typed = ask(format!("{what} (not shown)"))?;
            if typed.is_empty() || *ask("once more".to_owned())? == *typed {
                return Ok(typed);
            }
            term.write_line("these two differ")?;
        }
    })?;
    if typed.is_empty() {
        return Err(Failure::input(code, format!("nothing was typed for `{what}`"), "nothing was changed"));
    }
    Ok(typed)
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
