//! Facts that a system names itself, so that its expressions need not repeat themselves.

use super::Scope;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::system::System;
use crate::systems::names::names;
use minijinja::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Gives the system's own facts as `facts`; one may use others, in any order.
pub fn resolve(system: &System, scope: &mut Scope) {
    let mut waiting: Vec<_> = system.facts.iter().collect();
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let described: BTreeSet<&str> = system.facts.keys().map(|name| name.value.as_str()).collect();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    loop {
        scope.set("facts", Value::from_pairs(known.clone()));
        let before = waiting.len();
        waiting.retain(|(name, fact)| {
            let ready = asked(&fact.0.value).all(|other| settled.contains(other) || !described.contains(other));
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

/// The facts that an expression asks for.
fn asked(expression: &str) -> impl Iterator<Item = &str> {
    names(expression)
        .into_iter()
        .filter(|named| named.path[0] == "facts")
        .filter_map(|named| named.path.get(1).copied())
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn facts_are_found_by_their_names() {
        assert_eq!(asked("not facts.a and x or facts['b'].c ~ 'facts.d'").collect::<Vec<_>>(), ["a", "b"]);
    }
}
