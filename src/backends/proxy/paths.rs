//! Patterns for paths. They ignore case, a final `/` and the parameters of segments, as many applications do: what is
//! blocked or counted must be so in every spelling. All three servers match the decoded path with `//`, `.` and `..`
//! resolved; nginx and Caddy with everything decoded, Traefik with reserved characters left encoded (`%2F`, `%3B`, …).

use crate::stack::{Location, Site};
use crate::values::UrlPattern;

/// How a server writes the path that it compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Decoded.
    Decoded,
    /// Decoded but for reserved characters.
    Reserved,
}

impl Form {
    fn slash(self) -> &'static str {
        if self == Self::Decoded { "/" } else { "(/|%2F)+" }
    }

    /// Any one segment.
    fn segment(self) -> &'static str {
        if self == Self::Decoded { ANY_SEGMENT } else { "([^/%]|%([^2]|2[^F]))+" }
    }

    /// The parameters of a segment (RFC 3986, 3.3): Java and .NET cut them off before they look at it.
    fn parameters(self) -> &'static str {
        if self == Self::Decoded { "(;[^/]*)?" } else { "((;|%3B)([^/%]|%([^2]|2[^F]))*)?" }
    }

    /// What ends a path: nothing more, or what an application may take for the beginning of query or fragment.
    fn end(self) -> &'static str {
        if self == Self::Decoded { "([?#]|\\z)" } else { "(%3F|%23|\\z)" }
    }

    /// What ends a segment.
    fn border(self) -> &'static str {
        if self == Self::Decoded { "([/?#]|\\z)" } else { "(/|%2F|%3F|%23|\\z)" }
    }

    /// Paths no server can resolve as an application might: what is a `.`, `..` or nothing at all once its parameters are
    /// cut off.
    pub(super) fn hidden_steps(self) -> &'static str {
        if self == Self::Decoded { "/(\\.\\.?)?;" } else { "(/|%2F)(\\.\\.?)?(;|%3B)" }
    }
}

/// Regular expression for any one segment.
const ANY_SEGMENT: &str = "[^/]+";

/// Regular expression of location number `at` for nginx (PCRE) and Caddy (Go), to be matched without case. `\z` instead of
/// `$`, which nginx would take for a variable.
pub(super) fn regex(site: &Site, at: usize) -> String {
    regex_in(site, at, Form::Decoded)
}

/// [`regex`] in another form.
pub(super) fn regex_in(site: &Site, at: usize, form: Form) -> String {
    let location = &site.locations[at];
    // What is open inside a blocked path is open in its plain spelling alone.
    let plain = opens(site, at);
    let parameters = if plain { "" } else { form.parameters() };
    let path: String = trimmed(location).split('/').skip(1).map(|segment| one(segment, parameters, form)).collect();
    match (location.exact, plain, form) {
        (true, true, Form::Decoded) => format!("^{path}/?\\z"),
        (true, true, Form::Reserved) => format!("^{path}(/|%2F)*\\z"),
        (true, false, Form::Decoded) => format!("^{path}/?{}", form.end()),
        (true, false, Form::Reserved) => format!("^{path}(/|%2F)*{}", form.end()),
        (false, true, Form::Decoded) => format!("^{path}(/|\\z)"),
        (false, true, Form::Reserved) => format!("^{path}(/|%2F|\\z)"),
        (false, false, _) => format!("^{path}{}", form.border()),
    }
}

/// [`regex`] for nginx, with what the first wildcard matches in the variable of that name.
pub(super) fn regex_naming(site: &Site, at: usize, variable: &str) -> String {
    regex(site, at).replacen(ANY_SEGMENT, &format!("(?<{variable}>{ANY_SEGMENT})"), 1)
}

/// Only `.` and `*` have a second meaning among the characters of a `UrlPattern`.
fn one(segment: &str, parameters: &str, form: Form) -> String {
    match segment {
        "*" => format!("{}{}", form.slash(), form.segment()),
        name => format!("{}{}{parameters}", form.slash(), name.replace('.', "\\.")),
    }
}

/// Whether a location lets through what the one around it blocks.
fn opens(site: &Site, at: usize) -> bool {
    let is_blocked = |at: usize| site.locations[at].blocked.is_set();
    !is_blocked(at) && around(site, at).is_some_and(is_blocked)
}

/// Regular expression for a prefix that an upstream does not see; its group is the rest behind the next `/`.
pub(super) fn strip_regex(prefix: &UrlPattern) -> String {
    let path = prefix.as_str().trim_end_matches('/').replace('.', "\\.");
    format!("(?is)^{path}(?:/(.*))?\\z")
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
    use crate::stack::Enforced;

    fn at(path: &str, exact: bool) -> Location {
        let mut location = manager().locations.remove(0);
        location.path = path.parse().expect("a path");
        location.exact = exact;
        location
    }

    fn alone(path: &str, exact: bool) -> Site {
        let mut site = manager();
        site.locations = vec![at(path, exact)];
        site
    }

    #[test]
    fn patterns_end_at_segments_and_take_a_final_slash_and_parameters() {
        let of = |path, exact| regex(&alone(path, exact), 0);
        assert_eq!(of("/setup", false), "^/setup(;[^/]*)?([/?#]|\\z)");
        assert_eq!(of("/setup/", false), "^/setup(;[^/]*)?([/?#]|\\z)");
        assert_eq!(of("/x/a.b", true), "^/x(;[^/]*)?/a\\.b(;[^/]*)?/?([?#]|\\z)");
        assert_eq!(of("/", true), "^/?([?#]|\\z)");
        assert!(is_rest(&at("/", false)) && !is_rest(&at("/", true)));
        assert_eq!(of("/a/*/b", false), "^/a(;[^/]*)?/[^/]+/b(;[^/]*)?([/?#]|\\z)");
        let each = regex_naming(&alone("/a/*/b/*", true), 0, "each");
        assert_eq!(each, "^/a(;[^/]*)?/(?<each>[^/]+)/b(;[^/]*)?/[^/]+/?([?#]|\\z)");
    }

    #[test]
    fn what_is_open_inside_a_blocked_path_takes_no_parameters() {
        let mut site = alone("/auth/log-in", true);
        site.locations.push(at("/auth", false));
        assert_eq!(regex(&site, 0), "^/auth(;[^/]*)?/log-in(;[^/]*)?/?([?#]|\\z)");
        site.locations[0].blocked = Enforced::default();
        site.locations[1].blocked.set("blocked-paths", "nobody needs it".parse().unwrap());
        assert_eq!(regex(&site, 0), "^/auth/log-in/?\\z");
        assert_eq!(regex(&site, 1), "^/auth(;[^/]*)?([/?#]|\\z)");
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
