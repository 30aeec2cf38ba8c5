//! How many entries the maps and lists of a system file may have where the time that one costs grows with the others.

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::format::system::System;
use crate::text::{Span, Spanned};
use std::collections::BTreeMap;

/// Settings, words, facts, and variables of one service.
const VALUES: usize = 512;
const SERVICES: usize = 256;
const NETWORKS: usize = 256;
const VOLUMES: usize = 256;
const SECRETS: usize = 512;
const HOST_PORTS: usize = 256;
const RATES: usize = 128;
const HEADERS: usize = 128;
const SITES: usize = 64;
/// Headers of each kind of one path: those below inherit them.
const HEADERS_OF_PATH: usize = 32;
/// Ports of one service.
const PORTS: usize = 256;
/// Paths of one site.
const PATHS: usize = 512;
/// Paths of all sites.
const ALL_PATHS: usize = 1024;

const FEWER_VALUES: &str = "join those that are used together, or give them as a list";
const ANOTHER: &str = "describe the rest in a second system file; one profile may name both under `systems`";
const FEWER_PATHS: &str = "name fewer; a `prefix`, or a `*` for one segment, stands for many paths";
const FEWER_HEADERS: &str = "name fewer headers, those alone that the application's answers need otherwise";

/// Says where there is too much.
pub(super) fn check(system: &System, found: &mut Diagnostics) {
    let mut say = |key: &str, most: usize, at: Option<Span>, help: &str| {
        let Some(at) = at else { return };
        found.push(
            Diagnostic::error(codes::TOO_MANY_NODES, format!("`{key}` has more than {most} entries"))
                .at(at, "the limit is reached here")
                .help(help),
        );
    };
    say("settings", VALUES, map(&system.settings, VALUES), FEWER_VALUES);
    say("words", VALUES, map(&system.words, VALUES), FEWER_VALUES);
    say("facts", VALUES, map(&system.facts, VALUES), FEWER_VALUES);
    say("networks", NETWORKS, map(&system.networks, NETWORKS), ANOTHER);
    say("volumes", VOLUMES, map(&system.volumes, VOLUMES), ANOTHER);
    say("secrets", SECRETS, map(&system.secrets, SECRETS), ANOTHER);
    let help = "write neighbouring ports as a range, `ports: 8000-8010`";
    say("host_ports", HOST_PORTS, map(&system.host_ports, HOST_PORTS), help);
    say("services", SERVICES, map(&system.services, SERVICES), ANOTHER);
    for service in system.services.values() {
        let help = "put the rest into a configuration file of the application, under `files`";
        say("environment", VALUES, map(&service.environment, VALUES), help);
        say("ports", PORTS, map(&service.ports, PORTS), "write neighbouring ports as a range");
    }
    let Some(edge) = &system.edge else { return };
    say("edge.rates", RATES, map(&edge.rates, RATES), "name fewer; many paths may have one class");
    say("edge.sites", SITES, map(&edge.sites, SITES), ANOTHER);
    for site in edge.sites.values() {
        let own = site.headers.values().map(|value| value.text.span);
        say("headers", HEADERS, nth(own, HEADERS), FEWER_HEADERS);
        say("pass_headers", HEADERS, nth(site.pass_headers.iter().map(|name| name.span), HEADERS), FEWER_HEADERS);
        say("hide", HEADERS, nth(site.hide.iter().map(|name| name.span), HEADERS), FEWER_HEADERS);
        say("paths", PATHS, nth(site.paths.iter().map(|path| path.span), PATHS), FEWER_PATHS);
    }
    for path in edge.sites.values().flat_map(|site| &site.paths) {
        let most = HEADERS_OF_PATH;
        say("headers", most, nth(path.headers.values().map(|value| value.text.span), most), FEWER_HEADERS);
        say("pass_headers", most, nth(path.pass_headers.iter().map(|name| name.span), most), FEWER_HEADERS);
        say("hide", most, nth(path.hide.iter().map(|name| name.span), most), FEWER_HEADERS);
    }
    let few = edge.sites.values().all(|site| site.paths.len() <= PATHS);
    let all = edge.sites.values().flat_map(|site| &site.paths).map(|path| path.span).filter(|_| few);
    say("edge.sites.*.paths", ALL_PATHS, nth(all, ALL_PATHS), FEWER_PATHS);
}

