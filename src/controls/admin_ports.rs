//! Open admin ports to operators only.

use super::default_deny_firewall::{claims, policy};
use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::Claim;
use crate::diagnostics::Severity;
use crate::stack::Stack;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "admin-ports",
    title: "Open admin ports to operators only",
    why: "An admin surface that everybody can reach is one stolen password or one flaw away from everybody.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.9", "CWE-668"],
};

#[derive(Debug)]
pub struct AdminPorts;

impl Control for AdminPorts {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn enforce(&self, stack: &mut Stack, _: &Surroundings) {
        let Some(firewall) = policy(stack) else { return };
        if claims(&firewall, META.id) {
            stack.firewall.set(META.id, firewall);
        }
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        live::firewall(stack, META.id)
    }
}
