//! A setting that exists only because a control put it there.

use crate::stack::Id;

/// A value that only a control sets, with the ids of the controls that did. Absent, it is left to the engine's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enforced<T> {
    value: Option<T>,
    why: Vec<Id>,
}

impl<T> Default for Enforced<T> {
    fn default() -> Self {
        Self { value: None, why: Vec::new() }
    }
}

impl<T> Enforced<T> {
    /// Sets the value in the name of a control. Setting it again replaces the value and keeps both names.
    pub fn set(&mut self, id: Id, value: T) {
        self.value = Some(value);
        if !self.why.contains(&id) {
            self.why.push(id);
            self.why.sort_unstable();
        }
    }

    /// The value, where a control set one.
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Whether a control set it.
    pub fn is_set(&self) -> bool {
        self.value.is_some()
    }

    /// The controls behind it, in order of their ids.
    pub fn why(&self) -> &[Id] {
        &self.why
    }
}
