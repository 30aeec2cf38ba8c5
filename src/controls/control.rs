//! What every control is.

use crate::diagnostics::Severity;
use crate::profile::{Environment, Level, TlsMode};
use crate::stack::{Edge, Network, Service, Site, Stack};
use crate::systems::format::Boundary;

/// Name of a control in kebab-case: its file, test, waiver, comment in generated files and anchor in the docs.
pub type Id = &'static str;

/// What is known about a control.
#[derive(Debug)]
pub struct Meta {
    /// Its name.
    pub id: Id,
    /// What it does, as a heading.
    pub title: &'static str,
    /// Why, in one or two sentences: what an attacker could do without it.
    pub why: &'static str,
    /// The trust boundary it guards.
    pub boundary: Boundary,
    /// How bad its absence is.
    pub severity: Severity,
    /// The lowest level that turns it on.
    pub level: Level,
    /// Numbers in outside checklists, such as `CIS Docker 5.12` or `OWASP Docker #8`.
    pub references: &'static [&'static str],
}

/// What controls may know of the stack around the part they set.
#[derive(Debug, Clone)]
pub struct Facts {
    /// How much hardening.
    pub level: Level,
    /// Where it runs.
    pub environment: Environment,
    /// Where the certificate comes from, where there is a proxy.
    pub tls: Option<TlsMode>,
    /// Addresses ports are published on.
    pub bind: Vec<crate::values::HostIp>,
}

/// One hardening rule. The default of `enforce` walks the stack and calls the narrow hooks.
pub trait Control: Sync {
    /// What is known about it.
    fn meta(&self) -> &'static Meta;

    /// Sets it on one service.
    fn service(&self, _service: &mut Service, _facts: &Facts) {}

    /// Sets it on one network.
    fn network(&self, _network: &mut Network, _facts: &Facts) {}

    /// Sets it on the reverse proxy as a whole.
    fn edge(&self, _edge: &mut Edge, _facts: &Facts) {}

    /// Sets it on one virtual host.
    fn site(&self, _site: &mut Site, _facts: &Facts) {}

    /// Sets it on the stack; services for which it is waived are passed over.
    fn enforce(&self, stack: &mut Stack, facts: &Facts) {
        let id = self.meta().id;
        let waived: Vec<_> = stack.services.keys().filter(|name| stack.waived(id, Some(name))).cloned().collect();
        for (name, service) in &mut stack.services {
            if !waived.contains(name) {
                self.service(service, facts);
            }
        }
        for network in stack.networks.values_mut() {
            self.network(network, facts);
        }
        if let Some(edge) = &mut stack.edge {
            self.edge(edge, facts);
            for site in &mut edge.sites {
                self.site(site, facts);
            }
        }
    }
}
