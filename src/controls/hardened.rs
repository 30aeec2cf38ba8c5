//! The proof that every control has had its say.

use super::{Facts, Id, catalogue};
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
pub fn enforce(mut stack: Stack) -> Hardened {
    let facts = Facts {
        level: stack.level,
        environment: stack.environment,
        tls: stack.edge.as_ref().map(|edge| edge.tls.mode),
        bind: stack.bind.clone(),
    };
    let mut active = Vec::new();
    for control in catalogue::ALL {
        let meta = control.meta();
        if meta.level <= facts.level && !stack.waived(meta.id, None) {
            control.enforce(&mut stack, &facts);
            active.push(meta.id);
        }
    }
    Hardened { stack, active }
}
