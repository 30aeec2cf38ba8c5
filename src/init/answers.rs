//! What has been answered.

use super::{Key, Value};
use std::collections::BTreeMap;

/// Answers by what they decide.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    given: BTreeMap<Key, Value>,
    /// What each answer of a person decided, in the order of the questions.
    typed: Vec<Vec<Key>>,
}

impl Answers {
    /// The answer, where there is one.
    pub fn get(&self, key: &Key) -> Option<&Value> {
        self.given.get(key)
    }

    /// Every answer.
    pub fn all(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.given.iter()
    }

    /// An answer from the command line or a file.
    pub fn set(&mut self, key: Key, value: Value) {
        self.given.insert(key, value);
    }

    /// What a person chose at one question.
    pub fn choose(&mut self, chosen: Vec<(Key, Value)>) {
        self.typed.push(chosen.iter().map(|(key, _)| key.clone()).collect());
        self.given.extend(chosen);
    }

    /// Takes the last answer of a person back; `false` where there is none.
    pub fn back(&mut self) -> bool {
        let last = self.typed.pop();
        for key in last.iter().flatten() {
            self.given.remove(key);
        }
        last.is_some()
    }

    /// How many questions a person answered.
    pub fn count(&self) -> usize {
        self.typed.len()
    }
}
