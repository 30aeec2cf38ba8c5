//! From profile and system to stack: facts first, then each part once, then the parts Stockade adds, then the rules
//! over several fields.

mod addresses;
mod asked;
mod clash;
mod cycle;
mod distinct;
mod edge;
mod ends;
mod guide;
mod host_ports;
mod hosts;
mod mounts;
mod nested;
mod order;
mod overview;
mod own_edge;
mod proxy;
mod said;
mod service;
mod socket;
pub(crate) mod socket_filter;
mod storage;
mod subnets;
mod typed;
mod wiring;

use super::rules::Known;
use super::{
    Basis, Catalogue, CertificateFiles, Choices, FirewallChoice, HostOpening, Keeping, PortAudience, Scope, Stack,
    SystemId, cause, rules, settings, system_facts,
};
use crate::diagnostics::Diagnostics;
use crate::format::profile::{Open, Profile, Secrets};
use crate::format::system::{Abilities, Computed, ContainerEngine, System};
use crate::systems::{self, Component};
use crate::text::{Span, Spanned};
use crate::values::{Day, HostPath, Invalid, Origin, SecretStore, TlsMode};
use crate::yaml::Sources;
pub use distinct::among_several;
pub use hosts::{Here, hosts};
pub use nested::in_host as mount_points_in_host;
pub use overview::services_of;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

/// What every step of the resolution of one system sees.
struct Context<'a> {
    profile: &'a Profile,
    system: &'a System,
    choices: Choices,
    /// Every control there is.
    controls: Catalogue,
    /// Places in the profile that say something of hosts which cannot be.
    refused: &'a [Span],
    scope: Scope,
    /// Directories that volumes stand for, of the system and of components.
    folders: BTreeMap<crate::values::VolumeName, crate::values::BundlePath>,
    /// Networks that one network of the system stands for, where it stands for a list.
    families: BTreeMap<crate::values::NetworkName, Vec<crate::values::NetworkName>>,
    /// Names it takes.
    claims: clash::Claims,
    /// Names that are not those of its file.
    names: distinct::Names,
}

impl Context<'_> {
    /// A computed value with the place that says it.
    fn said<T: FromStr<Err = Invalid>>(&mut self, computed: &Computed<T>) -> Option<Spanned<T>> {
        let value = self.scope.compute(computed)?;
        Some(Spanned::new(value, cause::origin(self.profile, self.system, &computed.text)))
    }
}

