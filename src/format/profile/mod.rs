//! In: the profile's text, read into nodes.
//! Out: a [`Profile`] whose every value is of a type that cannot hold nonsense; nothing is defaulted yet.
//!
//! Fields stay optional here. Defaults depend on the system, its variant and the environment, and are applied last
//! and once, in [`crate::stack`].

mod bounds;
mod parse;
mod place;
mod proxy;
mod section;
mod several;
mod withheld;

pub use parse::parse;
pub use place::Written;
pub use proxy::Proxy;
pub use section::{
    Backup, Docker, Firewall, Logging, Monitoring, Open, SecretSource, Secrets, ServiceOverride, Waiver,
};

pub use several::{Host, Part};
pub use withheld::hide;

use crate::text::{Span, Spanned};
use crate::values::{
    Cidr, Domain, Environment, HostName, Level, Line, ProjectName, SecretName, ServiceName, SettingName, SystemName,
    Target,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A hardening profile, `stockade.yaml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Stockade profile")]
pub struct Profile {
    /// Keys that stand in the file, also those whose values are wrong.
    #[serde(skip)]
    pub written: BTreeSet<String>,
    /// Places of what was refused and left out, so that nothing is concluded from its absence.
    #[serde(skip)]
    pub refused: Vec<Span>,
    /// The file itself, for places.
    #[serde(skip)]
    pub file: Written,
    /// Version of the profile format; always 1.
    pub version: Option<Spanned<u32>>,
    /// Name of the compose project; also part of network and container names.
    pub name: Option<Spanned<ProjectName>>,
    /// A built-in system (`stockade systems` lists them) or the path of a system file beside the profile.
    pub system: Option<Spanned<Line>>,
    /// Several systems on one host behind one proxy, by a name of yours, instead of `system`.
    #[serde(default)]
    #[schemars(extend("maxProperties" = bounds::SYSTEMS))]
    pub systems: BTreeMap<Spanned<SystemName>, Spanned<Part>>,
    /// Several hosts, where a system is spread over some; each gets a bundle of its own in `hosts/NAME/`.
    #[serde(default)]
    #[schemars(extend("maxProperties" = bounds::HOSTS))]
    pub hosts: BTreeMap<Spanned<HostName>, Spanned<Host>>,
    /// Variant of the system, such as a kind of host; the system names its default.
    pub variant: Option<Spanned<String>>,
    /// Host name under which people reach the stack.
    pub domain: Option<Spanned<Domain>>,
    /// Networks that may reach admin surfaces; a VPN or an office, never the whole internet.
    #[schemars(extend("maxItems" = bounds::NETWORKS))]
    pub admin: Option<Spanned<Vec<Spanned<Cidr>>>>,
    /// `production` (default) or `development`, which relaxes what only a workstation may relax.
    pub environment: Option<Spanned<Environment>>,
    /// How much hardening: `baseline`, `hardened` (default) or `strict`.
    pub level: Option<Spanned<Level>>,
    /// What is generated; `compose`.
    pub target: Option<Spanned<Target>>,
    /// The reverse proxy in front of everything.
    #[serde(default)]
    pub proxy: Proxy,
    /// The host's firewall.
    #[serde(default)]
    pub firewall: Firewall,
    /// Where secrets come from and lie.
    #[serde(default)]
    pub secrets: Secrets,
    /// Facts of the Docker host that only the host knows.
    #[serde(default)]
    pub docker: Docker,
    /// Changes to single services of the system.
    #[serde(default)]
    #[schemars(extend("maxProperties" = bounds::SERVICES))]
    pub services: BTreeMap<Spanned<ServiceName>, ServiceOverride>,
    /// The system's own settings; `stockade systems NAME` lists them.
    #[serde(default)]
    #[schemars(extend("maxProperties" = bounds::SETTINGS))]
    pub settings: BTreeMap<Spanned<SettingName>, Spanned<crate::format::system::Given>>,
    /// Container logs.
    #[serde(default)]
    pub logging: Logging,
    /// Backups, for systems that make their own.
    #[serde(default)]
    pub backup: Backup,
    /// What can be watched from outside.
    #[serde(default)]
    pub monitoring: Monitoring,
    /// Controls that are switched off, each with a reason and an end.
    #[serde(default)]
    #[schemars(extend("maxItems" = bounds::WAIVERS))]
    pub waivers: Vec<Spanned<Waiver>>,
}

impl Profile {
    /// Where an operator said a secret comes from.
    pub fn secret_source(&self, name: &SecretName) -> Option<&SecretSource> {
        self.secrets.sources.iter().find(|(key, _)| key.value == *name).map(|(_, source)| source)
    }

    /// The override of one service.
    pub fn service(&self, name: &ServiceName) -> Option<&ServiceOverride> {
        self.services.iter().find(|(key, _)| key.value == *name).map(|(_, service)| service)
    }
}
