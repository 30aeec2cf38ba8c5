//! A profile's schema, narrowed to the systems it names: their settings, services, secrets, rates, variants and roles.

use super::describe::describe;
use super::setting;
use crate::format::system::{Setting, System};
use crate::secrets::Kind;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One system of a profile, and the name it has there where there are several.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    /// Its name under `systems`.
    pub(super) name: Option<&'a str>,
    /// The system; nothing where it cannot be read.
    pub(super) system: Option<&'a System>,
}

/// Narrows a schema. Where a system cannot be read, what it would say stays as open as it was.
pub(super) fn narrow(schema: &mut Value, parts: &[Part]) {
    let systems: Vec<&System> = parts.iter().filter_map(|part| part.system).collect();
    if parts.is_empty() || systems.len() < parts.len() {
        // Names of another system may be right.
        return;
    }
    let properties = &mut schema["properties"];
    services(properties, &systems);
    secrets(&mut properties["secrets"]["properties"]["sources"], &systems);
    rates(&mut properties["proxy"]["properties"]["rate_limits"], &systems);
    sites(&mut properties["proxy"]["properties"]["client_certificates"]["properties"]["sites"]["items"], &systems);
    waived(&mut properties["waivers"]["items"]["properties"]["service"], &systems);
    hosts(&mut properties["hosts"], &systems, parts);
    match parts {
        [Part { name: None, system: Some(system) }] => own(properties, system, ""),
        _ => several(properties, parts),
    }
}

/// The profile keys of one system.
fn own(properties: &mut Value, system: &System, path: &str) {
    let variants = &system.variants;
    let words: Vec<_> = variants.keys().map(|name| name.value.as_str()).collect();
    if words.is_empty() {
        properties["variant"] = false.into();
    } else {
        let titles: Vec<_> = variants.values().map(|it| it.title.as_str()).collect();
        let default = variants.iter().find(|(_, it)| it.default).map(|(name, _)| name.value.as_str());
        let variant = &mut properties["variant"];
        variant["enum"] = words.into();
        variant["markdownEnumDescriptions"] = titles.into();
        if let Some(default) = default {
            variant["default"] = default.into();
        }
    }
    let mut all = Map::new();
    for (name, it) in &system.settings {
        all.insert(name.value.to_string(), of_setting(it));
    }
    let settings = &mut properties["settings"];
    open(settings);
    settings["properties"] = all.into();
    describe(settings, &format!("{path}settings"));
}

fn of_setting(it: &Setting) -> Value {
    let default = it.default.value.to_json();
    let mut schema = setting::of(&it.kind, default.is_null());
    schema["description"] = it.purpose.as_str().into();
    if !default.is_null() {
        schema["default"] = default;
    }
    schema
}

/// Forgets what a mapping said of names that nobody knew, and takes no others.
fn open(mapping: &mut Value) {
    if let Some(mapping) = mapping.as_object_mut() {
        for key in ["patternProperties", "propertyNames"] {
            mapping.remove(key);
        }
        mapping.insert("additionalProperties".into(), false.into());
    }
}

/// The schema of the values of a mapping whose names nobody knew.
fn values(mapping: &Value) -> Value {
    let named = mapping["patternProperties"].as_object().and_then(|it| it.values().next());
    named.or_else(|| mapping.get("additionalProperties")).cloned().unwrap_or_else(|| true.into())
}

/// The same schema with something else said of it.
fn saying(schema: &Value, text: impl Into<Value>) -> Value {
    let mut schema = schema.clone();
    let text = text.into();
    schema["description"] = text.clone();
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("markdownDescription");
        schema.remove("title");
    }
    schema
}

fn several(properties: &mut Value, parts: &[Part]) {
    for key in ["system", "variant", "domain"] {
        properties[key] = false.into();
    }
    let settings = &mut properties["settings"];
    settings["maxProperties"] = 0.into();
    settings["doNotSuggest"] = true.into();
    let systems = &mut properties["systems"];
    let any = values(systems);
    let mut named = Map::new();
    for part in parts {
        let (Some(name), Some(system)) = (part.name, part.system) else { continue };
        let mut one = saying(&any, format!("{}: {}", system.title, system.summary));
        own(&mut one["properties"], system, &format!("systems.{name}."));
        describe(&mut one, &format!("systems.{name}"));
        named.insert(name.to_owned(), one);
    }
    systems["properties"] = named.into();
}

fn services(properties: &mut Value, systems: &[&System]) {
    let services = &mut properties["services"];
    let any = values(services);
    let mut named = Map::new();
    for (name, service) in systems.iter().flat_map(|system| &system.services) {
        let image = service.image.to_string();
        let mut one = saying(&any, format!("{} ({image})", service.title));
        one["properties"]["image"]["examples"] = json!([image]);
        describe(&mut one, &format!("services.{name}"));
        named.insert(name.value.to_string(), one);
    }
    if !named.contains_key("proxy") {
        let mut one = saying(&any, "The reverse proxy, where the bundle has one.");
        describe(&mut one, "services.proxy");
        named.insert("proxy".into(), one);
    }
    open(services);
    services["properties"] = named.into();
}

