//! The one list of controls.

use super::Control;

/// Every control. The order is that of the documentation; the result does not depend on it.
pub static ALL: &[&dyn Control] = &[];

/// The control of an id.
pub fn find(id: &str) -> Option<&'static dyn Control> {
    ALL.iter().copied().find(|control| control.meta().id == id)
}
