//! Names by which the parts of a system refer to each other.

use super::format::{Edge, Service, System, Upstream};
use crate::diagnostics::{Diagnostic, Diagnostics, codes, nearest_or_allowed};
use crate::source::{Node, Span};

/// Names that are written under one key of the file, and what a message calls one of them. A part that is wrong in itself
/// has its name all the same.
struct Names<'a> {
    what: &'static str,
    key: &'static str,
    written: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn under(root: &'a Node, what: &'static str, key: &'static str) -> Self {
        let node = key.split('.').try_fold(root, |node, key| node.get(key));
        Self {
            what,
            key,
            written: node.map(|node| node.entries().iter().map(|e| e.name()).collect()).unwrap_or_default(),
        }
    }

    fn check(&self, name: &str, at: Span, found: &mut Diagnostics) {
        if self.written.contains(&name) {
            return;
        }
        let Self { what, key, written } = self;
        let help = match written.is_empty() {
            true => format!("describe it under `{key}`"),
            false => format!("{}; they are described under `{key}`", nearest_or_allowed(name, written.iter().copied())),
        };
        found.push_new(
            Diagnostic::error(codes::INVALID_SYSTEM, format!("there is no {what} `{}`", name.escape_debug()))
                .at(at, "")
                .help(help),
        );
    }
}

/// Names of parts that are not described, each at its place.
pub(super) fn check(system: &System, root: &Node, found: &mut Diagnostics) {
    let services = Names::under(root, "service", "services");
    let networks = Names::under(root, "network", "networks");
    let volumes = Names::under(root, "volume", "volumes");
    for service in system.services.values() {
        of_service(service, &services, &networks, &volumes, found);
    }
    for secret in system.secrets.values() {
        for delivery in &secret.deliver {
            services.check(delivery.service.as_str(), delivery.service.span, found);
        }
        for service in secret.rotation.iter().flat_map(|rotation| &rotation.restart) {
            services.check(service.as_str(), service.span, found);
        }
    }
    if let Some(edge) = &system.edge {
        let rates = Names::under(root, "rate class", "edge.rates");
        of_edge(edge, &services, &networks, &rates, found);
    }
}

fn of_service(service: &Service, services: &Names, networks: &Names, volumes: &Names, found: &mut Diagnostics) {
    service.depends_on.keys().for_each(|name| services.check(name.as_str(), name.span, found));
    service.networks.keys().for_each(|name| networks.check(name.as_str(), name.span, found));
    let mounted = service.mounts.iter().filter_map(|mount| mount.volume.as_ref());
    mounted.for_each(|name| volumes.check(name.as_str(), name.span, found));
}

fn of_edge(edge: &Edge, services: &Names, networks: &Names, rates: &Names, found: &mut Diagnostics) {
    networks.check(edge.front.as_str(), edge.front.span, found);
    let mut upstream = |upstream: &Upstream| {
        if let Some(service) = &upstream.service {
            services.check(service.as_str(), service.span, found);
        }
        networks.check(upstream.network.as_str(), upstream.network.span, found);
    };
    for site in edge.sites.values() {
        upstream(&site.upstream);
        site.paths.iter().filter_map(|path| path.upstream.as_ref()).for_each(&mut upstream);
    }
    for site in edge.sites.values() {
        let of_paths = site.paths.iter().filter_map(|path| path.rate.as_ref());
        site.rate.iter().chain(of_paths).for_each(|rate| rates.check(&rate.value, rate.span, found));
    }
}
