//! Waivers name controls and services that exist, and end.

use crate::diagnostics::{Diagnostic, Diagnostics, Fix, Grade, Wish, codes};
use crate::format::profile::Profile;
use crate::format::system::System;
use crate::stack::{Basis, Catalogue, Reach, Stack, Waiver};
use crate::text::Edit;

/// Names of services that Stockade adds, which a waiver may also name.
pub(super) const ADDED: &str = "proxy";

/// Years for which somebody can decide.
const YEARS: i16 = 2;

/// What stands where a reason belongs, in lower case.
const PLACEHOLDERS: [&str; 27] = [
    "test",
    "asdf",
    "foo",
    "xxx",
    "something",
    "fix later",
    "later",
    "for now",
    "needed",
    "required",
    "your reason",
    "reason here",
    "not needed",
    "why",
    "why this is acceptable",
    "reason",
    "a reason",
    "the reason",
    "todo",
    "tbd",
    "fixme",
    "none",
    "n/a",
    "temporary",
    "because",
    "not applicable",
    "waived",
];

/// Whether a reason gives none: a placeholder, or nothing that could be a word.
fn is_placeholder(reason: &str) -> bool {
    let plain = |c: char| !c.is_alphanumeric();
    let words = reason.trim_matches(plain).to_lowercase();
    words.chars().filter(|c| c.is_alphabetic()).count() < 3 || PLACEHOLDERS.contains(&words.as_str())
}

/// Says of a waiver for all which services it weakens.
pub(super) fn check_stack(found: &mut Diagnostics, profile: &Profile, controls: Catalogue, stack: &Stack) {
    for waiver in profile.waivers.iter().filter(|waiver| waiver.service.is_none()) {
        let Some(control) = &waiver.control else { continue };
        let meta = controls.find(control.as_str());
        if !meta.is_some_and(|meta| meta.reach == Reach::Service && meta.level <= stack.level)
            || stack.services.len() < 2
        {
            continue;
        }
        let names = stack.services.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        found.push_new(
            Diagnostic::warning(
                codes::WIDE_WAIVER,
                format!("this waiver switches `{}` off for {} services", control.value, stack.services.len()),
            )
            .at(control.span, "")
            .with_note(format!("they are {names}"))
            .help(
                "name the one that needs it with `service: NAME`; a second one deserves a waiver with its own reason",
            ),
        );
    }
}

/// What is wrong with the waivers of a profile on a day.
pub fn check(found: &mut Diagnostics, profile: &Profile, systems: &[&System], basis: Basis) {
    let Basis { controls, today } = basis;
    for waiver in &profile.waivers {
        let control = waiver.control.as_ref();
        if let Some(control) = control.filter(|control| controls.find(control.as_str()).is_none()) {
            found.push(
                Diagnostic::error(codes::UNKNOWN_VALUE, format!("there is no control `{}`", control.value))
                    .at(control.span, "")
                    .meant(control.as_str(), controls.ids()),
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
                    .meant(service.as_str(), names),
            );
        }
        if let (Some(service), Some(meta)) = (&waiver.service, control.and_then(|c| controls.find(c.as_str())))
            && meta.reach == Reach::Stack
        {
            found.push(
                Diagnostic::error(codes::UNUSED_KEY, format!("`{}` is not a matter of single services", meta.id))
                    .at(service.span, "")
                    .help("remove `service` to switch the control off for the whole stack")
                    .wish(Wish::Remove),
            );
        }
        if let Some(reason) = waiver.reason.as_ref().filter(|reason| is_placeholder(reason.as_str())) {
            found.push(Diagnostic::error(codes::INVALID_VALUE, "this reason says nothing").at(reason.span, "").help(
                "say what breaks with the control and what guards it instead, for the colleague who reads it next year",
            ));
        }
        let last = today.years_later(YEARS);
        if let Some(until) = waiver.until.as_ref().filter(|until| until.value > last) {
            found.push(
                Diagnostic::error(codes::INVALID_VALUE, format!("a waiver holds for {YEARS} years at most"))
                    .at(until.span, format!("today is {today}"))
                    .help(format!("write `until: {last}` or an earlier day, and decide again then"))
                    .fix(Fix::new(
                        format!("write `{last}`"),
                        Grade::Behaviour,
                        Edit::replace(until.span, last.to_string()),
                    )),
            );
        }
        if let Some(until) = waiver.until.as_ref().filter(|until| until.value < today) {
            let name = control.map_or_else(|| "a control".to_owned(), |control| format!("`{}`", control.value));
            found.push(
                Diagnostic::error(codes::EXPIRED_WAIVER, format!("the waiver of {name} ended on {}", until.value))
                    .at(until.span, format!("today is {today}"))
                    .help("remove the waiver, or decide anew and set another day")
                    .wish(Wish::RemoveItem),
            );
        }
    }
}

/// The waivers of a profile; those that name no control are left to [`check`].
pub fn list(profile: &Profile, controls: Catalogue) -> Vec<Waiver> {
    let mut waivers: Vec<_> = profile
        .waivers
        .iter()
        .filter_map(|waiver| {
            Some(Waiver {
                control: controls.find(waiver.control.as_ref()?.as_str())?.id,
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
pub(super) fn covers(profile: &Profile, controls: Catalogue, control: &str, service: Option<&str>) -> bool {
    // A waiver that is wrong in itself may be the one.
    let doubtful = profile.refused.iter().any(|span| profile.holds("waivers", *span));
    let unknown = |waiver: &crate::format::profile::Waiver| {
        waiver.control.as_ref().is_some_and(|named| controls.find(named.as_str()).is_none())
    };
    doubtful
        || profile.waivers.iter().any(|waiver| unknown(waiver))
        || profile.waivers.iter().any(|waiver| {
            waiver.control.as_ref().is_some_and(|named| named.as_str() == control)
                && (waiver.service.is_none() || waiver.service.as_ref().map(|s| s.as_str()) == service)
        })
}
