//! `stockade certs`: what certificates there are, new ones, and who trusts them.
//!
//! As with secrets, each command changes files of certificates and nothing else; a run of `generate` takes that into effect.

mod client;
mod inspect;
mod install;
mod issue;
mod key;
mod look;
mod renew;
mod seen;
mod trust;
mod ways;
mod work;

use super::exit::Done;
use super::messages::Format;
use super::terminal::Terminal;
use crate::writer;

const AFTER: &str = "\
Examples:
  stockade certs inspect                  what there is, and what is wrong or due
  stockade certs inspect chain.pem        the same of any file
  stockade certs renew                    what is due, under the same authority
  stockade certs issue --client NAME      a certificate for a client of the proxy
  stockade certs trust                    how machines and browsers trust it
  sudo stockade certs trust --install     has this machine trust it";

/// Inspects, issues, renews and trusts certificates
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Inspect(inspect::Arguments),
    Issue(issue::Arguments),
    Renew(renew::Arguments),
    Trust(trust::Arguments),
}

/// Runs the command.
///
/// # Errors
/// A profile that cannot be read, a key that does not fit, a failing disk.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    writer::keep_owner_bits();
    match &arguments.command {
        Command::Inspect(arguments) => inspect::run(arguments, format, terminal),
        Command::Issue(arguments) => issue::run(arguments, format, terminal),
        Command::Renew(arguments) => renew::run(arguments, format, terminal),
        Command::Trust(arguments) => trust::run(arguments, format, terminal),
    }
}
