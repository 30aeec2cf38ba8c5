//! Sealed values: encrypted files that may lie in a repository, and beside the secrets what tells whether they are those of the
//! present values.

use std::os::fd::AsFd as _;

use rustix::fs::{Mode as Bits, fsync, mkdirat};
use rustix::io::Errno;

use super::fill::text;
use super::folder::directory;
use super::lock::digest;
use super::stage::Stages;
use super::{Folder, Found, Identity, WriteError, settle};
use crate::secrets::{Entropy, EntropyError, Marks, Secret};
use crate::stack::Access;
use crate::values::BundlePath;

/// The folder of sealed values, below the bundle.
pub const SEALED: &str = "sealed";
/// The public keys it was sealed to, one a line, as `age --recipients-file` reads them.
pub const RECIPIENTS: &str = "recipients";
/// What was sealed of which value.
const NOTES: &str = "secrets/.sealed";

fn path(file: &str) -> Option<BundlePath> {
    format!("{SEALED}/{file}").parse().ok()
}

/// A sealed file.
///
/// # Errors
/// Something in the way, a failing disk.
pub fn read(folder: &Folder, file: &str) -> Result<Option<Vec<u8>>, WriteError> {
    let Some(path) = path(file) else { return Ok(None) };
    match folder.find(&path)? {
        Found::File { mut bytes, .. } => Ok(Some(std::mem::take(&mut *bytes))),
        Found::Absent | Found::Directory { .. } => Ok(None),
    }
}

/// Puts a file among the sealed ones; whoever may read the bundle may read it.
///
/// # Errors
/// What the disk refused.
pub fn write(folder: &Folder, file: &str, bytes: &[u8]) -> Result<(), WriteError> {
    let Some(path) = path(file) else { return Ok(()) };
    put(folder, &path, Access::PUBLIC, bytes)
}

fn put(folder: &Folder, path: &BundlePath, access: Access, bytes: &[u8]) -> Result<(), WriteError> {
    let failed = |error| WriteError::io("write", folder.shown(path.as_str()), error);
    let (above, name) = path.as_str().rsplit_once('/').ok_or_else(|| failed(Errno::INVAL))?;
    let mode = if above == SEALED { 0o755 } else { 0o700 };
    match mkdirat(folder.root(), above, Bits::from_raw_mode(mode)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(failed(error)),
    }
    let parent = directory(folder.root(), above).map_err(failed)?;
    let mut stages = Stages::new(folder);
    let (ready, file) = stages.make(path, settle(access, Identity::current()), bytes)?;
    file.sync_all().map_err(|error| WriteError::io("write", folder.shown(path.as_str()), error))?;
    stages.put(&ready, parent.as_fd(), name).and_then(|()| fsync(&parent)).map_err(failed)
}

/// What is known of the files that were sealed here.
pub struct Notes {
    earlier: Option<Marks>,
    now: Marks,
    /// Public keys, which a file is sealed to.
    to: String,
}

impl Notes {
    /// Of a bundle, for files that are to be sealed `to` these keys.
    ///
    /// # Errors
    /// Something in the way, a failing disk; the entropy source.
    pub fn of(
        folder: &Folder,
        to: String,
        entropy: &mut dyn Entropy,
    ) -> Result<Result<Self, EntropyError>, WriteError> {
        let path: BundlePath = NOTES.parse().expect("the bundle's own names are paths");
        let earlier = match folder.find(&path)? {
            Found::File { bytes, .. } => text(&bytes).and_then(Marks::read),
            _ => None,
        };
        let now = match &earlier {
            Some(earlier) => Ok(earlier.again()),
            None => Marks::new(entropy),
        };
        Ok(now.map(|now| Self { earlier, now, to }))
    }

    /// Whether a file is what was sealed of this value, to these keys.
    #[must_use]
    pub fn is_fresh(&self, name: &str, value: &Secret, file: &[u8]) -> bool {
        let Some(earlier) = &self.earlier else { return false };
        earlier.fits(name, value.expose()) == Some(true)
            && earlier.generation(name) == Some(self.of_file(file).as_str())
    }

    /// Notes what a file holds.
    pub fn note(&mut self, name: &str, value: &Secret, file: &[u8]) {
        let of = self.of_file(file);
        self.now.note(name, value.expose(), Some(of));
    }

    fn of_file(&self, file: &[u8]) -> String {
        digest(&[self.to.as_bytes(), b"\n", file].concat())
    }

    /// Leaves the notes for the next time.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn leave(&self, folder: &Folder) -> Result<(), WriteError> {
        let path = NOTES.parse().expect("the bundle's own names are paths");
        put(folder, &path, Access::PRIVATE, self.now.text().expose().as_bytes())
    }
}
