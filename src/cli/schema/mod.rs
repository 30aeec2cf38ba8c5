//! `stockade schema`: for editors and other tools.

mod find;
mod put;
mod write;

use super::exit::{Done, Exit, Failure};
use super::input;
use super::terminal::Terminal;
use crate::diagnostics::{codes, nearest_or_allowed};
use crate::schema;
use std::path::PathBuf;

const AFTER: &str = "\
Examples:
  stockade schema                        lists the schemas
  stockade schema --write                for the editor: completion and checks
  stockade schema --for stockade.yaml    with its systems' settings and secrets
  stockade schema system                 the schema of system files";

/// Prints a JSON schema, or puts all of them where editors find them
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// The schema; without one they are listed
    #[arg(add = super::complete::schemas())]
    name: Option<String>,
    /// Write all schemas into `.stockade`, and tell editors of them
    ///
    /// One more is written for each profile here and below. With DIR they are written there, and nothing else is.
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = write::FOLDER, conflicts_with = "name")]
    write: Option<PathBuf>,
    /// The schema of this profile
    ///
    /// The settings, services and secrets of its systems are in it.
    #[arg(long = "for", value_name = "PROFILE", add = super::complete::profiles(), conflicts_with_all = ["name", "write"])]
    profile: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// An unknown name, a folder that cannot be written.
pub fn run(arguments: &Arguments, terminal: &Terminal) -> Done {
    if let Some(profile) = &arguments.profile {
        let (mut sources, id, own) = input::lenient(profile)?;
        terminal.out(&schema::text(&schema::of_profile(&mut sources, id, &own)))?;
        return Ok(Exit::Fine);
    }
    match (&arguments.write, &arguments.name) {
        (Some(folder), _) => write::run(folder, terminal)?,
        (None, Some(name)) => {
            let schema = schema::ALL.iter().find(|schema| schema.name == name).ok_or_else(|| {
                Failure::input(
                    codes::UNKNOWN_VALUE,
                    format!("there is no schema `{}`", name.escape_debug()),
                    nearest_or_allowed(name, schema::ALL.iter().map(|schema| schema.name)),
                )
            })?;
            terminal.out(&schema.text())?;
        }
        (None, None) => {
            let mut table = terminal.table();
            table.add_rows(schema::ALL.iter().map(|schema| [schema.name, schema.title]));
            terminal.out(&super::terminal::lines(table))?;
        }
    }
    Ok(Exit::Fine)
}
