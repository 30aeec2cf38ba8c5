//! How many entries the lists and maps of a profile may have where each costs more than reading it: a rule in several
//! files, a variable in a container, a bundle.

use super::Profile;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use std::collections::BTreeMap;

const HOSTS: usize = 64;
const SYSTEMS: usize = 32;
const WAIVERS: usize = 1024;
const ADDRESSES: usize = 64;
const NETWORKS: usize = 1024;
const HEADERS: usize = 128;
const RATES: usize = 128;
const SERVICES: usize = 512;
const SECRETS: usize = 1024;

/// Shortens what is too long, and says so at the first entry that is too many.
pub(super) fn keep(profile: &mut Profile, found: &mut Diagnostics) {
    let mut say = |key: &str, most: usize, at: Option<Span>| {
        let Some(at) = at else { return };
        found.push(
            Diagnostic::error(codes::TOO_MANY_NODES, format!("`{key}` has more than {most} entries"))
                .at(at, "the limit is reached here")
                .help("name fewer; one wider network or one profile for a part of them says the same"),
        );
    };
    say("hosts", HOSTS, map(&mut profile.hosts, HOSTS));
    say("systems", SYSTEMS, map(&mut profile.systems, SYSTEMS));
    say("services", SERVICES, map(&mut profile.services, SERVICES));
    say("secrets.sources", SECRETS, map(&mut profile.secrets.sources, SECRETS));
    say("waivers", WAIVERS, list(&mut profile.waivers, WAIVERS));
    let proxy = &mut profile.proxy;
    say("proxy.headers.set", HEADERS, map(&mut proxy.headers.set, HEADERS));
    say("proxy.rate_limits", RATES, map(&mut proxy.rate_limits, RATES));
    say("proxy.bind", ADDRESSES, given(&mut proxy.bind, ADDRESSES));
    say("proxy.trusted_proxies", NETWORKS, given(&mut proxy.trusted_proxies, NETWORKS));
    say("admin", NETWORKS, given(&mut profile.admin, NETWORKS));
    say("firewall.ssh.from", NETWORKS, given(&mut profile.firewall.ssh.from, NETWORKS));
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
    use crate::source::{SourceFile, Sources};

    #[test]
    fn what_is_too_much_is_said_once_and_left_out() {
        let numbers = |n: usize, one: fn(usize) -> String| (0..n).map(one).collect::<Vec<_>>().join(", ");
        let text = format!(
            "version: 1\nname: a\nsystem: hyos\nadmin: [{}]\nproxy:\n  bind: [{}]\n  headers: {{set: {{{}}}}}\nhosts: {{{}}}\n",
            numbers(1025, |n| format!("10.0.{}.{}/32", n / 256, n % 256)),
            numbers(64, |n| format!("10.0.0.{n}")),
            numbers(129, |n| format!("X-A{n}: b")),
            numbers(65, |n| format!("h{n}: {{role: node, address: 10.0.0.1}}")),
        );
        let mut sources = Sources::new();
        let id = sources.add(SourceFile::new("stockade.yaml", text.clone()));
        let (profile, found) = crate::profile::parse(&sources, id);
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