/// Resolves a profile against its systems for one host, on a day. `systems` are those of [`Profile::parts`], in order; where
/// one could not be read, everything else is judged, and there is no stack.
///
/// # Errors
/// Everything that contradicts itself, with places in the profile or the system files.
pub fn resolve(
    profile: &Profile,
    systems: &[Option<Arc<System>>],
    here: &Here,
    sources: &mut Sources,
    basis: Basis,
) -> (Option<Stack>, Diagnostics) {
    let Basis { controls, today } = basis;
    let mut diagnostics = Diagnostics::default();
    let kind = super::defaults::proxy(profile);
    let complete = systems.iter().all(Option::is_some);
    let read = profile.parts().into_iter().zip(systems).filter_map(|(part, system)| Some((part, system.as_deref()?)));
    let (whole, systems): (Vec<_>, Vec<&System>) = read.unzip();
    let own = |part: &Profile| part.system.as_ref().is_some_and(|system| systems::is_path(system.as_str()));
    let keyed: Vec<_> = whole.iter().zip(&systems).map(|((key, part), it)| (*key, own(part), *it)).collect();
    let (systems, names): (Vec<_>, Vec<_>) = distinct::all(&keyed).into_iter().unzip();
    let systems: Vec<&System> = systems.iter().map(AsRef::as_ref).collect();
    // Where every system is a reverse proxy itself, Stockade adds none.
    let wanted = systems.iter().any(|system| system.own_edge.is_none());
    let proxy = if wanted { diagnostics.absorb(systems::component(kind.as_str(), sources)) } else { None };
    let can = proxy.as_ref().and_then(|component| component.can).unwrap_or(Abilities::NONE);
    let parts: Vec<Profile> = whole.iter().map(|(key, part)| here.part(*key, part.as_ref().clone())).collect();
    let abilities = |system: &System| system.own_edge.as_ref().map_or(can, |own| own.can);
    let choose = |(part, system): (&Profile, &&System)| {
        let mut scope = Scope::new();
        (Choices::new(part, Some(system), abilities(system), &mut scope), scope)
    };
    let mut chosen: Vec<_> = parts.iter().zip(&systems).map(choose).collect();
    let behind = systems.iter().map(|system| system.own_edge.is_none());
    clash::strictest(behind.zip(&mut chosen).filter_map(|(behind, (choices, _))| behind.then_some(choices)).collect());
    let mut contexts = Vec::with_capacity(systems.len());
    let all = whole.iter().zip(&parts).zip(systems.iter().copied()).zip(chosen).zip(names);
    for (((((key, everywhere), part), system), (choices, mut scope)), names) in all {
        let can = abilities(system);
        choices.tell(system, can, &mut scope);
        here.tell(*key, everywhere, &mut scope);
        settings::resolve(part, system, &mut scope, today);
        rules::part(&mut scope.diagnostics, part, system, &choices, can, controls);
        let claims = clash::Claims::default();
        contexts.push(Context {
            profile: part,
            system,
            choices,
            controls,
            refused: &here.refused,
            scope,
            folders: BTreeMap::new(),
            families: BTreeMap::new(),
            claims,
            names,
        });
    }
    let Some(first) = contexts.first() else { return (None, check_alone(profile, sources, basis)) };
    let known = if complete { systems.as_slice() } else { &[] };
    let asks = |fact: &str| systems.iter().any(|system| asks(system, fact, sources));
    rules::profile(&mut diagnostics, profile, known, &first.choices, can, basis, &asks);
    clash::choices(&mut diagnostics, &contexts);
    let stack = assemble(&mut contexts, here, proxy, can, sources);
    clash::names(&mut diagnostics, &contexts);
    clash::addresses(&mut diagnostics, &contexts);
    if let Some(stack) = &stack {
        subnets::check(&mut diagnostics, &contexts, profile, stack);
        let wrong = |found: &Diagnostics| found.has_errors();
        let known = match complete {
            false => Known::InPart,
            true if wrong(&diagnostics) || !profile.refused.is_empty() => Known::WithStandIns,
            true if contexts.iter().any(|context| wrong(&context.scope.diagnostics)) => Known::WithStandIns,
            true => Known::All,
        };
        rules::stack(&mut diagnostics, profile, controls, stack, known);
    }
    for context in contexts {
        diagnostics.extend(context.scope.diagnostics);
    }
    (stack.filter(|_| complete), diagnostics)
}

/// What is wrong with the settings of a profile that could be read in part only.
pub fn check_settings(profile: &Profile, systems: &[Option<Arc<System>>], today: Day) -> Diagnostics {
    let mut found = Diagnostics::default();
    for ((_, part), system) in profile.parts().into_iter().zip(systems) {
        let Some(system) = system else { continue };
        let mut scope = Scope::new();
        settings::resolve(&part, system, &mut scope, today);
        let broken = |span: Span| {
            let around = |name: &str| part.holds(name, span) && part.refused.iter().any(|it| part.holds(name, *it));
            part.settings.keys().any(|name| around(&format!("settings.{}", name.value)))
        };
        let whole = scope.diagnostics.into_iter().filter(|it| !it.primary().is_some_and(|label| broken(label.span)));
        found.extend(whole);
    }
    found
}

/// Whether a fact is named anywhere in a system or its templates.
fn asks(system: &System, fact: &str, sources: &Sources) -> bool {
    let file = sources.tree(system.name.span.source);
    file.is_some_and(|root| root.scalars().any(|(text, _)| text.contains(fact)))
        || system.templates.values().any(|template| template.text.contains(fact))
}

