//! `stockade systems`: the applications Stockade knows.

mod data;
mod detail;
mod own;

use super::exit::{Done, Exit, Failure};
use super::messages::Format;
use super::terminal::{Terminal, lines};
use crate::diagnostics::{codes, nearest_or_allowed};
use crate::format::system::System;
use crate::systems::{builtin, builtins, read};
use crate::text::SourceFile;
use crate::values::SystemName;
use crate::yaml::Sources;
use serde_json::{Value, json};
use std::path::PathBuf;

const AFTER: &str = "\
Examples:
  stockade systems               what is built in
  stockade systems NAME          its settings, services, secrets and rates
  stockade systems new my-app    a file to start from, for your own";

const NEW: &str = "\
Examples:
  stockade systems new my-app
  stockade systems new my-app --out systems/my-app.system.yaml";

const SHOW: &str = "\
Examples:
  stockade systems show NAME
  stockade systems show NAME --out mine.system.yaml";

const LIST: &str = "\
Examples:
  stockade systems list
  stockade systems list --format json";

/// Lists the systems, tells about one, or begins your own
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, after_long_help = AFTER)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The system to tell about
    #[arg(add = super::complete::systems())]
    name: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the built-in systems
    #[command(after_long_help = LIST)]
    List,
    /// Write a commented system file to start from
    ///
    /// A profile for it is written beside it where there is none.
    #[command(after_long_help = NEW)]
    New {
        /// Name of the new system: lower-case letters, digits and `-`
        name: SystemName,
        /// The file to write; `NAME.system.yaml` here without it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Print the file of a built-in system, as a start
    #[command(after_long_help = SHOW)]
    Show {
        /// The system
        #[arg(add = crate::cli::complete::systems())]
        name: String,
        /// Write it to this file instead, and its templates beside it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Runs the command.
///
/// # Errors
/// An unknown system, a file that exists or cannot be written.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    match (&arguments.command, &arguments.name) {
        (Some(Command::New { name, out }), _) => own::new(name, out.as_deref(), terminal)?,
        (Some(Command::Show { name, out }), _) => own::show(name, known(name)?, out.as_deref(), terminal)?,
        (Some(Command::List), _) | (None, None) => terminal.out(&list(format, terminal)?)?,
        (None, Some(name)) => {
            let text = known(name)?;
            let system = parsed(name, text)?;
            terminal.out(&match format {
                Format::Json => format!("{:#}\n", data::of(&system)),
                _ => detail::of(&system, text, terminal),
            })?;
        }
    }
    Ok(Exit::Fine)
}

fn known(name: &str) -> Result<&'static str, Failure> {
    builtin(name).ok_or_else(|| {
        let names: Vec<&str> = builtins().into_iter().map(|(name, _)| name).collect();
        Failure::input(
            codes::UNKNOWN_SYSTEM,
            format!("there is no built-in system `{}`", name.escape_debug()),
            nearest_or_allowed(name, names),
        )
    })
}

/// Reads a built-in system.
///
/// # Errors
/// Only a mistake of ours: they are part of the program.
pub fn parsed(name: &str, text: &'static str) -> Result<System, Failure> {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new(name, text));
    let (system, _) = read(&sources, id);
    system.ok_or_else(|| Failure::machine(format!("the built-in system `{name}` is broken"), "please report it"))
}

fn list(format: Format, terminal: &Terminal) -> Result<String, Failure> {
    let systems: Vec<System> =
        builtins().into_iter().map(|(name, text)| parsed(name, text)).collect::<Result<_, _>>()?;
    if format == Format::Json {
        let systems: Vec<Value> = systems.iter().map(data::of).collect();
        return Ok(format!("{:#}\n", json!({ "version": 1, "systems": systems })));
    }
    let mut table = terminal.table();
    table.set_header(["SYSTEM", "TITLE", "WHAT IT IS"]);
    table.add_rows(systems.iter().map(|it| [it.name.as_str(), it.title.as_str(), it.summary.as_str()]));
    Ok(lines(table))
}
