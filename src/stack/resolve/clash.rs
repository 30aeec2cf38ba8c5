//! Several systems in one stack: what two of them both want is a finding that names both.

use super::Context;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::stack::Choices;
use crate::text::Span;
use crate::values::{Cidr, NetworkName, TlsPolicy};

/// What one system takes.
#[derive(Debug, Default)]
pub struct Claims {
    /// Names: what they name, the name, and where the system says it.
    names: Vec<(&'static str, String, Span)>,
    /// Addresses, the network that has them, and where the system says it.
    subnets: Vec<(Cidr, NetworkName, Span)>,
}

impl Claims {
    /// Takes a name; says whether the system had not taken it before.
    pub fn add(&mut self, kind: &'static str, name: impl ToString, span: Span) -> bool {
        let name = name.to_string();
        let new = !self.names.iter().any(|(k, n, _)| *k == kind && *n == name);
        self.names.push((kind, name, span));
        new
    }

    /// Takes addresses for a network.
    pub fn add_subnet(&mut self, subnet: Cidr, network: &NetworkName, span: Span) {
        self.subnets.push((subnet, network.clone(), span));
    }

    /// Addresses that it takes, the network that has them, and where the system says it.
    pub fn subnets(&self) -> &[(Cidr, NetworkName, Span)] {
        &self.subnets
    }
}

/// Says which names two systems both take.
pub fn names(found: &mut Diagnostics, contexts: &[Context]) {
    for (index, context) in contexts.iter().enumerate() {
        for (kind, name, span) in &context.claims.names {
            for earlier in &contexts[..index] {
                let Some((_, _, other)) = earlier.claims.names.iter().find(|(k, n, _)| k == kind && n == name) else {
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
                        _ => format!("give `{two}` another key under `systems`: it is put before names that are taken"),
                    }),
                );
            }
        }
    }
}

/// Says which networks have addresses in common: the engine makes one of them, and then refuses the other.
pub fn addresses(found: &mut Diagnostics, contexts: &[Context]) {
    let all: Vec<_> = contexts
        .iter()
        .flat_map(|context| context.claims.subnets.iter().map(move |claim| (&context.system.name.value, claim)))
        .collect();
    for (index, (two, (subnet, network, span))) in all.iter().enumerate() {
        for (one, (other_subnet, other, other_span)) in &all[..index] {
            if network == other || !subnet.overlaps(*other_subnet) {
                continue;
            }
            let code = if one == two { codes::INVALID_SYSTEM } else { codes::SYSTEM_CLASH };
            let says = format!(
                "network `{network}` of `{two}` has {subnet}, which shares addresses with {other_subnet} of `{other}` of `{one}`"
            );
            found.push(
                Diagnostic::error(code, says)
                    .at(*span, format!("of `{two}`"))
                    .also(*other_span, format!("of `{one}`"))
                    .help(
                        "give one of them other addresses: another `subnet`, or another value of the setting it names",
                    ),
            );
        }
    }
}

/// Gives all systems behind one proxy the TLS policy of the strictest: none may get less than it says of itself.
pub fn strictest(mut choices: Vec<&mut Choices>) {
    if choices.iter().any(|one| one.tls_policy == TlsPolicy::Modern) {
        choices.iter_mut().for_each(|one| one.tls_policy = TlsPolicy::Modern);
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
            let named = |context: &Context| context.profile.near("system");
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
