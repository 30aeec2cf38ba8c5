//! In: a hardened stack, and nothing else. Out: artifacts of every kind.

pub mod escape;
pub mod firewall;
pub mod report;
pub mod templates;

use crate::compile::Bundle;
use crate::controls::Hardened;
use crate::diagnostics::Diagnostics;
use std::collections::BTreeMap;

/// Makes the bundle of a hardened stack.
///
/// # Errors
/// Values that the grammar of their file cannot hold.
pub fn emit(_stack: &Hardened, _templates: BTreeMap<String, String>) -> (Option<Bundle>, Diagnostics) {
    (None, Diagnostics::default())
}
