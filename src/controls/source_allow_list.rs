//! Admit only known sources.

use super::{Control, Meta, Reach, Surroundings, sites};
use crate::checks::Claim;
use crate::diagnostics::Severity;
use crate::stack::{Location, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "source-allow-list",
    title: "Admit only known sources",
    why: "Interfaces between machines are built for a few known ones; everybody else has nothing to ask there but trouble.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CWE-668", "CWE-923"],
};

#[derive(Debug)]
pub struct SourceAllowList;

impl Control for SourceAllowList {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, _: &Surroundings) {
        if location.has_own_sources {
            location.allow.enforce(META.id);
        }
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        sites::refuses_others(stack, true)
    }
}
