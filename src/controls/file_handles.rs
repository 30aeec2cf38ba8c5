//! Limit open files.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};

/// Enough for ten thousands of connections, far below what the kernel as a whole can hold.
const DEFAULT: u32 = 65_536;

pub static META: Meta = Meta {
    id: "file-handles",
    title: "Limit open files",
    why: "A flood of connections would otherwise use up the host's file handles: engines before 29 often start containers with no limit at all. Later ones give 1,024, which is too few for many, so what a service declares holds at every level.",
    boundary: Boundary::HostContainer,
    severity: Severity::Note,
    level: Level::Strict,
    reach: Reach::Service,
    references: &["CIS Docker 5.19", "OWASP Docker #7"],
};

#[derive(Debug)]
pub struct FileHandles;

impl Control for FileHandles {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        service.hardening.files.set(META.id, service.declared.files.unwrap_or(DEFAULT));
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(files) = service.hardening.files.get() else { return Vec::new() };
        vec![live::claim(service, stack, format!("may open {files} files"), Ask::OpenFiles, Expect::equals(*files))]
    }
}
