//! Pin images.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "pinned-image",
    title: "Pin images",
    why: "`latest` is whatever was pushed last: a restart could start another program than the one that was tested, or a malicious one.",
    boundary: Boundary::HostContainer,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.28", "OWASP Docker #13"],
};

#[derive(Debug)]
pub struct PinnedImage;

impl Control for PinnedImage {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        let image = &service.image;
        if image.digest.is_some() || image.tag.as_deref().is_some_and(|tag| tag != "latest") {
            service.hardening.pinned.set(META.id, ());
        }
    }
}
