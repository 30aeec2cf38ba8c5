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

    /// Takes what was decided together with one answer back; `false` where there is no such answer.
    pub fn reopen(&mut self, key: &Key) -> bool {
        let at = self.typed.iter().rposition(|keys| keys.contains(key));
        let keys = at.map_or_else(|| vec![key.clone()], |at| self.typed.remove(at));
        keys.iter().filter(|key| self.given.remove(key).is_some()).count() > 0
    }

    /// How many questions a person answered.
    pub fn count(&self) -> usize {
        self.typed.len()
    }
}
