//! Cut networks off.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Network;
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
}
