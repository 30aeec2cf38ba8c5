//! Where the bundle of each profile of a run lies.

use super::input;
use crate::diagnostics::{Diagnostic, codes};
use crate::writer::LOCK;
use crate::yaml::Sources;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A place for each profile, in their order, or why it has none.
///
/// A profile has `bundle` in its own folder, or what `--out` says. Where several profiles of the run would share that, each has
/// a folder in it, called by its `name`. A folder so called by an earlier run stays in use.
pub fn of(profiles: &[PathBuf], given: Option<&Path>) -> Vec<Result<PathBuf, Box<Diagnostic>>> {
    let mut neighbours: HashMap<PathBuf, usize> = HashMap::new();
    for profile in profiles {
        *neighbours.entry(base(profile, given)).or_default() += 1;
    }
    let mut taken: HashMap<PathBuf, &Path> = HashMap::new();
    let mut places = Vec::with_capacity(profiles.len());
    for profile in profiles {
        let base = base(profile, given);
        let alone = neighbours.get(&base) == Some(&1) && (given.is_none() || profiles.len() == 1);
        let place = if alone { usual(profile, base, profiles.len() > 1) } else { within(profile, base) };
        places.push(match taken.get(&place) {
            Some(other) => Err(Box::new(twice(&place, profile, other))),
            None => {
                taken.insert(place.clone(), profile);
                Ok(place)
            }
        });
    }
    places
}

/// The folder of a profile's bundles.
pub fn base(profile: &Path, given: Option<&Path>) -> PathBuf {
    given.map_or_else(|| profile.parent().unwrap_or(Path::new("")).join("bundle"), Path::to_owned)
}

/// The usual folder, but for what a run over several profiles has written below it.
fn usual(profile: &Path, base: PathBuf, several: bool) -> PathBuf {
    if several && base.is_dir() && !base.join(LOCK).exists() {
        let inner = within(profile, base.clone());
        if inner.join(LOCK).exists() {
            return inner;
        }
    }
    base
}

/// The folder called by the profile's name; a profile without one is refused before anything is written.
fn within(profile: &Path, base: PathBuf) -> PathBuf {
    name(profile).map_or(base.clone(), |name| base.join(name))
}

fn name(profile: &Path) -> Option<String> {
    let bytes = input::bounded(profile).ok()?;
    let mut sources = Sources::new();
    let file = sources.add_bytes(profile.display().to_string(), &bytes).ok()?;
    let name: crate::values::ProjectName = sources.tree(file)?.get("name")?.as_text()?.parse().ok()?;
    Some(name.as_str().to_owned())
}

fn twice(place: &Path, profile: &Path, other: &Path) -> Diagnostic {
    let says = format!("two profiles would be written to `{}`", place.display());
    Diagnostic::error(codes::INVALID_VALUE, says)
        .with_note(format!("the other one is `{}`", other.display()))
        .help(format!("give `{}` another `name`", profile.display()))
}
