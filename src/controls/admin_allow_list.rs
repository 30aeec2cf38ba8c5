//! Admit only admin networks.

use super::{Control, Meta, Reach, Surroundings, sites};
use crate::checks::Claim;
use crate::diagnostics::Severity;
use crate::stack::{Location, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "admin-allow-list",
    title: "Admit only admin networks",
    why: "Somebody with a stolen password, or without one and with a flaw, could otherwise work on admin pages from anywhere.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CWE-668", "CWE-306"],
};

#[derive(Debug)]
pub struct AdminAllowList;

impl Control for AdminAllowList {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        if !location.has_own_sources {
            location.allow.enforce(META.id);
        }
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        sites::refuses_others(stack, false)
    }
}
