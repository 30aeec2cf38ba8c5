//! What every control does, and what it may know.

use super::{Meta, Reach};
use crate::checks::Claim;
use crate::stack::{Edge, Location, Network, Service, Site, Stack};
use crate::values::{Environment, HostIp, Level, ServiceName, TlsMode};

/// What controls may know of the stack around the part they set.
#[derive(Debug, Clone)]
pub struct Surroundings {
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

impl Surroundings {
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
    fn service(&self, _service: &mut Service, _facts: &Surroundings) {}

    /// Sets it on one network.
    fn network(&self, _network: &mut Network, _facts: &Surroundings) {}

    /// Sets it on the reverse proxy as a whole.
    fn edge(&self, _edge: &mut Edge, _facts: &Surroundings) {}

    /// Sets it on one virtual host.
    fn site(&self, _site: &mut Site, _facts: &Surroundings) {}

    /// Sets it on one path of a virtual host.
    fn location(&self, _location: &mut Location, _facts: &Surroundings) {}

    /// What the running container of a service must show of it.
    fn shown_by(&self, _service: &Service, _stack: &Stack) -> Vec<Claim> {
        Vec::new()
    }

    /// What the host must show of it beside the services.
    fn shown(&self, _stack: &Stack) -> Vec<Claim> {
        Vec::new()
    }

    /// Sets it on the stack. Doing it twice is doing it once.
    fn enforce(&self, stack: &mut Stack, facts: &Surroundings) {
        self.walk(stack, facts);
    }

    /// Calls the hooks. A service for which the control is waived is passed over, and so are the networks it is on and
    /// the sites it answers.
    fn walk(&self, stack: &mut Stack, facts: &Surroundings) {
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
