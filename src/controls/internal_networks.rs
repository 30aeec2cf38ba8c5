//! Cut networks off.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Network, Stack};
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "internal-networks",
    title: "Cut networks off",
    why: "A service that needs no way out would otherwise have one, to fetch tools with and to carry data away.",
    boundary: Boundary::ContainerContainer,
    severity: Severity::Warning,
    level: Level::Hardened,
    reach: Reach::Service,
    references: &["CIS Docker 5.30", "OWASP Docker #5"],
};

#[derive(Debug)]
pub struct InternalNetworks;

impl Control for InternalNetworks {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn network(&self, network: &mut Network, _: &Surroundings) {
        if !network.egress {
            network.internal.set(META.id, ());
        }
    }

    fn shown(&self, stack: &Stack) -> Vec<Claim> {
        let internal = stack.networks.values().filter(|network| network.internal.is_set());
        let one = |network: &Network| {
            let subject = live::network(network, stack);
            let text = format!("`{}` has no way out", network.name);
            Claim::new(subject, text, Ask::inspect("/Internal"), Expect::equals(true))
        };
        internal.map(one).collect()
    }
}
