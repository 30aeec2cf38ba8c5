//! What of a bundle's secrets is sealed, and whether that is what they are now.

use crate::cli::exit::Failure;
use crate::compile::Bundle;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::secrets::Secret;
use crate::values::{Recipient, SecretStore};
use crate::writer::sealed::{self, Notes, RECIPIENTS};
use crate::writer::{Folder, Found, WriteError, values};
use rand::rngs::SysRng;
use std::path::Path;

/// Values, by name.
pub type Values = Vec<(String, Secret)>;

/// The files of sops and their formats; the first that is there is used.
const SOPS_FILES: [(&str, &str); 2] = [("secrets.yaml", "yaml"), ("secrets.env", "dotenv")];

/// Whether the store of a bundle encrypts.
pub const fn seals(bundle: &Bundle) -> bool {
    matches!(bundle.keeping.store, SecretStore::Age | SecretStore::Sops)
}

/// The recipients of the profile, one a line.
pub fn recipients(bundle: &Bundle) -> String {
    let mut all: Vec<&str> = bundle.keeping.recipients.iter().map(Recipient::as_str).collect();
    all.sort_unstable();
    all.dedup();
    all.iter().map(|it| format!("{it}\n")).collect()
}

/// Recipients that the last sealing had and the profile has no longer.
///
/// # Errors
/// A failing disk.
pub fn removed(bundle: &Bundle, folder: &Folder) -> Result<Vec<String>, WriteError> {
    let now = recipients(bundle);
    let before = sealed::read(folder, RECIPIENTS)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let gone = before.iter().flat_map(|text| text.lines()).filter(|line| !now.lines().any(|it| it == *line));
    Ok(gone.map(str::to_owned).collect())
}

/// What the last sealing on this host has left.
///
/// # Errors
/// A failing disk, no entropy.
pub fn notes(bundle: &Bundle, folder: &Folder) -> Result<Notes, Failure> {
    let to = format!("{}\n{}", bundle.keeping.store, recipients(bundle));
    Notes::of(folder, to, &mut SysRng)?.map_err(|error| Failure::machine(error.to_string(), "try again"))
}

/// The file of sops and its format.
///
/// # Errors
/// A failing disk.
pub fn sops_file(folder: &Folder) -> Result<(&'static str, &'static str), WriteError> {
    for found in SOPS_FILES {
        if sealed::read(folder, found.0)?.is_some() {
            return Ok(found);
        }
    }
    Ok(SOPS_FILES[0])
}

/// The file that a value is sealed in.
fn file(bundle: &Bundle, folder: &Folder, name: &str) -> Result<String, WriteError> {
    Ok(match bundle.keeping.store {
        SecretStore::Sops => sops_file(folder)?.0.to_owned(),
        _ => format!("{name}.age"),
    })
}

/// Names of values that are not sealed as they are; with sops all or none, for they are one file.
///
/// # Errors
/// A failing disk.
pub fn behind(bundle: &Bundle, folder: &Folder, notes: &Notes, values: &Values) -> Result<Vec<String>, WriteError> {
    let mut behind = Vec::new();
    for (name, value) in values {
        let found = sealed::read(folder, &file(bundle, folder, name)?)?;
        if !found.is_some_and(|found| notes.is_fresh(name, value, &found)) {
            behind.push(name.clone());
        }
    }
    if bundle.keeping.store == SecretStore::Sops && !behind.is_empty() {
        behind = values.iter().map(|(name, _)| name.clone()).collect();
    }
    Ok(behind)
}

/// Secrets without a value here that a sealed file has: to make another one would part the host from the repository. One whose
/// earlier value is kept is being rotated.
///
/// # Errors
/// A failing disk.
pub fn unopened(bundle: &Bundle, folder: &Folder) -> Result<Diagnostics, WriteError> {
    if !seals(bundle) {
        return Ok(Diagnostics::new());
    }
    let rotated = values::earlier(folder)?;
    let mut names = Vec::new();
    for request in &bundle.secrets {
        let name = &request.name;
        let absent = match format!("secrets/{name}").parse() {
            Ok(path) => matches!(folder.find(&path)?, Found::Absent),
            Err(_) => false,
        };
        if absent && !rotated.contains(name) && is_sealed(bundle, folder, name)? {
            names.push(format!("`{name}`"));
        }
    }
    if names.is_empty() {
        return Ok(Diagnostics::new());
    }
    let says = format!("sealed and not opened here: {}", names.join(", "));
    let finding = Diagnostic::error(codes::BAD_SECRET, says)
        .with_note("to make other values would part this host from the repository")
        .help("`stockade secrets open --identity FILE` puts them in place; remove a sealed file where another value is wanted");
    Ok(finding.into())
}

fn is_sealed(bundle: &Bundle, folder: &Folder, name: &str) -> Result<bool, WriteError> {
    let Some(bytes) = sealed::read(folder, &file(bundle, folder, name)?)? else { return Ok(false) };
    if bundle.keeping.store != SecretStore::Sops {
        return Ok(true);
    }
    // Names stand in clear in its files.
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', '=']))))
}

/// Every value that is there.
fn there(bundle: &Bundle, folder: &Folder) -> Result<Values, WriteError> {
    let mut there = Values::new();
    for request in &bundle.secrets {
        let Ok(path) = format!("secrets/{}", request.name).parse() else { continue };
        let Found::File { mut bytes, .. } = folder.find(&path)? else { continue };
        let value = Secret::from_bytes(std::mem::take(&mut *bytes)).ok();
        there.extend(value.map(|value| (request.name.clone(), value)));
    }
    Ok(there)
}

/// Notes that values which were opened just now are what is sealed, to the recipients of the profile.
///
/// # Errors
/// A failing disk, no entropy.
pub fn opened(bundle: &Bundle, path: &Path, names: &[String]) -> Result<(), Failure> {
    if !seals(bundle) {
        return Ok(());
    }
    let folder = Folder::claim(path)?;
    let to = sealed::read(&folder, RECIPIENTS)?.unwrap_or_default();
    if to != recipients(bundle).as_bytes() {
        return Ok(());
    }
    let mut notes = notes(bundle, &folder)?;
    for (name, value) in there(bundle, &folder)?.iter().filter(|(name, _)| names.contains(name)) {
        if let Some(bytes) = sealed::read(&folder, &file(bundle, &folder, name)?)? {
            notes.note(name, value, &bytes);
        }
    }
    Ok(notes.leave(&folder)?)
}

/// A word on values that are no longer what was sealed.
///
/// # Errors
/// A failing disk, no entropy.
pub fn reminder(bundle: &Bundle, path: &Path) -> Result<Option<Diagnostic>, Failure> {
    let folder = if seals(bundle) { Folder::open(path)? } else { None };
    let Some(folder) = folder else { return Ok(None) };
    let there = there(bundle, &folder)?;
    let behind = behind(bundle, &folder, &notes(bundle, &folder)?, &there)?;
    let names: Vec<String> = behind.iter().map(|name| format!("`{name}`")).collect();
    Ok((!names.is_empty()).then(|| {
        Diagnostic::warning(codes::DRIFT, format!("not sealed as they are now: {}", names.join(", ")))
            .help("run `stockade secrets seal` and commit `sealed/`")
    }))
}
