//! Reads what the compiler wants to know: profiles, a user's own system with its templates, the day.

use super::exit::{Exit, Failure};
use crate::compile::Input;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::editor::Open;
use crate::format::profile;
use crate::systems;
use crate::text::SourceId;
use crate::values::Day;
use crate::yaml::{MAX_BYTES, Sources};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// The profile of a folder.
pub const PROFILE: &str = "stockade.yaml";
/// Most templates of one system, and how deep their folders go.
const MAX_TEMPLATES: usize = 256;
const MAX_DEPTH: usize = 8;

/// Findings that came before there was anything to compile.
#[derive(Debug)]
pub struct InputRefused {
    /// The files read so far.
    pub sources: Sources,
    /// What is wrong.
    pub diagnostics: Diagnostics,
    /// The exit status.
    pub exit: Exit,
}

/// The profile of this folder.
///
/// # Errors
/// There is none.
pub fn here() -> Result<PathBuf, Failure> {
    match Path::new(PROFILE).symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(no_profile()),
        _ => Ok(PathBuf::from(PROFILE)),
    }
}

/// Nothing is named, and this folder has no profile.
fn no_profile() -> Failure {
    let inside = Path::new("stockade.lock").exists();
    let above = Path::new("..").join(PROFILE);
    let help = if inside && above.exists() {
        format!("this is a bundle; its profile is `{}`", above.display())
    } else if inside {
        "this is a bundle; go to the folder of its profile, or name that".to_owned()
    } else {
        "`stockade init` asks what it needs to know and writes one; or name one, as in `stockade check path/to/stockade.yaml`".to_owned()
    };
    Failure::input(codes::IO, format!("there is no file `{PROFILE}` here"), help)
}

/// The profiles that lie in a folder itself, as far as it can be read.
pub fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let profiles = entries.filter(|entry| super::find::is_named(&entry.file_name().to_string_lossy()));
    let mut found: Vec<_> = profiles.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    found.sort();
    found
}

/// Reads a profile and what it refers to.
///
/// # Errors
/// Files that cannot be read, each with the place that names it.
pub fn read(path: &Path, today: Day) -> Result<Input, Box<InputRefused>> {
    read_over(path, today, &|_| None)
}

/// The same for a profile whose bytes are known, as they are or will be at that path.
///
/// # Errors
/// As [`read`].
pub fn assemble(path: &Path, bytes: &[u8], today: Day) -> Result<Input, Box<InputRefused>> {
    read_over(path, today, &|asked| (asked == path).then(|| bytes.to_vec()))
}

/// As [`read`], with texts that stand before those on disk.
///
/// # Errors
/// Files that cannot be read, each with the place that names it.
pub fn read_over(path: &Path, today: Day, open: &Open) -> Result<Input, Box<InputRefused>> {
    let mut sources = Sources::new();
    let refuse =
        |sources, finding: Diagnostic, exit| Err(Box::new(InputRefused { sources, diagnostics: finding.into(), exit }));
    let bytes = match text(path, open) {
        Ok(bytes) => bytes,
        Err((finding, exit)) => return refuse(sources, *finding, exit),
    };
    let profile = match sources.add_bytes(path.display().to_string(), &bytes) {
        Ok(profile) => profile,
        Err(finding) => return refuse(sources, finding, Exit::Input),
    };
    let mut input = Input { sources, profile, systems: BTreeMap::new(), today };
    match own_systems(path, &mut input, open) {
        Ok(()) => Ok(input),
        Err((finding, exit)) => {
            // What is wrong with the profile's own text needs no system.
            let (_, mut diagnostics) = profile::parse(&input.sources, input.profile);
            input.sources.keep_own_fixes(&mut diagnostics);
            diagnostics.push_new(*finding);
            diagnostics.sort();
            Err(Box::new(InputRefused { sources: input.sources, diagnostics, exit }))
        }
    }
}

/// Reads a profile that need not be right, with those of its own systems that can be read.
///
/// # Errors
/// The profile itself cannot be read.
pub fn lenient(path: &Path) -> Result<(Sources, SourceId, BTreeMap<String, systems::Own>), Failure> {
    let failed = |(finding, exit)| Failure { finding, exit };
    let bytes = bounded(path).map_err(failed)?;
    let mut sources = Sources::new();
    let profile = sources.add_bytes(path.display().to_string(), &bytes);
    let profile = profile.map_err(|finding| failed((Box::new(finding), Exit::Input)))?;
    let mut own = BTreeMap::new();
    for (reference, _) in systems::paths(&sources, profile) {
        let file = path.parent().unwrap_or(Path::new("")).join(&reference);
        if let Ok(bytes) = bounded(&file)
            && let Ok(file) = sources.add_bytes(file.display().to_string(), &bytes)
        {
            own.insert(reference, systems::Own { file, templates: BTreeMap::new() });
        }
    }
    Ok((sources, profile, own))
}

/// What keeps a file from being read, and the exit status.
pub(super) type Problem = (Box<Diagnostic>, Exit);

