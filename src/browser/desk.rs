//! The world of a page: its open texts and the day it says. There is no disk.

use super::shown::Shown;
use crate::compile::{Compiled, Input};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::editor::{Open, Unread, World};
use crate::format::profile;
use crate::systems::{self, Own};
use crate::text::SourceId;
use crate::values::Day;
use crate::yaml::Sources;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is open, and the bundles that were last compiled from it.
#[derive(Debug)]
pub struct Desk {
    today: Day,
    made: RefCell<Option<Vec<Shown>>>,
}

impl Desk {
    /// On that day.
    pub fn new(today: Day) -> Self {
        Self { today, made: RefCell::new(None) }
    }

    /// The bundles since they were last taken; nothing where none were compiled.
    pub fn take(&self) -> Option<Vec<Shown>> {
        self.made.take()
    }
}

impl World for Desk {
    fn profile(&self, path: &Path, open: &Open) -> Result<Input, Unread> {
        let mut sources = Sources::new();
        let bytes = open(path).unwrap_or_default();
        let profile = match sources.add_bytes(path.display().to_string(), &bytes) {
            Ok(profile) => profile,
            Err(finding) => return Err(Unread { sources, diagnostics: finding.into() }),
        };
        let mut own = BTreeMap::new();
        for (reference, span) in systems::paths(&sources, profile) {
            let path = path.parent().unwrap_or(Path::new("/")).join(&reference);
            let name = path.display().to_string();
            let read = match open(&path) {
                Some(bytes) => sources.add_bytes(name, &bytes),
                None => Err(Diagnostic::error(codes::IO, format!("`{reference}` is not open here"))
                    .at(span, "named here")
                    .help("a page sees no disk: open the file here, or compile with `stockade generate`")),
            };
            match read {
                Ok(file) => own.insert(reference, Own { file, templates: BTreeMap::new() }),
                Err(finding) => {
                    // What is wrong with the profile's own text needs no system.
                    let (_, mut diagnostics) = profile::parse(&sources, profile);
                    diagnostics.push_new(finding);
                    diagnostics.sort();
                    return Err(Unread { sources, diagnostics });
                }
            };
        }
        Ok(Input { sources, profile, systems: own, today: self.today })
    }

    fn beside(&self, _: &Path, compiled: &Compiled, _: SourceId) -> Diagnostics {
        self.made.replace(Some(compiled.bundles.iter().map(Shown::of).collect()));
        Diagnostics::default()
    }

    fn profiles_near(&self, _: &Path) -> Vec<PathBuf> {
        vec![PathBuf::from(super::PROFILE)]
    }

    fn text(&self, _: &Path) -> Option<String> {
        None
    }

    fn copy_of_builtin(&self, _: &str) -> Option<PathBuf> {
        None
    }

    fn page_of_code(&self, _: &str) -> Option<String> {
        None
    }
}
