//! Ports of the host, who may reach a port, and destinations that containers may not.

use super::Context;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::{Audience, Computed};
use crate::stack::{Bridge, Destinations, HostPort, PortAudience, Stack, cause};
use crate::text::Spanned;
use crate::values::{Cidr, Cidrs};

/// Adds the ports that processes of the host listen on.
pub fn all(context: &mut Context, stack: &mut Stack) {
    let system = context.system;
    for (name, port) in &system.host_ports {
        if !context.scope.holds(&port.when) {
            continue;
        }
        let mut networks = Vec::new();
        for network in &port.networks {
            if stack.networks.contains_key(&network.value) {
                networks.push(network.value.clone());
            } else if !system.networks.keys().any(|known| known.value == network.value) {
                context.scope.diagnostics.push(
                    Diagnostic::error(codes::INVALID_SYSTEM, format!("there is no network `{}`", network.value))
                        .at(network.span, "")
                        .help("describe it under `networks`"),
                );
            }
        }
        let Some(ports) = context.scope.compute(&port.port) else { continue };
        let Some(audience) = audience(context, name, port.audience, port.from.as_deref()) else { continue };
        let at = cause::of_text(context.profile, system, &port.port.text.value).unwrap_or(port.port.text.span);
        stack.host_ports.push(HostPort {
            at,
            name: name.value.clone(),
            title: port.title.clone(),
            ports,
            protocol: port.protocol,
            audience,
            networks,
            limit: port.limit.clone(),
        });
    }
}

/// Adds the bridges of the host that are not of the bundle's networks.
pub fn bridges(context: &mut Context, stack: &mut Stack) {
    let system = context.system;
    for (interface, bridge) in &system.bridges {
        if context.scope.holds(&bridge.when) {
            let denied = destinations(context, &bridge.deny_egress, &bridge.allow_egress);
            match stack.bridges.iter_mut().find(|known| known.interface == interface.value) {
                Some(known) => known.denied.and(denied),
                None => {
                    let (interface, purpose) = (interface.value.clone(), bridge.purpose.clone());
                    stack.bridges.push(Bridge { interface, purpose, denied });
                }
            }
        }
    }
}

/// Who may reach a port, from its `audience` or its `from`; `None` after a finding.
pub fn audience(
    context: &mut Context,
    name: &Spanned<String>,
    audience: Option<Audience>,
    from: Option<&[Computed<Cidrs>]>,
) -> Option<PortAudience> {
    match (audience, from) {
        (Some(audience), None) => Some(audience.into()),
        (None, Some(from)) => {
            let networks = cidrs(context, from);
            Some(if networks.is_empty() { PortAudience::Internal } else { PortAudience::From(networks) })
        }
        _ => {
            context.scope.diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_SYSTEM,
                    format!("the port `{}` has neither or both of `audience` and `from`", name.value),
                )
                .at(name.span, "")
                .help("write one of the two"),
            );
            None
        }
    }
}

/// The destinations of `deny_egress` and `allow_egress`.
pub fn destinations(context: &mut Context, deny: &[Computed<Cidrs>], allow: &[Computed<Cidrs>]) -> Destinations {
    Destinations { networks: cidrs(context, deny), except: cidrs(context, allow) }
}

fn cidrs(context: &mut Context, items: &[Computed<Cidrs>]) -> Vec<Cidr> {
    items.iter().filter_map(|item| context.scope.compute(item)).flat_map(|Cidrs(list)| list).collect()
}
