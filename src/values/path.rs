//! Paths of four kinds that never mix: in the container, on the host, in the bundle, in a URL.

use super::{Invalid, pattern, textual};
use std::{fmt, str::FromStr};

macro_rules! path_type {
    ($(#[$doc:meta])* $type:ident, $check:ident, $says:literal, $pattern:expr, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(String);

        impl $type {
            /// The path as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                $check(text).map_err(|reason| Invalid::new(reason).help(concat!("write ", $says, " such as `", $example, "`")))?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        textual!($type, stringify!($type), $says, Some($pattern), [$example]);
    };
}

path_type!(
    /// An absolute path inside a container.
    ContainerPath, absolute, "an absolute path without `..`", pattern::absolute(), "/data"
);
path_type!(
    /// An absolute path on the host.
    HostPath, absolute, "an absolute path without `..`", pattern::absolute(), "/mnt/tank/apps"
);
path_type!(
    /// A path relative to the bundle that cannot leave it.
    BundlePath, inside, "a relative path without `..`", pattern::relative(), "config/app.json"
);
path_type!(
    /// The path of a URL, without query (RFC 3986 unreserved characters and `/`).
    UrlPath, url, "a path beginning with `/`", pattern::url(), "/api/"
);

path_type!(
    /// The path of a URL in which `*` stands for any one segment.
    UrlPattern, wildcards, "a path beginning with `/`, with `*` for any one segment", pattern::url_pattern(), "/api/items/*/files"
);

impl UrlPattern {
    /// Whether any segment may be anything.
    pub fn has_wildcard(&self) -> bool {
        self.0.contains('*')
    }

    /// Whether everything below this path includes everything below `inner`: on segment borders, and only a wildcard
    /// includes a wildcard. Case does not count, as in every rule of a proxy.
    pub fn encloses(&self, inner: &Self) -> bool {
        fn segments(path: &str) -> impl Iterator<Item = &str> {
            path.trim_end_matches('/').split('/')
        }
        let mut below = segments(&inner.0);
        segments(&self.0)
            .all(|outer| below.next().is_some_and(|inner| outer == "*" || outer.eq_ignore_ascii_case(inner)))
    }

    /// Whether proxies take both for one path.
    pub fn is_same(&self, other: &Self) -> bool {
        self.encloses(other) && other.encloses(self)
    }
}

impl BundlePath {
    /// The path below this one.
    pub fn join(&self, below: &str) -> Result<Self, Invalid> {
        format!("{}/{below}", self.0).parse()
    }
}

impl HostPath {
    /// The path below this one.
    pub fn join(&self, below: &BundlePath) -> Self {
        Self(format!("{}/{below}", self.0.trim_end_matches('/')))
    }
}

fn absolute(text: &str) -> Result<(), String> {
    match text.strip_prefix('/') {
        Some("") => Ok(()),
        Some(rest) => relative(rest),
        None => Err("this path is not absolute".into()),
    }
}

fn inside(text: &str) -> Result<(), String> {
    if text.starts_with('/') { Err("this path is absolute".into()) } else { relative(text) }
}

// Colons would split Docker's short forms, other marks some reader's syntax; no path of ours needs them.
fn relative(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("this path is empty".into());
    }
    if text.len() > 1024 {
        return Err("this path is longer than 1024 characters".into());
    }
    for part in text.split('/') {
        match part {
            "" => return Err("this path has an empty part (`//`, or `/` at an end)".into()),
            "." | ".." => return Err(format!("this path has the part `{part}`")),
            _ => {}
        }
        if part.starts_with([' ', '-']) || part.ends_with(' ') {
            return Err("a part of this path begins with `-` or has a space at an end".into());
        }
        if let Some(bad) = part.chars().find(|c| !(c.is_ascii_alphanumeric() || "._@+- ".contains(*c))) {
            return Err(format!("a path cannot hold {bad:?} here"));
        }
    }
    Ok(())
}

fn url(text: &str) -> Result<(), String> {
    if !text.starts_with('/') {
        return Err("this path does not begin with `/`".into());
    }
    if text.len() > 512 {
        return Err("this path is longer than 512 characters".into());
    }
    if text.contains("//") || text.split('/').any(|part| part == "." || part == "..") {
        return Err("this path is not in its plain form (`//`, `.` or `..`)".into());
    }
    match text.chars().find(|c| !(c.is_ascii_alphanumeric() || "._~-/".contains(*c))) {
        Some(bad) => Err(format!("a URL path cannot hold {bad:?} here")),
        None => Ok(()),
    }
}

fn wildcards(text: &str) -> Result<(), String> {
    if text.split('/').any(|part| part.contains('*') && part != "*") {
        return Err("a `*` stands for a whole segment, not for a part of one".into());
    }
    url(&text.replace('*', "x"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_enclose_on_segment_borders() {
        let pattern = |text: &str| text.parse::<UrlPattern>().expect("a pattern");
        for (outer, inner) in [
            ("/api", "/api/auth"),
            ("/", "/x"),
            ("/api/", "/api/x"),
            ("/a/*/c", "/a/b/c/d"),
            ("/a/*", "/a/*/c"),
            ("/Api", "/aPI/x"),
        ] {
            assert!(pattern(outer).encloses(&pattern(inner)), "{outer} {inner}");
        }
        for (outer, inner) in [("/api", "/apis"), ("/api/x", "/api"), ("/a/b/c", "/a/*/c"), ("/a/*/c", "/a/b")] {
            assert!(!pattern(outer).encloses(&pattern(inner)), "{outer} {inner}");
        }
        assert!(pattern("/Api/").is_same(&pattern("/api")) && !pattern("/a/*").is_same(&pattern("/a/b")));
        assert!("/a*/b".parse::<UrlPattern>().is_err() && "/a/**".parse::<UrlPattern>().is_err());
    }

    #[test]
    fn no_path_climbs_or_splits() {
        for text in ["", "a/../b", "..", "a//b", "a/", "/a", "a:b", "a\nb", "-a", "a\"b", "$a"] {
            assert!(text.parse::<BundlePath>().is_err(), "{text:?}");
        }
        for text in ["a", "/a/../b", "/a//b", "/a:ro"] {
            assert!(text.parse::<ContainerPath>().is_err(), "{text:?}");
        }
        for text in ["a", "/a/../b", "//", "/a b", "/%2e", "/a?b", "/{a}"] {
            assert!(text.parse::<UrlPath>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn plain_paths_pass() {
        assert!("data/.state/users.json".parse::<BundlePath>().is_ok());
        assert!("/".parse::<ContainerPath>().is_ok() && "/app/.next/cache".parse::<ContainerPath>().is_ok());
        assert!("/api/auth/login".parse::<UrlPath>().is_ok() && "/".parse::<UrlPath>().is_ok());
    }
}
