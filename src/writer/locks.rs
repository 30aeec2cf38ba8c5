//! The lock as it is while files are renamed, and as it is in the end.

use super::converge::Change;
use super::earlier::Earlier;
use super::lock::{self, Record, digest};
use super::plan::{Context, Entry, entry};
use super::render::Bytes;
use super::stale::Stale;
use super::{Effect, Filled, Found, WriteError};
use crate::artifact::Artifact;
use crate::compile::Bundle;
use crate::values::BundlePath;

/// Everything that a lock is made of.
pub(super) struct Locks<'l> {
    pub(super) bundle: &'l Bundle,
    pub(super) filled: &'l Filled,
    /// Of what the bundle has.
    pub(super) records: Vec<Record>,
    pub(super) earlier: &'l Earlier,
    pub(super) stale: &'l [Stale],
    /// Of what it no longer has, and what is not there either.
    pub(super) gone: Vec<Record>,
}

impl Locks<'_> {
    /// Until the last rename every file is what it was or what it is to be, and what is to go may still be there. What is to
    /// be done for the change is kept with it: should this run not get to its end, the next one finds files that differ no more.
    pub(super) fn ahead(&self, entries: &[Entry], effect: &Effect) -> String {
        let was = |path: &str| {
            let entry = entries.iter().find(|entry| entry.path.as_str() == path)?;
            let ours = entry.change == Change::Update { edited: false };
            entry.old.as_ref().filter(|_| ours && !entry.secret).map(|old| digest(old))
        };
        let of_files = self.records.iter().map(|record| record.with_was(was(&record.path)));
        lock::text(self.bundle, self.filled, of_files.chain(self.left(|_| true)).collect(), Some(effect))
    }

    /// In the end it knows what the bundle has, and what somebody has changed and so is still there.
    pub(super) fn entry(
        self,
        path: BundlePath,
        found: Found,
        context: &Context<'_>,
    ) -> Result<Entry<'static>, WriteError> {
        let left: Vec<Record> = self.left(|stale| stale.edited).collect();
        let full = self.records.iter().chain(&left).cloned().collect();
        let mut text = lock::text(self.bundle, self.filled, full, None);
        // That such a file is gone at last is no difference.
        if let Found::File { bytes, .. } = &found
            && !self.gone.is_empty()
            && **bytes != text.as_bytes()
        {
            let full = self.records.iter().chain(&left).chain(&self.gone).cloned().collect();
            let known = lock::text(self.bundle, self.filled, full, None);
            if **bytes == known.as_bytes() {
                text = known;
            }
        }
        let new = Bytes::Plain(text.clone().into_bytes().into());
        entry(&Artifact::text(path, text), Some(new), found, context)
    }

    fn left(&self, which: impl Fn(&Stale) -> bool) -> impl Iterator<Item = Record> {
        self.stale
            .iter()
            .filter(move |stale| which(stale))
            .filter_map(|stale| self.earlier.record(stale.path.as_str()).cloned())
    }
}
