//! Services that wait for each other: none of them would start.

use super::Context;
use crate::diagnostics::{Diagnostic, codes};
use crate::stack::Stack;
use crate::values::ServiceName;

/// Says which services of the system wait for themselves, directly or through others.
pub fn check(context: &mut Context, stack: &Stack) {
    let waits = |name: &ServiceName| stack.services.get(name).into_iter().flat_map(|service| service.depends_on.keys());
    let mut told: Vec<&ServiceName> = Vec::new();
    for (name, description) in &context.system.services {
        if told.contains(&&name.value) {
            continue;
        }
        let Some(circle) = circle(&name.value, &waits) else { continue };
        let first = circle.get(1).copied().unwrap_or(&name.value);
        let at = description.depends_on.keys().find(|key| key.value == *first).map_or(name.span, |key| key.span);
        let words: Vec<String> = circle.iter().map(|name| format!("`{name}`")).collect();
        let message = match circle.len() {
            2 => format!("`{}` waits for itself", name.value),
            _ => format!("{} wait for each other", words[1..].join(" and ")),
        };
        context.scope.diagnostics.push(
            Diagnostic::error(codes::INVALID_SYSTEM, message)
                .at(at, "the engine refuses to start any of them")
                .with_note(format!("the circle is {}", words.join(", then ")))
                .help("take one of these names out of `depends_on`"),
        );
        told.extend(circle);
    }
}

/// The way from a service back to itself.
fn circle<'a, I: Iterator<Item = &'a ServiceName>>(
    start: &'a ServiceName,
    waits: &impl Fn(&ServiceName) -> I,
) -> Option<Vec<&'a ServiceName>> {
    let mut ways = vec![vec![start]];
    let mut seen: Vec<&ServiceName> = Vec::new();
    while let Some(way) = ways.pop() {
        for next in waits(way.last()?) {
            if next == start {
                return Some([way, vec![start]].concat());
            }
            if !seen.contains(&next) {
                seen.push(next);
                ways.push([way.clone(), vec![next]].concat());
            }
        }
    }
    None
}
