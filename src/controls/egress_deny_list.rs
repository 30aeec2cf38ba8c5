//! Refuse destinations that no container has to ask.

use super::default_deny_firewall::{claims, policy};
use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::Claim;
use crate::diagnostics::Severity;
use crate::stack::Stack;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "egress-deny-list",
    title: "Refuse named destinations",
    why: "A container that fetches what its users name can be made to fetch from the cloud's metadata service, the local network and the host (SSRF).",
    boundary: Boundary::HostContainer,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Stack,
    references: &["OWASP API Security 2023 #7", "CWE-918"],
};

#[derive(Debug)]
pub struct EgressDenyList;

impl Control for EgressDenyList {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn enforce(&self, stack: &mut Stack, _: &Surroundings) {
        if let Some(firewall) = policy(stack).filter(|firewall| claims(firewall, META.id)) {
            stack.firewall.set(META.id, firewall);
        }
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        live::firewall(stack, META.id)
    }
}
