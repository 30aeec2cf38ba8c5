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
    port: String,
}

pub(super) fn published(service: &Service) -> Vec<Because<Published>> {
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
        found.extend(texts.into_iter().map(|text| Because::new(Published { audience, port: text }, port.bound.why())));
    }
    found
}

/// Ports that are not published, in words, those for the same reason in one.
pub(super) fn unpublished(service: &Service) -> Vec<Because<String>> {
    let rule = &service.hardening.unpublished;
    let mut found: Vec<Because<String>> = Vec::new();
    for port in &service.ports {
        if port.bound.get().map_or(port.is_published(), |addresses| !addresses.is_empty()) {
            continue;
        }
        let to = match port.audience {
            PortAudience::Internal => "for other containers only: ",
            _ => "for the process itself only: ",
        };
        let why: &[Id] = if rule.is_set() { rule.why() } else { port.bound.why() };
        let port = format!("{}/{}", port.container, port.protocol);
        match found.iter_mut().find(|it| it.value.starts_with(to) && it.why == why) {
            Some(known) => known.value.push_str(&format!(", {port}")),
            None => found.push(Because::new(format!("{to}{port}"), why)),
        }
    }
    found
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
