//! When a part of a system exists, in words that a profile knows: `with manager`, `variant g1`, `depends on targets`.

use super::names::names;
use crate::format::system::System;
use std::collections::BTreeSet;

/// Facts within facts that are followed.
const DEPTH: usize = 8;

/// A condition, term by term; what is more than a comparison names the settings that it follows from.
pub fn said(system: &System, condition: &str) -> String {
    let whole = facts_written_out(system, condition, DEPTH);
    let terms: Option<Vec<String>> = if whole.contains(['(', '|']) || whole.contains(" or ") {
        None
    } else {
        whole.split(" and ").map(term).collect()
    };
    match terms {
        Some(terms) => listed(&terms),
        None => follows(system, condition),
    }
}

/// What a list is made from, in those words.
pub fn list(system: &System, expression: &str) -> String {
    follows(system, expression)
}

/// Facts that are a condition themselves, in its place.
fn facts_written_out(system: &System, text: &str, depth: usize) -> String {
    let terms =
        text.split(" and ").map(|term| match term.trim().strip_prefix("facts.").and_then(|name| fact(system, name)) {
            Some(fact) if depth > 0 => facts_written_out(system, fact, depth - 1),
            _ => term.trim().to_owned(),
        });
    terms.collect::<Vec<_>>().join(" and ")
}

/// The expression of a fact.
fn fact<'a>(system: &'a System, name: &str) -> Option<&'a str> {
    system.facts.iter().find(|(known, _)| known.value == name).map(|(_, expression)| expression.0.value.trim())
}

/// One comparison.
fn term(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, value) = match (text.strip_prefix("not "), text.split_once(" == "), text.split_once(" != ")) {
        (Some(name), None, None) => return setting(name).map(|name| format!("without `{name}`")),
        (None, Some((name, value)), None) => (name, Ok(value)),
        (None, None, Some((name, value))) => (name, Err(value)),
        (None, None, None) => return setting(text).map(|name| format!("with `{name}`")),
        _ => return None,
    };
    let word = |value: &str| Some(value.trim().strip_prefix('\'')?.strip_suffix('\'')?.to_owned());
    let name = match name.trim() {
        "variant" => "variant",
        "host.role" => "role",
        other => setting(other)?,
    };
    Some(match value {
        Ok(value) => format!("with `{name}: {}`", word(value)?),
        Err(value) => format!("with another `{name}` than `{}`", word(value)?),
    })
}

/// The name of a setting that stands alone.
fn setting(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("settings.")?;
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(name)
}

/// The settings from which an expression follows.
fn follows(system: &System, expression: &str) -> String {
    let mut settings = BTreeSet::new();
    collect(system, expression, DEPTH, &mut settings);
    match settings.is_empty() {
        true => "where the profile needs it".to_owned(),
        false => {
            format!("as {} say", listed(&settings.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>()))
        }
    }
}

fn collect(system: &System, expression: &str, depth: usize, settings: &mut BTreeSet<String>) {
    for name in names(expression) {
        match name.path.as_slice() {
            ["settings", setting, ..] => settings.extend([(*setting).to_owned()]),
            ["variant"] => settings.extend(["variant".to_owned()]),
            ["host", "role"] => settings.extend(["role".to_owned()]),
            ["facts", fact, ..] if depth > 0 => {
                if let Some(fact) = self::fact(system, fact) {
                    collect(system, fact, depth - 1, settings);
                }
            }
            _ => {}
        }
    }
}

fn listed(terms: &[String]) -> String {
    match terms {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::text::SourceFile;
    use crate::yaml::Sources;

    fn hub() -> System {
        let mut sources = Sources::new();
        let text = crate::systems::builtin("proactions-hub").unwrap();
        let id = sources.add(SourceFile::new("hub", text));
        crate::systems::read(&sources, id).0.unwrap()
    }

    #[test]
    fn conditions_are_said_in_words_of_a_profile() {
        let system = hub();
        for (condition, words) in [
            ("settings.admin_api", "with `admin_api`"),
            ("not settings.admin_api", "without `admin_api`"),
            ("facts.tls", "with `tls: both`"),
            ("facts.tls and settings.tls_passphrase", "with `tls: both` and with `tls_passphrase`"),
            ("settings.auth != 'none'", "with another `auth` than `none`"),
            ("host.role != 'node' and variant == 'g1'", "with another `role` than `node` and with `variant: g1`"),
            ("'openai' in facts.forwards", "as `proxies` say"),
            ("settings.admin_api or facts.tls", "as `admin_api` and `tls` say"),
        ] {
            assert_eq!(said(&system, condition), words, "{condition}");
        }
        assert_eq!(list(&system, "facts.numbers[:settings.auth_tokens]"), "as `auth_tokens` say");
    }

    /// What people read names nothing that stands in the system's file alone.
    #[test]
    fn no_inner_name_is_told() {
        let system = hub();
        let of = system.secrets.values().flat_map(|spec| spec.when.iter().chain(&spec.each));
        for condition in of.map(|when| when.0.value.as_str()) {
            let said = said(&system, condition);
            assert!(!said.contains("facts.") && !said.contains("settings."), "{condition}: {said}");
        }
    }
}
