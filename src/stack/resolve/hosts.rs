//! Which hosts a profile is for, and what expressions know of them.

use crate::diagnostics::{Diagnostic, Diagnostics, codes, nearest_or_allowed};
use crate::profile::Profile;
use crate::source::Spanned;
use crate::stack::Scope;
use crate::systems::format::System;
use crate::values::{Domain, HostIp, HostName, SystemName};
use minijinja::Value;
use std::collections::BTreeMap;

/// The host a stack is for.
#[derive(Debug, Clone, Default)]
pub struct Here {
    /// Its name, where the profile lists hosts.
    pub name: Option<HostName>,
    role: String,
    address: Option<HostIp>,
    domain: Option<Spanned<Domain>>,
    domains: BTreeMap<Spanned<SystemName>, Spanned<Domain>>,
}

/// The hosts of a profile; one without a name, where it lists none.
///
/// # Errors
/// Roles that a system does not have.
pub fn hosts(profile: &Profile, systems: &[Option<System>]) -> (Option<Vec<Here>>, Diagnostics) {
    let mut found = Diagnostics::default();
    for system in systems.iter().flatten() {
        let defaults = system.roles.values().filter(|role| role.default).count();
        if !system.roles.is_empty() && defaults != 1 {
            let at = system.roles.keys().next().map_or(crate::source::Span::UNKNOWN, |name| name.span);
            found.push(
                Diagnostic::error(codes::INVALID_SYSTEM, "exactly one role is the default")
                    .at(at, "")
                    .help("write `default: true` at one of them"),
            );
        }
        for host in profile.hosts.values() {
            known(system, &host.role, &mut found);
        }
    }
    if profile.hosts.is_empty() {
        let mut defaults = systems.iter().flatten().flat_map(|system| &system.roles).filter(|(_, role)| role.default);
        let role = defaults.next().map(|(name, _)| name.value.clone()).unwrap_or_default();
        return (Some(vec![Here { role, ..Here::default() }]), found);
    }
    let here = profile.hosts.iter().map(|(name, host)| Here {
        name: Some(name.value.clone()),
        role: host.role.value.clone(),
        address: Some(host.address.value),
        domain: host.domain.clone(),
        domains: host.domains.clone(),
    });
    (Some(here.collect()), found)
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
        .help(nearest_or_allowed(&role.value, names())),
    };
    found.push(finding.at(role.span, ""));
}

impl Here {
    /// The part of the profile for one of its systems as it is meant for this host.
    pub(super) fn part(&self, system: Option<&Spanned<SystemName>>, mut part: Profile) -> Profile {
        if let Some(domain) = own(self.domain.as_ref(), &self.domains, system) {
            part.domain = Some(domain.clone());
        }
        part
    }

    /// Gives the host, and all others, to expressions of one system, whose part of the profile this is.
    pub(super) fn tell(&self, system: Option<&Spanned<SystemName>>, part: &Profile, scope: &mut Scope) {
        let value = |name: &str, role: &str, address: Option<HostIp>, domain: Option<&Spanned<Domain>>| {
            let domain = domain.or(part.domain.as_ref()).map(|domain| &domain.value);
            Value::from_pairs([
                ("name", Value::from(name)),
                ("role", Value::from(role)),
                ("address", address.map_or(Value::from(()), |address| Value::from(address.to_string()))),
                ("domain", Value::from(domain.map_or("localhost", Domain::as_str))),
            ])
        };
        let name = self.name.as_ref().map_or("", HostName::as_str);
        let domain = own(self.domain.as_ref(), &self.domains, system);
        scope.set("host", value(name, &self.role, self.address, domain));
        let all: Vec<Value> = part
            .hosts
            .iter()
            .map(|(name, host)| {
                let domain = own(host.domain.as_ref(), &host.domains, system);
                value(name.as_str(), &host.role.value, Some(host.address.value), domain)
            })
            .collect();
        scope.set("hosts", Value::from(all));
    }
}

/// The name that a host has of its own: for one of several systems, or for the only one.
fn own<'a>(
    domain: Option<&'a Spanned<Domain>>,
    domains: &'a BTreeMap<Spanned<SystemName>, Spanned<Domain>>,
    system: Option<&Spanned<SystemName>>,
) -> Option<&'a Spanned<Domain>> {
    match system {
        Some(system) => domains.get(system),
        None => domain,
    }
}
