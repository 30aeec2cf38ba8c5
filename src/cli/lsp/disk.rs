//! Disk and clock for the editor's room.

use super::super::exit::Failure;
use super::super::{input, places, supplied};
use super::page::Page;
use crate::compile::{Compiled, Input};
use crate::diagnostics::Diagnostics;
use crate::editor::{Open, Unread, World};
use crate::systems;
use crate::text::SourceId;
use crate::values::Day;
use crate::writer::Cache;
use std::cell::OnceCell;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// How many folders above a system file may hold a profile that names it.
const ABOVE: usize = 3;
/// Most profiles that are looked at because of one system file.
const MANY: usize = 20;

/// The machine the server runs on.
pub struct Disk {
    /// The day at the start, for when the clock can no longer be told.
    day: Day,
    page: OnceCell<Option<Page>>,
}

impl Disk {
    /// Looks at the clock.
    ///
    /// # Errors
    /// It cannot be told, or `STOCKADE_TODAY` holds no day.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self { day: input::today()?, page: OnceCell::new() })
    }
}

impl World for Disk {
    fn profile(&self, path: &Path, open: &Open) -> Result<Input, Unread> {
        let today = input::today().unwrap_or(self.day);
        input::read_over(path, today, open).map_err(|refused| {
            let input::InputRefused { sources, diagnostics, .. } = *refused;
            Unread { sources, diagnostics }
        })
    }

    fn beside(&self, profile: &Path, compiled: &Compiled, written: SourceId) -> Diagnostics {
        supplied::missing(profile, &places::base(profile, None), false, compiled, written)
    }

    fn profiles_near(&self, system: &Path) -> Vec<PathBuf> {
        let Some(name) = system.file_name().and_then(OsStr::to_str) else { return Vec::new() };
        let folders = system.ancestors().skip(1).take(1 + ABOVE);
        let profiles = folders.flat_map(input::in_folder);
        profiles.filter(|path| self.text(path).is_some_and(|text| text.contains(name))).take(MANY).collect()
    }

    fn text(&self, path: &Path) -> Option<String> {
        String::from_utf8(input::bounded(path).ok()?).ok()
    }

    fn copy_of_builtin(&self, name: &str) -> Option<PathBuf> {
        Cache::of_user()?.keep(&format!("{name}.system.yaml"), systems::builtin(name)?)
    }

    fn page_of_code(&self, code: &str) -> Option<String> {
        self.page.get_or_init(Page::write).as_ref()?.of(code)
    }
}