/// Everything that is wrong with a profile whose system cannot be read.
fn check_alone(profile: &Profile, sources: &mut Sources, basis: Basis) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    let kind = super::defaults::proxy(profile);
    let proxy = diagnostics.absorb(systems::component(kind.as_str(), sources));
    let can = proxy.and_then(|component| component.can).unwrap_or(Abilities::NONE);
    let choices = Choices::new(profile, None, can, &mut Scope::new());
    rules::profile(&mut diagnostics, profile, &[], &choices, can, basis, &|_| true);
    diagnostics
}

fn assemble(
    contexts: &mut [Context],
    here: &Here,
    proxy: Option<Component>,
    can: Abilities,
    sources: &mut Sources,
) -> Option<Stack> {
    let base = contexts.iter_mut().find_map(base);
    let first = contexts.first()?;
    let profile = first.profile;
    let choices = &first.choices;
    let waivers = rules::waivers(profile, first.controls);
    let waived: Vec<String> = waivers.iter().map(|waiver| waiver.control.to_owned()).collect();
    let mut stack = Stack {
        name: profile.name.as_ref()?.value.clone(),
        host: here.name.clone(),
        systems: contexts.iter().map(system_id).collect(),
        engine: engine(contexts),
        environment: choices.environment,
        level: choices.level,
        admin: choices.admin.clone(),
        bind: choices.bind.clone(),
        base: base.clone(),
        services: BTreeMap::new(),
        networks: BTreeMap::new(),
        bridges: Vec::new(),
        host_ports: Vec::new(),
        volumes: BTreeMap::new(),
        directories: Vec::new(),
        secrets: BTreeMap::new(),
        keeping: keeping(&profile.secrets),
        files: Vec::new(),
        file_permissions: super::Enforced::default(),
        edge: None,
        certificate: None,
        certificate_files: certificate_files(first),
        docker_socket: profile
            .docker
            .socket
            .as_ref()
            .map(|s| s.value.clone())
            .or_else(|| "/var/run/docker.sock".parse().ok())?,
        firewall_choice: firewall(first),
        firewall: super::Enforced::default(),
        waivers,
        covered: Vec::new(),
        recommendations: Vec::new(),
        differences: Vec::new(),
        address: here.address(),
        runbook: Vec::new(),
        waits: Vec::new(),
        limitations: Vec::new(),
    };
    for context in contexts.iter_mut() {
        context.scope.set("base", base.as_ref().map_or(".", |base| base.as_str()).into());
        context.scope.set("words", minijinja::Value::from_pairs(std::iter::empty::<(String, String)>()));
        for (name, text) in &context.system.words {
            match context.scope.string(text) {
                Some(text) => context.scope.extend("words", name.value.as_str(), text.into()),
                None => context.scope.give_up(format!("words.{}", name.value)),
            }
        }
        context.scope.add_question("waived", waived.clone(), known(context.controls));
        addresses::networks(context, &mut stack);
        addresses::tell(context, &stack.networks);
        system_facts::resolve(context.system, &mut context.scope);
        storage::volumes(context, &context.system.volumes.clone(), &mut stack);
        service::all(context, &mut stack);
        cycle::check(context, &stack);
        ends::check(context, &stack);
        wiring::check(context, &stack);
        host_ports::all(context, &mut stack);
        host_ports::bridges(context, &mut stack);
        storage::secrets(context, &mut stack);
        edge::resolve(context, can, &mut stack);
    }
    for context in contexts.iter_mut() {
        own_edge::add(context, &mut stack);
    }
    if let Some(component) = proxy {
        proxy::add(contexts, &component, &mut stack);
    }
    if let Some(context) = contexts.first_mut() {
        socket::add(context, &mut stack, sources);
    }
    storage::readers(&mut stack);
    for context in contexts.iter_mut() {
        guide::tell_results(context, &stack);
        storage::files(context, &mut stack);
        guide::all(context, &mut stack);
    }
    nested::all(contexts, &mut stack);
    storage::directories(&mut stack);
    Some(stack)
}

/// Whether a control exists; a misspelt one would count as not waived.
fn known(controls: Catalogue) -> impl Fn(&str) -> Result<(), String> {
    move |id| match controls.find(id) {
        Some(_) => Ok(()),
        None => Err(format!("there is no control `{}`", id.escape_debug())),
    }
}

