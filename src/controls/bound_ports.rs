//! Bind ports to addresses.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
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

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        if !service.ports.iter().any(|port| port.bound.is_set()) {
            return Vec::new();
        }
        let claim = |ports: Vec<String>| {
            live::claim(service, stack, "is published where the bundle says", Ask::Ports, Expect::set(ports))
        };
        live::ports(service).map(claim).into_iter().collect()
    }
}
