//! `stockade completions`: for the shell.

use super::exit::{Done, Exit};
use super::terminal::Terminal;
use crate::controls::catalogue;
use crate::diagnostics::codes;
use crate::{schema, systems};
use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory as _};
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
    clap_complete::generate(arguments.shell, &mut command(), "stockade", &mut script);
    terminal.out(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}

/// The command line with the words that an argument may be, which it does not insist on when it runs.
fn command() -> Command {
    let controls = || catalogue::ALL.iter().map(|control| control.meta().id);
    let systems = || systems::builtins().into_iter().map(|(name, _)| name);
    let codes = codes::ALL.iter().map(|info| info.code.as_str());
    let words = |command: Command, argument: &'static str, words: Vec<&'static str>| {
        command.mut_arg(argument, |it| it.value_parser(PossibleValuesParser::new(words)))
    };
    let what = controls().chain(codes).collect::<Vec<_>>();
    super::Cli::command()
        .mut_subcommand("explain", |it| words(it, "what", what))
        .mut_subcommand("controls", |it| words(it, "id", controls().collect()))
        .mut_subcommand("schema", |it| words(it, "name", schema::ALL.iter().map(|schema| schema.name).collect()))
        .mut_subcommand("systems", |it| {
            words(it, "name", systems().collect()).mut_subcommand("show", |it| words(it, "name", systems().collect()))
        })
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_completed() {
        let mut script = Vec::new();
        clap_complete::generate(clap_complete::Shell::Bash, &mut super::command(), "stockade", &mut script);
        let script = String::from_utf8_lossy(&script);
        for word in ["read-only-root", "unknown-key", "hyos", "report-v1"] {
            assert!(script.contains(word), "{word}");
        }
    }
}
