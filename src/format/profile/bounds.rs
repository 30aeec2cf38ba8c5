//! How many entries the lists and maps of a profile may have where each costs more than reading it: a rule in several
//! files, a variable in a container, a bundle.

use super::{Open, Profile};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::text::{Span, Spanned};
use std::collections::BTreeMap;

pub(super) const HOSTS: usize = 64;
pub(super) const SYSTEMS: usize = 32;
pub(super) const WAIVERS: usize = 1024;
pub(super) const ADDRESSES: usize = 64;
pub(super) const NETWORKS: usize = 1024;
/// Public keys that secrets are sealed to, and words of the command that fetches them.
pub(super) const RECIPIENTS: usize = 64;
pub(super) const WORDS: usize = 64;
pub(super) const OPENINGS: usize = 256;
pub(super) const HEADERS: usize = 128;
pub(super) const RATES: usize = 128;
pub(super) const SITES: usize = 128;
pub(super) const SERVICES: usize = 512;
pub(super) const VARIABLES: usize = 512;
pub(super) const SETTINGS: usize = 512;
pub(super) const SECRETS: usize = 1024;

const WIDER: &str = "name fewer; one wider network says the same as many small ones";
const FEWER_HEADERS: &str = "name fewer headers, those alone that the applications' answers need otherwise";
const FEWER_SETTINGS: &str = "remove those that say the system's own default";

/// Shortens what is too long, and says so at the first entry that is too many.
pub(super) fn keep(profile: &mut Profile, found: &mut Diagnostics) {
    let mut say = |key: &str, most: usize, at: Option<Span>, help: &str| {
        let Some(at) = at else { return };
        found.push(
            Diagnostic::error(codes::TOO_MANY_NODES, format!("`{key}` has more than {most} entries"))
                .at(at, "the limit is reached here")
                .help(help),
        );
    };
    let help = "move the other hosts into a second profile with a name of its own";
    say("hosts", HOSTS, map(&mut profile.hosts, HOSTS), help);
    let help = "move the other systems into a second profile, on another host";
    say("systems", SYSTEMS, map(&mut profile.systems, SYSTEMS), help);
    for part in profile.systems.values_mut() {
        say("settings", SETTINGS, map(&mut part.value.settings, SETTINGS), FEWER_SETTINGS);
    }
    say("settings", SETTINGS, map(&mut profile.settings, SETTINGS), FEWER_SETTINGS);
    let help = "change fewer services here; a system file of your own can say the rest";
    say("services", SERVICES, map(&mut profile.services, SERVICES), help);
    for service in profile.services.values_mut() {
        let help =
            "put the rest into a configuration file of the application, which a system file of your own can describe";
        say("environment", VARIABLES, map(&mut service.environment, VARIABLES), help);
    }
    let help = "remove those that say `generate`, which is the default";
    let recipients = "name fewer, as by one key for each group of people";
    say("secrets.recipients", RECIPIENTS, given(&mut profile.secrets.recipients, RECIPIENTS), recipients);
    say("secrets.fetch", WORDS, given(&mut profile.secrets.fetch, WORDS), "put the rest into a script");
    say("secrets.sources", SECRETS, map(&mut profile.secrets.sources, SECRETS), help);
    let help = "name fewer; a waiver without `service` holds for every service";
    say("waivers", WAIVERS, list(&mut profile.waivers, WAIVERS), help);
    let proxy = &mut profile.proxy;
    say("proxy.headers.set", HEADERS, map(&mut proxy.headers.set, HEADERS), FEWER_HEADERS);
    say("proxy.headers.pass", HEADERS, list(&mut proxy.headers.pass, HEADERS), FEWER_HEADERS);
    say("proxy.headers.hide", HEADERS, list(&mut proxy.headers.hide, HEADERS), FEWER_HEADERS);
    let help = "remove the classes whose rate is the system's own";
    say("proxy.rate_limits", RATES, map(&mut proxy.rate_limits, RATES), help);
    let help = "name fewer addresses; without `bind` the proxy listens on all of the host";
    say("proxy.bind", ADDRESSES, given(&mut proxy.bind, ADDRESSES), help);
    if let Some(clients) = &mut proxy.client_certificates {
        let help = "leave `sites` out, which asks at all of them";
        say("proxy.client_certificates.sites", SITES, given(&mut clients.value.sites, SITES), help);
    }
    say("proxy.trusted_proxies", NETWORKS, given(&mut proxy.trusted_proxies, NETWORKS), WIDER);
    say("admin", NETWORKS, given(&mut profile.admin, NETWORKS), WIDER);
    say("firewall.ssh.from", NETWORKS, given(&mut profile.firewall.ssh.from, NETWORKS), WIDER);
    let help = "name fewer; one entry may hold a range of ports and many networks";
    say("firewall.open", OPENINGS, list(&mut profile.firewall.open, OPENINGS), help);
    say("firewall.open[].from", NETWORKS, origins(&mut profile.firewall.open, NETWORKS), WIDER);
}

