//! A system for people: names on lines of their own, what is said about them indented below, at any width.

use super::data::default_role;
use crate::cli::terminal::{Terminal, wrapped};
use crate::controls::catalogue;
use crate::format::system::{Field, SecretSpec, SettingType, System};
use crate::secrets::Kind;
use crate::stack::services_of;
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything a profile for the system may say.
pub(super) fn of(system: &System, terminal: &Terminal) -> String {
    let mut page = Page { text: String::new(), width: usize::from(terminal.width) };
    page.line(0, &format!("{}: {}", system.name.as_str(), system.title));
    page.line(2, system.summary.as_str());
    let role = default_role(system);
    if !system.variants.is_empty() {
        page.title("variants, chosen by `variant`");
        for (name, variant) in &system.variants {
            page.name(2, &name.value, if variant.default { "default" } else { "" });
            page.line(6, variant.title.as_str());
            page.line(
                6,
                &format!("services: {}", listed(services_of(system, Some(&name.value), role, catalogue::known()))),
            );
        }
    }
    if !system.roles.is_empty() {
        page.title("roles of hosts, chosen by `role` under `hosts`");
        for (name, role) in &system.roles {
            page.name(2, &name.value, if role.default { "default" } else { "" });
            page.line(6, role.title.as_str());
            page.line(
                6,
                &format!("services: {}", listed(services_of(system, None, Some(&name.value), catalogue::known()))),
            );
        }
    }
    services(system, role, &mut page);
    if !system.settings.is_empty() {
        page.title("settings, written under `settings`");
        for (name, setting) in &system.settings {
            page.name(2, name.as_str(), "");
            page.line(6, &format!("{}; default {}", kind(&setting.kind), shown(&setting.default.value.to_json())));
            page.line(6, setting.purpose.as_str());
            fields(&setting.kind, 6, &mut page);
        }
    }
    if !system.secrets.is_empty() {
        page.title("secrets, files `secrets/NAME` of the bundle");
        for (name, spec) in &system.secrets {
            let each = if spec.each.is_some() { "_ITEM" } else { "" };
            page.name(2, &format!("{}{each}", name.as_str()), "");
            page.line(6, &origin(spec));
            page.line(6, spec.purpose.as_str());
            if let Some(each) = &spec.each {
                page.line(6, &format!("one for each of {}", each.0.value));
            }
            if let Some(when) = &spec.when {
                page.line(6, &format!("only when {}", when.0.value));
            }
        }
    }
    let rates: Vec<_> = system.edge.iter().flat_map(|edge| &edge.rates).collect();
    if !rates.is_empty() {
        page.title("rate classes, changed under `proxy.rate_limits`");
        for (name, class) in rates {
            page.name(2, &name.value, "");
            page.line(6, &format!("{} for each client, {} more at once", class.rate, class.burst));
            page.line(6, class.purpose.as_str());
        }
    }
    page.text.push('\n');
    let guide =
        format!("{} recommendations of its guide; `stockade explain ID` tells about one", system.recommendations.len());
    page.line(0, &guide);
    page.text
}

/// Each service with its variants, and the condition of one that the defaults leave out.
fn services(system: &System, role: Option<&str>, page: &mut Page) {
    page.title("services");
    let names = || system.variants.keys().map(|name| name.value.as_str());
    let variants: BTreeMap<&str, _> =
        names().map(|name| (name, services_of(system, Some(name), role, catalogue::known()))).collect();
    let roles = system.roles.keys().map(|role| services_of(system, None, Some(&role.value), catalogue::known()));
    let plain: Vec<_> = roles.chain([services_of(system, None, role, catalogue::known())]).collect();
    for (name, service) in &system.services {
        let within: Vec<&str> = variants.iter().filter(|(_, it)| it.contains(&name.value)).map(|(it, _)| *it).collect();
        page.name(2, name.as_str(), "");
        page.line(6, service.title.as_str());
        if !within.is_empty() && within.len() < variants.len() {
            page.line(6, &format!("variant: {}", within.join(", ")));
        } else if let Some(when) = &service.when
            && within.is_empty()
            && !plain.iter().any(|it| it.contains(&name.value))
        {
            page.line(6, &format!("only when {}", when.0.value));
        }
    }
}

