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

use super::{Basis, Catalogue, Choices, Stack};
use crate::diagnostics::Diagnostics;
use crate::format::profile::Profile;
use crate::format::system::{Abilities, System};

/// Rules over one system of the profile.
pub fn part(
    found: &mut Diagnostics,
    part: &Profile,
    system: &System,
    choices: &Choices,
    can: Abilities,
    controls: Catalogue,
) {
    access::check_domain(found, part, system, choices);
    access::check_trust(found, part, system, choices);
    proxy::check_part(found, part, system, choices, can, controls);
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
    basis: Basis,
    asks: &dyn Fn(&str) -> bool,
) {
    let controls = basis.controls;
    waivers::check(found, profile, systems, basis);
    access::check(found, profile, systems, choices);
    proxy::check(found, profile, systems, choices, can, controls);
    services::check(found, profile, systems, controls);
    amounts::check(found, profile);
    headers::check(found, profile, systems);
    open::check(found, profile, choices);
    unused::check(found, profile, systems, choices, controls, asks);
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
pub fn stack(found: &mut Diagnostics, profile: &Profile, controls: Catalogue, stack: &Stack, known: Known) {
    services::check_stack(found, profile, stack);
    images::check(found, stack);
    open::check_stack(found, stack);
    waivers::check_stack(found, profile, controls, stack);
    if known != Known::InPart {
        unused::check_controls(found, profile, controls, stack);
    }
    if known == Known::All {
        proxy::check_stack(found, profile, stack);
        unused::check_stack(found, profile, stack);
    }
}