/// The place of the first network beyond `most` of all entries together: each is a rule for itself.
fn origins(all: &mut Vec<Spanned<Open>>, most: usize) -> Option<Span> {
    let mut named = all.iter().enumerate().flat_map(|(at, open)| {
        open.from.iter().flat_map(move |from| from.value.iter().map(move |origin| (at, origin.span)))
    });
    let (at, beyond) = named.nth(most)?;
    all.truncate(at);
    Some(beyond)
}

/// The place of the first entry beyond `most`.
fn list<T>(all: &mut Vec<Spanned<T>>, most: usize) -> Option<Span> {
    let beyond = all.get(most)?.span;
    all.truncate(most);
    Some(beyond)
}

fn given<T>(all: &mut Option<Spanned<Vec<Spanned<T>>>>, most: usize) -> Option<Span> {
    list(&mut all.as_mut()?.value, most)
}

/// The place of the first entry beyond `most` in the file.
fn map<K: Ord, V>(all: &mut BTreeMap<Spanned<K>, V>, most: usize) -> Option<Span> {
    if all.len() <= most {
        return None;
    }
    let mut places: Vec<Span> = all.keys().map(|key| key.span).collect();
    places.sort_unstable_by_key(|span| span.start);
    let beyond = places[most];
    all.retain(|key, _| key.span.start < beyond.start);
    Some(beyond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceFile;
    use crate::yaml::Sources;

    /// `n` entries with numbers, as a list or a mapping holds them.
    fn numbers(n: usize, one: impl Fn(usize) -> String) -> String {
        (0..n).map(one).collect::<Vec<_>>().join(", ")
    }

    /// The texts at which something is too much, with the message and the way out.
    fn told(rest: &str) -> Vec<(String, String, String)> {
        let text = format!("version: 1\nname: a\nsystem: hyos\n{rest}\n");
        let mut sources = Sources::new();
        let id = sources.add(SourceFile::new("stockade.yaml", text.clone()));
        let (_, found) = crate::format::profile::parse(&sources, id);
        let all = found.iter().filter_map(|it| {
            let span = it.primary()?.span;
            Some((text[span.start..span.end].to_owned(), it.message.clone(), it.help.clone()?))
        });
        all.collect()
    }

    #[test]
    fn each_bound_is_told_at_the_first_that_is_too_many_with_words_of_its_own() {
        let address = |n: usize| format!("10.0.{}.{}", n / 256, n % 256);
        let header = |n: usize| format!("X-A{n}");
        let opening = |n: usize| format!("{{port: {}, protocol: udp, purpose: p}}", n + 1);
        let networks =
            |n: usize| format!("{{port: {}, protocol: udp, purpose: p, from: [{}]}}", n + 1, numbers(5, address));
        let network = |n: usize| numbers(1, |_| address(n));
        for (write, most, at, key, help) in [
            (
                &(|n| format!("hosts: {{{}}}", numbers(n, |n| format!("h{n}: {{role: node, address: 10.0.1.{n}}}"))))
                    as &dyn Fn(usize) -> String,
                64,
                "h64",
                "hosts",
                "second profile",
            ),
            (
                &|n| format!("services: {{{}}}", numbers(n, |n| format!("s{n}: {{}}"))),
                512,
                "s512",
                "services",
                "system file",
            ),
            (
                &|n| format!("services: {{a: {{environment: {{{}}}}}}}", numbers(n, |n| format!("V{n}: b"))),
                512,
                "V512",
                "environment",
                "configuration file",
            ),
            (&|n| format!("settings: {{{}}}", numbers(n, |n| format!("s{n}: b"))), 512, "s512", "settings", "default"),
            (
                &|n| format!("systems: {{a: {{system: b, settings: {{{}}}}}}}", numbers(n, |n| format!("s{n}: b"))),
                512,
                "s512",
                "settings",
                "default",
            ),
            (
                &|n| format!("secrets: {{sources: {{{}}}}}", numbers(n, |n| format!("s{n}: generate"))),
                1024,
                "s1024",
                "secrets.sources",
                "`generate`",
            ),
            (
                &|n| format!("proxy: {{headers: {{set: {{{}}}}}}}", numbers(n, |n| format!("X-A{n}: b"))),
                128,
                "X-A128",
                "proxy.headers.set",
                "headers",
            ),
            (
                &|n| format!("proxy: {{headers: {{pass: [{}]}}}}", numbers(n, header)),
                128,
                "X-A128",
                "proxy.headers.pass",
                "headers",
            ),
            (
                &|n| format!("proxy: {{headers: {{hide: [{}]}}}}", numbers(n, header)),
                128,
                "X-A128",
                "proxy.headers.hide",
                "headers",
            ),
            (
                &|n| format!("proxy: {{rate_limits: {{{}}}}}", numbers(n, |n| format!("c{n}: 1/1s"))),
                128,
                "c128",
                "proxy.rate_limits",
                "classes",
            ),
            (&|n| format!("proxy: {{bind: [{}]}}", numbers(n, address)), 64, "10.0.0.64", "proxy.bind", "addresses"),
            (
                &|n| format!("proxy: {{trusted_proxies: [{}]}}", numbers(n, network)),
                1024,
                "10.0.4.0",
                "proxy.trusted_proxies",
                "wider network",
            ),
            (&|n| format!("admin: [{}]", numbers(n, network)), 1024, "10.0.4.0", "admin", "wider network"),
            (
                &|n| format!("firewall: {{ssh: {{from: [{}]}}}}", numbers(n, network)),
                1024,
                "10.0.4.0",
                "firewall.ssh.from",
                "wider network",
            ),
            (
                &|n| format!("firewall: {{open: [{}]}}", numbers(n, opening)),
                256,
                "{port: 257, protocol: udp, purpose: p}",
                "firewall.open",
                "range of ports",
            ),
            (
                &|n| {
                    format!(
                        "firewall: {{open: [{}, {{protocol: esp, purpose: p, from: [{}]}}]}}",
                        numbers(200, networks),
                        numbers(n, address)
                    )
                },
                24,
                "10.0.0.24",
                "firewall.open[].from",
                "wider network",
            ),
        ] {
            let enough: Vec<_> =
                told(&write(most)).into_iter().filter(|(_, message, _)| message.contains("more than")).collect();
            assert_eq!(enough, [], "{key}");
            let all: Vec<_> =
                told(&write(most + 2)).into_iter().filter(|(_, message, _)| message.contains("more than")).collect();
            let [(place, message, way)] = all.as_slice() else { panic!("{key}: {all:?}") };
            assert_eq!(place, at, "{key}");
            assert!(message.starts_with(&format!("`{key}` has more than ")), "{message}");
            assert!(way.contains(help), "{key}: {way}");
            assert_eq!(way.contains("network"), help == "wider network" || key == "firewall.open", "{key}: {way}");
        }
    }

    #[test]
    fn what_is_too_much_is_said_once_and_left_out() {
        let text = format!(
            "version: 1\nname: a\nsystem: hyos\nadmin: [{}]\nproxy:\n  bind: [{}]\n  headers: {{set: {{{}}}}}\nhosts: {{{}}}\n",
            numbers(1025, |n| format!("10.0.{}.{}/32", n / 256, n % 256)),
            numbers(64, |n| format!("10.0.0.{n}")),
            numbers(129, |n| format!("X-A{n}: b")),
            numbers(65, |n| format!("h{n}: {{role: node, address: 10.0.1.{n}}}")),
        );
        let mut sources = Sources::new();
        let id = sources.add(SourceFile::new("stockade.yaml", text.clone()));
        let (profile, found) = crate::format::profile::parse(&sources, id);
        let profile = profile.unwrap();
        let places: Vec<_> = found.iter().filter_map(|it| it.primary()).collect();
        let places: Vec<_> = places.iter().map(|label| &text[label.span.start..label.span.end]).collect();
        let mut places = places;
        places.sort_unstable();
        assert_eq!(places, ["10.0.4.0/32", "X-A128", "h64"]);
        let headers = &profile.proxy.headers.set;
        assert_eq!((headers.len(), profile.hosts.len()), (HEADERS, HOSTS));
        assert!(headers.keys().all(|name| name.value.as_str() != "X-A128"));
    }
}
