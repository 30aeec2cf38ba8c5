//! Run as a numeric user.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level};
use std::collections::BTreeSet;

pub static META: Meta = Meta {
    id: "non-root-user",
    title: "Run as a numeric user",
    why: "Root in a container is root for the kernel: one escape and the host is lost. A number cannot be mapped to root by a changed image.",
    boundary: Boundary::HostContainer,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 4.1", "OWASP Docker #2"],
};

#[derive(Debug)]
pub struct NonRootUser;

impl Control for NonRootUser {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, _: &Surroundings) {
        // A service that must be root keeps the image's own user: the name of this control on it would be a lie.
        if service.declared.user.uid != 0 {
            service.hardening.user.set(META.id, service.declared.user);
        }
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        let Some(user) = service.hardening.user.get() else { return Vec::new() };
        let four = |id: u32| [id; 4].map(|id| id.to_string()).join(" ");
        // Some engines list the group itself, some do not.
        let more: Vec<u32> = service.groups.iter().map(|group| group.id.0).collect();
        let words = |own: Option<u32>| {
            let ids: BTreeSet<u32> = more.iter().copied().chain(own).collect();
            ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ").into()
        };
        let groups = Expect::OneOf(vec![words(None), words(Some(user.gid))]);
        vec![
            live::claim(service, stack, "is in no other group", Ask::process("Groups"), groups).part("groups"),
            live::claim(
                service,
                stack,
                format!("runs as user {}", user.uid),
                Ask::process("Uid"),
                Expect::equals(four(user.uid)),
            )
            .part("user"),
            live::claim(
                service,
                stack,
                format!("runs as group {}", user.gid),
                Ask::process("Gid"),
                Expect::equals(four(user.gid)),
            )
            .part("group"),
        ]
    }
}
