//! Several files of `certs/` at once: a key and its certificate are worth nothing without each other. The new ones lie ready
//! in a folder of their own, which gets its final name in one step; from then on every run finishes what was begun. Those
//! that were there before are kept until the next time.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, Mode as Bits, fsync, linkat, mkdirat, renameat, unlinkat};
use rustix::io::Errno;

use super::folder::directory;
use super::stage::Stages;
use super::{Folder, Found, Identity, WriteError, fault, settle};
use crate::artifact::CertificatePart;
use crate::compile::Bundle;
use crate::secrets::Secret;
use crate::stack::Access;
use crate::values::BundlePath;

/// The directory of certificates in a bundle.
const CERTS: &str = "certs";
/// In it: files that are being made ready.
const COMING: &str = ".coming";
/// Files that are ready, all of them.
const NEXT: &str = ".next";
/// In both: what the new ones take the place of.
const BEFORE: &str = "before";
/// What was there before the last exchange.
const EARLIER: &str = ".earlier";

/// Puts parts of the bundle's certificates in place, all or none, and keeps those that were there.
///
/// # Errors
/// What the disk refused. Before all are ready nothing changes.
pub fn exchange(bundle: &Bundle, folder: &Folder, new: &[(CertificatePart, Secret)]) -> Result<(), WriteError> {
    let files: Vec<_> =
        new.iter().filter_map(|(part, text)| Some((super::certificates::artifact(bundle, *part)?, text))).collect();
    let failed = |error| failed("write to", folder, error);
    let certs = made(folder.root(), CERTS).map_err(failed)?;
    empty(&certs, COMING).map_err(failed)?;
    let coming = made(certs.as_fd(), COMING).map_err(failed)?;
    let before = made(coming.as_fd(), BEFORE).map_err(failed)?;
    let mut stages = Stages::new(folder);
    for (artifact, text) in &files {
        let settled = settle(artifact.access, Identity::current());
        let (ready, file) = stages.make(&artifact.path, settled, text.expose().as_bytes())?;
        file.sync_all().map_err(|error| WriteError::io("write", folder.shown(artifact.path.as_str()), error))?;
        let name = name(&artifact.path);
        stages.put(&ready, coming.as_fd(), name).map_err(failed)?;
        match linkat(&certs, name, &before, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    fault::point()
        .and_then(|()| fsync(&before))
        .and_then(|()| fsync(&coming))
        .and_then(|()| renameat(&certs, COMING, &certs, NEXT))
        .and_then(|()| fsync(&certs))
        .map_err(failed)?;
    finish(folder).map(|_| ())
}

/// Puts in place what lies ready; says whether there was anything.
///
/// # Errors
/// What the disk refused; the next run goes on.
pub fn finish(folder: &Folder) -> Result<bool, WriteError> {
    let failed = |error| failed("finish the exchange of", folder, error);
    let missing = |error| match error {
        Errno::NOENT => Ok(None),
        error => Err(failed(error)),
    };
    let Some(certs) = directory(folder.root(), CERTS).map(Some).or_else(missing)? else { return Ok(false) };
    // What was not ready when a run was ended is nobody's.
    empty(&certs, COMING).map_err(failed)?;
    let Some(next) = directory(certs.as_fd(), NEXT).map(Some).or_else(missing)? else { return Ok(false) };
    let put = || {
        if directory(next.as_fd(), BEFORE).is_ok() {
            empty(&certs, EARLIER)?;
            fault::point()?;
            renameat(&next, BEFORE, &certs, EARLIER)?;
            fsync(&certs)?;
        }
        for name in names(&next)? {
            fault::point()?;
            renameat(&next, name.as_str(), &certs, name.as_str())?;
        }
        fsync(&certs)?;
        unlinkat(&certs, NEXT, AtFlags::REMOVEDIR)?;
        // Nothing was there before.
        match unlinkat(&certs, EARLIER, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOENT) => Ok(()),
            Err(error) => Err(error),
        }
    };
    put().map_err(failed)?;
    Ok(true)
}

/// Whether an exchange was begun and not finished.
///
/// # Errors
/// A symbolic link in the way, a failing disk.
pub fn is_unfinished(folder: &Folder) -> Result<bool, WriteError> {
    let next: BundlePath = format!("{CERTS}/{NEXT}").parse().expect("the bundle's own names are paths");
    Ok(!folder.names(&next)?.is_empty())
}

/// What was there before the last exchange.
///
/// # Errors
/// A symbolic link in the way, a failing disk.
pub fn earlier(bundle: &Bundle, folder: &Folder) -> Result<Vec<(CertificatePart, Secret)>, WriteError> {
    let mut found = Vec::new();
    for part in super::certificates::PARTS {
        let Some(artifact) = super::certificates::artifact(bundle, part) else { continue };
        let Ok(path) = format!("{CERTS}/{EARLIER}/{}", name(&artifact.path)).parse::<BundlePath>() else { continue };
        if let Found::File { mut bytes, .. } = folder.find(&path)?
            && let Ok(text) = Secret::from_bytes(std::mem::take(&mut *bytes))
        {
            found.push((part, text));
        }
    }
    Ok(found)
}

/// Puts a file that nobody has yet below `certs/`, in a closed directory.
///
/// # Errors
/// There is one of this name, what the disk refused.
pub fn add(folder: &Folder, path: &BundlePath, access: Access, text: &[u8]) -> Result<(), WriteError> {
    let failed = |error: Errno| WriteError::io("write", folder.shown(path.as_str()), error);
    let mut at: Option<OwnedFd> = None;
    let (above, name) = path.as_str().rsplit_once('/').ok_or_else(|| failed(Errno::INVAL))?;
    for part in above.split('/') {
        at = Some(made(at.as_ref().map_or(folder.root(), |fd| fd.as_fd()), part).map_err(failed)?);
    }
    let at = at.ok_or_else(|| failed(Errno::INVAL))?;
    if !matches!(folder.find(path)?, Found::Absent) {
        return Err(failed(Errno::EXIST));
    }
    let mut stages = Stages::new(folder);
    let (ready, file) = stages.make(path, settle(access, Identity::current()), text)?;
    file.sync_all().map_err(|error| WriteError::io("write", folder.shown(path.as_str()), error))?;
    stages.put(&ready, at.as_fd(), name).and_then(|()| fsync(&at)).map_err(failed)
}

fn name(path: &BundlePath) -> &str {
    path.as_str().rsplit_once('/').map_or(path.as_str(), |(_, name)| name)
}

/// A directory that only its owner may enter.
fn made(above: std::os::fd::BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    match fault::point().and_then(|()| mkdirat(above, name, Bits::RWXU)) {
        Ok(()) | Err(Errno::EXIST) => directory(above, name),
        Err(error) => Err(error),
    }
}

fn names(directory: &OwnedFd) -> Result<Vec<String>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !matches!(name.as_str(), "." | ".." | BEFORE) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Removes a directory of ours with the files in it, where it is there.
fn empty(above: &OwnedFd, name: &str) -> Result<(), Errno> {
    let inner = match directory(above.as_fd(), name) {
        Ok(inner) => inner,
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(error),
    };
    if directory(inner.as_fd(), BEFORE).is_ok() {
        empty(&inner, BEFORE)?;
    }
    for file in names(&inner)? {
        unlinkat(&inner, file.as_str(), AtFlags::empty())?;
    }
    unlinkat(above, name, AtFlags::REMOVEDIR)
}

fn failed(action: &'static str, folder: &Folder, error: Errno) -> WriteError {
    WriteError::io(action, folder.shown(CERTS), error)
}
