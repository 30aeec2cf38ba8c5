//! Names by which the parts of a system refer to each other.

use crate::diagnostics::{Diagnostic, Diagnostics, codes, nearest, nearest_or_allowed};
use crate::format::system::{Edge, Service, SettingType, System, Upstream};
use crate::text::Span;
use crate::values::AnswerKey;
use crate::yaml::{Entry, Node};

/// Names that are written under one key of the file, and what a message calls one of them. A part that is wrong in itself
/// has its name all the same.
struct Names<'a> {
    what: &'static str,
    key: &'a str,
    written: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn under(root: &'a Node, what: &'static str, key: &'a str) -> Self {
        // A misspelt key was told, and read as the one that was meant.
        let meant = |node: &'a Node, key: &str| {
            let near = |entry: &&Entry| nearest(entry.name(), std::iter::once(key)).is_some();
            node.get(key).or_else(|| node.entries().iter().find(near).map(|entry| &*entry.value.node))
        };
        let node = key.split('.').try_fold(root, meant);
        Self {
            what,
            key,
            written: node.map(|node| node.entries().iter().map(|e| e.name()).collect()).unwrap_or_default(),
        }
    }

    fn check(&self, name: &str, at: Span, found: &mut Diagnostics) {
        if self.written.contains(&name) {
            return;
        }
        let Self { what, key, written } = self;
        let help = match written.is_empty() {
            true => format!("describe it under `{key}`"),
            false => {
                let known = nearest_or_allowed(name, written.iter().copied());
                let joint = if known.ends_with('?') { "" } else { ";" };
                format!("{known}{joint} they are described under `{key}`")
            }
        };
        found.push_new(
            Diagnostic::error(codes::INVALID_SYSTEM, format!("there is no {what} `{}`", name.escape_debug()))
                .at(at, "")
                .help(help),
        );
    }
}

/// Names of parts that are not described, each at its place.
pub(super) fn check(system: &System, root: &Node, found: &mut Diagnostics) {
    plain_names(root, found);
    same_recommendations(system, found);
    let services = Names::under(root, "service", "services");
    let networks = Names::under(root, "network", "networks");
    let volumes = Names::under(root, "volume", "volumes");
    let secrets = Names::under(root, "secret", "secrets");
    for service in system.services.values() {
        of_service(service, &services, &networks, &volumes, found);
    }
    for secret in system.secrets.values() {
        for delivery in &secret.deliver {
            services.check(delivery.service.as_str(), delivery.service.span, found);
        }
        for service in secret.rotation.iter().flat_map(|rotation| &rotation.restart) {
            services.check(service.as_str(), service.span, found);
        }
    }
    for (name, secret) in &system.secrets {
        if let Some(of) = secret.kind.source() {
            let kind = root.get("secrets").and_then(|secrets| secrets.get(name.value.as_str())?.get("kind"));
            let said = kind.and_then(|kind| kind.entries().first()?.value.get("of"));
            secrets.check(of, said.map_or(name.span, |node| node.span), found);
        }
    }
    for (name, setting) in &system.settings {
        of_setting(&setting.kind, root, &format!("settings.{}.type", name.value), found);
    }
    let settings = Names::under(root, "setting", "settings");
    for at in system.lints.iter().filter_map(|lint| lint.at.as_ref()) {
        if let Some(name) = at.strip_prefix("settings.") {
            settings.check(name.split("[]").next().unwrap_or(name), at.span, found);
        }
    }
    for ask in &system.ask {
        match &ask.key.value {
            AnswerKey::Setting(name) => settings.check(name.as_str(), ask.key.span, found),
            AnswerKey::Image(name) => services.check(name.as_str(), ask.key.span, found),
            AnswerKey::Bind => {}
        }
        let variants = Names::under(root, "variant", "variants");
        ask.variants.iter().for_each(|name| variants.check(name, name.span, found));
        ask.otherwise.keys().for_each(|name| settings.check(name.as_str(), name.span, found));
    }
    if let Some(edge) = &system.edge {
        let rates = Names::under(root, "rate class", "edge.rates");
        of_edge(edge, &services, &networks, (&rates, &secrets), found);
    }
}

