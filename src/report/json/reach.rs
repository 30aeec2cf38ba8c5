//! What can be reached, and by whom, in `report.json`.

use super::super::view::{self, View};
use schemars::JsonSchema;
use serde::Serialize;

/// What can be reached, and by whom.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Exposure {
    /// Networks of admin surfaces.
    pub admin: Vec<String>,
    /// What loads the host's firewall; absent where none is generated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firewall: Option<String>,
    /// Ports of the host.
    pub ports: Vec<Port>,
    /// What the proxy answers, by who may reach it.
    pub sites: Vec<Site>,
    /// Devices of the host that containers use.
    pub devices: Vec<Device>,
    /// Networks of the stack.
    pub networks: Vec<Network>,
    /// Services of the stack.
    pub services: Vec<Service>,
}

/// A port of the host.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Port {
    /// Number or range, and protocol, as `443/tcp`; a protocol without ports alone, as `esp`.
    pub host: String,
    /// Addresses it is bound to.
    pub bound: String,
    /// Who may reach it, in words: `everybody`, `admin networks`, or networks.
    pub audience: String,
    /// The service that answers.
    pub service: String,
    /// Its port in the container; `-` for processes of the host.
    pub container: String,
    /// What one source may do, in words; `none` where nothing is limited.
    pub limit: String,
}

/// Paths of a site that are alike.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Site {
    /// Its address.
    pub address: String,
    /// The paths; ` alone` behind one means nothing below it.
    pub paths: Vec<String>,
    /// Who may reach them, in words.
    pub audience: String,
    /// What is asked for first, in words; empty where nothing answers.
    pub asks: String,
    /// Requests that one client may make, in words.
    pub limits: Vec<String>,
}

/// A device of the host that a container uses.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Device {
    /// The device.
    pub host: String,
    /// The service that uses it.
    pub service: String,
    /// What it may do with it, in words.
    pub rights: String,
    /// Why it needs it.
    pub reason: String,
}

/// A network of the stack.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Network {
    /// Its name.
    pub name: String,
    /// What it connects.
    pub purpose: String,
    /// Services on it.
    pub members: Vec<String>,
    /// Whether nothing leaves it.
    pub internal: bool,
    /// What leaves it, in words.
    pub egress: String,
}

/// A service of the stack.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    /// Its name.
    pub name: String,
    /// The image.
    pub image: String,
    /// The user it runs as, in words.
    pub user: String,
    /// Whether its root file system cannot be written.
    pub read_only: bool,
    /// Capabilities it keeps, in words.
    pub capabilities: String,
    /// Memory, in words.
    pub memory: String,
    /// Processors, in words.
    pub cpus: String,
    /// Processes, in words.
    pub pids: String,
}

pub(super) fn exposure(view: &View) -> Exposure {
    let port = |row: &view::PortRow| Port {
        host: row.host.clone(),
        bound: row.bound.clone(),
        audience: row.audience.clone(),
        service: row.service.clone(),
        container: row.container.clone(),
        limit: row.limit.clone(),
    };
    let site = |row: &view::SiteRow| Site {
        address: row.address.clone(),
        paths: row.paths.clone(),
        audience: row.audience.clone(),
        asks: row.asks.to_owned(),
        limits: row.limits.clone(),
    };
    let device = |row: &view::DeviceRow| Device {
        host: row.host.clone(),
        service: row.service.clone(),
        rights: row.rights.clone(),
        reason: row.reason.clone(),
    };
    let network = |row: &view::NetworkRow| Network {
        name: row.name.clone(),
        purpose: row.purpose.clone(),
        members: row.members.clone(),
        internal: row.internal,
        egress: row.egress.clone(),
    };
    let service = |row: &view::ServiceRow| Service {
        name: row.name.clone(),
        image: row.image.clone(),
        user: row.user.clone(),
        read_only: row.root == view::READ_ONLY,
        capabilities: row.capabilities.clone(),
        memory: row.memory.clone(),
        cpus: row.cpus.clone(),
        pids: row.pids.clone(),
    };
    Exposure {
        admin: view.admin.clone(),
        firewall: view.firewall.clone(),
        ports: view.ports.iter().map(port).collect(),
        sites: view.sites.iter().map(site).collect(),
        devices: view.devices.iter().map(device).collect(),
        networks: view.networks.iter().map(network).collect(),
        services: view.services.iter().map(service).collect(),
    }
}
