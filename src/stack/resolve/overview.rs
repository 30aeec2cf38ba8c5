//! What a system runs before anybody has chosen anything but a variant or a role.

use super::{Catalogue, Choices, Scope, settings, system_facts};
use crate::format::profile::parse;
use crate::format::system::{Abilities, System};
use crate::text::SourceFile;
use crate::values::{Day, ServiceName};
use crate::yaml::Sources;
use minijinja::Value;
use std::collections::BTreeSet;

/// The services that a short profile gets on a host with a role, every setting at its default.
pub fn services_of(
    system: &System,
    variant: Option<&str>,
    role: Option<&str>,
    controls: Catalogue,
) -> BTreeSet<ServiceName> {
    let variant = variant.map(|name| format!("variant: {}\n", Value::from(name))).unwrap_or_default();
    let text = format!("version: 1\nname: a\nsystem: a\ndomain: a.example.com\nadmin: [10.8.0.0/24]\n{variant}");
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("profile", text));
    let Some(profile) = parse(&sources, id).0 else { return BTreeSet::new() };
    let mut scope = Scope::new();
    let choices = Choices::new(&profile, Some(system), Abilities::NONE, &mut scope);
    choices.tell(system, Abilities::NONE, &mut scope);
    let host = [("name", ""), ("role", role.unwrap_or_default()), ("domain", "a.example.com")];
    scope.set("host", Value::from_pairs(host.map(|(key, value)| (key, Value::from(value)))));
    scope.set("hosts", Value::from(Vec::<Value>::new()));
    settings::resolve(&profile, system, &mut scope, Day(time::UtcDateTime::UNIX_EPOCH.date()));
    scope.add_question("waived", Vec::new(), super::known(controls));
    system_facts::resolve(system, &mut scope);
    let there = system.services.iter().filter(|(_, service)| scope.holds(&service.when));
    there.map(|(name, _)| name.value.clone()).collect()
}
