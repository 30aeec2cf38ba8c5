//! From text to [`Profile`]: one reading, every mistake at once.

use super::Profile;
use crate::diagnostics::{Diagnostic, Diagnostics, Wish, codes};
use crate::format::{File, misplaced_keys};
use crate::text::{SourceId, Span};
use crate::yaml::{Node, NodeKind, Sources, read_as};
use std::collections::BTreeMap;

/// Reads a profile that `sources` already holds.
///
/// # Errors
/// Everything that is wrong with the text and the shape of the profile, each with its place. What depends on the
/// system or on several fields together is found later, by [`crate::stack::resolve`].
pub fn parse(sources: &Sources, id: SourceId) -> (Option<Profile>, Diagnostics) {
    if let Some(compose) = sources.tree(id).and_then(|root| misplaced_keys::compose_file(root)) {
        return (None, compose.into());
    }
    let mut decoded = read_as::<Profile>(sources, id);
    let mut diagnostics = decoded.diagnostics;
    if let Some(profile) = &mut decoded.value {
        // Keys whose values are wrong were dropped, so the file is asked which ones it has.
        let root = sources.tree(id);
        profile.file = super::Written::new(root.cloned());
        let entries = root.iter().flat_map(|root| root.entries());
        profile.written = entries.map(|entry| entry.name().to_owned()).collect();
        // A misspelt key was reported as such, and read as the one that was meant.
        profile.written.extend(profile.domain.is_some().then(|| "domain".to_owned()));
        profile.written.extend(profile.admin.is_some().then(|| "admin".to_owned()));
        // A list that is empty because all its items are wrong is not the decision for an empty one.
        let admin = root.as_ref().and_then(|root| root.get("admin"));
        if admin.is_some_and(|node| matches!(&node.kind, NodeKind::Seq { items, .. } if !items.is_empty())) {
            profile.admin.take_if(|admin| admin.value.is_empty());
        }
        super::bounds::keep(profile, &mut diagnostics);
        let labels = diagnostics.iter().flat_map(|finding| &finding.labels);
        profile.refused = labels.map(|label| label.span).collect();
        if !sources.is_incomplete(id) {
            entries_need(profile, root.map(|root| &**root), &mut diagnostics);
        }
        require(profile, Span::point(id, 0), sources.is_incomplete(id), &mut diagnostics);
    }
    if let Some(root) = sources.tree(id) {
        diagnostics = misplaced_keys::explain(diagnostics, sources, root, File::Profile);
    }
    (decoded.value, diagnostics)
}

fn require(profile: &Profile, start: Span, incomplete: bool, diagnostics: &mut Diagnostics) {
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
    addresses_of_hosts(profile, diagnostics);
    let mut missing = |present: bool, key: &str, help: &str| {
        if !present && !incomplete && !profile.written.contains(key) {
            diagnostics.push(
                Diagnostic::error(codes::MISSING_KEY, format!("the profile has no `{key}`")).at(start, "").help(help),
            );
        }
    };
    missing(profile.version.is_some(), "version", "add `version: 1` as the first line");
    missing(profile.name.is_some(), "name", "add a name for the stack such as `name: game-night`");
    missing(
        profile.system.is_some() || profile.written.contains("systems") || profile.proxy.is_shared(),
        "system",
        "add the system to harden, such as one that `stockade systems` lists, or a path such as `./myapp.system.yaml`",
    );
}

/// Says which hosts have an address that another has: bundles open and call each other's ports by it.
fn addresses_of_hosts(profile: &Profile, diagnostics: &mut Diagnostics) {
    let mut first: BTreeMap<_, Span> = BTreeMap::new();
    let mut hosts: Vec<_> = profile.hosts.values().filter_map(|host| host.address.as_ref()).collect();
    hosts.sort_by_key(|address| address.span.start);
    for address in hosts {
        let earlier = *first.entry(address.value.0).or_insert(address.span);
        if earlier != address.span {
            diagnostics.push(
                Diagnostic::error(codes::PORT_CLASH, format!("two hosts have the address {}", address.value.0))
                    .at(address.span, "again here")
                    .also(earlier, "first here")
                    .help("give each the address under which the others reach it, such as that of a VPN between them"),
            );
        }
    }
}

/// Says which hosts have names for other systems than the profile's.
fn names_of_hosts(profile: &Profile, diagnostics: &mut Diagnostics) {
    for host in profile.hosts.values() {
        if profile.systems.is_empty() {
            if profile.written.contains("systems") {
                continue;
            }
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
                    .meant(name.value.as_str(), systems()),
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

/// Says which needed keys an entry lacks. One that is there and wrong was reported where it was read, and so was a
/// misspelt one.
fn needed(what: &str, entry: Span, keys: &[(bool, &str, &str)], root: Option<&Node>, found: &mut Diagnostics) {
    let inside = |span: Span| span.source == entry.source && entry.start <= span.start && span.end <= entry.end;
    let misspelt =
        |item: &Diagnostic| item.code == codes::UNKNOWN_KEY && item.primary().is_some_and(|it| inside(it.span));
    let written = |key: &str| root.and_then(|root| at(root, entry)).is_some_and(|node| node.entry(key).is_some());
    let guessed = found.iter().any(misspelt);
    for (_, key, help) in keys.iter().filter(|(present, key, _)| !present && !guessed && !written(key)) {
        found.push(
            Diagnostic::error(codes::MISSING_KEY, format!("{what} has no `{key}`"))
                .at(entry, "")
                .help(*help)
                .wish(Wish::Add((*key).to_owned())),
        );
    }
}

/// The mapping in a place of the file.
fn at(node: &Node, place: Span) -> Option<&Node> {
    if node.span == place && !node.entries().is_empty() {
        return Some(node);
    }
    let mut below = node.items().iter().chain(node.entries().iter().map(|entry| &entry.value));
    below.find_map(|link| at(link, place))
}

/// Says which keys the entries of lists and maps lack.
fn entries_need(profile: &Profile, root: Option<&Node>, found: &mut Diagnostics) {
    for waiver in &profile.waivers {
        let keys = [
            (waiver.control.is_some(), "control", "name the control; `stockade controls` lists them"),
            (waiver.reason.is_some(), "reason", "say why, for the colleague who reads it next year"),
            (waiver.until.is_some(), "until", "set the last day on which it holds, such as `until: 2027-03-31`"),
        ];
        needed("a waiver", waiver.span, &keys, root, found);
    }
    for open in &profile.firewall.open {
        let keys = [
            (
                open.protocol.is_some(),
                "protocol",
                "write `protocol: udp`, or `tcp`, `ah`, `esp`, `gre`, `igmp`, `ipv6`, `vrrp`",
            ),
            (open.purpose.is_some(), "purpose", "say what it is for, such as `purpose: WireGuard`"),
        ];
        needed("an entry of `firewall.open`", open.span, &keys, root, found);
    }
    for (name, host) in &profile.hosts {
        let keys = [
            (host.role.is_some(), "role", "say what it does; `stockade systems NAME` lists the roles of a system"),
            (host.address.is_some(), "address", "add the address under which the other hosts reach it"),
        ];
        needed(&format!("host `{}`", name.value), host.span, &keys, root, found);
    }
    for (name, part) in &profile.systems {
        let help = "add a system that `stockade systems` lists, or a path such as `./myapp.system.yaml`";
        needed(
            &format!("`systems.{}`", name.value),
            part.span,
            &[(part.system.is_some(), "system", help)],
            root,
            found,
        );
    }
}