fn secrets(sources: &mut Value, systems: &[&System]) {
    let any = values(sources);
    let (mut named, mut lists) = (Map::new(), Map::new());
    for (name, spec) in systems.iter().flat_map(|system| &system.secrets) {
        let mut one = saying(&any, spec.purpose.as_str());
        let supplied = matches!(spec.kind, Kind::Supplied { .. });
        one["default"] = if supplied { "supplied" } else { "generate" }.into();
        if spec.each.is_some() {
            lists.insert(
                format!("^{}_[a-z0-9_-]{{0,{}}}$", name.value, 59_usize.saturating_sub(name.as_str().len())),
                one,
            );
        } else {
            named.insert(name.value.to_string(), one);
        }
    }
    open(sources);
    sources["properties"] = named.into();
    if !lists.is_empty() {
        sources["patternProperties"] = lists.into();
    }
    describe(sources, "secrets.sources");
}

fn rates(rates: &mut Value, systems: &[&System]) {
    let classes: BTreeMap<_, _> =
        systems.iter().filter_map(|system| system.edge.as_ref()).flat_map(|edge| &edge.rates).collect();
    if systems.iter().all(|system| system.edge.is_none()) {
        // A system that is its own proxy says the same with its settings.
        return;
    }
    let any = values(rates);
    let mut named = Map::new();
    for (name, class) in classes {
        let mut one = saying(&any, class.purpose.as_str());
        one["default"] = class.rate.to_string().into();
        named.insert(name.value.clone(), one);
    }
    open(rates);
    rates["properties"] = named.into();
    describe(rates, "proxy.rate_limits");
}

/// Sites by the names that the systems' files give them.
fn sites(site: &mut Value, systems: &[&System]) {
    let all = systems.iter().filter_map(|system| system.edge.as_ref()).flat_map(|edge| &edge.sites);
    let all: BTreeMap<&str, &str> = all.map(|(name, it)| (name.value.as_str(), it.title.as_str())).collect();
    if all.is_empty() {
        return;
    }
    let (words, titles): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    *site = json!({ "type": "string", "enum": words, "markdownEnumDescriptions": titles });
}

/// Services that a waiver may name: those of the systems, the proxy, and the filters in front of the engine's socket.
fn waived(service: &mut Value, systems: &[&System]) {
    let services = systems.iter().flat_map(|system| &system.services);
    let mut all: BTreeMap<String, Value> =
        services.clone().map(|(name, it)| (name.value.to_string(), it.title.as_str().into())).collect();
    all.insert("proxy".into(), "The reverse proxy.".into());
    for (name, _) in services.filter(|(_, it)| it.docker_api.is_some()) {
        all.insert(format!("{name}-docker"), format!("The filter between {name} and the engine's socket.").into());
    }
    let (words, says): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    if let Some(service) = service.as_object_mut() {
        for key in ["pattern", "patternErrorMessage", "type", "minimum", "examples"] {
            service.remove(key);
        }
    }
    service["anyOf"] = json!([
        { "type": "string", "enum": words, "markdownEnumDescriptions": says },
        { "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,55}-docker$" },
    ]);
}

fn hosts(hosts: &mut Value, systems: &[&System], parts: &[Part]) {
    let common = |name: &&str| systems.iter().all(|system| system.roles.keys().any(|it| it.value == **name));
    let roles: Vec<_> = systems.iter().flat_map(|system| &system.roles).collect();
    let titles: BTreeMap<&str, &str> =
        roles.iter().map(|(name, role)| (name.value.as_str(), role.title.as_str())).collect();
    let words: Vec<&str> = titles.keys().copied().filter(|name| common(name)).collect();
    if words.is_empty() {
        hosts["maxProperties"] = 0.into();
        hosts["doNotSuggest"] = true.into();
        return;
    }
    let key = if hosts["patternProperties"].is_object() { "patternProperties" } else { "additionalProperties" };
    let host = match &mut hosts[key] {
        Value::Object(named) if key == "patternProperties" => named.values_mut().next(),
        one => Some(one),
    };
    let Some(host) = host else { return };
    let says: Vec<&str> = words.iter().map(|word| titles[word]).collect();
    let role = &mut host["properties"]["role"];
    role["markdownEnumDescriptions"] = says.into();
    role["enum"] = words.into();
    let names: Vec<&str> = parts.iter().filter_map(|part| part.name).collect();
    if names.is_empty() {
        host["properties"]["domains"]["maxProperties"] = 0.into();
        host["properties"]["domains"]["doNotSuggest"] = true.into();
    } else {
        let domains = &mut host["properties"]["domains"];
        let any = values(domains);
        open(domains);
        domains["properties"] =
            names.into_iter().map(|name| (name.to_owned(), any.clone())).collect::<Map<_, _>>().into();
        host["properties"]["domain"] = false.into();
    }
}
