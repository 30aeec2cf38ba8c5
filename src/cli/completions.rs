//! `stockade completions`: for the shell.

use super::complete::{SHELLS, VARIABLE};
use super::exit::{Done, Exit, Failure};
use super::terminal::Terminal;
use crate::controls::catalogue;
use crate::diagnostics::codes;
use crate::{schema, systems};
use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

const NAME: &str = "stockade";

const AFTER: &str = "\
Examples:
  source <(stockade completions bash)       in ~/.bashrc
  source <(stockade completions zsh)        in ~/.zshrc, below compinit
  stockade completions fish | source        in ~/.config/fish/config.fish
  stockade completions --static bash        a script that stands alone";

/// Prints what a shell needs to complete commands
///
/// The shell asks this program at every Tab, so that it knows the profiles of the folder and the settings, services, secrets and
/// recommendations of their systems. With `--static` the script stands alone and knows what is built in.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// bash, zsh, fish, elvish or powershell
    #[arg(hide_possible_values = true)]
    shell: Shell,
    /// A script that does not ask this program
    ///
    /// For packages that are built where it cannot run.
    #[arg(long = "static")]
    alone: bool,
}

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(arguments: &Arguments, terminal: &Terminal) -> Done {
    let mut script = Vec::new();
    if arguments.alone {
        clap_complete::generate(arguments.shell, &mut command(), NAME, &mut script);
    } else {
        let name = arguments.shell.to_string();
        let shells = SHELLS;
        let shell = shells.iter().find(|shell| shell.is(&name));
        let written = shell.map(|shell| shell.write_registration(VARIABLE, NAME, NAME, NAME, &mut script));
        if !matches!(written, Some(Ok(()))) {
            return Err(Failure::machine(format!("nothing is known of `{name}`"), "try `--static`"));
        }
    }
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
