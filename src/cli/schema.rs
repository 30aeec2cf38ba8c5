//! `stockade schema`: for editors and other tools.

use super::exit::{Done, Exit, Failure};
use super::input;
use super::terminal::Terminal;
use crate::diagnostics::{codes, nearest_or_allowed};
use crate::schema;
use std::path::{Path, PathBuf};

/// Prints a JSON schema, or puts all of them where editors find them
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The schema; without one they are listed
    name: Option<String>,
    /// Write all schemas into this folder instead
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = ".stockade", conflicts_with = "name")]
    write: Option<PathBuf>,
    /// The schema of this profile, with the settings, services and secrets of its systems
    #[arg(long = "for", value_name = "PROFILE", conflicts_with_all = ["name", "write"])]
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
        (Some(folder), _) => write(folder, terminal)?,
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

fn write(folder: &Path, terminal: &Terminal) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::machine(format!("cannot write to `{}`: {error}", folder.display()), "choose another folder")
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    for schema in &schema::ALL {
        let path = folder.join(schema.file());
        let text = schema.text();
        if std::fs::read_to_string(&path).is_ok_and(|found| found == text) {
            terminal.out(&format!("{} is up to date\n", path.display()))?;
            continue;
        }
        let mut staged = tempfile::Builder::new().prefix(".stockade-stage-").tempfile_in(folder).map_err(failed)?;
        std::io::Write::write_all(&mut staged, text.as_bytes()).map_err(failed)?;
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        staged.as_file().set_permissions(readable).map_err(failed)?;
        staged.persist(&path).map_err(|error| failed(error.error))?;
        terminal.out(&format!("{} written\n", path.display()))?;
    }
    terminal.out(&format!(
        "begin a profile with `# yaml-language-server: $schema={}`\n",
        folder.join("profile.schema.json").display()
    ))
}
