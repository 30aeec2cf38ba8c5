//! `stockade secrets import`: takes over the values that a stack had before, from a file of `NAME=VALUE` lines.

use super::ask;
use super::place::{self, Opened, Where};
use super::{set, value};
use crate::cli::check::plural;
use crate::cli::exit::{Done, Exit};
use crate::cli::messages::{Format, Messages};
use crate::cli::terminal::{Terminal, lines, shown};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::secrets::{Secret, dotenv};
use crate::yaml::Sources;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const AFTER: &str = "\
Examples:
  stockade secrets import ../old/.env   takes over what the stack had before";

/// Takes secrets over from an `.env` file
///
/// A line is of the secret that has its name, or that a service gets in a variable of that name; `-` and `_`, upper and lower case
/// are the same. Other lines are named and left. Values that are there are kept as by `secrets set`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// File of `NAME=VALUE` lines
    file: PathBuf,
    /// Replace values that are there without a question
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    place: Where,
}

/// Runs the command.
///
/// # Errors
/// No such file, values that will not do, nobody to ask, a failing disk.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let opened = match place::open(&arguments.place, format, terminal)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    let bytes = Zeroizing::new(value::of_file(&arguments.file)?);
    let text = String::from_utf8_lossy(&bytes);
    let found = sort(&opened, dotenv::read(&text), &arguments.file);
    if found.findings.has_errors() {
        let mut messages = Messages::new(format, terminal);
        messages.add(&found.findings, &Sources::new());
        messages.finish(json!({}))?;
        return Ok(Exit::Input);
    }
    let mut taken = BTreeMap::new();
    for (name, secret) in found.values {
        if set::differing(&opened, &name, &secret)? > 0 {
            taken.insert(name, secret);
        }
    }
    let mut table = terminal.table();
    for (name, state) in found.named {
        table.add_row([name, state]);
    }
    terminal.message(&lines(table));
    if taken.is_empty() {
        terminal.message("nothing to take over: nothing was changed\n");
        return Ok(Exit::Fine);
    }
    let question = format!("take over {}?", plural(taken.len(), "value"));
    if !ask::agrees(&question, arguments.yes, "values are taken over")? {
        terminal.message("nothing was changed\n");
        return Ok(Exit::Findings);
    }
    for (name, secret) in &taken {
        set::store(&opened, name, secret)?;
    }
    let names: Vec<String> = taken.into_keys().collect();
    terminal.message(&format!(
        "took over {}; earlier ones are kept until `stockade secrets rotate --confirm{}`\n",
        plural(names.len(), "value"),
        opened.typed
    ));
    set::take_up(&opened, &names, (format, terminal))
}

struct Sorted {
    values: BTreeMap<String, Secret>,
    /// Every name of the file, and what becomes of it.
    named: Vec<(String, String)>,
    findings: Diagnostics,
}

/// Which line is of which secret.
fn sort(opened: &Opened, lines: Vec<dotenv::Line>, file: &Path) -> Sorted {
    let mut sorted = Sorted { values: BTreeMap::new(), named: Vec::new(), findings: Diagnostics::new() };
    let file = shown(file);
    for line in lines {
        let Some(name) = secret_of(opened, &line.name) else {
            if !line.name.is_empty() {
                sorted.named.push((line.name, "is no secret of this stack".to_owned()));
            }
            continue;
        };
        let refuse = |why: String| {
            Diagnostic::error(
                codes::BAD_SECRET,
                format!("{file}:{}: `{}` cannot be taken over: {why}", line.number, line.name),
            )
            .help("correct that line, or begin it with `#` to leave it out; nothing was changed")
        };
        let judged = set::may_be_set(opened, &name).and(match line.value {
            Ok(value) => set::taken(opened, &name, value.expose().as_bytes().to_vec()),
            Err(unclear) => {
                sorted.findings.push(refuse(unclear.to_string()));
                continue;
            }
        });
        match judged {
            Err(failure) => sorted.findings.push(refuse(failure.finding.message.clone())),
            Ok(secret) => {
                if sorted.values.get(&name).is_some_and(|known| known.expose() != secret.expose()) {
                    sorted.findings.push(refuse(format!("another line has another value of `{name}`")));
                }
                sorted.named.push((line.name.clone(), format!("becomes `{name}`")));
                sorted.values.insert(name, secret);
            }
        }
    }
    sorted
}

/// The secret of that name, or that some service gets in such a variable; only where it is one alone.
fn secret_of(opened: &Opened, name: &str) -> Option<String> {
    let plain = |text: &str| text.to_ascii_lowercase().replace('-', "_");
    let all = || opened.places.iter().flat_map(|place| &place.bundle.described);
    if let Some((known, _)) = all().find(|(known, _)| plain(known) == plain(name)) {
        return Some(known.clone());
    }
    let mut by_variable: Vec<&String> = all()
        .filter(|(_, it)| it.variables.iter().any(|it| plain(it) == plain(name)))
        .map(|(known, _)| known)
        .collect();
    by_variable.sort();
    by_variable.dedup();
    match by_variable.as_slice() {
        [one] => Some((*one).clone()),
        _ => None,
    }
}
