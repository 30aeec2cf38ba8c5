//! Where requests go.

use super::super::Context;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system;
use crate::stack::Stack;
use crate::stack::edge::{Target, Trust, Upstream};
use crate::text::Span;
use crate::values::{Port, Ports, Protocol, ServiceName};

/// Warns of a port that the service does not declare. One that declares none says nothing about its ports at all.
fn listens(context: &mut Context, service: &ServiceName, port: Port, at: Span, stack: &Stack) {
    let Some(service) = stack.services.get(service) else { return };
    let declared: Vec<Ports> =
        service.ports.iter().filter(|it| it.protocol == Protocol::Tcp).map(|it| it.container).collect();
    if declared.is_empty() || declared.iter().any(|ports| ports.contains(port.get())) {
        return;
    }
    let known = declared.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    context.scope.diagnostics.push_new(
        Diagnostic::warning(
            codes::UNDECLARED_PORT,
            format!("the proxy asks port {port} of `{}`, which it does not declare", service.name),
        )
        .at(at, format!("declared: {known}"))
        .help(format!(
            "name the port on which it listens, or declare this one: `ports: {{http: {{container: {port}, protocol: tcp, \
             audience: internal}}}}`"
        )),
    );
}

/// Where requests go. What names a service that is not there, or both a service and a host, is reported.
pub(super) fn upstream(context: &mut Context, upstream: &system::Upstream, stack: &Stack) -> Option<Upstream> {
    let port = context.scope.compute(&upstream.port);
    let wrong = |context: &mut Context, at, says: String, help: &str| {
        context.scope.diagnostics.push(Diagnostic::error(codes::INVALID_SYSTEM, says).at(at, "").help(help));
        None
    };
    let at = upstream.network.span;
    let target = match (&upstream.service, &upstream.host) {
        // What the file does not describe was said when it was read.
        (Some(service), None) if !context.system.services.keys().any(|known| known.value == service.value) => {
            return None;
        }
        (Some(service), None) if !stack.services.contains_key(&service.value) => {
            let says = format!("there is no service `{}` here", service.value);
            return wrong(context, service.span, says, "give the path or site the service's `when`");
        }
        (Some(service), None) => Target::Service(service.value.clone()),
        (None, Some(host)) => Target::Host(context.scope.compute(host)?),
        (None, None) if context.system.damaged => return None,
        _ => {
            let says = "an upstream has neither or both of `service` and `host`".to_owned();
            return wrong(context, at, says, "write one of the two");
        }
    };
    let speaks_tls = upstream.tls.is_some() && context.scope.holds(&upstream.tls);
    let tls = match (&upstream.authority, &target) {
        _ if !speaks_tls => None,
        (Some(secret), _) if !stack.secrets.contains_key(&secret.value) => {
            // One that the file does not have at all was said when it was read.
            if !context.system.secrets.keys().any(|known| known.value == secret.value) {
                return None;
            }
            let says = format!("there is no secret `{}` here", secret.value);
            return wrong(context, secret.span, says, "give `tls` the secret's `when`");
        }
        (Some(secret), _) => Some(Trust::Authority(secret.value.clone())),
        (None, Target::Host(_)) => Some(Trust::Public),
        (None, Target::Service(service)) => {
            let says = format!("no public authority vouches for `{service}`, a name of the stack alone");
            return wrong(context, at, says, "name the secret with its authority's certificate, `authority: NAME`");
        }
    };
    if let (Target::Service(service), Some(port)) = (&target, port) {
        listens(context, service, port, upstream.port.text.span, stack);
    }
    let called = upstream.service.as_ref().and_then(|service| context.names.service(&service.value)).cloned();
    // The engine's name server looks up `NAME.NETWORK` in that network alone.
    let network = &upstream.network.value;
    let abroad = match (&target, &context.profile.proxy.join) {
        (Target::Service(service), Some(_)) => Some(format!("{service}.{}", stack.network_name(network))),
        _ => None,
    };
    Some(Upstream {
        target,
        abroad,
        called,
        port: port?,
        network: upstream.network.value.clone(),
        keep_alive: upstream.keep_alive,
        tls,
    })
}
