//! What the editor asks of the machine around it.

use crate::compile::{Compiled, Input};
use crate::diagnostics::Diagnostics;
use crate::text::SourceId;
use crate::yaml::Sources;
use std::path::{Path, PathBuf};

/// Gives the open text of a path, where there is one.
pub type Open<'a> = dyn Fn(&Path) -> Option<Vec<u8>> + 'a;

/// Files that could not be read, with what is wrong.
#[derive(Debug)]
pub struct Unread {
    /// The files read so far.
    pub sources: Sources,
    /// What is wrong.
    pub diagnostics: Diagnostics,
}

/// Disk and clock, handed in.
pub trait World {
    /// Reads a profile and what it names, open texts before those on disk. Files are named by their absolute paths.
    ///
    /// # Errors
    /// Files that cannot be read, each with the place that names it.
    fn profile(&self, path: &Path, open: &Open) -> Result<Input, Unread>;

    /// What `check` finds beside what the compiler does, on what lies beside the profile.
    fn beside(&self, profile: &Path, compiled: &Compiled, written: SourceId) -> Diagnostics;

    /// Profiles in the folder of a system file and in those above that may name it.
    fn profiles_near(&self, system: &Path) -> Vec<PathBuf>;

    /// The text of a file, where it can be read.
    fn text(&self, path: &Path) -> Option<String>;

    /// Where an editor can open the file of a built-in system, read-only.
    fn copy_of_builtin(&self, name: &str) -> Option<PathBuf>;

    /// The page that explains a code, as an editor can open it.
    fn page_of_code(&self, code: &str) -> Option<String>;
}
