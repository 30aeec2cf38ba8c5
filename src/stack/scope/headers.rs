//! What values of response headers say, for expressions that judge them.

/// Directives beside those of fetching that name sources.
const OTHERS: [&str; 3] = ["base-uri", "form-action", "frame-ancestors"];

/// Seconds of `max-age` in Strict-Transport-Security; a header without it counts for none (RFC 6797, 6.1.1).
pub(super) fn max_age(header: String) -> u64 {
    let parts = header.split(';').filter_map(|part| part.split_once('='));
    let age = parts.filter(|(name, _)| name.trim().eq_ignore_ascii_case("max-age")).map(|(_, value)| value).next();
    age.and_then(|value| value.trim().trim_matches('"').parse().ok()).unwrap_or(0)
}

/// Whether a Content-Security-Policy lets anything through that another, which limits, keeps out. What is no policy limits
/// nothing.
pub(super) fn wider(policy: String, than: String) -> bool {
    let (policy, than) = (Policy::new(&policy), Policy::new(&than));
    let names = policy.directives.iter().chain(&than.directives).map(|(name, _)| name);
    names.filter(|name| name.contains("-src") || OTHERS.contains(&name.as_str())).any(|name| {
        let Some(limits) = than.sources(name) else { return false };
        let within = |source: &String| is_narrow(source) || limits.iter().any(|limit| covers(limit, source));
        policy.sources(name).is_none_or(|sources| !sources.iter().all(within))
    })
}

struct Policy {
    directives: Vec<(String, Vec<String>)>,
}

impl Policy {
    fn new(text: &str) -> Self {
        let directive = |part: &str| {
            let mut words = part.split_ascii_whitespace().map(str::to_ascii_lowercase);
            Some((words.next()?, words.collect()))
        };
        Self { directives: text.split(';').filter_map(directive).collect() }
    }

    /// What a directive allows, or the one that stands in for it (CSP 3, 6.8.3); `None` is everything.
    fn sources(&self, name: &str) -> Option<&[String]> {
        let instead: &[&str] = match name {
            "script-src-elem" | "script-src-attr" => &["script-src", "default-src"],
            "style-src-elem" | "style-src-attr" => &["style-src", "default-src"],
            "worker-src" => &["child-src", "script-src", "default-src"],
            "frame-src" => &["child-src", "default-src"],
            _ if OTHERS.contains(&name) => &[],
            _ => &["default-src"],
        };
        // Of a directive that is there twice, the first counts.
        let find = |name: &str| self.directives.iter().find(|(known, _)| known == name);
        find(name).or_else(|| instead.iter().find_map(|name| find(name))).map(|(_, sources)| sources.as_slice())
    }
}

/// Sources that let through nothing but what their author wrote himself.
fn is_narrow(source: &str) -> bool {
    ["'none'", "'report-sample'"].contains(&source)
        || ["'nonce-", "'sha256-", "'sha384-", "'sha512-"].iter().any(|start| source.starts_with(start))
}

fn covers(limit: &str, source: &str) -> bool {
    let scheme = || limit.ends_with(':') && source.strip_prefix(limit).is_some_and(|rest| rest.starts_with("//"));
    limit == source || scheme()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_wider_where_it_allows_more() {
        let usual =
            "default-src 'self'; script-src 'self' 'unsafe-inline'; img-src 'self' https:; frame-ancestors 'none'";
        for (policy, expected) in [
            (usual, false),
            ("default-src 'none'; frame-ancestors 'none'", false),
            ("Default-Src 'SELF'; frame-ancestors 'none'", false),
            ("default-src 'self' 'nonce-a1'; img-src https://cdn.example.com; frame-ancestors 'none'", false),
            ("default-src 'self'", true),
            ("default-src *; frame-ancestors 'none'", true),
            ("default-src 'self'; script-src 'unsafe-eval'; frame-ancestors 'none'", true),
            ("default-src 'self'; font-src data:; frame-ancestors 'none'", true),
            ("default-src 'self'; script-src-elem *; frame-ancestors 'none'", true),
            ("default-src *; default-src 'none'; frame-ancestors 'none'", true),
            ("script-src 'self'; frame-ancestors 'none'", true),
            ("default-src 'self'; frame-ancestors 'self'", true),
            ("removed", true),
            ("", true),
        ] {
            assert_eq!(wider(policy.to_owned(), usual.to_owned()), expected, "{policy}");
        }
        // What the other does not limit cannot be wider.
        assert!(!wider("default-src 'self'; base-uri *".into(), "default-src 'self'".into()));
    }

    #[test]
    fn the_age_is_that_of_the_header() {
        for (header, seconds) in [
            ("max-age=63072000; includeSubDomains", 63_072_000),
            ("includeSubDomains; Max-Age=\"1\"", 1),
            ("includeSubDomains", 0),
            ("max-age=soon", 0),
            ("not sent", 0),
        ] {
            assert_eq!(max_age(header.to_owned()), seconds, "{header}");
        }
    }
}
