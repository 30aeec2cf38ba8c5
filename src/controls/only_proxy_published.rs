//! Publish only what must be.

use super::{Control, Meta, Reach, Surroundings, live};
use crate::checks::{Ask, Claim, Expect};
use crate::diagnostics::Severity;
use crate::stack::{Service, Stack};
use crate::values::{Boundary, Level, Port};

pub static META: Meta = Meta {
    id: "only-proxy-published",
    title: "Publish only what must be",
    why: "A port that goes round the proxy goes round its encryption, passwords, limits and logs too.",
    boundary: Boundary::ExternalHost,
    severity: Severity::Error,
    level: Level::Baseline,
    reach: Reach::Service,
    references: &["CIS Docker 5.9", "CWE-668"],
};

#[derive(Debug)]
pub struct OnlyProxyPublished;

impl Control for OnlyProxyPublished {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn enforce(&self, stack: &mut Stack, _: &Surroundings) {
        let sites = || stack.edge.iter().flat_map(|edge| &edge.sites);
        let paths = sites().flat_map(|site| &site.locations).map(|location| &location.upstream);
        let upstreams = sites().map(|site| &site.upstream).chain(paths);
        let proxied: Vec<_> =
            upstreams.filter_map(|upstream| Some((upstream.service()?.clone(), upstream.port))).collect();
        let waived: Vec<_> = stack.services.keys().filter(|name| !META.is_on(stack, Some(name))).cloned().collect();
        for (name, service) in stack.services.iter_mut().filter(|(name, _)| !waived.contains(name)) {
            let published =
                |port: Port| service.ports.iter().any(|own| own.container.contains(port.get()) && own.is_published());
            let behind_proxy = proxied.iter().any(|(upstream, port)| upstream == name && !published(*port));
            if behind_proxy || service.ports.iter().any(|port| !port.is_published()) {
                service.hardening.unpublished.set(META.id, ());
            }
        }
    }

    fn shown_by(&self, service: &Service, stack: &Stack) -> Vec<Claim> {
        if !service.hardening.unpublished.is_set() {
            return Vec::new();
        }
        let claim = |ports: Vec<String>| {
            live::claim(service, stack, "has no other port of the host", Ask::Ports, Expect::set(ports))
        };
        live::ports(service).map(claim).into_iter().collect()
    }
}
