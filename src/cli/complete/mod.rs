//! What may stand where in a command, as a shell asks for it: the profiles of this folder, and what their systems, the
//! catalogue and this program know by name.
//!
//! In: `COMPLETE=SHELL` in the environment and the words so far behind `--`. Out: candidates, one a line. Each argument says
//! in its declaration which of the functions here knows its words.

mod bash;
mod here;
mod paths;
mod words;
mod zsh;

pub(super) use bash::Bash;
pub(super) use paths::profiles;
pub(super) use words::{answers, controls, images, schemas, secrets, services, systems, what};
pub(super) use zsh::Zsh;

use clap::CommandFactory as _;
use clap_complete::env::{CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Shells};
use std::process::ExitCode;

/// The variable that asks; other programs made with the same library know it too.
pub(super) const VARIABLE: &str = "COMPLETE";

/// The shells, with what is said to each.
pub(super) const SHELLS: [&dyn EnvCompleter; 5] = [&Bash, &Elvish, &Fish, &Powershell, &Zsh];

/// Answers a shell that asks; nothing where this is an ordinary run.
pub(super) fn answered() -> Option<ExitCode> {
    let here = std::env::current_dir().ok();
    let ask = CompleteEnv::with_factory(super::Cli::command).var(VARIABLE).shells(Shells(&SHELLS));
    match ask.try_complete(std::env::args_os(), here.as_deref()) {
        Ok(false) => None,
        Ok(true) => Some(ExitCode::SUCCESS),
        Err(error) => {
            let _ = error.print();
            Some(ExitCode::from(super::Exit::Input as u8))
        }
    }
}
