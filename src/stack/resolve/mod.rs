//! From profile and system to stack.

use super::Stack;
use crate::diagnostics::Diagnostics;
use crate::profile::Profile;
use crate::source::Sources;
use crate::systems::format::System;
use crate::values::Day;

/// Resolves a profile against its system.
///
/// # Errors
/// Everything that contradicts itself, with places in the profile or the system file.
pub fn resolve(_: &Profile, _: &System, _: &mut Sources, _: Day) -> (Option<Stack>, Diagnostics) {
    (None, Diagnostics::default())
}
