//! From text to [`Profile`]: one reading, every mistake at once.

use super::{Profile, Waiver};
use crate::diagnostics::{Diagnostic, Diagnostics, codes, nearest_or_allowed};
use crate::source::{NodeKind, SourceId, Sources, Span, Spanned, read_as};

/// Reads a profile that `sources` already holds.
///
/// # Errors
/// Everything that is wrong with the text and the shape of the profile, each with its place. What depends on the
/// system or on several fields together is found later, by [`crate::stack::resolve`].
pub fn parse(sources: &Sources, id: SourceId) -> (Option<Profile>, Diagnostics) {
    let mut decoded = read_as::<Profile>(sources, id);
    let mut diagnostics = decoded.diagnostics;
    if let Some(profile) = &mut decoded.value {
        // Keys whose values are wrong were dropped, so the file is asked which ones it has.
        let root = sources.tree(id);
        let entries = root.iter().flat_map(|root| root.entries()).filter(|entry| !entry.value.is_null());
        profile.written = entries.map(|entry| entry.name().to_owned()).collect();
        // A misspelt key was reported as such, and read as the one that was meant.
        profile.written.extend(profile.domain.is_some().then(|| "domain".to_owned()));
        profile.written.extend(profile.admin.is_some().then(|| "admin".to_owned()));
        // A list that is empty because all its items are wrong is not the decision for an empty one.
        let admin = root.as_ref().and_then(|root| root.get("admin"));
        if admin.is_some_and(|node| matches!(&node.kind, NodeKind::Seq { items, .. } if !items.is_empty())) {
            profile.admin.take_if(|admin| admin.value.is_empty());
        }
        require(profile, Span::point(id, 0), &mut diagnostics);
    }
    (decoded.value, diagnostics)
}

fn require(profile: &Profile, start: Span, diagnostics: &mut Diagnostics) {
    match &profile.version {
        Some(version) if version.value != 1 => diagnostics.push(
            Diagnostic::error(codes::UNKNOWN_VALUE, format!("profile version {} is not known", version.value))
                .at(version.span, "this Stockade reads version 1")
                .help("write `version: 1`, or use a newer Stockade"),
        ),
        _ => {}
    }
    beside_systems(profile, diagnostics);
    names_of_hosts(profile, diagnostics);
    for waiver in &profile.waivers {
        waiver_keys(waiver, diagnostics);
    }
    let mut missing = |present: bool, key: &str, help: &str| {
        if !present && !profile.written.contains(key) {
            diagnostics.push(
                Diagnostic::error(codes::MISSING_KEY, format!("the profile has no `{key}`")).at(start, "").help(help),
            );
        }
    };
    missing(profile.version.is_some(), "version", "add `version: 1` as the first line");
    missing(profile.name.is_some(), "name", "add a name for the stack such as `name: game-night`");
    missing(
        profile.system.is_some() || profile.written.contains("systems"),
        "system",
        "add the system to harden, such as one that `stockade systems` lists, or a path such as `./myapp.system.yaml`",
    );
}

/// Says which hosts have names for other systems than the profile's.
fn names_of_hosts(profile: &Profile, diagnostics: &mut Diagnostics) {
    for host in profile.hosts.values() {
        if profile.systems.is_empty() {
            if let Some(name) = host.domains.keys().next() {
                diagnostics.push(
                    Diagnostic::error(codes::UNUSED_KEY, "`domains` of a host has no effect without `systems`")
                        .at(name.span, "")
                        .help("write `domain: NAME`"),
                );
            }
            continue;
        }
        let systems = || profile.systems.keys().map(|name| name.value.as_str());
        if let Some(domain) = &host.domain {
            let each: Vec<_> = systems().map(|name| format!("{name}: …")).collect();
            diagnostics.push(
                Diagnostic::error(codes::UNUSED_KEY, "`domain` of a host has no effect beside `systems`")
                    .at(domain.span, "every system would take this name")
                    .help(format!("give each system its own name there: `domains: {{{}}}`", each.join(", "))),
            );
        }
        for name in host.domains.keys().filter(|name| !systems().any(|known| known == name.value.as_str())) {
            diagnostics.push(
                Diagnostic::error(codes::UNKNOWN_KEY, format!("`systems` has no `{}`", name.value))
                    .at(name.span, "")
                    .help(nearest_or_allowed(name.value.as_str(), systems())),
            );
        }
    }
}

/// Says what stands beside `systems` and belongs into one of them.
fn beside_systems(profile: &Profile, diagnostics: &mut Diagnostics) {
    if profile.systems.is_empty() {
        return;
    }
    let said = [
        ("system", profile.system.as_ref().map(|value| value.span)),
        ("variant", profile.variant.as_ref().map(|value| value.span)),
        ("domain", profile.domain.as_ref().map(|value| value.span)),
        ("settings", profile.settings.keys().next().map(|name| name.span)),
    ];
    for (key, span) in said.into_iter().filter_map(|(key, span)| Some((key, span?))) {
        diagnostics.push(
            Diagnostic::error(codes::UNUSED_KEY, format!("`{key}` has no effect beside `systems`"))
                .at(span, "")
                .help(format!("move it into the system it is for, as `systems: {{NAME: {{{key}: …}}}}`")),
        );
    }
}

/// Says which keys a waiver lacks, unless something about it is wrong already: a wrong key is dropped and looks missing.
fn waiver_keys(waiver: &Spanned<Waiver>, diagnostics: &mut Diagnostics) {
    let inside = |span: Span| {
        span.source == waiver.span.source && waiver.span.start <= span.start && span.end <= waiver.span.end
    };
    if diagnostics.iter().any(|d| d.labels.iter().any(|label| inside(label.span))) {
        return;
    }
    let keys = [
        (waiver.control.is_some(), "control", "name the control; `stockade controls` lists them"),
        (waiver.reason.is_some(), "reason", "say why, for the colleague who reads it next year"),
        (waiver.until.is_some(), "until", "set the last day on which it holds, such as `until: 2027-03-31`"),
    ];
    for (_, key, help) in keys.into_iter().filter(|(present, _, _)| !present) {
        diagnostics.push(
            Diagnostic::error(codes::MISSING_KEY, format!("a waiver has no `{key}`")).at(waiver.span, "").help(help),
        );
    }
}

/// The keys every profile starts from, for `init` and the documentation.
pub fn skeleton(name: &str, system: &str) -> String {
    format!(
        "# yaml-language-server: $schema=.stockade/profile.schema.json\nversion: 1\nname: {name}\nsystem: {system}\n\
         domain: {name}.example.com\nadmin: [10.8.0.0/24]        # who may reach admin surfaces\n"
    )
}
