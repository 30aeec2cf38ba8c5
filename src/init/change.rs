//! Answers that differ from a profile become edits of its text; everything else of it stays.

use super::profile::{letsencrypt, networks_of};
use super::{Key, Value, Wizard};
use crate::format::profile::Profile;
use crate::text::{SourceFile, apply};
use crate::values::{AnswerKey, TlsMode};
use crate::yaml::patch::{Operation, Refusal, Value as Written, edits};
use crate::yaml::{Route, Sources};
use std::collections::BTreeMap;

/// What a profile says of the questions.
pub fn current(profile: &Profile) -> BTreeMap<Key, Value> {
    let mut current = BTreeMap::new();
    let mut add = |key: Key, value: Option<Value>| {
        if let Some(value) = value {
            current.insert(key, value);
        }
    };
    add(Key::System, profile.system.as_ref().map(|it| Value::System(it.value.as_str().to_owned())));
    add(Key::Variant, profile.variant.as_ref().map(|it| Value::Variant(it.value.clone())));
    add(Key::Name, profile.name.as_ref().map(|it| Value::Name(it.value.clone())));
    add(Key::Domain, profile.domain.as_ref().map(|it| Value::Domain(it.value.clone())));
    let admin = profile.admin.as_ref();
    add(Key::Admin, admin.map(|it| Value::Admin(it.value.iter().map(|network| network.value).collect())));
    add(Key::Proxy, profile.proxy.kind.as_ref().map(|it| Value::Proxy(it.value)));
    add(Key::Certificate, profile.proxy.tls.mode.as_ref().map(|it| Value::Certificate(it.value)));
    add(Key::Firewall, profile.firewall.kind.as_ref().map(|it| Value::Firewall(it.value)));
    add(Key::SshPort, profile.firewall.ssh.port.as_ref().map(|it| Value::SshPort(it.value)));
    let bind = profile.proxy.bind.as_ref();
    let bind = bind.map(|it| Value::Bind(it.value.iter().map(|address| address.value).collect()));
    add(Key::Own(AnswerKey::Bind), bind);
    for (name, given) in &profile.settings {
        add(Key::Own(AnswerKey::Setting(name.value.clone())), Some(Value::Setting(given.value.to_json())));
    }
    for (name, service) in &profile.services {
        let image = service.image.as_ref().map(|it| Value::Image(it.value.clone()));
        add(Key::Own(AnswerKey::Image(name.value.clone())), image);
    }
    current
}

impl Wizard {
    /// Answers that say something else than the profile, or than its defaults where it says nothing.
    pub fn changes(&self) -> Vec<(Key, Value)> {
        let differs = |key: &Key, value: &Value| {
            let now = self.default(key).map(|proposed| proposed.value);
            !matches!(key, Key::System | Key::Host) && *value != Value::Later && now.as_ref() != Some(value)
        };
        let proxy = self.answers().get(&Key::Proxy).is_some_and(|value| differs(&Key::Proxy, value));
        let said = |key: &Key| self.current().is_some_and(|current| current.contains_key(key));
        // The default of the certificate is another one with another proxy.
        let follows = |key: &Key| *key == Key::Certificate && proxy && !said(key);
        let answers = self.answers().all().filter(|(key, value)| differs(key, value) || follows(key));
        answers.map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

/// The text of a profile after these changes.
///
/// # Errors
/// The first change that cannot be made in the way the file is written, and why.
pub fn changed(text: &str, changes: &[(Key, Value)], domain: Option<&Value>) -> Result<String, (Key, Refusal)> {
    let mut text = text.to_owned();
    for (key, value) in changes {
        let failed = |refusal| (key.clone(), refusal);
        let route = route(key).ok_or_else(|| failed(Refusal("it has no place in the file")))?;
        text = put(&text, &route, written(value)).map_err(failed)?;
        if let Value::Certificate(mode) = value {
            text = beside(&text, *mode, domain).map_err(failed)?;
        }
    }
    Ok(text)
}

/// Keys beside a kind of certificate: those it needs come, those that would have no effect go.
fn beside(text: &str, mode: TlsMode, domain: Option<&Value>) -> Result<String, Refusal> {
    let tls = |key: &str| ["proxy", "tls", key].map(str::to_owned).to_vec();
    let mut text = text.to_owned();
    if mode != TlsMode::Acme {
        text = gone(&text, &tls("email"))?;
    }
    for (key, path) in ["certificate", "key"].into_iter().zip(letsencrypt(domain)) {
        text = match mode {
            TlsMode::Files if !has(&text, &tls(key)) => put(&text, &tls(key), Written::Text(path))?,
            TlsMode::Files => text,
            _ => gone(&text, &tls(key))?,
        };
    }
    Ok(text)
}

fn route(key: &Key) -> Option<Vec<String>> {
    let of = |keys: &[&str]| Some(keys.iter().map(|key| (*key).to_owned()).collect());
    match key {
        Key::System | Key::Host => None,
        Key::Variant => of(&["variant"]),
        Key::Name => of(&["name"]),
        Key::Domain => of(&["domain"]),
        Key::Admin => of(&["admin"]),
        Key::Proxy => of(&["proxy", "kind"]),
        Key::Certificate => of(&["proxy", "tls", "mode"]),
        Key::Firewall => of(&["firewall", "kind"]),
        Key::SshPort => of(&["firewall", "ssh", "port"]),
        Key::Own(AnswerKey::Setting(name)) => of(&["settings", name.as_str()]),
        Key::Own(AnswerKey::Image(name)) => of(&["services", name.as_str(), "image"]),
        Key::Own(AnswerKey::Bind) => of(&["proxy", "bind"]),
    }
}

fn written(value: &Value) -> Written {
    match value {
        Value::Admin(networks) => Written::Yaml(networks_of(networks)),
        Value::Bind(addresses) => Written::Yaml(networks_of(addresses)),
        Value::Setting(serde_json::Value::String(text)) => Written::Text(text.clone()),
        // JSON is YAML.
        Value::Setting(json) => Written::Yaml(json.to_string()),
        Value::SshPort(port) => Written::Yaml(port.to_string()),
        value => Written::Text(value.text()),
    }
}

fn route_of(keys: &[String]) -> Route {
    keys.iter().fold(Route::root(), |route, key| route.key(key.as_str()))
}

fn read(text: &str) -> (Sources, crate::text::SourceId) {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("profile", text));
    (sources, id)
}

fn has(text: &str, keys: &[String]) -> bool {
    let (sources, id) = read(text);
    let mut node = sources.tree(id).map(|root| &**root);
    for key in keys {
        node = node.and_then(|node| node.get(key));
    }
    node.is_some()
}

/// Replaces a value, or puts it where none is.
fn put(text: &str, keys: &[String], value: Written) -> Result<String, Refusal> {
    let Some((last, around)) = keys.split_last() else { return Err(Refusal("it has no place in the file")) };
    match has(text, keys) {
        true => edited(text, &route_of(keys), &Operation::Replace(value)),
        false => edited(text, &route_of(around), &Operation::Insert { key: last.clone(), value }),
    }
}

fn gone(text: &str, keys: &[String]) -> Result<String, Refusal> {
    if has(text, keys) { edited(text, &route_of(keys), &Operation::Remove) } else { Ok(text.to_owned()) }
}

fn edited(text: &str, route: &Route, operation: &Operation) -> Result<String, Refusal> {
    let (sources, id) = read(text);
    apply(text, &edits(&sources, id, route, operation)?).map_err(|_| Refusal("two edits change the same place"))
}
