//! `stockade secrets seal`: encrypted files that may lie in Git, for those whom the profile names.

use super::place::{self, Opened, Place, Where};
use super::program::{AGE, SOPS};
use super::sealing::{self, Values};
use crate::cli::check::plural;
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::messages::{Format, Messages};
use crate::cli::terminal::Terminal;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::secrets::{Secret, inspect};
use crate::values::SecretStore;
use crate::writer::sealed::{self, Notes, RECIPIENTS, SEALED};
use crate::writer::{Folder, Found, WriteError};
use crate::yaml::Sources;
use serde_json::json;
use std::ffi::OsString;
use std::path::Path;

const AFTER: &str = "\
Examples:
  stockade secrets seal           encrypts what is not sealed yet
  stockade secrets seal --check   for pipelines: status 1 where something is not";

/// Encrypts secrets into `sealed/`, fit for a repository, for the recipients of the profile
///
/// One `NAME.age` for each with `secrets.store: age`; `secrets.yaml` with `sops`, or `secrets.env` where that is there. What is
/// sealed already is left as it is. When a recipient was added or removed, everything is sealed anew, with another data key.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Change nothing; end with status 1 where something is not sealed, or not as it is now
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    place: Where,
}

/// Runs the command.
///
/// # Errors
/// A store that does not seal, values that are not there, `age` or `sops` missing, a failing disk.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let opened = match place::open(&arguments.place, format, terminal)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    let mut exit = Exit::Fine;
    let mut documents = Vec::new();
    for place in &opened.places {
        store(place)?;
        let Some(folder) = Folder::watch(&place.folder)? else {
            return Err(Failure::input(
                codes::BAD_SECRET,
                format!("there is no bundle in `{}` yet", place.folder.display()),
                "`stockade generate` makes it",
            ));
        };
        let values = match present(place, &folder)? {
            Ok(values) => values,
            Err(findings) => {
                let mut messages = Messages::new(format, terminal);
                messages.add(&findings, &Sources::new());
                messages.finish(json!({}))?;
                return Ok(Exit::Input);
            }
        };
        let notes = sealing::notes(&place.bundle, &folder)?;
        let behind = sealing::behind(&place.bundle, &folder, &notes, &values)?;
        let removed = sealing::removed(&place.bundle, &folder)?;
        drop(folder);
        documents.push(json!({ "out": place.folder.display().to_string(), "behind": behind, "removed": removed }));
        let shown = place.folder.join(SEALED).display().to_string();
        if arguments.check {
            match behind.is_empty() {
                true => terminal.message(&format!("{shown}: up to date\n")),
                false => {
                    exit = Exit::Findings;
                    terminal.message(&format!("{shown}: not sealed as they are now: {}\n", behind.join(", ")));
                }
            }
            continue;
        }
        write(&opened, place, notes, &values, &behind)?;
        let kept = values.len() - behind.len();
        terminal.message(&format!("{shown}: sealed {}, {kept} as before\n", plural(behind.len(), "value")));
        if !removed.is_empty() {
            terminal.message(&after_removal(place, &removed));
        }
    }
    if format == Format::Json {
        terminal.out(&format!("{:#}\n", json!({ "version": 1, "diagnostics": [], "sealed": documents })))?;
    }
    Ok(exit)
}

/// The store, where it seals.
fn store(place: &Place) -> Result<SecretStore, Failure> {
    match place.bundle.keeping.store {
        store @ (SecretStore::Age | SecretStore::Sops) => Ok(store),
        store @ (SecretStore::Files | SecretStore::External) => Err(Failure::input(
            codes::BAD_SECRET,
            format!("the store `{store}` seals nothing"),
            "write `secrets: {store: age, recipients: [age1…]}` into the profile; `age-keygen` makes a key",
        )),
    }
}

