//! Firewalls of another kind than the bundle has now: their rules may be loaded, and only their own script removes them. It
//! stays beside the new one until somebody removes it.

use std::collections::BTreeSet;

use super::earlier::Earlier;
use super::{Folder, Found, WriteError};
use crate::artifact::Content;
use crate::compile::Bundle;
use crate::values::BundlePath;

/// The directory of the firewall.
const FOLDER: &str = "firewall";
/// The script that removes rules, in that directory.
const ROLLBACK: &str = "rollback";
/// What it reads, in the same directory.
const COMMON: &str = "common.sh";
/// How it does that.
const READ: &str = ". \"$(dirname -- \"$0\")/common.sh\"\n";
/// How the script says its kind.
const KIND: &str = "KIND=";

/// Where the script that removes the rules of a kind is kept.
pub fn kept(kind: &str) -> String {
    format!("{FOLDER}/{ROLLBACK}-{kind}")
}

/// The script of an earlier run that is of another kind than the one the bundle has now, and where it is to be kept.
pub(super) fn rollback(
    bundle: &Bundle,
    earlier: &Earlier,
    folder: Option<&Folder>,
) -> Result<Option<(BundlePath, String)>, WriteError> {
    let Some(folder) = folder else { return Ok(None) };
    let text = |name: &str| -> Result<Option<String>, WriteError> {
        let Ok(path) = format!("{FOLDER}/{name}").parse::<BundlePath>() else { return Ok(None) };
        if earlier.record(path.as_str()).is_none() {
            return Ok(None);
        }
        let Found::File { bytes, .. } = folder.find(&path)? else { return Ok(None) };
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    };
    let Some(script) = text(ROLLBACK)? else { return Ok(None) };
    let text = whole(script, text(COMMON)?);
    let other = kind(&text).filter(|kind| Some(*kind) != now(bundle));
    let path = other.and_then(|kind| kept(kind).parse().ok());
    Ok(path.map(|path| (path, text)))
}

/// Kinds whose script is kept, or will be.
pub(super) fn left(
    bundle: &Bundle,
    rollback: Option<&(BundlePath, String)>,
    folder: Option<&Folder>,
) -> Result<BTreeSet<String>, WriteError> {
    let (Some(folder), Ok(path)) = (folder, FOLDER.parse::<BundlePath>()) else { return Ok(BTreeSet::new()) };
    let is_kind = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
    let names = folder.names(&path)?;
    let there = names.iter().filter(|entry| !entry.directory).filter_map(|entry| entry.name.strip_prefix("rollback-"));
    let new = rollback.and_then(|(_, text)| kind(text));
    Ok(there.filter(|kind| is_kind(kind) && Some(*kind) != now(bundle)).chain(new).map(str::to_owned).collect())
}

/// The script with what it reads in it, so that it stands alone beside files of another kind.
fn whole(script: String, common: Option<String>) -> String {
    match common {
        Some(common) => script.replacen(READ, &common, 1),
        None => script,
    }
}

/// The kind that the bundle has now.
fn now(bundle: &Bundle) -> Option<&str> {
    let common = format!("{FOLDER}/{COMMON}");
    let script = bundle.artifacts.iter().find(|artifact| artifact.path.as_str() == common)?;
    match &script.content {
        Content::Text(text) => kind(text),
        _ => None,
    }
}

fn kind(script: &str) -> Option<&str> {
    script.lines().find_map(|line| line.strip_prefix(KIND)).map(str::trim)
}
