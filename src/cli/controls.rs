//! `stockade controls`: the hardening rules.

use super::exit::{Done, Exit, Failure};
use super::messages::Format;
use super::terminal::{Terminal, lines};
use crate::controls::{Meta, catalogue};
use crate::diagnostics::{codes, nearest_or_allowed};
use crate::explain::detail;
use serde_json::{Value, json};

const AFTER: &str = "\
Examples:
  stockade controls                    all of them
  stockade controls read-only-root     one
  stockade controls --format json      for programs";

/// Lists the controls, or tells about one
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// The control
    #[arg(value_name = "ID", add = super::complete::controls())]
    id: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// An unknown control.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let all = || catalogue::ALL.iter().map(|control| control.meta());
    match (&arguments.id, format) {
        (Some(id), _) => {
            let control = catalogue::find(id).ok_or_else(|| {
                Failure::input(
                    codes::UNKNOWN_VALUE,
                    format!("there is no control `{}`", id.escape_debug()),
                    nearest_or_allowed(id, all().map(|meta| meta.id).collect::<Vec<_>>()),
                )
            })?;
            let text = match format {
                Format::Json => format!("{:#}\n", data(control.meta())),
                _ => super::explain::laid_out(&detail(control.meta()), usize::from(terminal.width)),
            };
            terminal.out(&text)?;
        }
        (None, Format::Json) => {
            let controls: Vec<Value> = all().map(data).collect();
            terminal.out(&format!("{:#}\n", json!({ "version": 1, "controls": controls })))?;
        }
        (None, _) => {
            let mut table = terminal.table();
            table.set_header(["CONTROL", "LEVEL", "BOUNDARY", "WHAT IT DOES"]);
            table.add_rows(all().map(|meta| [meta.id, meta.level.as_str(), meta.boundary.as_str(), meta.title]));
            terminal.out(&lines(table))?;
        }
    }
    Ok(Exit::Fine)
}

fn data(meta: &Meta) -> Value {
    json!({
        "id": meta.id,
        "title": meta.title,
        "why": meta.why,
        "boundary": meta.boundary.as_str(),
        "level": meta.level.as_str(),
        "references": meta.references,
    })
}
