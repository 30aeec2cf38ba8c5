//! Set owner and mode of files.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::Claim;
use crate::diagnostics::Severity;
use crate::stack::Stack;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "file-permissions",
    title: "Set owner and mode of files",
    why: "The umask of whoever generates would otherwise decide who reads tokens and who changes configuration.",
    boundary: Boundary::ContainerInside,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Stack,
    references: &["CWE-732"],
};

#[derive(Debug)]
pub struct FilePermissions;

impl Control for FilePermissions {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn enforce(&self, stack: &mut Stack, _: &Surroundings) {
        if !stack.files.is_empty() || !stack.directories.is_empty() {
            stack.file_permissions.set(META.id, ());
        }
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        if !stack.file_permissions.is_set() {
            return Vec::new();
        }
        let directories = stack.directories.iter().map(|it| live::file(&it.path, it.owner, it.mode));
        let files = stack.files.iter().map(|it| live::file(&it.path, Some(it.owner), it.mode));
        directories.chain(files).collect()
    }
}
