//! `stockade secrets`: what there is, another value, an earlier one back.
//!
//! Each command changes files of secrets and nothing else; a run of `generate` takes that into effect, so that there is one way
//! on which derived values, labels, owners and modes come to be.

pub(super) mod apply;
pub(super) mod ask;
mod import;
mod list;
mod open;
pub(super) mod place;
pub(super) mod program;
mod rotate;
mod seal;
pub(super) mod sealing;
mod set;
pub(super) mod value;

use super::exit::Done;
use super::messages::Format;
use super::terminal::Terminal;
use crate::writer;

const AFTER: &str = "\
Examples:
  stockade secrets list                  what there is, and what is wrong or due
  stockade secrets set NAME              asks for the value, which is not shown
  stockade secrets set NAME --stdin      from a password manager, through a pipe
  stockade secrets rotate NAME           says what it means, makes another value
  stockade secrets rotate --confirm      all is well: earlier values may go
  stockade secrets rotate --undo         all is not well: they come back
  stockade secrets import ../old/.env    takes over what the stack had before
  stockade secrets seal                  encrypts them, fit for a repository
  stockade secrets open --identity KEY   on the host: decrypts them into place

No value is ever an argument or printed, nor kept in clear anywhere but in its
own file.";

/// Lists, sets, rotates, imports, seals and opens secrets
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    List(list::Arguments),
    Set(set::Arguments),
    Rotate(rotate::Arguments),
    Import(import::Arguments),
    Seal(seal::Arguments),
    Open(open::Arguments),
}

/// Runs the command.
///
/// # Errors
/// A profile that cannot be read, an unknown name, a value that will not do, a failing disk.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    writer::keep_owner_bits();
    match &arguments.command {
        Command::List(arguments) => list::run(arguments, format, terminal),
        Command::Set(arguments) => set::run(arguments, format, terminal),
        Command::Rotate(arguments) => rotate::run(arguments, format, terminal),
        Command::Import(arguments) => import::run(arguments, format, terminal),
        Command::Seal(arguments) => seal::run(arguments, format, terminal),
        Command::Open(arguments) => open::run(arguments, format, terminal),
    }
}
