//! Rules over several fields: every one a diagnostic with a code, a place and a way out.

mod access;
mod amounts;
mod headers;
mod images;
mod open;
mod proxy;
mod services;
mod unused;
mod waivers;

pub use waivers::list as waivers;

use super::{Choices, Stack, edge::Abilities};
use crate::diagnostics::Diagnostics;
use crate::profile::Profile;
use crate::systems::format::System;
use crate::values::Day;

/// Rules over one system of the profile.
pub fn part(found: &mut Diagnostics, part: &Profile, system: &System, choices: &Choices, can: Abilities) {
    access::check_domain(found, part, system, choices);
    access::check_trust(found, part, system, choices);
    proxy::check_part(found, part, system, choices, can);
}

/// Rules that need no more than the profile and its systems; `choices` are those they share. No systems mean that they
/// could not be read: what depends on their names is left out. `asks` says whether a
/// system uses a fact.
pub fn profile(
    found: &mut Diagnostics,
    profile: &Profile,
    systems: &[&System],
    choices: &Choices,
    can: Abilities,
    today: Day,
    asks: &dyn Fn(&str) -> bool,
) {
    waivers::check(found, profile, systems, today);
    access::check(found, profile, systems, choices);
    proxy::check(found, profile, systems, choices, can);
    services::check(found, profile, systems);
    amounts::check(found, profile);
    headers::check(found, profile, systems);
    open::check(found, profile, choices);
    unused::check(found, profile, systems, choices, asks);
}

/// The systems' names as a person would write them in a sentence.
fn names(systems: &[&System]) -> String {
    systems.iter().map(|system| format!("`{}`", system.name.value)).collect::<Vec<_>>().join(" and ")
}

/// How much of a stack is as the profile means it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// A system could not be read.
    InPart,
    /// Defaults stand for some of what the profile says.
    WithStandIns,
    /// All.
    All,
}

/// Rules that need the resolved stack.
pub fn stack(found: &mut Diagnostics, profile: &Profile, stack: &Stack, known: Known) {
    services::check_stack(found, profile, stack);
    images::check(found, stack);
    open::check_stack(found, stack);
    waivers::check_stack(found, profile, stack);
    if known != Known::InPart {
        unused::check_controls(found, profile, stack);
    }
    if known == Known::All {
        proxy::check_stack(found, profile, stack);
        unused::check_stack(found, profile, stack);
    }
}
