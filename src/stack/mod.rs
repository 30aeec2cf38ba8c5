//! In: a [`Profile`](crate::profile::Profile), the [`System`](crate::systems::format::System) it names and the
//! components Stockade adds. Out: a [`Stack`] with nothing implicit left and nothing hardened yet.
//!
//! Defaults are applied here, last and once. Controls then set every `Enforced` field.

mod cause;
mod choices;
pub mod edge;
mod enforced;
pub mod facts;
pub mod firewall;
mod named;
mod resolve;
mod rules;
mod scope;
mod service;
mod settings;
mod storage;

pub use choices::Choices;
pub use edge::{BasicAuth, Edge, Location, Site};
pub use enforced::Enforced;
pub use resolve::check_settings;
pub use resolve::{Here, hosts, resolve, services_of};
pub use scope::{Scope, check_size, language, render_bounded};
pub use service::{
    Audience, Declared, Device, DockerAccess, Group, Hardening, Health, HostPort, Limits, Mount, MountSource, Origin,
    PortAudience, SecretUse, Service, ServicePort, Shim, Tmpfs, Variable,
};
pub use storage::{
    Access, AppFile, Body, Bridge, Certificate, CertificateFiles, Destinations, Directory, Network, OwnTemplate,
    Secret, Volume, hole,
};

use crate::controls::Id;
use crate::profile::{Environment, FirewallKind, Level};
use crate::source::{Span, Spanned};
use crate::systems::format::{Boundary, ContainerEngine, Status};
use crate::values::{
    Cidr, Day, Domain, HostIp, HostName, HostPath, Line, NetworkName, Port, ProjectName, RecommendationId, SecretName,
    ServiceName, SystemName, VolumeName,
};
use std::collections::BTreeMap;

/// The resolved model.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Name of the compose project.
    pub name: ProjectName,
    /// The host it is for, where the profile lists several.
    pub host: Option<HostName>,
    /// The systems it is made from; mostly one.
    pub systems: Vec<SystemId>,
    /// What runs the containers.
    pub engine: ContainerEngine,
    /// Where it runs.
    pub environment: Environment,
    /// How much hardening.
    pub level: Level,
    /// Networks of admin surfaces.
    pub admin: Vec<Cidr>,
    /// Addresses of the host ports are published on.
    pub bind: Vec<HostIp>,
    /// Absolute path of the bundle on the host, for self-contained compose files.
    pub base: Option<HostPath>,
    /// Containers.
    pub services: BTreeMap<ServiceName, Service>,
    /// Networks.
    pub networks: BTreeMap<NetworkName, Network>,
    /// Bridges of the host beside theirs.
    pub bridges: Vec<Bridge>,
    /// Ports that processes of the host listen on.
    pub host_ports: Vec<HostPort>,
    /// Volumes the engine keeps.
    pub volumes: BTreeMap<VolumeName, Volume>,
    /// Directories made before the first start, parents first.
    pub directories: Vec<Directory>,
    /// Secrets.
    pub secrets: BTreeMap<SecretName, Secret>,
    /// Config and state files of the application.
    pub files: Vec<AppFile>,
    /// Owner and mode of those files are set.
    pub file_permissions: Enforced<()>,
    /// The reverse proxy.
    pub edge: Option<Edge>,
    /// The bundle's own certificate, where the proxy uses one.
    pub certificate: Option<Certificate>,
    /// The operator's certificate, where the proxy uses that.
    pub certificate_files: Option<CertificateFiles>,
    /// Docker socket of the host.
    pub docker_socket: HostPath,
    /// What the firewall is to be.
    pub firewall_choice: FirewallChoice,
    /// The firewall.
    pub firewall: Enforced<firewall::Firewall>,
    /// Controls that are switched off.
    pub waivers: Vec<Waiver>,
    /// Controls that the configuration of the system's own reverse proxy carries out.
    pub covered: Vec<Covered>,
    /// Every line of the vendor's guide with the outcome that counts.
    pub recommendations: Vec<Recommendation>,
    /// Steps by hand.
    pub runbook: Vec<Steps>,
    /// Weaknesses that remain behind the controls.
    pub limitations: Vec<String>,
}

/// The system a stack is made from.
#[derive(Debug, Clone)]
pub struct SystemId {
    /// Name by which profiles choose it.
    pub name: SystemName,
    /// Name for people.
    pub title: Line,
    /// One sentence on what it is.
    pub summary: Line,
    /// Its variant, where it has any.
    pub variant: Option<String>,
    /// Host name under which people reach it.
    pub domain: Option<Domain>,
}

/// What the firewall is to be.
#[derive(Debug, Clone)]
pub struct FirewallChoice {
    /// What loads the rules.
    pub kind: FirewallKind,
    /// Port of the operator's SSH.
    pub ssh_port: Port,
    /// Networks it may be reached from.
    pub ssh_from: Vec<Cidr>,
    /// Seconds until unconfirmed rules are taken back.
    pub confirm_seconds: u32,
}

/// A control that is switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The control.
    pub control: Id,
    /// The one service it is switched off for.
    pub service: Option<ServiceName>,
    /// Why.
    pub reason: String,
    /// Last day on which it holds.
    pub until: Day,
}

/// A control that the configuration of the system's own reverse proxy carries out.
#[derive(Debug, Clone)]
pub struct Covered {
    /// The control.
    pub control: Id,
    /// Where, `ARTEFACT#key`.
    pub places: Vec<Spanned<String>>,
}

/// One line of the vendor's guide with the outcome that counts.
#[derive(Debug, Clone)]
pub struct Recommendation {
    /// Its number.
    pub id: RecommendationId,
    /// What the guide asks.
    pub guide: Line,
    /// The boundary it guards.
    pub boundary: Boundary,
    /// The kind of answer, before waivers and levels.
    pub status: Status,
    /// Controls behind it.
    pub controls: Vec<Id>,
    /// Further places, `ARTEFACT` or `ARTEFACT#key`.
    pub places: Vec<Spanned<String>>,
    /// Why.
    pub because: Option<String>,
    /// Command that proves it.
    pub verify: Option<String>,
    /// What it shows when all is well.
    pub expect: Option<String>,
    /// Where we do other than the guide says.
    pub deviation: Option<Line>,
    /// Where the system file says it.
    pub span: Span,
}

/// Steps by hand towards one end.
#[derive(Debug, Clone)]
pub struct Steps {
    /// The end.
    pub title: Line,
    /// What to do, the command, and what it prints.
    pub steps: Vec<(String, Option<String>, Option<String>)>,
}

impl Stack {
    /// Whether a control is switched off, everywhere or for one service.
    pub fn waived(&self, control: Id, service: Option<&ServiceName>) -> bool {
        self.waivers.iter().any(|w| {
            w.control == control && (w.service.is_none() || (service.is_some() && w.service.as_ref() == service))
        })
    }

    /// Whether anything but loopback is meant to reach it.
    pub fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }
}
