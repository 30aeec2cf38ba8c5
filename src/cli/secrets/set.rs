//! `stockade secrets set`: a value that somebody brings takes its place, and the one before is kept.

use super::ask;
use super::place::{self, Opened, Where};
use super::value::{self, From};
use crate::cli::check::plural;
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::generate;
use crate::cli::messages::Format;
use crate::cli::terminal::Terminal;
use crate::diagnostics::codes;
use crate::secrets::{Request, Secret, accept};
use crate::writer::{Folder, Found, Identity, settle, values};
use serde_json::json;
use std::path::PathBuf;

const AFTER: &str = "\
Examples:
  stockade secrets set NAME                 asks for the value, which is not shown
  stockade secrets set NAME --stdin         from a password manager, through a pipe
  stockade secrets set NAME --file new.txt  from a file";

/// Sets a secret to a value of yours
///
/// The value is asked for and not shown, or comes from standard input or a file; it is never an argument. It is checked against
/// what the system says of the secret. The one before is kept until `secrets rotate --confirm`, and `--undo` brings it back.
/// Values made of it, such as hashes, are made anew.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Name of the secret, as `secrets list` shows it
    #[arg(value_name = "NAME", add = crate::cli::complete::secrets())]
    name: String,
    /// Read the value from standard input; one newline at its end is left out
    #[arg(long)]
    stdin: bool,
    /// Read the value from a file; one newline at its end is left out
    #[arg(long, value_name = "FILE", conflicts_with = "stdin")]
    file: Option<PathBuf>,
    /// Replace a value that is there without a question
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    place: Where,
}

/// Runs the command.
///
/// # Errors
/// An unknown name, a value that will not do, nobody to ask, a failing disk.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let opened = match place::open(&arguments.place, format, terminal)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    let name = &arguments.name;
    opened.know(std::slice::from_ref(name))?;
    may_be_set(&opened, name)?;
    let from = match &arguments.file {
        Some(file) => From::File(file),
        None if arguments.stdin => From::Input,
        None => From::Terminal,
    };
    let bytes = value::read(name, &from)?;
    let secret = taken(&opened, name, bytes)?;
    let change = match differing(&opened, name, &secret)? {
        0 => {
            terminal.message(&format!("`{name}` has this value already; nothing was changed\n"));
            return Ok(Exit::Fine);
        }
        _ if !exists(&opened, name)? => "set",
        _ => {
            terminal.message(&super::rotate::meaning(&opened, std::slice::from_ref(name), terminal));
            if !ask::agrees(&format!("replace the value of {name}?"), arguments.yes, "a value is replaced")? {
                terminal.message("nothing was changed\n");
                return Ok(Exit::Findings);
            }
            "replaced"
        }
    };
    store(&opened, name, &secret)?;
    terminal.message(&format!("`{name}` is {change}\n"));
    take_up(&opened, std::slice::from_ref(name), (format, terminal))
}

/// Derived values follow their source.
///
/// # Errors
/// The secret is one, or several hosts are meant that need not agree.
pub fn may_be_set(opened: &Opened, name: &str) -> Result<(), Failure> {
    let Some(request) = opened.request(name) else { return Ok(()) };
    if let Some(of) = request.kind.source() {
        return Err(Failure::input(
            codes::BAD_SECRET,
            format!("`{name}` is made of `{of}` and follows it"),
            format!("name `{of}` instead"),
        ));
    }
    let having = opened.places.iter().filter(|place| place.request(name).is_some()).count();
    if having > 1 && !request.shared {
        return Err(Failure::input(
            codes::BAD_SECRET,
            format!("{} have a `{name}` each, and need not agree", plural(having, "host")),
            "name one after `--host`",
        ));
    }
    Ok(())
}

/// Checks what was brought.
///
/// # Errors
/// It will not do.
pub fn taken(opened: &Opened, name: &str, bytes: Vec<u8>) -> Result<Secret, Failure> {
    let requests = opened.places.iter().find(|place| place.request(name).is_some()).map(|it| &*it.bundle.secrets);
    taken_by(requests.unwrap_or_default(), name, bytes)
}

/// The same against certain requests.
///
/// # Errors
/// It will not do.
pub fn taken_by(requests: &[Request], name: &str, bytes: Vec<u8>) -> Result<Secret, Failure> {
    accept(requests, name, bytes).map_err(|flaw| {
        Failure::input(
            codes::BAD_SECRET,
            format!("this value will not do for `{name}`: {}", flaw.brought()),
            "nothing was changed; bring another one",
        )
    })
}

/// How many bundles have another value, or none.
///
/// # Errors
/// A failing disk.
pub fn differing(opened: &Opened, name: &str, secret: &Secret) -> Result<usize, Failure> {
    let mut count = 0;
    for place in &opened.places {
        let Some(file) = place.file(name) else { continue };
        let same = match Folder::watch(&place.folder)? {
            Some(folder) => {
                matches!(folder.find(&file.path)?, Found::File { bytes, .. } if *bytes == secret.expose().as_bytes())
            }
            None => false,
        };
        count += usize::from(!same);
    }
    Ok(count)
}

fn exists(opened: &Opened, name: &str) -> Result<bool, Failure> {
    for place in &opened.places {
        if let (Some(file), Some(folder)) = (place.file(name), Folder::watch(&place.folder)?)
            && !matches!(folder.find(&file.path)?, Found::Absent)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Puts it in place in every bundle that is meant.
///
/// # Errors
/// A failing disk.
pub fn store(opened: &Opened, name: &str, secret: &Secret) -> Result<(), Failure> {
    for place in &opened.places {
        let Some(file) = place.file(name) else { continue };
        let folder = Folder::claim(&place.folder)?;
        values::put(&folder, &file.path, settle(file.access, Identity::current()), secret)?;
    }
    Ok(())
}

/// Generates anew what was generated before, so that all that hangs on the values follows.
///
/// # Errors
/// As `generate`.
pub fn take_up(opened: &Opened, names: &[String], (format, terminal): (Format, &Terminal)) -> Done {
    let document = json!({ "set": names });
    if !opened.places.iter().any(super::place::Place::is_generated) {
        terminal.message("`stockade generate` takes it up\n");
        if format == Format::Json {
            terminal.out(&format!("{:#}\n", json!({ "version": 1, "diagnostics": [], "set": names })))?;
        }
        return Ok(Exit::Fine);
    }
    let (exit, _) = generate::after(&opened.profile, opened.out.as_deref(), (format, terminal), document)?;
    if exit > Exit::Fine {
        terminal.message("the new value is in place; generate again once what stands above is settled\n");
    }
    Ok(exit)
}
