//! Ports, networks and services as rows.

use crate::controls::Hardened;
use crate::format::system::Limit;
use crate::stack::{HostOpening, HostPort, Network, PortAudience, Service, ServicePort};
use serde::Serialize;

/// How a root file system that cannot be written is called.
pub(in super::super) const READ_ONLY: &str = "read-only";

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct PortRow {
    pub host: String,
    pub bound: String,
    pub audience: String,
    /// Who of them comes from outside.
    pub outside: Option<String>,
    /// Networks whose containers may reach it too.
    pub networks: Vec<String>,
    pub service: String,
    pub container: String,
    pub limit: String,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct NetworkRow {
    pub name: String,
    pub purpose: String,
    pub members: Vec<String>,
    pub internal: bool,
    pub egress: String,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct ServiceRow {
    pub name: String,
    pub image: String,
    pub user: String,
    pub root: &'static str,
    pub capabilities: String,
    pub memory: String,
    pub cpus: String,
    pub pids: String,
}

#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct DeviceRow {
    pub host: String,
    pub service: String,
    pub rights: String,
    pub reason: String,
}

pub(super) fn port_rows(service: &Service) -> impl Iterator<Item = PortRow> {
    service.ports.iter().filter(|port| port.is_published()).map(|port| {
        let ServicePort { at: _, name: _, container, host, address: _, protocol, audience, limit, bound } = port;
        let addresses = bound.get().map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        PortRow {
            host: format!("{host}/{protocol}"),
            bound: addresses.unwrap_or_else(|| "every address".to_owned()),
            audience: reachable_by(audience),
            outside: outside(audience),
            networks: Vec::new(),
            service: service.name.to_string(),
            container: container.to_string(),
            limit: limits(limit.as_ref()),
        }
    })
}

pub(super) fn host_port_row(port: &HostPort) -> PortRow {
    let HostPort { at: _, name: _, title, ports, protocol, audience, networks, limit } = port;
    let containers = networks.iter().map(|network| format!("containers on {network}"));
    let who: Vec<String> = match (outside(audience), networks.is_empty()) {
        (None, true) => vec![reachable_by(audience)],
        (outside, _) => outside.into_iter().chain(containers).collect(),
    };
    PortRow {
        host: format!("{ports}/{protocol}"),
        bound: "as its process is configured".to_owned(),
        audience: who.join(", "),
        outside: outside(audience),
        networks: networks.iter().map(ToString::to_string).collect(),
        service: format!("{title} (on the host)"),
        container: "-".to_owned(),
        limit: limits(limit.as_ref()),
    }
}

pub(super) fn opened_row(open: &HostOpening) -> PortRow {
    PortRow {
        host: open.to_string(),
        bound: "as its process is configured".to_owned(),
        audience: reachable_by(&open.audience),
        outside: outside(&open.audience),
        networks: Vec::new(),
        service: format!("{} (on the host)", open.purpose),
        container: "-".to_owned(),
        limit: limits(None),
    }
}

fn limits(limit: Option<&Limit>) -> String {
    let mut limits = Vec::new();
    if let Some(Limit { new_flows, packets, connections }) = limit {
        limits.extend(new_flows.as_ref().map(|rate| format!("{rate} new flows")));
        limits.extend(packets.as_ref().map(|rate| format!("{rate} packets")));
        limits.extend(connections.map(|number| format!("{number} connections")));
    }
    if limits.is_empty() { "none".to_owned() } else { limits.join(", ") }
}

fn outside(audience: &PortAudience) -> Option<String> {
    match audience {
        PortAudience::Public | PortAudience::Admin | PortAudience::From(_) => Some(reachable_by(audience)),
        PortAudience::Internal | PortAudience::Never => None,
    }
}

/// Who may reach a published port.
fn reachable_by(audience: &PortAudience) -> String {
    match audience {
        PortAudience::Public => "everybody".to_owned(),
        PortAudience::Admin => "admin networks".to_owned(),
        PortAudience::From(networks) => networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        PortAudience::Internal => "other containers".to_owned(),
        PortAudience::Never => "nobody".to_owned(),
    }
}

pub(super) fn network_row(stack: &Hardened, network: &Network) -> NetworkRow {
    let on = |service: &&Service| service.networks.contains_key(&network.name);
    let members: Vec<_> = stack.services.values().filter(on).map(|service| service.name.to_string()).collect();
    NetworkRow {
        name: network.name.to_string(),
        purpose: network.purpose.to_string(),
        members,
        internal: network.internal.is_set(),
        egress: match (network.internal.is_set(), network.denied.networks.len()) {
            (true, _) => "none".to_owned(),
            (false, 0) => "to the outside".to_owned(),
            (false, _) => {
                let denied: Vec<_> = network.denied.networks.iter().map(ToString::to_string).collect();
                format!("to the outside, but for {}", denied.join(", "))
            }
        },
    }
}

pub(super) fn service_row(service: &Service) -> ServiceRow {
    let hardening = &service.hardening;
    let or = |text: Option<String>, absent: &str| text.unwrap_or_else(|| absent.to_owned());
    ServiceRow {
        name: service.name.to_string(),
        image: service.image.to_string(),
        user: or(hardening.user.get().map(ToString::to_string), "the image's"),
        root: if hardening.read_only.is_set() { READ_ONLY } else { "writable" },
        capabilities: match &service.declared.capabilities {
            _ if !hardening.capabilities.is_set() => "the engine's default".to_owned(),
            list if list.is_empty() => "none".to_owned(),
            list => list.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>().join(", "),
        },
        memory: or(hardening.memory.get().map(ToString::to_string), "unlimited"),
        cpus: or(hardening.cpus.get().map(ToString::to_string), "unlimited"),
        pids: or(hardening.pids.get().map(ToString::to_string), "unlimited"),
    }
}

pub(super) fn device_rows(service: &Service) -> impl Iterator<Item = DeviceRow> {
    let least = service.hardening.devices.is_set();
    service.declared.devices.iter().map(move |device| DeviceRow {
        host: device.host.to_string(),
        service: service.name.to_string(),
        rights: if least { device.rights.to_string() } else { "rwm, the engine's default".to_owned() },
        reason: device.reason.to_string(),
    })
}
