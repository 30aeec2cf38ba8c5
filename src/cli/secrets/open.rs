//! `stockade secrets open`: values come from where the store keeps them straight into place.

use super::ask;
use super::place::{self, Opened, Place, Where};
use super::program::{AGE, Program, SOPS, no_identity, of_profile};
use super::{sealing, set};
use crate::cli::check::plural;
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::messages::Format;
use crate::cli::terminal::Terminal;
use crate::diagnostics::codes;
use crate::secrets::Secret;
use crate::values::SecretStore;
use crate::writer::sealed;
use crate::writer::{Folder, Found, Identity, settle, values};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const AFTER: &str = "\
Examples:
  stockade secrets open --identity key.txt   on the host: straight into place";

/// Decrypts sealed secrets, or fetches external ones, straight into place
///
/// With `store: age` each `sealed/NAME.age` with your private key; with `sops` its file, with whatever keys sops finds; with
/// `external` by the command that the profile names under `secrets.fetch`. Each value is checked before any takes its place, and
/// gets the owner and mode it is to have.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// File with a private key: of `age-keygen`, or an SSH key [default: what `STOCKADE_IDENTITY` names; for sops what it finds]
    #[arg(long, short, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// Replace values that are there without a question
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    place: Where,
}

/// Runs the command.
///
/// # Errors
/// No key, a file that cannot be opened, a value that will not do, a failing disk.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let opened = match place::open(&arguments.place, format, terminal)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    let mut all = Vec::new();
    let mut known = Vec::new();
    for place in &opened.places {
        let brought = brought(&opened, place, arguments)?;
        known.push(brought.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
        all.push(wanting(place, brought)?);
    }
    let replaced: Vec<&str> =
        all.iter().flatten().filter(|(_, (_, there))| *there).map(|(name, _)| name.as_str()).collect();
    if !replaced.is_empty() {
        let question = format!(
            "{} another value here: replace {}?",
            if replaced.len() == 1 { "one has" } else { "some have" },
            replaced.join(", ")
        );
        if !ask::agrees(&question, arguments.yes, &format!("{} replaced", replaced.join(", ")))? {
            terminal.message("nothing was changed\n");
            return Ok(Exit::Findings);
        }
    }
    let mut names = Vec::new();
    for (place, wanting) in opened.places.iter().zip(all) {
        for (name, (value, _)) in wanting {
            let Some(file) = place.file(&name) else { continue };
            let folder = Folder::claim(&place.folder)?;
            values::put(&folder, &file.path, settle(file.access, Identity::current()), &value)?;
            names.push(name);
        }
    }
    for (place, known) in opened.places.iter().zip(&known) {
        sealing::opened(&place.bundle, &place.folder, known)?;
    }
    if names.is_empty() {
        terminal.message("every value is in place already\n");
        return Ok(Exit::Fine);
    }
    terminal.message(&format!("opened {}\n", plural(names.len(), "value")));
    set::take_up(&opened, &names, (format, terminal))
}

/// Values by name, and whether another one is there.
type Wanting = BTreeMap<String, (Secret, bool)>;

/// Those of the values that are not in place yet, each found to be of its kind.
fn wanting(place: &Place, brought: Vec<(String, Vec<u8>)>) -> Result<Wanting, Failure> {
    let folder = Folder::watch(&place.folder)?;
    let mut wanting = Wanting::new();
    for (name, bytes) in brought {
        let value = set::taken_by(&place.bundle.secrets, &name, bytes)?;
        let found = match (&folder, place.file(&name)) {
            (Some(folder), Some(file)) => folder.find(&file.path)?,
            _ => Found::Absent,
        };
        match found {
            Found::File { bytes, .. } if *bytes == value.expose().as_bytes() => {}
            Found::File { .. } => drop(wanting.insert(name, (value, true))),
            _ => drop(wanting.insert(name, (value, false))),
        }
    }
    Ok(wanting)
}