fn system_id(context: &Context) -> SystemId {
    SystemId {
        name: context.system.name.value.clone(),
        title: context.system.title.clone(),
        summary: context.system.summary.clone(),
        variant: context.choices.variant.clone(),
        domain: context.choices.domain.clone(),
    }
}

/// Podman where every system's variant says so.
fn engine(contexts: &[Context]) -> ContainerEngine {
    let podman = |context: &Context| {
        let name = context.choices.variant.as_ref();
        let variant = context.system.variants.iter().find(|(key, _)| Some(&key.value) == name);
        variant.is_some_and(|(_, variant)| variant.engine == ContainerEngine::Podman)
    };
    if contexts.iter().all(podman) { ContainerEngine::Podman } else { ContainerEngine::Docker }
}

fn base(context: &mut Context) -> Option<HostPath> {
    let name = context.choices.variant.as_ref()?;
    let (_, variant) = context.system.variants.iter().find(|(key, _)| key.value == *name)?;
    context.scope.compute(variant.base.as_ref()?)
}

fn certificate_files(context: &Context) -> Option<CertificateFiles> {
    let tls = &context.profile.proxy.tls;
    let (certificate, key) = tls.certificate.as_ref().zip(tls.key.as_ref())?;
    (context.choices.tls == TlsMode::Files).then(|| CertificateFiles {
        certificate: certificate.clone(),
        key: key.clone(),
        names: Vec::new(),
        reader: None,
    })
}

/// What one entry of `firewall.open` lets in; `None` where it is not whole, which is said elsewhere.
fn opened(context: &Context, open: &Spanned<Open>) -> Option<HostOpening> {
    let protocol = open.protocol.as_ref()?.value;
    let ports = open.port.as_ref().map(|ports| ports.value);
    if ports.is_some() != protocol.transport().is_some() {
        return None;
    }
    let from: Vec<Origin> = open
        .from
        .as_ref()
        .map_or_else(|| vec![Origin::Admin], |from| from.value.iter().map(|origin| origin.value).collect());
    let admin = from.contains(&Origin::Admin).then_some(context.choices.admin.iter().copied()).into_iter().flatten();
    let named = from.iter().filter_map(|origin| match origin {
        Origin::Network(network) => Some(*network),
        Origin::Any | Origin::Admin => None,
    });
    let networks: Vec<_> =
        admin.chain(named).filter(|network| network.net().addr().is_ipv4() || !protocol.is_ipv4()).collect();
    let audience = match &from[..] {
        from if from.contains(&Origin::Any) => PortAudience::Public,
        [Origin::Admin] if !protocol.is_ipv4() && !context.choices.admin.is_empty() => PortAudience::Admin,
        _ if networks.is_empty() => return None,
        _ => PortAudience::From(networks),
    };
    Some(HostOpening { at: open.span, ports, protocol, audience, purpose: open.purpose.as_ref()?.value.clone() })
}

fn keeping(section: &Secrets) -> Keeping {
    Keeping {
        store: section.store.as_ref().map_or(SecretStore::Files, |store| store.value),
        recipients: section.recipients.iter().flat_map(|all| &all.value).map(|it| it.value.clone()).collect(),
        fetch: section.fetch.iter().flat_map(|all| &all.value).map(|word| word.value.to_string()).collect(),
        max_age: section.max_age.as_ref().map(|age| age.value),
    }
}

fn firewall(context: &Context) -> FirewallChoice {
    let section = &context.profile.firewall;
    FirewallChoice {
        kind: context.choices.firewall,
        ssh_port: context.choices.ssh_port,
        ssh_from: section
            .ssh
            .from
            .as_ref()
            .map_or_else(|| context.choices.admin.clone(), |from| from.value.iter().map(|cidr| cidr.value).collect()),
        open: section.open.iter().filter_map(|open| opened(context, open)).collect(),
        log: section.log.as_ref().is_some_and(|log| log.value),
        confirm_seconds: section.confirm.as_ref().map_or(60, |c| u32::try_from(c.as_seconds()).unwrap_or(60)),
    }
}
