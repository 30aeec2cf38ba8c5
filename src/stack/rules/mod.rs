//! Rules over several fields: every one a diagnostic with a code, a place and a way out.

mod access;
mod proxy;
mod services;
mod waivers;

pub use waivers::list as waivers;

use super::{Choices, Stack, edge::Abilities};
use crate::diagnostics::Diagnostics;
use crate::profile::Profile;
use crate::systems::format::System;
use crate::values::Day;

/// Rules that need no more than the profile and the system.
pub fn profile(
    found: &mut Diagnostics,
    profile: &Profile,
    system: &System,
    choices: &Choices,
    can: Abilities,
    today: Day,
) {
    waivers::check(found, profile, system, today);
    access::check(found, profile, system, choices);
    proxy::check(found, profile, system, choices, can);
    services::check(found, profile, system);
}

/// Rules that need the resolved stack.
pub fn stack(found: &mut Diagnostics, profile: &Profile, stack: &Stack) {
    services::check_stack(found, profile, stack);
}
