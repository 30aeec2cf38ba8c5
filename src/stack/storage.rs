//! Networks, volumes, secrets, files and certificates of the stack.

use super::Enforced;
use crate::format::system::{Policy, Templates};
use crate::secrets::Kind;
use crate::text::Spanned;
use crate::values::{
    BundlePath, ByteSize, Cidr, Domain, Duration, Interface, Line, Mode, NetworkName, Recipient, SecretName,
    SecretStore, ServiceName, User, VolumeName,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One network: a trust zone.
#[derive(Debug, Clone)]
pub struct Network {
    /// Its name.
    pub name: NetworkName,
    /// What it connects.
    pub purpose: Line,
    /// Name of its bridge on the host: `br-…`, at most 15 characters, so that firewall rules know it.
    pub bridge: String,
    /// Whether its members need the outside.
    pub egress: bool,
    /// What of the outside they may not reach.
    pub denied: Destinations,
    /// Addresses.
    pub subnet: Option<Cidr>,
    /// IPv6 addresses, where ports are published on IPv6: without them Docker would pass connections on by a process of
    /// its own, under the gateway's address.
    pub ipv6: Option<Cidr>,
    /// No way out.
    pub internal: Enforced<()>,
}

/// Destinations that containers may not reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destinations {
    /// These networks.
    pub networks: Vec<Cidr>,
    /// But for these.
    pub except: Vec<Cidr>,
}

impl Destinations {
    /// Denies what either denies, for a network or bridge of which several systems speak.
    pub fn and(&mut self, other: Self) {
        match (self.networks.is_empty(), other.networks.is_empty()) {
            (true, _) => *self = other,
            (false, true) => {}
            (false, false) => {
                self.networks.extend(other.networks);
                self.except.retain(|network| other.except.contains(network));
            }
        }
    }
}

/// A bridge of the host that is not of this bundle's networks.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// Its interface.
    pub interface: Interface,
    /// Whose containers are on it.
    pub purpose: Line,
    /// What they may not reach.
    pub denied: Destinations,
}

/// A volume the engine keeps.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Its name.
    pub name: VolumeName,
    /// What lies there.
    pub purpose: Line,
    /// Memory instead of disk: owner, permission bits, size.
    pub memory: Option<(User, Mode, ByteSize)>,
}

/// A directory of the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Where in the bundle.
    pub path: Spanned<BundlePath>,
    /// Owner; `None` is whoever generates.
    pub owner: Option<User>,
    /// Permission bits.
    pub mode: Mode,
}

/// One secret.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its name, also that of its file.
    pub name: SecretName,
    /// What it protects.
    pub purpose: Line,
    /// Form and size.
    pub kind: Kind,
    /// Services that mount it.
    pub readers: Vec<ServiceName>,
    /// Owner and mode of its file, decided from the readers.
    pub access: Enforced<Access>,
    /// Users of the readers, in order.
    pub reader_users: Vec<User>,
    /// Whether all hosts have the same value.
    pub shared: bool,
    /// Whether it is kept elsewhere and never made here.
    pub brought: bool,
    /// Whether a person types it.
    pub login: bool,
    /// Effect of a rotation.
    pub rotation: Option<(Line, Vec<ServiceName>)>,
}

/// How secrets are kept beside their files.
#[derive(Debug, Clone)]
pub struct Keeping {
    /// Where.
    pub store: SecretStore,
    /// Who can open what is sealed.
    pub recipients: Vec<Recipient>,
    /// The command that fetches one from elsewhere.
    pub fetch: Vec<String>,
    /// How long one is used before it is due.
    pub max_age: Option<Duration>,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { store: SecretStore::Files, recipients: Vec::new(), fetch: Vec::new(), max_age: None }
    }
}

/// Owner and mode of a file, as far as the generating user may set them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Owner, where it must be a certain one.
    pub owner: Option<User>,
    /// Permission bits with that owner.
    pub mode: Mode,
    /// Permission bits where the owner cannot be set: the directory above is 0700 then.
    pub shared: Mode,
}

impl Access {
    /// A file that only the generating user needs.
    pub const PRIVATE: Self = Self { owner: None, mode: Mode(0o600), shared: Mode(0o600) };
    /// A file that everybody may read.
    pub const PUBLIC: Self = Self { owner: None, mode: Mode(0o644), shared: Mode(0o644) };
    /// A script.
    pub const SCRIPT: Self = Self { owner: None, mode: Mode(0o755), shared: Mode(0o755) };
}

/// One config or state file of the application.
#[derive(Debug, Clone)]
pub struct AppFile {
    /// Its name in the system file.
    pub name: String,
    /// What it does.
    pub purpose: Line,
    /// Where in the bundle.
    pub path: Spanned<BundlePath>,
    /// Who owns it after generation.
    pub policy: Policy,
    /// Owner in the container.
    pub owner: User,
    /// Permission bits.
    pub mode: Mode,
    /// Content.
    pub body: Body,
}

/// Content of an application's file.
#[derive(Debug, Clone)]
pub enum Body {
    /// A tree, written as JSON; secrets stand as [`hole`] texts.
    Json(Value),
    /// A tree, written as YAML.
    Yaml(Value),
    /// A template of the system.
    Template(OwnTemplate),
    /// A file of the system, as it is.
    Verbatim(String),
}

/// A template of the system with all it sees.
#[derive(Debug, Clone)]
pub struct OwnTemplate {
    /// Its name, and the place that names it.
    pub name: Spanned<String>,
    /// The folder it comes from; it can include what lies there and nothing else.
    pub folder: Arc<Templates>,
    /// Facts of the run. Texts in it may hold [`hole`]s.
    pub facts: minijinja::Value,
    /// What the profile says of the values that each line of a template in the folder prints.
    pub said: Arc<SaidLines>,
}

/// Texts of the profile, by template and line.
pub type SaidLines = BTreeMap<String, BTreeMap<usize, Vec<Spanned<String>>>>;

/// The text that stands for a secret until it is filled in. NUL occurs in no value of a profile or system.
pub fn hole(name: &SecretName) -> String {
    format!("\u{0}{name}\u{0}")
}

/// Certificate and key of the operator, on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// Certificate chain, leaf first.
    pub certificate: Spanned<crate::values::HostPath>,
    /// Private key.
    pub key: Spanned<crate::values::HostPath>,
    /// Names under which clients ask for it.
    pub names: Vec<Domain>,
    /// Who reads them from the disk; nobody where the engine hands them over.
    pub reader: Option<User>,
}

/// Days for which a certificate is valid: the longest that Mozilla's guidelines allow for a policy.
pub fn certificate_days(policy: crate::values::TlsPolicy) -> u16 {
    match policy {
        crate::values::TlsPolicy::Modern => 89,
        crate::values::TlsPolicy::Intermediate => 366,
    }
}

/// The certificate of the bundle's own authority.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Names it is for.
    pub names: Vec<Domain>,
    /// User of the proxy that reads the key.
    pub reader: User,
    /// Days for which it is valid.
    pub days: u16,
}
