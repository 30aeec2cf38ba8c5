//! A system for people: names on lines of their own, what is said about them indented below, at any width.

use super::data::default_role;
use crate::cli::terminal::{Terminal, wrapped};
use crate::controls::catalogue;
use crate::format::system::{Field, SettingType, System};
use crate::stack::services_of;
use crate::systems::conditions;
use crate::systems::words::{kind, origin, shown};
use std::collections::BTreeMap;

/// Everything a profile for the system may say; `text` is the system's file.
pub(super) fn of(system: &System, text: &str, terminal: &Terminal) -> String {
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
                page.line(6, &format!("one for each item, {}", conditions::list(system, &each.0.value)));
            }
            if let Some(when) = &spec.when {
                page.line(6, &format!("only {}", conditions::said(system, &when.0.value)));
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
    elsewhere(text, &mut page);
    page.text.push('\n');
    let guide =
        format!("{} recommendations of its guide; `stockade explain ID` tells about one", system.recommendations.len());
    page.line(0, &guide);
    page.text
}

/// What is not the system's own and changes it all the same.
fn elsewhere(text: &str, page: &mut Page) {
    page.title("elsewhere in the profile");
    if text.contains("backup.enabled") {
        page.name(2, "backup", "");
        page.line(6, "`{enabled: true, every: 30m, keep: 48}`; default as shown");
        page.line(6, "The application's own backups: whether, how often, how many are kept.");
    }
    page.name(2, "services", "");
    page.line(6, "`{NAME: {resources: {memory: 4g, cpus: 2, pids: 256, files: 8192}}}`");
    page.line(6, "Limits of a service; beside `resources` also `image`, `environment`, `stop_grace`, `capabilities`.");
    page.name(2, "logging, monitoring, proxy, firewall", "");
    page.line(6, "Logs, health checks, the reverse proxy and the host's rules: docs/profile.md has every key.");
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
            page.line(6, &format!("only {}", conditions::said(system, &when.0.value)));
        }
    }
}

/// The fields of records, one level deeper each.
fn fields(of: &SettingType, depth: usize, page: &mut Page) {
    match of {
        SettingType::Items { of } => fields(of, depth, page),
        SettingType::Records { fields: all, unique } => {
            for (name, field) in all {
                let alone = unique.iter().any(|it| it.value == name.value);
                page.name(depth, &name.value, if alone { "another value in each record" } else { "" });
                page.line(depth + 4, &format!("{}; {}", kind(&field.kind), need(field)));
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
