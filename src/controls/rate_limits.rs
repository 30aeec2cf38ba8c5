//! Limit requests per source.

use super::default_deny_firewall::{claims, policy};
use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::Claim;
use crate::diagnostics::Severity;
use crate::stack::{Location, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "rate-limits",
    title: "Limit requests per source",
    why: "Passwords can otherwise be guessed as fast as the line allows, and one client can keep all others out.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Warning,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["OWASP API Security 2023 #4", "CWE-307", "CWE-770"],
};

#[derive(Debug)]
pub struct RateLimits;

impl Control for RateLimits {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn location(&self, location: &mut Location, facts: &Surroundings) {
        if facts.limits_rates {
            location.rate.enforce(META.id);
        }
    }

    fn enforce(&self, stack: &mut Stack, facts: &Surroundings) {
        self.walk(stack, facts);
        if let Some(firewall) = policy(stack).filter(|firewall| claims(firewall, META.id)) {
            stack.firewall.set(META.id, firewall);
        }
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        live::firewall(stack, META.id)
    }
}
