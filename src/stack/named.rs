//! Facts that a system names itself, so that its expressions need not repeat themselves.

use super::Scope;
use crate::diagnostics::{Diagnostic, codes};
use crate::systems::format::System;
use minijinja::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Gives the system's own facts as `facts`; one may use others, in any order.
pub fn resolve(system: &System, scope: &mut Scope) {
    let mut waiting: Vec<_> = system.facts.iter().collect();
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    loop {
        scope.set("facts", Value::from_pairs(known.clone()));
        let before = waiting.len();
        waiting.retain(|(name, fact)| {
            let uses = |(other, _): &(&crate::source::Spanned<String>, _)| mentions(&fact.0.value, &other.value);
            let ready = !system
                .facts
                .iter()
                .filter(|other| !settled.contains(other.0.value.as_str()))
                .any(|other| uses(&other));
            if ready {
                settled.insert(&name.value);
                match scope.value(&fact.0) {
                    Some(value) => drop(known.insert(name.value.clone(), value)),
                    None => scope.give_up(format!("facts.{}", name.value)),
                }
                scope.set("facts", Value::from_pairs(known.clone()));
            }
            !ready
        });
        if waiting.is_empty() || waiting.len() == before {
            break;
        }
    }
    scope.set("facts", Value::from_pairs(known));
    for (name, _) in waiting {
        scope.diagnostics.push(
            Diagnostic::error(codes::INVALID_SYSTEM, format!("the fact `{}` needs itself", name.value))
                .at(name.span, "")
                .help("let it use no fact that uses it"),
        );
    }
}

/// Whether an expression asks for `facts.NAME`.
fn mentions(expression: &str, name: &str) -> bool {
    let rest = |at: usize| expression[at + "facts.".len()..].strip_prefix(name);
    expression
        .match_indices("facts.")
        .any(|(at, _)| rest(at).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')))
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn names_are_whole_words() {
        assert!(mentions("not facts.plain and x", "plain") && mentions("facts.a or facts.plain", "plain"));
        assert!(!mentions("facts.plainer", "plain") && !mentions("plain", "plain"));
    }
}
