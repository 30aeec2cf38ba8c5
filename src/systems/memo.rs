//! Systems that were read in this run: where a further profile names one, its file is not read again.

use super::Own;
use crate::diagnostics::Diagnostics;
use crate::format::system::System;
use crate::text::SourceId;
use crate::yaml::Sources;
use std::sync::{Arc, Mutex, PoisonError};

/// Systems that are kept at most.
const MOST: usize = 64;

/// What was read, for profiles whose files have the same numbers and the same texts: places in a system hold the number.
#[derive(Debug, Default)]
pub struct Memo {
    known: Mutex<Vec<Arc<Loaded>>>,
    /// Systems that are kept at most; none in a run over one profile.
    most: usize,
}

/// One system as it was read.
#[derive(Debug)]
pub struct Loaded {
    name: String,
    /// The first of its files, in order.
    files: Vec<SourceId>,
    sources: Sources,
    system: Arc<System>,
    found: Diagnostics,
}

impl Memo {
    /// For a run over many profiles.
    pub fn of_many() -> Self {
        Self { most: MOST, ..Self::default() }
    }

    /// A system that was read from the same texts. Its files are in the store afterwards, as if it had been read anew.
    pub(super) fn find(
        &self,
        name: &str,
        own: Option<&Own>,
        sources: &mut Sources,
    ) -> Option<(Arc<System>, Diagnostics)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = known.iter().find(|loaded| loaded.name == name && loaded.fits(own, sources)).cloned();
        drop(known);
        let loaded = loaded?;
        loaded.files.iter().for_each(|id| sources.take_over(&loaded.sources, *id));
        Some((Arc::clone(&loaded.system), loaded.found.clone()))
    }

    /// Keeps a system with the files it was read from.
    pub(super) fn keep(
        &self,
        name: &str,
        files: Vec<SourceId>,
        sources: &Sources,
        system: &Arc<System>,
        found: &Diagnostics,
    ) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < self.most {
            let (name, sources, system, found) = (name.to_owned(), sources.clone(), Arc::clone(system), found.clone());
            known.push(Arc::new(Loaded { name, files, sources, system, found }));
        }
    }
}

impl Loaded {
    fn fits(&self, own: Option<&Own>, sources: &Sources) -> bool {
        let Some(own) = own else { return self.files.first() == Some(&sources.next_id()) };
        let ids: Vec<SourceId> = files(own);
        ids == self.files && ids.iter().all(|id| sources.is_same(&self.sources, *id))
    }
}

/// The files of a user's own system.
pub(super) fn files(own: &Own) -> Vec<SourceId> {
    [own.file].into_iter().chain(own.templates.values().copied()).collect()
}
