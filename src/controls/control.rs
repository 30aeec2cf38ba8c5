//! What every control is.

use crate::diagnostics::Severity;
use crate::profile::{Environment, Level, TlsMode};
use crate::stack::{Edge, Location, Network, Service, Site, Stack};
use crate::systems::format::Boundary;
use crate::values::{HostIp, ServiceName};

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
    /// How small a part of the stack a waiver can name.
    pub reach: Reach,
    /// Numbers in outside checklists, such as `CIS Docker 5.12`; or one entry `none: …` that says why there is none.
    pub references: &'static [&'static str],
}

impl Meta {
    /// Whether the stack's level and waivers leave it on, everywhere or for one service.
    pub fn is_on(&self, stack: &Stack, service: Option<&ServiceName>) -> bool {
        self.level <= stack.level && !stack.waived(self.id, service)
    }
}

/// How small a part of the stack a control can be switched off for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One service, with its networks, secrets, ports and sites.
    Service,
    /// Only the whole stack: a waiver that names a service changes nothing.
    Stack,
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
    pub bind: Vec<HostIp>,
    /// Whether there is a proxy that limits requests per client.
    pub limits_rates: bool,
}

impl Facts {
    /// Gathers them.
    pub fn of(stack: &Stack) -> Self {
        let edge = stack.edge.as_ref();
        Self {
            level: stack.level,
            environment: stack.environment,
            tls: edge.map(|edge| edge.tls.mode),
            bind: stack.bind.clone(),
            limits_rates: edge.is_some_and(|edge| edge.can.rate_limits),
        }
    }
}

/// One hardening rule. The default of `enforce` walks the stack and calls the narrow hooks.
///
/// `check`, which finds the control's absence in a compose file, will stand behind `enforce` with `stockade audit`.
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

    /// Sets it on one path of a virtual host.
    fn location(&self, _location: &mut Location, _facts: &Facts) {}

    /// Sets it on the stack. Doing it twice is doing it once.
    fn enforce(&self, stack: &mut Stack, facts: &Facts) {
        self.walk(stack, facts);
    }

    /// Calls the hooks. A service for which the control is waived is passed over, and so are the networks it is on and
    /// the sites it answers.
    fn walk(&self, stack: &mut Stack, facts: &Facts) {
        let is_passed_over =
            |name: &&ServiceName| self.meta().reach == Reach::Service && !self.meta().is_on(stack, Some(name));
        let waived: Vec<ServiceName> = stack.services.keys().filter(is_passed_over).cloned().collect();
        for (name, network) in &mut stack.networks {
            let member = |service| stack.services.get(service).is_some_and(|s: &Service| s.networks.contains_key(name));
            if !waived.iter().any(member) {
                self.network(network, facts);
            }
        }
        for service in stack.services.values_mut().filter(|service| !waived.contains(&service.name)) {
            self.service(service, facts);
        }
        let Some(edge) = &mut stack.edge else { return };
        if !waived.contains(&edge.service) {
            self.edge(edge, facts);
        }
        let is_waived = |site: &Site| site.upstream.service().is_some_and(|service| waived.contains(service));
        for site in edge.sites.iter_mut().filter(|site| !is_waived(site)) {
            self.site(site, facts);
            for location in &mut site.locations {
                self.location(location, facts);
            }
        }
    }
}
