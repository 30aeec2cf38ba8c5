//! Patterns for paths. They ignore case and a final `/`, as many applications do: what is blocked or counted must be so in
//! every spelling. All three servers match the decoded path with `//`, `.` and `..` resolved.

use crate::stack::{Location, Site};
use crate::values::UrlPattern;

/// Regular expression for nginx (PCRE), Traefik and Caddy (Go), to be matched without case. `\z` instead of `$`, which nginx
/// would take for a variable; only `.` and `*` have a second meaning among the characters of a `UrlPattern`.
pub(super) fn regex(location: &Location) -> String {
    let path = trimmed(location).replace('.', "\\.").replace('*', ANY_SEGMENT);
    if location.exact { format!("^{path}/?\\z") } else { format!("^{path}(/|\\z)") }
}

/// Regular expression for any one segment.
const ANY_SEGMENT: &str = "[^/]+";

/// [`regex`] for nginx, with what the first wildcard matches in the variable of that name.
pub(super) fn regex_naming(location: &Location, variable: &str) -> String {
    regex(location).replacen(ANY_SEGMENT, &format!("(?<{variable}>{ANY_SEGMENT})"), 1)
}

/// Regular expression for a prefix that an upstream does not see; its group is the rest behind the next `/`.
pub(super) fn strip_regex(prefix: &UrlPattern) -> String {
    let path = prefix.as_str().trim_end_matches('/').replace('.', "\\.");
    format!("(?is)^{path}(?:/(.*))?\\z")
}

/// Words of Caddy's `path` matcher, which ignores case; `/x*` would catch `/xy` too.
pub(super) fn words(location: &Location) -> Vec<String> {
    match (trimmed(location), location.exact) {
        ("", true) => vec!["/".into()],
        ("", false) => vec!["/*".into()],
        (path, true) => vec![path.into(), format!("{path}/")],
        (path, false) => vec![path.into(), format!("{path}/*")],
    }
}

/// Whether it is everything that is left at the end of a site's list.
pub(super) fn is_rest(location: &Location) -> bool {
    !location.exact && trimmed(location).is_empty()
}

/// Whether everything that `inner` matches lies in `outer`.
pub(super) fn lies_in(inner: &Location, outer: &Location) -> bool {
    let (inner_path, outer_path) = (trimmed(inner).to_ascii_lowercase(), trimmed(outer).to_ascii_lowercase());
    if outer.exact && (!inner.exact || inner_path.split('/').count() != outer_path.split('/').count()) {
        return false;
    }
    let mut segments = inner_path.split('/');
    outer_path.split('/').all(|outer| segments.next().is_some_and(|inner| outer == "*" || outer == inner))
}

/// Indices of the locations in front of number `at` that take a part of its paths away.
pub(super) fn carved_out(site: &Site, at: usize) -> impl Iterator<Item = usize> + '_ {
    (0..at).filter(move |&earlier| lies_in(&site.locations[earlier], &site.locations[at]))
}

/// Index of the closest location around number `at`.
pub(super) fn around(site: &Site, at: usize) -> Option<usize> {
    (at + 1..site.locations.len()).find(|&later| lies_in(&site.locations[at], &site.locations[later]))
}

fn trimmed(location: &Location) -> &str {
    location.path.as_str().trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backends::proxy::fixture::manager;

    fn at(path: &str, exact: bool) -> Location {
        let mut location = manager().locations.remove(0);
        location.path = path.parse().expect("a path");
        location.exact = exact;
        location
    }

    #[test]
    fn patterns_end_at_segments_and_take_a_final_slash() {
        assert_eq!(regex(&at("/setup", false)), "^/setup(/|\\z)");
        assert_eq!(regex(&at("/setup/", false)), "^/setup(/|\\z)");
        assert_eq!(regex(&at("/a.b", true)), "^/a\\.b/?\\z");
        assert_eq!(regex(&at("/", true)), "^/?\\z");
        assert_eq!(words(&at("/setup", false)), ["/setup", "/setup/*"]);
        assert_eq!(words(&at("/a.b", true)), ["/a.b", "/a.b/"]);
        assert!(is_rest(&at("/", false)) && !is_rest(&at("/", true)));
        assert_eq!(regex(&at("/a/*/b", false)), "^/a/[^/]+/b(/|\\z)");
        assert_eq!(regex_naming(&at("/a/*/b/*", true), "each"), "^/a/(?<each>[^/]+)/b/[^/]+/?\\z");
    }

    #[test]
    fn inside_and_around() {
        assert!(lies_in(&at("/API/x", false), &at("/api", false)) && lies_in(&at("/api", true), &at("/api", false)));
        assert!(!lies_in(&at("/apix", false), &at("/api", false)) && !lies_in(&at("/api/x", false), &at("/api", true)));
        assert!(lies_in(&at("/a/B/c", true), &at("/a/*", false)) && lies_in(&at("/a/*/c", false), &at("/a/*", false)));
        assert!(!lies_in(&at("/a/*", false), &at("/a/b", false)) && !lies_in(&at("/a/b/c", true), &at("/a/*", true)));
        let site = manager();
        assert_eq!(around(&site, 0).map(|outer| site.locations[outer].path.as_str()), Some("/api"));
        assert_eq!(carved_out(&site, 5).count(), 5);
    }
}