fn own_systems(profile: &Path, input: &mut Input, open: &Open) -> Result<(), Problem> {
    for (reference, span) in systems::paths(&input.sources, input.profile) {
        if input.systems.contains_key(&reference) {
            continue;
        }
        let path = profile.parent().unwrap_or(Path::new("")).join(&reference);
        let at = |(finding, exit): Problem| (Box::new(finding.at(span, "named here")), exit);
        let relative = |(finding, exit): Problem| match (finding.code, exit) {
            (codes::IO, Exit::Input) => {
                (Box::new(finding.help("correct the path, which begins at the profile's folder")), exit)
            }
            _ => (finding, exit),
        };
        let bytes = text(&path, open).map_err(relative).map_err(at)?;
        let shown = path.display().to_string();
        let file = input.sources.add_bytes(shown, &bytes).map_err(|finding| (Box::new(finding), Exit::Input))?;
        let folder = path.parent().unwrap_or(Path::new("")).join("templates");
        let templates = templates(&folder, &mut input.sources, open).map_err(at)?;
        input.systems.insert(reference, systems::Own { file, templates });
    }
    Ok(())
}

/// Every file below a folder by its path in it; symbolic links are passed over.
fn templates(folder: &Path, sources: &mut Sources, open: &Open) -> Result<BTreeMap<String, SourceId>, Problem> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(unreadable(&folder, &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
            if kind.is_dir() && depth < MAX_DEPTH {
                folders.push((entry.path(), format!("{name}/"), depth + 1));
            } else if kind.is_file() {
                let bytes = text(&entry.path(), open)?;
                let source = sources.add_bytes(entry.path().display().to_string(), &bytes);
                found.insert(name, source.map_err(|finding| (Box::new(finding), Exit::Input))?);
            }
            if found.len() > MAX_TEMPLATES {
                let message = format!("there are more than {MAX_TEMPLATES} templates in `{}`", folder.display());
                let finding = Diagnostic::error(codes::INVALID_SYSTEM, message);
                return Err((Box::new(finding.help("keep only the templates of this system there")), Exit::Input));
            }
        }
    }
    Ok(found)
}

/// What an editor has open, else what lies on disk.
fn text(path: &Path, open: &Open) -> Result<Vec<u8>, Problem> {
    open(path).map_or_else(|| bounded(path), Ok)
}

/// A regular file, and of a too large one only so much that it is seen to be too large.
pub(super) fn bounded(path: &Path) -> Result<Vec<u8>, Problem> {
    let problem = |error| unreadable(path, &error);
    // A look before opening: opening a FIFO would wait for a writer.
    if !std::fs::metadata(path).map_err(problem)?.is_file() {
        let finding = Diagnostic::error(codes::IO, format!("`{}` is not a regular file", path.display()));
        return Err((Box::new(finding.help("name a file")), Exit::Input));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(problem)?;
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(problem)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let shown = path.display();
    match error.kind() {
        // A path with a NUL character is no path.
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidInput => {
            let finding = Diagnostic::error(codes::IO, format!("there is no file `{shown}`"));
            (
                Box::new(
                    finding.help("correct the path, or `stockade init` in an empty folder writes a profile there"),
                ),
                Exit::Input,
            )
        }
        _ => {
            let finding = Diagnostic::error(codes::IO, format!("cannot read `{shown}`: {error}"));
            (Box::new(finding.help("look at its permissions")), Exit::Machine)
        }
    }
}

/// The day on which waivers are judged: today (UTC), or `STOCKADE_TODAY` for runs that must be repeatable.
///
/// # Errors
/// The variable holds no day.
pub fn today() -> Result<Day, Failure> {
    match std::env::var("STOCKADE_TODAY") {
        Ok(text) if !text.is_empty() => text.parse().map_err(|_| {
            Failure::input(
                codes::INVALID_VALUE,
                "`STOCKADE_TODAY` holds no day of the calendar",
                "write it as `2027-03-31`, or unset the variable",
            )
        }),
        _ => Ok(Day(now()?.date())),
    }
}

/// The time of the host.
///
/// # Errors
/// Its clock is outside the calendar, which ends with 9999.
pub fn now() -> Result<time::UtcDateTime, Failure> {
    on_calendar(std::time::SystemTime::now())
}

fn on_calendar(time: std::time::SystemTime) -> Result<time::UtcDateTime, Failure> {
    let since = time.duration_since(std::time::UNIX_EPOCH).ok().and_then(|since| i128::try_from(since.as_nanos()).ok());
    since.and_then(|nanos| time::UtcDateTime::from_unix_timestamp_nanos(nanos).ok()).ok_or_else(|| {
        Failure::machine(
            "the host's clock is outside the years that calendars know",
            "set the clock, as with `date -s`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_clock_beyond_the_calendar_is_said() {
        let at = |second| on_calendar(SystemTime::UNIX_EPOCH + Duration::from_secs(second));
        assert!(at(1_800_000_000).is_ok());
        // The first second of the year 10000.
        let failure = at(253_402_300_800).unwrap_err();
        assert!(failure.finding.message.contains("clock"), "{:?}", failure.finding);
    }
}
