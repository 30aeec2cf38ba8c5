//! A setting that exists only because a control put it there.

use crate::stack::Id;
use serde::Serialize;

/// A value and the controls behind it, none where it is only needed to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Because<T> {
    /// The value.
    pub value: T,
    /// Ids of the controls, in order.
    pub why: Vec<Id>,
}

impl<T> Because<T> {
    /// A value that these controls set.
    pub fn new(value: T, why: &[Id]) -> Self {
        Self { value, why: why.to_vec() }
    }
}

/// A value that only a control sets, with the ids of the controls that did. Absent, it is left to the engine's default.
///
/// What profile and system wish for waits in it until a control says [`enforce`](Self::enforce). Only the resolver and its
/// rules can read a wish: a back end sees what became of it, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enforced<T> {
    wish: Option<T>,
    value: Option<T>,
    why: Vec<Id>,
}

impl<T> Default for Enforced<T> {
    fn default() -> Self {
        Self::maybe(None)
    }
}

impl<T> Enforced<T> {
    /// A wish that no control has granted yet.
    pub fn wish(value: T) -> Self {
        Self::maybe(Some(value))
    }

    /// A wish, where there is one.
    pub fn maybe(wish: Option<T>) -> Self {
        Self { wish, value: None, why: Vec::new() }
    }

    /// The wish.
    pub(in crate::stack) fn wished(&self) -> Option<&T> {
        self.wish.as_ref()
    }

    /// The wish, to be changed.
    pub(in crate::stack) fn wished_mut(&mut self) -> Option<&mut T> {
        self.wish.as_mut()
    }

    /// Grants the wish in the name of a control, where there is one.
    pub fn enforce(&mut self, id: Id)
    where
        T: Clone,
    {
        if let Some(wish) = self.wish.clone() {
            self.set(id, wish);
        }
    }

    /// Sets what a control decided itself, in its name. Setting it again replaces the value and keeps both names.
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

    /// The value as a file prints it, with the controls behind it; `None` where no control set it, so that its line is absent.
    pub fn because<'a, U>(&'a self, form: impl FnOnce(&'a T) -> U) -> Option<Because<U>> {
        self.value.as_ref().map(|value| Because::new(form(value), &self.why))
    }
}

impl Enforced<()> {
    /// A wish for something that has no value of its own.
    pub fn wish_if(wished: bool) -> Self {
        Self::maybe(wished.then_some(()))
    }
}

impl<T> Enforced<Vec<T>> {
    /// A wish for a list, where it holds anything.
    pub fn list(wish: Vec<T>) -> Self {
        Self::maybe((!wish.is_empty()).then_some(wish))
    }
}
