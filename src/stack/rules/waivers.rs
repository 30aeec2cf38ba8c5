//! Waivers name controls and services that exist, and end.

use crate::controls::{Reach, catalogue};
use crate::diagnostics::{Diagnostic, Diagnostics, codes, nearest_or_allowed};
use crate::profile::Profile;
use crate::stack::Waiver;
use crate::systems::format::System;
use crate::values::Day;

/// Names of services that Stockade adds, which a waiver may also name.
pub(super) const ADDED: &str = "proxy";

/// What is wrong with the waivers of a profile on a day.
pub fn check(found: &mut Diagnostics, profile: &Profile, systems: &[&System], today: Day) {
    for waiver in &profile.waivers {
        let control = waiver.control.as_ref();
        if let Some(control) = control.filter(|control| catalogue::find(control.as_str()).is_none()) {
            let names = catalogue::ALL.iter().map(|control| control.meta().id);
            found.push(
                Diagnostic::error(codes::UNKNOWN_VALUE, format!("there is no control `{}`", control.value))
                    .at(control.span, "")
                    .help(nearest_or_allowed(control.as_str(), names)),
            );
        }
        if let Some(service) = &waiver.service
            && !systems.is_empty()
            && service.as_str() != ADDED
            && !service.as_str().ends_with("-docker")
            && !systems.iter().flat_map(|system| system.services.keys()).any(|name| name.value == service.value)
        {
            let names =
                systems.iter().flat_map(|system| system.services.keys()).map(|name| name.as_str()).chain([ADDED]);
            found.push(
                Diagnostic::error(codes::UNKNOWN_VALUE, format!("there is no service `{}`", service.value))
                    .at(service.span, "")
                    .help(nearest_or_allowed(service.as_str(), names)),
            );
        }
        if let (Some(service), Some(meta)) =
            (&waiver.service, control.and_then(|c| catalogue::find(c.as_str())).map(|c| c.meta()))
            && meta.reach == Reach::Stack
        {
            found.push(
                Diagnostic::error(codes::UNUSED_KEY, format!("`{}` is not a matter of single services", meta.id))
                    .at(service.span, "")
                    .help("remove `service` to switch the control off for the whole stack"),
            );
        }
        if let Some(until) = waiver.until.as_ref().filter(|until| until.value < today) {
            let name = control.map_or_else(|| "a control".to_owned(), |control| format!("`{}`", control.value));
            found.push(
                Diagnostic::error(codes::EXPIRED_WAIVER, format!("the waiver of {name} ended on {}", until.value))
                    .at(until.span, format!("today is {today}"))
                    .help("remove the waiver, or decide anew and set another day"),
            );
        }
    }
}

/// The waivers of a profile; those that name no control are left to [`check`].
pub fn list(profile: &Profile) -> Vec<Waiver> {
    let mut waivers: Vec<_> = profile
        .waivers
        .iter()
        .filter_map(|waiver| {
            Some(Waiver {
                control: catalogue::find(waiver.control.as_ref()?.as_str())?.meta().id,
                service: waiver.service.as_ref().map(|service| service.value.clone()),
                reason: waiver.reason.as_ref()?.value.to_string(),
                until: waiver.until.as_ref()?.value,
            })
        })
        .collect();
    waivers.sort_by(|a, b| (a.control, &a.service, a.until).cmp(&(b.control, &b.service, b.until)));
    waivers
}

/// Whether a profile waives a control for a service or for all.
pub(super) fn covers(profile: &Profile, control: &str, service: Option<&str>) -> bool {
    // A waiver that is wrong in itself may be the one.
    let doubtful = profile.refused.iter().any(|span| profile.holds("waivers", *span));
    let unknown = |waiver: &crate::profile::Waiver| {
        waiver.control.as_ref().is_some_and(|named| catalogue::find(named.as_str()).is_none())
    };
    doubtful
        || profile.waivers.iter().any(|waiver| unknown(waiver))
        || profile.waivers.iter().any(|waiver| {
            waiver.control.as_ref().is_some_and(|named| named.as_str() == control)
                && (waiver.service.is_none() || waiver.service.as_ref().map(|s| s.as_str()) == service)
        })
}
