//! The filter in front of the Docker engine: what a service may ask, in the words of `wollomatic/socket-proxy` 1.10.

use crate::values::{HostPath, Mode};
use std::collections::BTreeMap;
use std::fmt::Write;

/// One name or number of the engine's, of an image with its tag or digest, as a Go pattern (RE2).
const ANY_NAME: &str = "[A-Za-z0-9][A-Za-z0-9_.:@-]*";

/// Arguments of the filter.
///
/// `calls` are HTTP methods with paths without a version; `socket` with `mode` is the filtered socket that it offers. With one, the
/// filter has no TCP listener. What is created may mount `binds` of the host and nothing else, where any is named. The filter puts `^` and `$` around each pattern without a group, so each brings its own;
/// of a body it reads the mounts alone.
pub fn arguments(calls: &[(String, String)], binds: &[HostPath], socket: &str, mode: Mode) -> Vec<String> {
    let mut methods: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (method, path) in calls {
        let paths = methods.entry(method).or_default();
        let parts: Vec<String> =
            path.split('/').map(|part| if part == "*" { ANY_NAME.to_owned() } else { literal(part) }).collect();
        let path = parts.join("/");
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let mut arguments = vec![
        format!("-proxysocketendpoint={socket}"),
        format!("-proxysocketendpointfilemode={mode}"),
        // A restarted engine leaves a dead socket behind; the filter then ends and is started again.
        "-watchdoginterval=60".to_owned(),
        "-stoponwatchdog".to_owned(),
        "-allowhealthcheck".to_owned(),
        "-shutdowngracetime=5".to_owned(),
    ];
    if !binds.is_empty() {
        let binds: Vec<_> = binds.iter().map(HostPath::as_str).collect();
        arguments.push(format!("-allowbindmountfrom={}", binds.join(",")));
    }
    arguments.extend(methods.into_iter().map(|(method, paths)| allow(method, &paths)));
    arguments
}

/// Clients put the engine's version in front of the path, or leave it out. Not an older one than 1.24: until then a start
/// took a new host configuration with it, such as `Privileged` and a bind of `/`, and engines before 25 still speak it.
fn allow(method: &str, paths: &[String]) -> String {
    format!("-allow{method}=(/v1[.](2[4-9]|[3-9][0-9]))?({})", paths.join("|"))
}

/// A text as a Go pattern (RE2) that matches it alone. Brackets, not backslashes: no reader on the way unescapes them.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '/' | '_' | '-' | '~' => pattern.push(c),
            // A circumflex alone in brackets would negate nothing.
            '^' => pattern.push_str("\\^"),
            '\\' | ']' => {
                pattern.push('\\');
                pattern.push(c);
            }
            c if c.is_ascii_punctuation() => {
                // Writing to a string cannot fail.
                let _ = write!(pattern, "[{c}]");
            }
            c => pattern.push(c),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(calls: &[(&str, &str)]) -> Vec<(String, String)> {
        calls.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect()
    }

    #[test]
    fn one_alternation_per_method_in_a_group() {
        let calls =
            calls(&[("GET", "/_ping"), ("POST", "/containers/web.1/stop"), ("GET", "/info"), ("GET", "/_ping")]);
        let arguments = arguments(&calls, &["/srv/games".parse().expect("a path")], "/sock/docker.sock", Mode(0o600));
        assert_eq!(arguments[0], "-proxysocketendpoint=/sock/docker.sock");
        assert_eq!(
            arguments[arguments.len() - 2..],
            [
                "-allowGET=(/v1[.](2[4-9]|[3-9][0-9]))?(/_ping|/info)",
                "-allowPOST=(/v1[.](2[4-9]|[3-9][0-9]))?(/containers/web[.]1/stop)"
            ]
        );
        assert!(arguments.contains(&"-allowbindmountfrom=/srv/games".to_owned()));
        assert!(arguments.iter().all(|argument| !argument.starts_with("-listenip") && !argument.contains('$')));
    }

    #[test]
    fn nothing_in_a_path_is_a_pattern() {
        assert_eq!(literal("/a.*b|c$^[x]\\"), "/a[.][*]b[|]c[$]\\^[[]x\\]\\\\");
    }

    #[test]
    fn no_calls_allow_nothing() {
        assert!(
            arguments(&[], &[], "/s", Mode(0o600))
                .iter()
                .all(|argument| !argument.starts_with("-allow") || argument == "-allowhealthcheck")
        );
    }
}
