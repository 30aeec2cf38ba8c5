//! `stockade completions`: for the shell.

use super::exit::{Done, Exit};
use super::terminal::Terminal;
use clap::CommandFactory as _;
use clap_complete::Shell;

/// Prints completions for a shell, as in `stockade completions bash > ~/.local/share/bash-completion/completions/stockade`
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(arguments: &Arguments, terminal: &Terminal) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Cli::command(), "stockade", &mut script);
    terminal.out(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}
