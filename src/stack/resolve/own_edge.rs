//! A service of the system that is the reverse proxy itself: its certificate, and what of the profile's `proxy` section
//! cannot reach it.

use super::Context;
use crate::diagnostics::{Diagnostic, Wish, codes};
use crate::format::system::OwnEdge;
use crate::stack::service::SecretUse;
use crate::stack::{Certificate, ContainerEngine, Covered, Stack, certificate_days};
use crate::values::TlsMode;

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
    covers(context, own, stack);
    let names: Vec<_> = own.certificate.iter().filter_map(|name| context.scope.compute(name)).collect();
    let Some(service) = stack.services.get_mut(&own.service.value) else {
        let known = context.system.services.keys().map(|name| name.as_str());
        context.scope.diagnostics.push(
            Diagnostic::error(codes::INVALID_SYSTEM, format!("there is no service `{}`", own.service.value))
                .at(own.service.span, "")
                .meant(own.service.as_str(), known),
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
    if let Some(files) = &mut stack.certificate_files {
        files.names = names.clone();
        files.reader = (stack.engine == ContainerEngine::Docker).then_some(reader);
    }
    if context.choices.tls == TlsMode::SelfSigned {
        stack.certificate = Some(Certificate { names, reader, days: certificate_days(context.choices.tls_policy) });
    }
}

/// What its configuration does in the place of controls, and the waivers that could not reach it.
fn covers(context: &mut Context, own: &OwnEdge, stack: &mut Stack) {
    for cover in &own.covers {
        let name = &cover.control;
        let Some(control) = context.controls.find(name.as_str()).map(|meta| meta.id) else {
            context.scope.diagnostics.push(
                Diagnostic::error(codes::INVALID_SYSTEM, format!("there is no control `{}`", name.value))
                    .at(name.span, "")
                    .meant(name.as_str(), context.controls.ids()),
            );
            continue;
        };
        let waiver = context.profile.waivers.iter().find(|waiver| {
            waiver.control.as_ref().is_some_and(|named| named.as_str() == control) && waiver.service.is_none()
        });
        if let Some(waiver) = waiver {
            context.scope.diagnostics.push(
                Diagnostic::error(
                    codes::UNUSED_KEY,
                    format!("`{}` does what `{control}` asks in a configuration of its own", context.system.name.value),
                )
                .at(waiver.span, "a waiver cannot reach it")
                .help(format!(
                    "remove the waiver; `stockade systems {}` lists what can be set",
                    context.system.name.value
                ))
                .wish(Wish::RemoveItem),
            );
        }
        if context.scope.holds(&cover.when) {
            let places = cover.places.iter().filter_map(|place| context.scope.spanned(place));
            let places = places.map(|place| place.map(|text| context.names.place(&text))).collect();
            stack.covered.push(Covered { control, places });
        }
    }
}