/// The fields of records, one level deeper each.
fn fields(kind: &SettingType, depth: usize, page: &mut Page) {
    match kind {
        SettingType::Items { of } => fields(of, depth, page),
        SettingType::Records { fields: all, unique } => {
            for (name, field) in all {
                let alone = unique.iter().any(|it| it.value == name.value);
                page.name(depth, &name.value, if alone { "another value in each record" } else { "" });
                page.line(depth + 4, &format!("{}; {}", self::kind(&field.kind), need(field)));
                page.line(depth + 4, field.purpose.as_str());
                fields(&field.kind, depth + 4, page);
            }
        }
        _ => {}
    }
}

fn need(field: &Field) -> String {
    match &field.default {
        None => "must be said".to_owned(),
        Some(default) => format!("default {}", shown(&default.value.to_json())),
    }
}

fn listed(names: impl IntoIterator<Item = impl ToString>) -> String {
    names.into_iter().map(|name| name.to_string()).collect::<Vec<_>>().join(", ")
}

/// A default in words.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Value::String(text) if !text.is_empty() && !text.starts_with(' ') => text.clone(),
        other => other.to_string(),
    }
}

/// Where a secret comes from.
pub(super) fn origin(spec: &SecretSpec) -> String {
    match &spec.kind {
        Kind::Hex { bytes } => format!("generated: {} random bytes as hex", bytes.get()),
        Kind::Base64 { bytes } => format!("generated: {} random bytes as base64", bytes.get()),
        Kind::Base64Url { bytes } => format!("generated: {} random bytes as base64 for URLs", bytes.get()),
        Kind::Password { length } => format!("generated: a password of {} characters", length.get()),
        Kind::Bcrypt { of, .. } => format!("derived: the bcrypt hash of {of}"),
        Kind::Htpasswd { of, .. } => format!("derived: a line for the proxy's password file, from {of}"),
        Kind::Text { of, .. } => format!("derived: a text around {of}"),
        Kind::Supplied { min_length, begins } => {
            let least = min_length.as_ref().map(|least| format!(", at least {} characters", least.get()));
            let begins = if begins.is_empty() { String::new() } else { format!(", beginning with {begins}") };
            format!("supplied: you put it there before `generate`{}{begins}", least.unwrap_or_default())
        }
    }
}

struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn title(&mut self, text: &str) {
        self.text.push('\n');
        self.line(0, text);
    }

    /// A name, never cut, and a remark beside it.
    fn name(&mut self, indent: usize, name: &str, remark: &str) {
        let remark = if remark.is_empty() { String::new() } else { format!("  ({remark})") };
        self.text.push_str(&format!("{:indent$}{name}{remark}\n", ""));
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.text.push_str(&wrapped(text, indent, self.width));
    }
}

/// A setting's type in a word or two.
pub(super) fn kind(kind: &SettingType) -> String {
    match kind {
        SettingType::Boolean => "boolean".into(),
        SettingType::Integer { min, max } => format!("integer, {min} to {max}"),
        SettingType::Number { min, max } => format!("number, {min} to {max}"),
        SettingType::Name => "name of lower-case letters, digits and _".into(),
        SettingType::HeaderName => "name of an HTTP header".into(),
        SettingType::Text { max_length, without } => format!("text, at most {max_length} characters{}", but(without)),
        SettingType::Choice { of } => of.join(" | "),
        SettingType::Size { min, max } => match (min, max) {
            (Some(min), Some(max)) => format!("size, {min} to {max}"),
            (Some(min), None) => format!("size, at least {min}"),
            (None, Some(max)) => format!("size, at most {max}"),
            (None, None) => "size, such as 8g".into(),
        },
        SettingType::Duration => "duration, such as 30s or 1h30m".into(),
        SettingType::Port => "port, 1 to 65535".into(),
        SettingType::Cidr => "network, such as 10.8.0.0/24".into(),
        SettingType::Domain => "host name".into(),
        SettingType::Path => "absolute path".into(),
        SettingType::UrlPath => "path of a URL".into(),
        SettingType::LastDay => "day, YYYY-MM-DD".into(),
        SettingType::Device => "device of the host, such as /dev/dri/renderD128".into(),
        SettingType::Group => "number of a group of the host".into(),
        SettingType::Origins => "list of origins, such as https://a.example.com".into(),
        SettingType::List { max_length, without } => {
            format!("list of texts, each at most {max_length} characters{}", but(without))
        }
        SettingType::Address => "IP address".into(),
        SettingType::Endpoint => "host and port, such as wiki:8080".into(),
        SettingType::Email => "e-mail address".into(),
        SettingType::Items { of } => format!("list: {}", self::kind(of)),
        SettingType::Records { .. } => "list of records".into(),
    }
}

fn but(without: &str) -> String {
    if without.is_empty() { String::new() } else { format!(", none of {without}") }
}
