//! Several systems in one stack: what two of them both want is a finding that names both.

use super::Context;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::source::Span;

/// Names that one system takes: what they name, the name, and where the system says it.
#[derive(Debug, Default)]
pub struct Claims(Vec<(&'static str, String, Span)>);

impl Claims {
    /// Takes a name; says whether the system had not taken it before.
    pub fn add(&mut self, kind: &'static str, name: impl ToString, span: Span) -> bool {
        let name = name.to_string();
        let new = !self.0.iter().any(|(k, n, _)| *k == kind && *n == name);
        self.0.push((kind, name, span));
        new
    }
}

/// Says which names two systems both take.
pub fn names(found: &mut Diagnostics, contexts: &[Context]) {
    for (index, context) in contexts.iter().enumerate() {
        for (kind, name, span) in &context.claims.0 {
            for earlier in &contexts[..index] {
                let Some((_, _, other)) = earlier.claims.0.iter().find(|(k, n, _)| k == kind && n == name) else {
                    continue;
                };
                let (one, two) = (&earlier.system.name.value, &context.system.name.value);
                found.push(
                    Diagnostic::error(
                        codes::SYSTEM_CLASH,
                        format!("`{one}` and `{two}` both have the {kind} `{name}`"),
                    )
                    .at(*span, format!("of `{two}`"))
                    .also(*other, format!("of `{one}`"))
                    .help(match *kind {
                        "host name" => "give each of `systems` a `domain` of its own".to_owned(),
                        _ => format!("rename it in one of the two system files, or give `{two}` a profile of its own"),
                    }),
                );
            }
        }
    }
}

/// Says where systems would decide differently what the stack has once.
pub fn choices(found: &mut Diagnostics, contexts: &[Context]) {
    let Some((first, others)) = contexts.split_first() else { return };
    for other in others {
        let (a, b) = (&first.choices, &other.choices);
        let differences = [
            ("proxy.tls.mode", a.tls.to_string(), b.tls.to_string()),
            ("proxy.http_port", port(a.http_port), port(b.http_port)),
            ("proxy.https_port", a.https_port.to_string(), b.https_port.to_string()),
            ("firewall.kind", a.firewall.to_string(), b.firewall.to_string()),
        ];
        for (key, one, two) in differences.into_iter().filter(|(_, one, two)| one != two) {
            let named = |context: &Context| context.profile.system.as_ref().map_or(Span::UNKNOWN, |system| system.span);
            found.push(
                Diagnostic::error(
                    codes::SYSTEM_CLASH,
                    format!(
                        "`{key}` would be {one} for `{}` and {two} for `{}`",
                        first.system.name.value, other.system.name.value
                    ),
                )
                .at(named(other), "")
                .also(named(first), "")
                .help(format!("say it in the profile: `{key}`")),
            );
        }
    }
}

fn port(port: Option<crate::values::Port>) -> String {
    port.map_or("none".to_owned(), |port| port.to_string())
}