/// A recommendation has outcomes, or is the same as one that has.
fn same_recommendations(system: &System, found: &mut Diagnostics) {
    let own = |id: &str| system.recommendations.iter().any(|one| one.id.as_str() == id && one.same_as.is_none());
    for recommendation in &system.recommendations {
        let id = &recommendation.id;
        let (message, at, help) = match &recommendation.same_as {
            Some(same) if !own(same.as_str()) => {
                let others = system.recommendations.iter().filter(|one| one.same_as.is_none());
                let help = nearest_or_allowed(same.as_str(), others.map(|one| one.id.as_str()));
                (format!("there is no recommendation `{}` with outcomes of its own", same.value), same.span, help)
            }
            Some(same) if !recommendation.outcomes.is_empty() || !recommendation.asks.is_empty() => {
                let message = format!("`{}` has the answer of `{}` and one of its own", id.value, same.value);
                (message, id.span, "remove `outcomes` and `asks`, or `same_as`".to_owned())
            }
            None if recommendation.outcomes.is_empty() => {
                let help = "give it `outcomes`, or `same_as` with the one that asks the same".to_owned();
                (format!("`{}` has no answer", id.value), id.span, help)
            }
            _ => continue,
        };
        found.push_new(Diagnostic::error(codes::INVALID_SYSTEM, message).at(at, "").help(help));
    }
}

/// Names that a file gives its parts freely end up in expressions, reports and names of other files' parts: they are
/// plain words, and those of facts are words of the expression language.
fn plain_names(root: &Node, found: &mut Diagnostics) {
    let at = |path: &str| path.split('.').try_fold(root, |node, key| node.get(key));
    let maps = ["variants", "roles", "facts", "host_ports", "files", "edge.rates", "edge.sites"];
    let services = root.get("services").into_iter().flat_map(|services| services.entries());
    let ports = services.filter_map(|service| Some(("ports", service.value.get("ports")?)));
    for (path, map) in maps.into_iter().filter_map(|path| Some((path, at(path)?))).chain(ports) {
        for entry in map.entries() {
            let name = entry.name();
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || (path != "facts" && b"-.".contains(&b));
            let sound = name.len() <= 60 && name.starts_with(|c: char| c.is_ascii_alphabetic());
            if !(sound && name.bytes().all(allowed)) {
                let shown: String = name.chars().take(60).collect();
                let help = match path {
                    "facts" => "a fact's name is letters, digits and `_`, and begins with a letter",
                    _ => "a name is letters, digits, `_`, `-` and `.`, and begins with a letter",
                };
                found.push_new(
                    Diagnostic::error(codes::INVALID_SYSTEM, format!("`{}` is no name", shown.escape_debug()))
                        .at(entry.key.span, "")
                        .help(help),
                );
            }
        }
    }
}

/// Fields that records must not share.
fn of_setting(kind: &SettingType, root: &Node, at: &str, found: &mut Diagnostics) {
    match kind {
        SettingType::Items { of } => of_setting(of, root, &format!("{at}.items.of"), found),
        SettingType::Records { fields, unique } => {
            let key = format!("{at}.records.fields");
            let known = Names::under(root, "field", &key);
            unique.iter().for_each(|name| known.check(&name.value, name.span, found));
            for (name, field) in fields {
                of_setting(&field.kind, root, &format!("{key}.{}.type", name.value), found);
            }
        }
        _ => {}
    }
}

fn of_service(service: &Service, services: &Names, networks: &Names, volumes: &Names, found: &mut Diagnostics) {
    service.depends_on.keys().for_each(|name| services.check(name.as_str(), name.span, found));
    service.networks.keys().for_each(|name| networks.check(name.as_str(), name.span, found));
    let mounted = service.mounts.iter().filter_map(|mount| mount.volume.as_ref());
    mounted.for_each(|name| volumes.check(name.as_str(), name.span, found));
}

fn of_edge(
    edge: &Edge,
    services: &Names,
    networks: &Names,
    (rates, secrets): (&Names, &Names),
    found: &mut Diagnostics,
) {
    networks.check(edge.front.as_str(), edge.front.span, found);
    let mut upstream = |upstream: &Upstream| {
        if let Some(service) = &upstream.service {
            services.check(service.as_str(), service.span, found);
        }
        networks.check(upstream.network.as_str(), upstream.network.span, found);
        upstream.authority.iter().for_each(|name| secrets.check(name.as_str(), name.span, found));
    };
    for site in edge.sites.values() {
        upstream(&site.upstream);
        site.paths.iter().filter_map(|path| path.upstream.as_ref()).for_each(&mut upstream);
    }
    for site in edge.sites.values() {
        let of_paths = site.paths.iter().filter_map(|path| path.rate.as_ref());
        site.rate.iter().chain(of_paths).for_each(|rate| rates.check(&rate.value, rate.span, found));
    }
}
