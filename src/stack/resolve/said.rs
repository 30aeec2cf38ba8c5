//! What a service is given by plain words of its author: limits of its processes, labels, further names.

use super::Context;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system;
use crate::stack::service::ProcessLimit;
use crate::stack::{Scope, Stack};
use crate::values::{Alias, LabelName, NetworkName, ServiceName};
use std::collections::BTreeMap;

/// Limits of its processes.
pub(super) fn ulimits(scope: &mut Scope, description: &system::Service) -> Vec<ProcessLimit> {
    let mut limits = Vec::new();
    for (name, need) in &description.ulimits {
        if !scope.holds(&need.when) {
            continue;
        }
        let Some(hard) = scope.compute(&need.hard) else { continue };
        let soft = match &need.soft {
            None => hard,
            Some(soft) => match scope.compute(soft) {
                Some(value) if value.exceeds(hard) => {
                    let says = format!("the soft limit `{}` is above the hard one", name.value);
                    let wrong = Diagnostic::error(codes::INVALID_SYSTEM, says).at(soft.text.span, "");
                    scope
                        .diagnostics
                        .push(wrong.help("lower it, raise `hard`, or leave `soft` out: it is then the same"));
                    continue;
                }
                Some(value) => value,
                None => continue,
            },
        };
        limits.push(ProcessLimit { name: name.value.clone(), soft, hard, reason: need.reason.clone() });
    }
    limits
}

/// Labels for programs beside the stack.
pub(super) fn labels(scope: &mut Scope, description: &system::Service) -> BTreeMap<LabelName, String> {
    let labels = description.labels.iter();
    labels.filter_map(|(name, value)| Some((name.value.clone(), scope.string(value)?))).collect()
}

/// Further names on each of its networks.
pub(super) fn aliases(
    context: &mut Context,
    service: &ServiceName,
    description: &system::Service,
    stack: &Stack,
) -> BTreeMap<NetworkName, Vec<Alias>> {
    let mut all = BTreeMap::new();
    for (network, attachment) in &description.networks {
        if attachment.aliases.is_empty() || !context.scope.holds(&attachment.when) {
            continue;
        }
        for alias in &attachment.aliases {
            let is_theirs = |(other, described): (&ServiceName, &system::Service)| {
                let called = context.names.service(other).unwrap_or(other).as_str() == alias.value.as_str();
                called && other != service && described.networks.keys().any(|it| it.value == network.value)
            };
            let services = context.system.services.iter().map(|(name, described)| (&name.value, described));
            if let Some((other, _)) = services.into_iter().find(|it| is_theirs(*it)) {
                let says = format!("`{}` is the name of another service on `{}`", alias.value, network.value);
                context.scope.diagnostics.push(
                    Diagnostic::error(codes::INVALID_SYSTEM, says)
                        .at(alias.span, format!("who asks for `{other}` would come to either"))
                        .help("take another name, or leave it out"),
                );
            }
        }
        let names: Vec<Alias> = attachment.aliases.iter().map(|alias| alias.value.clone()).collect();
        let members = match context.families.get(&network.value) {
            Some(family) => family.clone(),
            None => vec![network.value.clone()],
        };
        let there = members.into_iter().filter(|member| stack.networks.contains_key(member));
        all.extend(there.map(|member| (member, names.clone())));
    }
    all
}
