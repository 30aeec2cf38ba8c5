//! Names that are known: in this program, in the systems of a profile.

use super::{here, paths};
use crate::cli::init::offers;
use crate::controls::catalogue;
use crate::diagnostics::codes;
use crate::format::system::System;
use crate::init::{Facts, Wizard};
use crate::schema;
use crate::stack::edge::PROXY_PASSWORD;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};
use std::ffi::OsStr;
use std::path::Path;

/// A candidate with what it is, under the heading of its kind.
fn word(name: &str, help: &str, kind: &'static str) -> CompletionCandidate {
    let help = (!help.is_empty()).then(|| help.to_owned().into());
    CompletionCandidate::new(name).help(help).tag(Some(kind.into()))
}

/// Ids of controls.
pub(in crate::cli) fn controls() -> ArgValueCandidates {
    ArgValueCandidates::new(|| all_controls().collect())
}

fn all_controls() -> impl Iterator<Item = CompletionCandidate> {
    catalogue::ALL.iter().map(|control| word(control.meta().id, control.meta().title, "controls"))
}

/// Names of built-in systems.
pub(in crate::cli) fn systems() -> ArgValueCandidates {
    let one = |system: &System| word(system.name.as_str(), system.title.as_str(), "systems");
    ArgValueCandidates::new(move || here::builtin().iter().map(one).collect())
}

/// Names of schemas.
pub(in crate::cli) fn schemas() -> ArgValueCandidates {
    ArgValueCandidates::new(|| schema::ALL.iter().map(|it| word(it.name, it.title, "schemas")).collect())
}

/// Families of images of which it is known what they need.
pub(in crate::cli) fn images() -> ArgValueCandidates {
    let one = |(name, title, _): (String, String, _)| word(&name, &title, "images");
    ArgValueCandidates::new(move || crate::images::list().into_iter().map(one).collect())
}

/// Secrets of the profile's systems, and those of the proxy.
pub(in crate::cli) fn secrets() -> ArgValueCandidates {
    let own = |system: System| parts(&system, &["secrets"]);
    let proxy = || word(PROXY_PASSWORD, "Typed by people at the proxy.", "secrets");
    ArgValueCandidates::new(move || here::systems().into_iter().flat_map(own).chain([proxy()]).collect())
}

/// Services of the profile's systems.
pub(in crate::cli) fn services() -> ArgValueCandidates {
    let own = |system: System| parts(&system, &["services"]);
    ArgValueCandidates::new(move || here::systems().into_iter().flat_map(own).collect())
}

/// Whatever `explain` tells about: controls, codes, recommendations, parts of the systems, lines of files.
pub(in crate::cli) fn what() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let begun = current.to_string_lossy();
        let mut found = paths::places(current);
        // A path that has begun is nothing else.
        if begun.contains('/') {
            return found;
        }
        let codes = codes::ALL.iter().map(|info| word(info.code.as_str(), info.title, "codes"));
        found.extend(all_controls().chain(codes));
        for system in here::systems() {
            found.extend(parts(&system, &["settings", "services", "secrets"]));
            found.extend(system.recommendations.iter().map(|it| word(it.id.as_str(), it.guide.as_str(), "guide")));
        }
        found.retain(|one| one.get_value().to_string_lossy().starts_with(&*begun));
        found
    })
}

/// What a system has of some kinds: settings, services, secrets.
fn parts(system: &System, kinds: &[&str]) -> Vec<CompletionCandidate> {
    let settings = system.settings.iter().map(|(name, it)| word(name.as_str(), it.purpose.as_str(), "settings"));
    let services = system.services.keys().map(|name| word(name.value.as_str(), "", "services"));
    let secrets = system.secrets.iter().map(|(name, it)| word(name.as_str(), it.purpose.as_str(), "secrets"));
    let all =
        [("settings", settings.collect::<Vec<_>>()), ("services", services.collect()), ("secrets", secrets.collect())];
    all.into_iter().filter(|(kind, _)| kinds.contains(kind)).flat_map(|(_, words)| words).collect()
}

/// `KEY=VALUE` of the wizard: the keys of its open questions, and behind `=` what may be chosen.
pub(in crate::cli) fn answers() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let text = current.to_string_lossy();
        let typed: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        let Ok(offers) = offers::all(Path::new(".")) else { return Vec::new() };
        let mut wizard = Wizard::new(offers, Facts::default());
        for pair in typed.windows(2).filter(|pair| pair[0] == "--set" && pair[1] != text) {
            if let Some((key, value)) = pair[1].split_once('=')
                && let Ok(key) = key.parse()
            {
                // What is wrong with it is said when the command runs.
                let _ = wizard.set(key, value);
            }
        }
        let all = wizard.words();
        let pairs = all.iter().flat_map(|(key, values)| match text.contains('=') {
            true => values.iter().map(|value| format!("{key}={value}")).collect::<Vec<_>>(),
            false => vec![format!("{key}=")],
        });
        pairs.filter(|pair| pair.starts_with(&*text)).map(|pair| word(&pair, "", "answers")).collect()
    })
}
