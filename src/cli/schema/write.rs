//! `stockade schema --write`: schemas into a folder, and word of them into profiles, system files and settings of editors.

use super::find::{self, Found};
use super::put;
use crate::cli::exit::Failure;
use crate::cli::input;
use crate::cli::terminal::Terminal;
use crate::schema::editors::modeline::{self, Line};
use crate::schema::editors::{self, Association, Merged};
use crate::schema::{self, ALL};
use std::path::{Path, PathBuf};

/// Where the schemas of a project lie.
pub(super) const FOLDER: &str = ".stockade";

/// Writes everything. A second run changes nothing.
///
/// # Errors
/// A folder that cannot be written.
pub(super) fn run(folder: &Path, terminal: &Terminal) -> Result<(), Failure> {
    let found = find::all(Path::new("."));
    for named in &ALL {
        file(&folder.join(named.file()), &named.text(), terminal)?;
    }
    for profile in &found.profiles {
        let text = match input::lenient(profile) {
            Ok((mut sources, id, own)) => schema::text(&schema::of_profile(&mut sources, id, &own)),
            Err(failure) => {
                say(profile, &format!("has no schema of its own: {}", failure.finding.message), terminal)?;
                ALL[0].text()
            }
        };
        file(&folder.join(of(profile)), &text, terminal)?;
    }
    if folder != Path::new(FOLDER) {
        let example = folder.join(ALL[0].file());
        return terminal
            .out(&format!("begin a profile with `# yaml-language-server: $schema={}`\n", example.display()));
    }
    for profile in &found.profiles {
        comment(profile, &of(profile), terminal)?;
    }
    for system in &found.systems {
        comment(system, Path::new(&ALL[1].file()), terminal)?;
    }
    settings(&associations(&found), terminal)
}

/// The schema of a profile, from the folder of schemas: `sub/stockade.schema.json`.
fn of(profile: &Path) -> PathBuf {
    profile.with_extension("schema.json")
}

fn say(path: &Path, what: &str, terminal: &Terminal) -> Result<(), Failure> {
    terminal.out(&format!("{} {what}\n", path.display()))
}

/// A schema, which is ours alone.
fn file(path: &Path, text: &str, terminal: &Terminal) -> Result<(), Failure> {
    match put::text(path) {
        Ok(Some(found)) if found == text => say(path, "is up to date", terminal),
        Ok(found) => {
            put::replace(path, found.as_deref(), text)?;
            say(path, "written", terminal)
        }
        Err(why) => say(path, &format!("left alone: {why}"), terminal),
    }
}

/// The comment of a profile or system file.
fn comment(path: &Path, schema: &Path, terminal: &Terminal) -> Result<(), Failure> {
    let up = "../".repeat(path.components().count().saturating_sub(1));
    let schema = format!("{up}{FOLDER}/{}", slashes(schema));
    if schema.contains(char::is_whitespace) {
        return say(path, "left alone: a comment cannot name a path with blanks", terminal);
    }
    let text = match put::text(path) {
        Ok(text) => text.unwrap_or_default(),
        Err(why) => return say(path, &format!("left alone: {why}"), terminal),
    };
    match modeline::put(&text, &schema, FOLDER) {
        Line::Same => say(path, "is up to date", terminal),
        Line::Other(other) => {
            say(path, &format!("left alone: it names the schema `{}`", other.escape_debug()), terminal)
        }
        Line::Text(new) => {
            put::replace(path, Some(&text), &new)?;
            say(path, "names its schema in a comment", terminal)
        }
    }
}

/// A path with `/` between names, on every system.
fn slashes(path: &Path) -> String {
    let names: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    names.join("/")
}

fn associations(found: &Found) -> Vec<Association> {
    let one = |schema: &Path, file: String| Association {
        schema: format!("{FOLDER}/{}", slashes(schema)),
        files: vec![file],
    };
    let profiles = found.profiles.iter().map(|profile| one(&of(profile), slashes(profile)));
    let systems = one(Path::new(&ALL[1].file()), "*.system.yaml".to_owned());
    profiles.chain([systems]).collect()
}

/// Settings of the editors that somebody uses here.
fn settings(all: &[Association], terminal: &Terminal) -> Result<(), Failure> {
    for editor in editors::ALL.iter().filter(|editor| Path::new(editor.sign).exists()) {
        let path = Path::new(editor.file);
        let text = match put::text(path) {
            Ok(text) => text,
            Err(why) => {
                say(path, &format!("left alone: {why}"), terminal)?;
                continue;
            }
        };
        match editor.merge(text.as_deref(), all) {
            Merged::Same => say(path, "is up to date", terminal)?,
            Merged::Text(new) => {
                put::replace(path, text.as_deref(), &new)?;
                say(path, &format!("tells {} of the schemas", editor.name), terminal)?;
            }
            Merged::ByHand(snippet) => {
                say(path, "left alone: it cannot be changed safely; add this by hand:", terminal)?;
                terminal.out(&format!("{snippet}\n"))?;
            }
        }
    }
    Ok(())
}
