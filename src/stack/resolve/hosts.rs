//! Which hosts a profile is for, and what expressions know of them.

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::format::profile::Profile;
use crate::format::system::System;
use crate::stack::Scope;
use crate::text::{Span, Spanned};
use crate::values::{Domain, HostIp, HostName, SystemName};
use minijinja::Value;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// The host a stack is for, and all others.
#[derive(Debug, Clone, Default)]
pub struct Here {
    /// Its name, where the profile lists hosts.
    pub name: Option<HostName>,
    /// Places in the profile that say something of hosts which cannot be.
    pub(super) refused: Vec<Span>,
    own: One,
    all: Vec<One>,
}

/// What expressions know of a host.
#[derive(Debug, Clone, Default)]
struct One {
    name: Option<HostName>,
    role: String,
    address: Option<HostIp>,
    domain: Option<Spanned<Domain>>,
    domains: BTreeMap<Spanned<SystemName>, Spanned<Domain>>,
}

/// The hosts of a profile; one without a name, where it lists none.
///
/// # Errors
/// Roles that a system does not have.
pub fn hosts(profile: &Profile, systems: &[Option<Arc<System>>]) -> (Option<Vec<Here>>, Diagnostics) {
    let mut found = Diagnostics::default();
    let mut default = String::new();
    for system in systems.iter().flatten() {
        let defaults: Vec<_> = system.roles.iter().filter(|(_, role)| role.default).map(|(name, _)| name).collect();
        if let (Some(first), false) = (system.roles.keys().next(), defaults.len() == 1) {
            found.push(
                Diagnostic::error(codes::INVALID_SYSTEM, "exactly one role is the default")
                    .at(defaults.get(1).map_or(first.span, |second| second.span), "")
                    .help("write `default: true` at one of them"),
            );
        }
        if let Some(name) = defaults.first().filter(|_| default.is_empty()) {
            default.clone_from(&name.value);
        }
    }
    if profile.hosts.is_empty() {
        let own = One { role: default, ..One::default() };
        return (Some(vec![Here { own, ..Here::default() }]), found);
    }
    let mut refused = Vec::new();
    let mut all = Vec::new();
    for (name, host) in &profile.hosts {
        let before = found.len();
        for (system, role) in systems.iter().flatten().zip(host.role.iter().cycle()) {
            known(system, role, &mut found);
        }
        if found.len() > before || host.role.is_none() || host.address.is_none() {
            refused.push(host.span);
        }
        // Stand-ins for what was refused, so that nothing else is said about them.
        let role = host.role.as_ref().filter(|_| found.len() == before).map_or(&default, |role| &role.value);
        let address =
            host.address.as_ref().map_or(HostIp(Ipv4Addr::new(192, 0, 2, 1).into()), |address| HostIp(address.value.0));
        all.push(One {
            name: Some(name.value.clone()),
            role: role.clone(),
            address: Some(address),
            domain: host.domain.clone(),
            domains: host.domains.clone(),
        });
    }
    let here = |own: &One| {
        let (own, all, refused) = (own.clone(), all.clone(), refused.clone());
        Here { name: own.name.clone(), refused, own, all }
    };
    (Some(all.iter().map(here).collect()), found)
}

fn known(system: &System, role: &Spanned<String>, found: &mut Diagnostics) {
    let names = || system.roles.keys().map(|name| name.value.as_str());
    if names().any(|name| name == role.value) {
        return;
    }
    let finding = match system.roles.is_empty() {
        true => Diagnostic::error(codes::UNUSED_KEY, format!("`{}` lives on one host", system.name.value))
            .help("remove `hosts`; a second profile describes another host"),
        false => Diagnostic::error(
            codes::UNKNOWN_VALUE,
            format!("`{}` has no role `{}`", system.name.value, role.value.escape_debug()),
        )
        .meant(&role.value, names()),
    };
    found.push(finding.at(role.span, ""));
}

impl Here {
    /// The address under which the other hosts reach it.
    pub(super) fn address(&self) -> Option<HostIp> {
        self.own.address
    }

    /// The part of the profile for one of its systems as it is meant for this host.
    pub(super) fn part(&self, system: Option<&Spanned<SystemName>>, mut part: Profile) -> Profile {
        if let Some(domain) = self.own.domain_of(system) {
            part.domain = Some(domain.clone());
        }
        part
    }

    /// Gives the host, and all others, to expressions of one system, whose part of the profile this is.
    pub(super) fn tell(&self, system: Option<&Spanned<SystemName>>, part: &Profile, scope: &mut Scope) {
        let value = |host: &One| {
            let domain = host.domain_of(system).or(part.domain.as_ref()).map(|domain| &domain.value);
            Value::from_pairs([
                ("name", Value::from(host.name.as_ref().map_or("", HostName::as_str))),
                ("role", Value::from(host.role.as_str())),
                ("address", host.address.map_or(Value::from(()), |address| Value::from(address.to_string()))),
                ("domain", Value::from(domain.map_or("localhost", Domain::as_str))),
            ])
        };
        scope.set("host", value(&self.own));
        scope.set("hosts", self.all.iter().map(value).collect::<Vec<_>>().into());
    }
}

impl One {
    /// The name that a host has of its own: for one of several systems, or for the only one.
    fn domain_of(&self, system: Option<&Spanned<SystemName>>) -> Option<&Spanned<Domain>> {
        match system {
            Some(system) => self.domains.get(system),
            None => self.domain.as_ref(),
        }
    }
}