fn brought(opened: &Opened, place: &Place, arguments: &Arguments) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let around = opened.profile.parent().unwrap_or(Path::new(""));
    match place.bundle.keeping.store {
        SecretStore::Age => with_age(place, arguments),
        SecretStore::Sops => with_sops(place, arguments, around),
        SecretStore::External => fetched(place, around),
        SecretStore::Files => Err(Failure::input(
            codes::BAD_SECRET,
            "the store `files` keeps nothing elsewhere that could be opened",
            "write `secrets: {store: age, recipients: [age1…]}` into the profile, and `stockade secrets seal` where the values are",
        )),
    }
}

/// Where the profile's folder is not, a path is seen from here.
fn absolute(path: &Path) -> OsString {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).into_os_string()
}

fn nothing_sealed(place: &Place) -> Failure {
    Failure::input(
        codes::BAD_SECRET,
        format!("nothing is sealed in `{}`", place.folder.join(sealed::SEALED).display()),
        "`stockade secrets seal` where the values are, and bring `sealed/` here",
    )
}

fn with_age(place: &Place, arguments: &Arguments) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut identities = arguments.identity.clone();
    if identities.is_empty() {
        identities.extend(std::env::var_os("STOCKADE_IDENTITY").filter(|it| !it.is_empty()).map(PathBuf::from));
    }
    if identities.is_empty() {
        return Err(no_identity());
    }
    let folder = Folder::watch(&place.folder)?.ok_or_else(|| nothing_sealed(place))?;
    let mut words: Vec<OsString> = vec!["--decrypt".into()];
    for identity in &identities {
        words.extend(["--identity".into(), absolute(identity)]);
    }
    let mut all = Vec::new();
    for request in &place.bundle.secrets {
        let Some(bytes) = sealed::read(&folder, &format!("{}.age", request.name))? else { continue };
        let value = AGE.run(&words, &bytes, (Path::new(""), &[]), &format!("opening `{}`", request.name))?;
        all.push((request.name.clone(), value.to_vec()));
    }
    if all.is_empty() { Err(nothing_sealed(place)) } else { Ok(all) }
}

fn with_sops(place: &Place, arguments: &Arguments, around: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let folder = Folder::watch(&place.folder)?.ok_or_else(|| nothing_sealed(place))?;
    let (name, form) = sealing::sops_file(&folder)?;
    let bytes = sealed::read(&folder, name)?.ok_or_else(|| nothing_sealed(place))?;
    let words: Vec<OsString> =
        ["decrypt", "--input-type", form, "--output-type", "json", "/dev/stdin"].map(OsString::from).to_vec();
    let key = arguments.identity.first().map(|file| ("SOPS_AGE_KEY_FILE", absolute(file)));
    let text = SOPS.run(&words, &bytes, (around, key.as_slice()), &format!("opening `{name}`"))?;
    let map: BTreeMap<String, Value> = serde_json::from_slice(&text).map_err(|_| {
        Failure::input(
            codes::BAD_SECRET,
            format!("`{name}` holds no list of names and values"),
            "have each secret on a line of its own in it",
        )
    })?;
    let known = |name: &String| place.bundle.secrets.iter().any(|request| request.name == *name);
    Ok(map
        .into_iter()
        .filter(|(name, _)| known(name))
        .map(|(name, value)| match value {
            Value::String(text) => (name, text.into_bytes()),
            other => (name, other.to_string().into_bytes()),
        })
        .collect())
}

/// Asks the profile's command for each; what is made of others is made here.
fn fetched(place: &Place, around: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let Some((program, rest)) = place.bundle.keeping.fetch.split_first() else {
        return Err(Failure::input(
            codes::BAD_SECRET,
            "the profile names no command that fetches values",
            "write one, as `secrets: {store: external, fetch: [vault, kv, get, \"-field={name}\", secret/app]}`, or bring each with `stockade secrets set`",
        ));
    };
    let program: Program<'_> = of_profile(program);
    let mut all = Vec::new();
    for request in place.bundle.secrets.iter().filter(|request| request.kind.source().is_none()) {
        let words: Vec<OsString> = rest.iter().map(|word| word.replace("{name}", &request.name).into()).collect();
        let value = program.run(&words, b"", (around, &[]), &format!("fetching `{}`", request.name))?;
        all.push((request.name.clone(), value.to_vec()));
    }
    Ok(all)
}