/// All of them, and each in its form.
fn present(place: &Place, folder: &Folder) -> Result<Result<Values, Diagnostics>, WriteError> {
    let mut values = Vec::new();
    let mut findings = Diagnostics::new();
    for request in &place.bundle.secrets {
        let Some(file) = place.file(&request.name) else { continue };
        let finding = |says: String| Diagnostic::error(codes::BAD_SECRET, says);
        match folder.find(&file.path)? {
            Found::File { mut bytes, .. } => {
                let value = Secret::from_bytes(std::mem::take(&mut *bytes));
                match value.and_then(|value| inspect(&request.kind, &value).map(|()| value)) {
                    Ok(value) => values.push((request.name.clone(), value)),
                    Err(flaw) => findings.push(finding(format!("`{}` is not sealed: {flaw}", file.path))),
                }
            }
            Found::Absent | Found::Directory { .. } => findings.push(
                finding(format!("`{}` is not there", file.path))
                    .help("`stockade secrets open` where it is sealed already; else `stockade generate` or `stockade secrets set`"),
            ),
        }
    }
    Ok(if findings.has_errors() { Err(findings) } else { Ok(values) })
}

fn after_removal(place: &Place, removed: &[String]) -> String {
    let of = |brought: bool| {
        let all = place.bundle.secrets.iter().filter(|request| request.kind.source().is_none());
        all.filter(|request| request.is_brought() == brought).map(|it| it.name.as_str()).collect::<Vec<_>>()
    };
    let mut text =
        format!("no longer for {}; what was sealed before stays readable to them, in Git too:\n", removed.join(", "));
    let made = of(false);
    if !made.is_empty() {
        text.push_str(&format!("  stockade secrets rotate {}\n", made.join(" ")));
    }
    text.extend(of(true).iter().map(|name| format!("  stockade secrets set {name}\n")));
    text.push_str("  stockade secrets seal\n");
    text
}

fn write(opened: &Opened, place: &Place, mut notes: Notes, values: &Values, behind: &[String]) -> Result<(), Failure> {
    let folder = Folder::claim(&place.folder)?;
    let around = opened.profile.parent().unwrap_or(Path::new(""));
    let list = sealing::recipients(&place.bundle);
    match place.bundle.keeping.store {
        SecretStore::Sops => {
            let (name, form) = sealing::sops_file(&folder)?;
            let bytes = match sealed::read(&folder, name)? {
                Some(known) if behind.is_empty() => known,
                _ => with_sops(values, (name, form), &list, around)?,
            };
            sealed::write(&folder, name, &bytes)?;
            values.iter().for_each(|(of, value)| notes.note(of, value, &bytes));
        }
        _ => {
            // All are made before the first takes its place.
            let mut all = Vec::new();
            for (name, value) in values {
                let file = format!("{name}.age");
                let bytes = match sealed::read(&folder, &file)? {
                    Some(known) if !behind.contains(name) => known,
                    _ => with_age(value, &list)?,
                };
                all.push((name, value, file, bytes));
            }
            for (name, value, file, bytes) in all {
                if behind.contains(name) {
                    sealed::write(&folder, &file, &bytes)?;
                }
                notes.note(name, value, &bytes);
            }
        }
    }
    if !list.is_empty() {
        sealed::write(&folder, RECIPIENTS, list.as_bytes())?;
    }
    notes.leave(&folder)?;
    Ok(())
}

fn with_age(value: &Secret, recipients: &str) -> Result<Vec<u8>, Failure> {
    let mut arguments: Vec<OsString> = vec!["--encrypt".into(), "--armor".into()];
    for recipient in recipients.lines() {
        arguments.extend(["--recipient".into(), recipient.into()]);
    }
    let done = AGE.run(&arguments, value.expose().as_bytes(), (Path::new(""), &[]), "sealing")?;
    Ok(done.to_vec())
}

fn with_sops(values: &Values, (name, form): (&str, &str), recipients: &str, around: &Path) -> Result<Vec<u8>, Failure> {
    let all: serde_json::Map<String, serde_json::Value> =
        values.iter().map(|(name, value)| (name.clone(), value.expose().into())).collect();
    let text = zeroize::Zeroizing::new(serde_json::Value::Object(all).to_string());
    let mut arguments: Vec<OsString> =
        ["encrypt", "--input-type", "json", "--output-type", form, "--filename-override"].map(OsString::from).to_vec();
    arguments.push(format!("{SEALED}/{name}").into());
    if !recipients.is_empty() {
        arguments.push("--age".into());
        arguments.push(recipients.lines().collect::<Vec<_>>().join(",").into());
    }
    arguments.push("/dev/stdin".into());
    let done = SOPS.run(&arguments, text.as_bytes(), (around, &[]), "sealing")?;
    Ok(done.to_vec())
}
