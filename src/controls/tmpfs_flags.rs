//! Restrict scratch space.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "tmpfs-flags",
    title: "Restrict scratch space",
    why: "Unbounded scratch space fills the host's memory, and executable one is where downloaded tools are started from.",
    boundary: Boundary::ContainerInside,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP Docker #8"],
};

#[derive(Debug)]
pub struct TmpfsFlags;

impl Control for TmpfsFlags {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        if !service.tmpfs.is_empty() {
            service.hardening.tmpfs.set(META.id, ());
        }
    }
}
