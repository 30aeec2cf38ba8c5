//! Parts of a system that are right by themselves and cannot work together on an engine.

use super::Context;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::format::system;
use crate::stack::{Service, Stack};
use crate::text::{Span, Spanned};
use crate::values::{ContainerPath, secretive};
use std::collections::BTreeSet;

/// Says which parts of the services and of the edge do not fit together.
pub fn check(context: &mut Context, stack: &Stack) {
    if context.system.damaged {
        return;
    }
    let mut found = Diagnostics::new();
    for (name, description) in &context.system.services {
        let Some(service) = stack.services.get(&name.value) else { continue };
        root(&mut found, service, description);
        targets(&mut found, service, description, name.span);
        secrets(&mut found, service, description);
        way_in(&mut found, service, stack, name.span);
    }
    if let Some(edge) = &context.system.edge {
        front(&mut found, stack, edge);
        let paths = edge.sites.values().flat_map(|site| site.paths.iter().filter_map(|path| path.upstream.as_ref()));
        for upstream in edge.sites.values().map(|site| &site.upstream).chain(paths) {
            member(&mut found, stack, upstream);
        }
    }
    context.scope.diagnostics.extend(found);
}

fn wrong(says: String, at: Span, label: &str, help: String) -> Diagnostic {
    Diagnostic::error(codes::INVALID_SYSTEM, says).at(at, label).help(help)
}

fn root(found: &mut Diagnostics, service: &Service, description: &system::Service) {
    if description.user.uid == 0 && description.root_user.is_none() {
        found.push(wrong(
            format!("`{}` runs as root without a reason", service.name),
            description.user.span,
            "",
            "write a number other than 0, or `root_user: REASON` beside it".to_owned(),
        ));
    }
}

/// A warning alone: the name of a variable is no proof.
fn secrets(found: &mut Diagnostics, service: &Service, description: &system::Service) {
    for (name, value) in &description.environment {
        let text = value.text.value.as_str();
        let literal = !text.is_empty() && !text.contains("{{");
        if literal && (secretive::ends_like_one(name.as_str()) || secretive::holds_password(text)) {
            found.push(
                Diagnostic::warning(
                    codes::SECRET_IN_ENVIRONMENT,
                    format!("`{}` of `{}` looks like a secret, and its value stands here", name.value, service.name),
                )
                .at(name.span, "the environment shows in `docker inspect` and in every child process")
                .help("describe it under `secrets`, delivered as a file, or with `environment` by the service's shim"),
            );
        }
    }
}

fn targets(found: &mut Diagnostics, service: &Service, description: &system::Service, at: Span) {
    let written: Vec<&Spanned<ContainerPath>> = (description.mounts.iter().filter_map(|mount| mount.target.as_ref()))
        .chain(description.tmpfs.iter().map(|tmpfs| &tmpfs.target))
        .collect();
    let mut seen = BTreeSet::new();
    let all = service.mounts.iter().map(|mount| &mount.target).chain(service.tmpfs.iter().map(|tmpfs| &tmpfs.target));
    for target in all.filter(|target| !seen.insert(target.as_str())) {
        let mut places = written.iter().filter(|place| place.value == *target);
        let first = places.next().map_or(at, |place| place.span);
        let last = places.next_back().map_or(first, |place| place.span);
        let mut finding = wrong(
            format!("`{}` has two mounts at `{target}`", service.name),
            last,
            "the engine refuses to start it",
            "give one of them another path".to_owned(),
        );
        if first != last {
            finding = finding.also(first, "first here");
        }
        found.push_new(finding);
    }
}

/// The engine publishes nothing of a container that is on internal networks alone.
fn way_in(found: &mut Diagnostics, service: &Service, stack: &Stack, at: Span) {
    let mut networks = service.networks.keys().filter_map(|name| stack.networks.get(name));
    if let Some(port) = service.ports.iter().find(|port| port.is_published())
        && !networks.any(|network| network.egress)
    {
        let at = if port.at.is_unknown() { at } else { port.at };
        found.push(wrong(
            format!("`{}` publishes a port and is on no network that leads out", service.name),
            at,
            "the engine publishes nothing on internal networks",
            "put it on a network with `egress: true` too, or write `audience: internal`".to_owned(),
        ));
    }
}

fn front(found: &mut Diagnostics, stack: &Stack, edge: &system::Edge) {
    if stack.networks.get(&edge.front.value).is_some_and(|network| !network.egress) {
        found.push(wrong(
            format!("the proxy publishes its ports on `{}`, which leads nowhere", edge.front.value),
            edge.front.span,
            "the engine publishes nothing on internal networks",
            "name a network of its own with `egress: true`".to_owned(),
        ));
    }
}

fn member(found: &mut Diagnostics, stack: &Stack, upstream: &system::Upstream) {
    let Some(name) = &upstream.service else { return };
    let Some(service) = stack.services.get(&name.value) else { return };
    let network = &upstream.network;
    if stack.networks.contains_key(&network.value) && !service.networks.contains_key(&network.value) {
        found.push_new(wrong(
            format!("`{}` is not on `{}`, where the proxy would ask it", name.value, network.value),
            network.span,
            "",
            format!("write `networks: {{{}: {{}}}}` at `{}`, or name a network of its", network.value, name.value),
        ));
    }
}
