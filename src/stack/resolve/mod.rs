//! From profile and system to stack: facts first, then each part once, then the parts Stockade adds, then the rules
//! over several fields.

mod addresses;
mod edge;
mod guide;
mod proxy;
mod service;
mod socket;
mod storage;

use super::{Choices, FirewallChoice, Scope, Stack, SystemId, rules, settings};
use crate::diagnostics::Diagnostics;
use crate::profile::Profile;
use crate::source::Sources;
use crate::stack::edge::Abilities;
use crate::systems::{self, Component, format::System};
use crate::values::{Day, HostPath, Port};
use std::collections::BTreeMap;

/// What every part of the resolution sees.
struct Context<'a> {
    profile: &'a Profile,
    system: &'a System,
    choices: Choices,
    scope: Scope,
    /// Directories that volumes stand for, of the system and of components.
    folders: BTreeMap<crate::values::VolumeName, crate::values::BundlePath>,
}

/// Resolves a profile against its system, on a day.
///
/// # Errors
/// Everything that contradicts itself, with places in the profile or the system file.
pub fn resolve(profile: &Profile, system: &System, sources: &mut Sources, today: Day) -> (Option<Stack>, Diagnostics) {
    let mut scope = Scope::new();
    let kind = profile.proxy.kind.as_ref().map_or(super::choices::DEFAULT_PROXY, |kind| kind.value);
    let proxy = scope.diagnostics.absorb(systems::component(kind.as_str(), sources));
    let can = proxy.as_ref().and_then(|component| component.can).unwrap_or(Abilities::NONE);
    let choices = Choices::new(profile, system, can, &mut scope);
    choices.tell(profile, can, &mut scope);
    settings::resolve(profile, system, &mut scope);
    let mut context = Context { profile, system, choices, scope, folders: BTreeMap::new() };
    rules::profile(&mut context.scope.diagnostics, profile, system, &context.choices, can, today);
    let stack = assemble(&mut context, proxy, can, sources);
    (stack, context.scope.diagnostics)
}

fn assemble(context: &mut Context, proxy: Option<Component>, can: Abilities, sources: &mut Sources) -> Option<Stack> {
    let profile = context.profile;
    let base = base(context);
    context.scope.set("base", base.as_ref().map_or(".", |base| base.as_str()).into());
    context.scope.set("words", minijinja::Value::from_pairs(std::iter::empty::<(String, String)>()));
    for (name, text) in &context.system.words {
        if let Some(text) = context.scope.string(text) {
            context.scope.extend("words", name.value.as_str(), text.into());
        }
    }
    let waivers = rules::waivers(context.profile);
    let waived = waivers.iter().map(|waiver| waiver.control.to_owned()).collect();
    context.scope.add_question("waived", waived);

    let networks = addresses::networks(context);
    addresses::tell(context, &networks);
    let mut stack = Stack {
        name: profile.name.as_ref()?.value.clone(),
        system: SystemId {
            name: context.system.name.value.clone(),
            title: context.system.title.clone(),
            summary: context.system.summary.clone(),
        },
        variant: context.choices.variant.clone(),
        environment: context.choices.environment,
        level: context.choices.level,
        domain: context.choices.domain.clone(),
        admin: context.choices.admin.clone(),
        bind: context.choices.bind.clone(),
        base,
        services: BTreeMap::new(),
        networks,
        volumes: BTreeMap::new(),
        directories: Vec::new(),
        secrets: BTreeMap::new(),
        files: Vec::new(),
        file_permissions: super::Enforced::default(),
        edge: None,
        certificate: None,
        docker_socket: profile
            .docker
            .socket
            .as_ref()
            .map(|s| s.value.clone())
            .or_else(|| "/var/run/docker.sock".parse().ok())?,
        firewall_choice: firewall(context),
        firewall: super::Enforced::default(),
        waivers,
        recommendations: Vec::new(),
        runbook: Vec::new(),
        limitations: Vec::new(),
    };
    storage::volumes(context, &context.system.volumes.clone(), &mut stack);
    service::all(context, &mut stack);
    storage::secrets(context, &mut stack);
    edge::resolve(context, can, &mut stack);
    if let Some(component) = proxy {
        proxy::add(context, &component, &mut stack);
    }
    socket::add(context, &mut stack, sources);
    storage::readers(&mut stack);
    guide::tell_results(context, &stack);
    storage::files(context, &mut stack);
    storage::directories(&mut stack);
    guide::lints(context);
    guide::recommendations(context, &mut stack);
    rules::stack(&mut context.scope.diagnostics, profile, &stack);
    Some(stack)
}

fn base(context: &mut Context) -> Option<HostPath> {
    let name = context.choices.variant.as_ref()?;
    let (_, variant) = context.system.variants.iter().find(|(key, _)| key.value == *name)?;
    context.scope.compute(variant.base.as_ref()?)
}

fn firewall(context: &Context) -> FirewallChoice {
    let section = &context.profile.firewall;
    let ssh: Port = section.ssh.port.as_ref().map_or_else(|| "22".parse().expect("22 is a port"), |port| port.value);
    FirewallChoice {
        kind: context.choices.firewall,
        ssh_port: ssh,
        ssh_from: section
            .ssh
            .from
            .as_ref()
            .map_or_else(|| context.choices.admin.clone(), |from| from.value.iter().map(|cidr| cidr.value).collect()),
        confirm_seconds: section.confirm.as_ref().map_or(60, |c| u32::try_from(c.as_seconds()).unwrap_or(60)),
    }
}
