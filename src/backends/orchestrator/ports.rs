//! Ports of one container: where they are published, or why they are not.

use crate::controls::Id;
use crate::stack::{Because, PortAudience, Service, ServicePort};
use crate::values::HostIp;
use serde::Serialize;

/// A port that is published on one address.
#[derive(Serialize)]
pub(super) struct Published {
    /// Who may reach it.
    audience: &'static str,
    /// `ADDRESS:HOST:CONTAINER/PROTOCOL`.
    port: Because<String>,
}

/// A port that is not published.
#[derive(Serialize)]
pub(super) struct Unpublished<'a> {
    /// Number in the container.
    number: u16,
    /// Last number, where it is a range.
    last: Option<u16>,
    /// Whether it is TCP, else UDP.
    tcp: bool,
    /// Whether other containers use it, else nobody but the process itself.
    shared: bool,
    /// Controls behind it.
    why: &'a [Id],
}

pub(super) fn published(service: &Service) -> Vec<Published> {
    let mut found = Vec::new();
    let mut ports: Vec<_> = service.ports.iter().collect();
    ports.sort_by_key(|port| port.host.first());
    for port in ports {
        let texts: Vec<String> = match port.bound.get() {
            Some(addresses) => addresses.iter().map(|address| on(Some(*address), port)).collect(),
            None if port.is_published() => vec![on(None, port)],
            None => Vec::new(),
        };
        let audience = audience(&port.audience);
        found.extend(texts.into_iter().map(|text| Published { audience, port: Because::new(text, port.bound.why()) }));
    }
    found
}

pub(super) fn unpublished(service: &Service) -> Vec<Unpublished<'_>> {
    let rule = &service.hardening.unpublished;
    service
        .ports
        .iter()
        .filter(|port| port.bound.get().map_or(!port.is_published(), Vec::is_empty))
        .map(|port| Unpublished {
            number: port.container.first(),
            last: (port.container.count() > 1).then(|| port.container.last()),
            tcp: port.protocol == crate::values::Protocol::Tcp,
            shared: port.audience == PortAudience::Internal,
            why: if rule.is_set() { rule.why() } else { port.bound.why() },
        })
        .collect()
}

fn on(address: Option<HostIp>, port: &ServicePort) -> String {
    let rest = format!("{}:{}/{}", port.host, port.container, port.protocol);
    match address {
        Some(HostIp(std::net::IpAddr::V6(address))) => format!("[{address}]:{rest}"),
        Some(HostIp(address)) => format!("{address}:{rest}"),
        None => rest,
    }
}

fn audience(audience: &PortAudience) -> &'static str {
    match audience {
        PortAudience::Public => "for everybody",
        PortAudience::Admin => "for the admin networks",
        PortAudience::From(_) => "for the networks that the firewall names",
        PortAudience::Internal => "for other containers",
        PortAudience::Never => "for nobody",
    }
}
