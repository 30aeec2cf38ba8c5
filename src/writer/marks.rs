//! Which secrets and certificates changed since the last run, and the generation of each that some service mounts.
//!
//! A generation is a random number in `stockade.lock`, so that the labels of services say that a secret changed and nothing of
//! what it is. Whether it changed is told by `stockade.key`, which is private. Where that file is gone, as in a clone of a
//! repository, the generations of the lock stay.

use std::collections::{BTreeMap, BTreeSet};

use super::fill::text;
use super::{Folder, Found, LOCK, WriteError, lock};
use crate::artifact::{Content, Piece};
use crate::backends::secrets::MARKS;
use crate::compile::Bundle;
use crate::secrets::{self, Entropy, EntropyError, Marks, Secret};

/// Stands for a generation that only a run that writes draws.
const NEW: &str = "new";

/// What earlier runs left.
#[derive(Debug, Default)]
pub(super) struct Known {
    marks: Option<Marks>,
    lock: BTreeMap<String, String>,
    /// A run was ended while it put a new authority in place.
    pub(super) issuing: bool,
    /// There is a file of marks that nobody can read.
    spoilt: bool,
}

/// What this run leaves.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) generations: BTreeMap<String, String>,
    pub(super) marks: Option<Secret>,
    /// Secrets that have another value than the last run left.
    pub(super) changed: BTreeSet<String>,
}

impl Known {
    pub(super) fn of(folder: Option<&Folder>) -> Result<Self, WriteError> {
        let Some(folder) = folder else { return Ok(Self::default()) };
        let find = |path: &str| folder.find(&path.parse().expect("the bundle's own names are paths"));
        let (lock, issuing) = match find(LOCK)? {
            Found::File { bytes, .. } => match lock::newer(&bytes) {
                Some(version) => return Err(WriteError::Newer { path: folder.shown(LOCK), version }),
                None => lock::generations(&bytes),
            },
            _ => Default::default(),
        };
        let (marks, spoilt) = match find(MARKS)? {
            Found::File { bytes, .. } => {
                let marks = text(&bytes).and_then(Marks::read);
                let spoilt = marks.is_none();
                (marks, spoilt)
            }
            _ => (None, false),
        };
        Ok(Self { marks, lock, issuing, spoilt })
    }

    /// Whether a value is the one that the last run left.
    pub(super) fn fits(&self, name: &str, value: &str) -> Option<bool> {
        self.marks.as_ref()?.fits(name, value)
    }

    /// The generation to go on with; nothing where another one is to be drawn.
    fn generation(&self, name: &str, value: Option<&str>) -> Option<&str> {
        let noted = || self.marks.as_ref().and_then(|marks| marks.generation(name));
        let of_lock = || self.lock.get(name).map(String::as_str);
        match value.map(|value| self.fits(name, value)) {
            Some(Some(false)) => None,
            Some(None) if self.spoilt => None,
            _ => noted().or_else(of_lock),
        }
    }

    /// Notes every value; without entropy nothing is drawn and what would be new stands as [`NEW`].
    pub(super) fn settle<'v>(
        &self,
        bundle: &Bundle,
        value: impl Fn(&str) -> Option<&'v str>,
        mut entropy: Option<&mut dyn Entropy>,
    ) -> Result<Left, EntropyError> {
        let mut left = Left::default();
        if !bundle.artifacts.iter().any(|artifact| artifact.content == Content::Marks) {
            return Ok(left);
        }
        let mounted = mounted(bundle);
        let mut marks = match (&self.marks, &mut entropy) {
            (Some(earlier), _) => Some(earlier.again()),
            (None, Some(entropy)) => Some(Marks::new(*entropy)?),
            (None, None) => None,
        };
        let requested = bundle.secrets.iter().map(|request| request.name.as_str());
        for name in requested.chain(mounted.iter().copied()).collect::<BTreeSet<_>>() {
            let value = value(name);
            if value.is_some_and(|value| self.fits(name, value) == Some(false)) {
                left.changed.insert(name.to_owned());
            }
            let generation = match (mounted.contains(name), self.generation(name, value), &mut entropy) {
                (false, ..) => None,
                (true, Some(known), _) => Some(known.to_owned()),
                (true, None, Some(entropy)) => Some(secrets::generation(*entropy)?),
                (true, None, None) => Some(NEW.to_owned()),
            };
            if let Some(generation) = &generation {
                left.generations.insert(name.to_owned(), generation.clone());
            }
            match (&mut marks, value, &self.marks) {
                (Some(marks), Some(value), _) => marks.note(name, value, generation),
                (Some(marks), None, Some(earlier)) => marks.keep(name, earlier),
                _ => {}
            }
        }
        left.marks = marks.map(|marks| marks.text());
        Ok(left)
    }
}

/// Names whose generation some label asks for.
fn mounted(bundle: &Bundle) -> BTreeSet<&str> {
    let pieces = bundle.artifacts.iter().filter_map(|artifact| match &artifact.content {
        Content::Pieces(pieces) => Some(pieces),
        _ => None,
    });
    let private = pieces.flatten().filter_map(|piece| match piece {
        Piece::Inputs { private, .. } => Some(private),
        _ => None,
    });
    private.flatten().map(String::as_str).collect()
}