/// The place of the first entry beyond `most` in the file.
fn map<K, V>(all: &BTreeMap<Spanned<K>, V>, most: usize) -> Option<Span> {
    nth(all.keys().map(|key| key.span), most)
}

fn nth(places: impl Iterator<Item = Span>, most: usize) -> Option<Span> {
    let mut places: Vec<Span> = places.collect();
    places.sort_unstable_by_key(|span| span.start);
    places.get(most).copied()
}

#[cfg(test)]
mod tests {
    use crate::systems::{STARTER, read};
    use crate::text::SourceFile;
    use crate::yaml::Sources;

    /// The starter with entries behind its line `key`, or at its end, and what is told of too many.
    fn told(key: &str, entries: &str) -> Vec<(String, String, String)> {
        let (head, tail) = STARTER.split_once(key).unwrap_or((STARTER, ""));
        let text = format!("{head}{key}{entries}{tail}");
        let mut sources = Sources::new();
        let id = sources.add(SourceFile::new("a.system.yaml", text.clone()));
        let (_, found) = read(&sources, id);
        let all = found.iter().filter_map(|it| {
            let span = it.primary()?.span;
            Some((text[span.start..span.end].to_owned(), it.message.clone(), it.help.clone()?))
        });
        all.filter(|(_, message, _)| message.contains("more than")).collect()
    }

    #[test]
    fn each_bound_is_told_at_the_first_that_is_too_many_with_words_of_its_own() {
        let service = "{title: A, image: \"a.example.com/b:1\", user: \"1:1\", no_healthcheck: A., limits: {memory: 64m, cpus: \"1\", pids: 9}}";
        // Of what the starter has itself some stand behind.
        for (key, one, most, own, name, help) in [
            ("\nsettings:\n", "  s@: {purpose: A., type: boolean, default: true}", 512, 1, "settings", "list"),
            ("\nwords:\n", "  s@: a", 512, 0, "words", "list"),
            ("\nfacts:\n", "  s@: \"1\"", 512, 0, "facts", "list"),
            ("\nnetworks:\n", "  s@: {purpose: A.}", 256, 2, "networks", "`systems`"),
            ("\nvolumes:\n", "  s@: {purpose: A., kind: named}", 256, 1, "volumes", "`systems`"),
            ("\nsecrets:\n", "  s@: {purpose: A., kind: {base64: {bytes: 48}}}", 512, 1, "secrets", "`systems`"),
            ("\nhost_ports:\n", "  s@: {title: A, port: 9@, protocol: tcp}", 256, 0, "host_ports", "range"),
            ("\nservices:\n", &format!("  s@: {service}"), 256, 1, "services", "`systems`"),
            ("    environment:\n", "      s@: a", 512, 3, "environment", "`files`"),
            ("  rates:\n", "    s@: {rate: 5/1m, burst: 3, purpose: A.}", 128, 2, "edge.rates", "class"),
            ("      paths:\n", "        - exact: /s@", 512, 4, "paths", "`prefix`"),
            ("      rate: general\n      hide:\n", "        - s@", 128, 0, "hide", "headers"),
            ("      rate: general\n      pass_headers:\n", "        - s@", 128, 0, "pass_headers", "headers"),
            ("      paths:\n        - exact: /x\n          hide:\n", "            - s@", 32, 0, "hide", "headers"),
            ("    ports:\n", "      s@: {container: 9@, protocol: tcp, audience: internal}", 256, 1, "ports", "range"),
        ] {
            // A key that the starter has not is the last line.
            let lines = ["      rate: general\n", "      paths:\n"];
            let place = lines.into_iter().find_map(|line| Some((line, key.strip_prefix(line)?)));
            let (key, before) = place.unwrap_or((key, ""));
            let rows = |n: usize| {
                before.to_owned() + &(0..n).map(|n| one.replace('@', &n.to_string()) + "\n").collect::<String>()
            };
            assert_eq!(told(key, &rows(most - own)), [], "{name}");
            let all = told(key, &rows(most + 2));
            let [(place, message, way)] = all.as_slice() else { panic!("{name}: {all:?}") };
            assert_eq!(*message, format!("`{name}` has more than {most} entries"));
            assert!(place.ends_with(&format!("s{most}")), "{name}: {place}");
            assert!(way.contains(help), "{name}: {way}");
        }
    }
}
