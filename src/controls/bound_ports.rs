//! Bind ports to addresses.

use super::{Control, Meta, Reach, Surroundings};
use crate::diagnostics::Severity;
use crate::stack::Service;
use crate::values::{Boundary, Level};

pub static META: Meta = Meta {
    id: "bound-ports",
    title: "Bind ports to addresses",
    why: "Without an address Docker publishes a port on every one the host has, those of public interfaces and IPv6 included.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.14", "OWASP Docker #5a", "CWE-1327"],
};

#[derive(Debug)]
pub struct BoundPorts;

impl Control for BoundPorts {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn service(&self, service: &mut Service, facts: &Surroundings) {
        for port in service.ports.iter_mut().filter(|port| port.is_published()) {
            let addresses = port.address.map_or_else(|| facts.bind.clone(), |address| vec![address]);
            port.bound.set(META.id, addresses);
        }
    }
}
