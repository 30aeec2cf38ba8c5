//! Pin images.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
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

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(()) = service.hardening.pinned.get() else { return Vec::new() };
        vec![
            live::claim(
                service,
                stack,
                "was made from the image that the bundle names",
                Ask::inspect("/Config/Image"),
                Expect::equals(service.image.to_string()),
            ),
            live::claim(
                service,
                stack,
                "runs what that name stands for on this host",
                Ask::Image { reference: service.image.to_string() },
                Expect::equals("same"),
            )
            .part("content"),
        ]
    }
}
