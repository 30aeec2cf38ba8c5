//! The proof that every control has had its say.

use super::{Control, Id, Surroundings, catalogue};
use crate::stack::Stack;
use std::ops::Deref;

/// A stack on which every control that its level and waivers leave active was enforced. Back ends accept nothing else.
#[derive(Debug, Clone)]
pub struct Hardened {
    stack: Stack,
    active: Vec<Id>,
}

impl Hardened {
    /// The controls that were enforced, in the catalogue's order.
    pub fn active(&self) -> &[Id] {
        &self.active
    }
}

impl Deref for Hardened {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.stack
    }
}

/// Enforces the catalogue on a stack.
pub fn enforce(stack: Stack) -> Hardened {
    enforce_each(stack, catalogue::ALL.iter().copied())
}

/// Enforces some controls, in an order that makes no difference.
pub(super) fn enforce_each(mut stack: Stack, controls: impl Iterator<Item = &'static dyn Control>) -> Hardened {
    let facts = Surroundings::of(&stack);
    let mut active = Vec::new();
    for control in controls {
        let meta = control.meta();
        if meta.is_on(&stack, None) {
            control.enforce(&mut stack, &facts);
            active.push(meta.id);
        }
    }
    Hardened { stack, active }
}
