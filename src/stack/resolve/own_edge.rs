//! A service of the system that is the reverse proxy itself: its certificate, and what of the profile's `proxy` section
//! cannot reach it.

use super::Context;
use crate::diagnostics::{Diagnostic, codes, nearest_or_allowed};
use crate::profile::TlsMode;
use crate::stack::service::SecretUse;
use crate::stack::{Certificate, Stack};

/// Hands the service its certificate, where the system has such a service.
pub fn add(context: &mut Context, stack: &mut Stack) {
    let Some(own) = &context.system.own_edge else { return };
    if let Some(edge) = context.system.edge.as_ref() {
        context.scope.diagnostics.push(
            Diagnostic::error(codes::INVALID_SYSTEM, "the system has both `edge` and `own_edge`")
                .at(edge.front.span, "")
                .help("keep `own_edge` where a service of the system is the reverse proxy itself, else `edge`"),
        );
        return;
    }
    let names: Vec<_> = own.certificate.iter().filter_map(|name| context.scope.compute(name)).collect();
    let Some(service) = stack.services.get_mut(&own.service.value) else {
        let known = context.system.services.keys().map(|name| name.as_str());
        context.scope.diagnostics.push(
            Diagnostic::error(codes::INVALID_SYSTEM, format!("there is no service `{}`", own.service.value))
                .at(own.service.span, "")
                .help(nearest_or_allowed(own.service.as_str(), known)),
        );
        return;
    };
    if context.choices.tls == TlsMode::Acme || names.is_empty() {
        return;
    }
    for secret in ["tls_certificate", "tls_key"] {
        if let Ok(secret) = secret.parse() {
            service.secrets.insert(secret, SecretUse::default());
        }
    }
    let reader = service.declared.user;
    if context.choices.tls == TlsMode::SelfSigned {
        stack.certificate = Some(Certificate { names, reader });
    }
}
