//! In: a [`Profile`](crate::format::profile::Profile), the [`System`](crate::format::system::System) it names and the
//! components Stockade adds. Out: a [`Stack`] with nothing implicit left and nothing hardened yet.
//!
//! Defaults are applied here, last and once. Controls then set every `Enforced` field.

pub mod answers;
mod cause;
mod claims;
mod control;
mod defaults;
pub mod edge;
mod enforced;
pub mod firewall;
mod keys;
mod resolve;
mod rules;
mod scope;
mod service;
mod settings;
mod storage;
mod system_facts;

pub use claims::{Claim, Claims};
pub use control::{Catalogue, Id, Meta, Reach};
pub use defaults::{Choices, PROXY as DEFAULT_PROXY};
pub use edge::{BasicAuth, Edge, Location, PROXY_PASSWORD, Site};
pub use enforced::{Because, Enforced};
#[cfg(test)]
pub(crate) use keys::KEYS;
#[cfg(test)]
pub(crate) use keys::SHAPED;
pub use keys::controls_of_key;
#[cfg(test)]
pub(crate) use resolve::socket_filter;
pub use resolve::{among_several, check_settings};
pub use resolve::{hosts, mount_points_in_host, resolve, services_of};
pub use scope::{Scope, check_size, language, render_bounded};
pub use service::{
    Audience, Device, DockerAccess, Group, Hardening, Health, HostPort, KernelSetting, Mount, MountSource, Origin,
    PortAudience, ProcessLimit, SHIM_TARGET, SecretUse, Service, ServicePort, Shim, Tmpfs,
};
#[cfg(test)]
pub(crate) use service::{Declared, Variable};
pub use settings::judge;
pub use storage::{
    Access, AppFile, Body, Bridge, Certificate, CertificateFiles, Destinations, Directory, Keeping, Network,
    OwnTemplate, Secret, Volume, certificate_days, hole,
};

use crate::format::system::{ContainerEngine, DifferenceKind, Status};
use crate::text::{Span, Spanned};
use crate::values::{
    Boundary, Cidr, Day, Domain, Environment, FirewallKind, HostIp, HostName, HostPath, IpProtocol, Level, Line,
    NetworkName, Port, Ports, ProjectName, RecommendationId, SecretName, ServiceName, SystemName, Vantage, VolumeName,
};
use std::collections::BTreeMap;
use std::fmt;

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
    /// How they are kept.
    pub keeping: Keeping,
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
    /// What works differently than with the vendors' own compose files.
    pub differences: Vec<Difference>,
    /// Address under which the other hosts of the profile reach this one.
    pub address: Option<HostIp>,
    /// Steps by hand.
    pub runbook: Vec<Steps>,
    /// What of them the first start waits for.
    pub waits: Vec<Wait>,
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
    /// What opens on the host itself beside what the systems publish.
    pub open: Vec<HostOpening>,
    /// Whether dropped packets are logged.
    pub log: bool,
    /// Seconds until unconfirmed rules are taken back.
    pub confirm_seconds: u32,
}

/// Something that the profile opens on the host itself.
#[derive(Debug, Clone)]
pub struct HostOpening {
    /// Where the profile says it.
    pub at: Span,
    /// Ports; none where the protocol has none.
    pub ports: Option<Ports>,
    /// The protocol.
    pub protocol: IpProtocol,
    /// Who may come in.
    pub audience: PortAudience,
    /// What it is for.
    pub purpose: Line,
}

impl fmt::Display for HostOpening {
    /// `51820/udp`, `esp`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ports {
            Some(ports) => write!(f, "{ports}/{}", self.protocol),
            None => self.protocol.fmt(f),
        }
    }
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
    /// Where it is typed.
    pub from: Vantage,
    /// Whether it changes anything.
    pub changes: bool,
    /// Words by which the places of the controls that show it are known; without any, the first few show it.
    pub evidence: Vec<Spanned<String>>,
    /// Where we do other than the guide says.
    pub deviation: Option<Line>,
    /// Values that the guide names, beside those chosen here.
    pub compared: Vec<Compared>,
    /// The recommendation whose answer this is too.
    pub same_as: Option<RecommendationId>,
    /// Where the system file says it.
    pub span: Span,
}

/// A value that the guide names, beside the one chosen here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// What it is: a key of the profile, or words.
    pub what: String,
    /// Whether it is a key.
    pub is_key: bool,
    /// The value here.
    pub chosen: String,
    /// The guide's.
    pub guide: String,
    /// Whether it is another value.
    pub differs: bool,
    /// Whether it is weaker.
    pub weaker: bool,
}

/// Something that works differently than with the vendor's own compose file.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The system, where there are several.
    pub system: Option<Line>,
    /// What differs.
    pub kind: DifferenceKind,
    /// What the vendor's file has.
    pub vendor: String,
    /// What this bundle has instead.
    pub here: String,
    /// Why.
    pub because: String,
    /// Lines of the profile that bring the vendor's back.
    pub restore: Vec<Line>,
}

/// Something that the first start waits for a person to do.
#[derive(Debug, Clone)]
pub struct Wait {
    /// Whether it comes before the start; else right after it.
    pub before: bool,
    /// What it is, in few words.
    pub text: String,
    /// The list of steps it stands in, by its place in `runbook`.
    pub list: usize,
    /// Which of its steps, from 0.
    pub step: usize,
}

impl Wait {
    /// The list it stands in, and its command.
    pub fn of<'a>(&self, runbook: &'a [Steps]) -> (&'a str, Option<&'a str>) {
        let list = &runbook[self.list];
        (&list.title, list.steps[self.step].1.as_deref())
    }
}

/// Steps by hand towards one end.
#[derive(Debug, Clone)]
pub struct Steps {
    /// The end.
    pub title: String,
    /// What to do, the command, and what it prints.
    pub steps: Vec<(String, Option<String>, Option<String>)>,
}

/// What a profile is judged by, beside what it says.
#[derive(Debug, Clone, Copy)]
pub struct Basis {
    /// The controls there are.
    pub controls: Catalogue,
    /// The day on which waivers end or hold.
    pub today: Day,
}

impl Stack {
    /// Whether a control is switched off, everywhere or for one service.
    pub fn waived(&self, control: Id, service: Option<&ServiceName>) -> bool {
        self.waivers.iter().any(|w| {
            w.control == control && (w.service.is_none() || (service.is_some() && w.service.as_ref() == service))
        })
    }

    /// What the engine calls one of its networks.
    pub fn network_name(&self, network: &NetworkName) -> String {
        format!("{}_{network}", self.name)
    }

    /// Whether anything but loopback is meant to reach it.
    pub fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }
}
