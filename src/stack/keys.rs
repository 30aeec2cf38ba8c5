//! The keys of a profile that something else than their own section speaks of: who reads each, which control carries it out,
//! and under which names expressions see it.

/// Who reads a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Whatever stack there is.
    Any,
    /// The reverse proxy that Stockade adds, and nobody else.
    Proxy,
    /// That proxy, or a system that is one itself and asks for one of the facts.
    Edge,
    /// The certificate, which a system that is a proxy itself has, too.
    Certificate,
    /// Each service, below `services.NAME`.
    Service,
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    /// Where it stands, from the root of the profile or from a service.
    pub path: &'static str,
    /// Who reads it.
    pub reader: Reader,
    /// The control that carries it out.
    pub control: Option<&'static str>,
    /// Names under which expressions of a system see it.
    pub facts: &'static [&'static str],
}

const fn key(path: &'static str, reader: Reader, control: &'static str, facts: &'static [&'static str]) -> Key {
    Key { path, reader, control: if control.is_empty() { None } else { Some(control) }, facts }
}

use Reader::{Any, Certificate, Edge, Proxy, Service};

/// All of them.
#[rustfmt::skip]
pub(crate) const KEYS: &[Key] = &[
    key("admin",                                 Any,         "",                      &["admin"]),
    key("domain",                                Any,         "",                      &["domain"]),
    key("environment",                           Any,         "",                      &["environment"]),
    key("level",                                 Any,         "",                      &["level"]),
    key("variant",                               Any,         "",                      &["variant"]),
    key("hosts",                                 Any,         "",                      &["host", "hosts"]),
    key("backup.enabled",                        Any,         "",                      &["backup.enabled"]),
    key("backup.every",                          Any,         "",                      &["backup.minutes"]),
    key("backup.keep",                           Any,         "",                      &["backup.keep"]),
    key("logging.max_size",                      Any,         "bounded-logs",          &[]),
    key("logging.max_files",                     Any,         "bounded-logs",          &[]),
    key("monitoring.health_interval",            Any,         "healthcheck",           &[]),
    key("monitoring.access_log",                 Proxy,       "access-logs",           &[]),
    key("firewall.kind",                         Any,         "default-deny-firewall", &["firewall.kind"]),
    key("firewall.ssh.port",                     Any,         "default-deny-firewall", &["firewall.ssh_port"]),
    key("firewall.ssh.from",                     Any,         "default-deny-firewall", &[]),
    key("firewall.confirm",                      Any,         "default-deny-firewall", &[]),
    key("firewall.open",                         Any,         "default-deny-firewall", &[]),
    key("firewall.log",                          Any,         "default-deny-firewall", &[]),
    key("proxy.kind",                            Proxy,       "",                      &["proxy.kind", "proxy.can"]),
    key("proxy.join",                            Proxy,       "",                      &[]),
    key("proxy.shared",                          Proxy,       "",                      &["proxy.shared", "proxy.alone"]),
    key("proxy.largest_upload",                  Proxy,       "",                      &[]),
    key("proxy.image",                           Proxy,       "",                      &[]),
    key("proxy.waf",                             Proxy,       "",                      &[]),
    key("proxy.bind",                            Any,         "",                      &["proxy.bind"]),
    key("proxy.http_port",                       Edge,        "",                      &["proxy.http_port"]),
    key("proxy.https_port",                      Edge,        "",                      &["proxy.https_port"]),
    key("proxy.trusted_proxies",                 Edge,        "",                      &["proxy.trusted_proxies"]),
    key("proxy.slowest_upload",                  Proxy,       "",                      &[]),
    key("proxy.rate_limits",                     Proxy,       "rate-limits",           &[]),
    key("proxy.auth.mode",                       Proxy,       "proxy-authentication",  &[]),
    key("proxy.auth.user",                       Edge,        "proxy-authentication",  &["proxy.user"]),
    key("proxy.client_certificates",             Proxy,       "client-certificates",   &[]),
    key("proxy.headers.set",                     Proxy,       "security-headers",      &[]),
    key("proxy.headers.pass",                    Proxy,       "",                      &[]),
    key("proxy.headers.hide",                    Proxy,       "hidden-headers",        &[]),
    key("proxy.headers.content_security_policy", Proxy,       "security-headers",      &[]),
    key("proxy.headers.hsts",                    Edge,        "hsts",                  &["tls.hsts"]),
    key("proxy.tls.mode",                        Certificate, "",                      &["tls.mode", "tls.trusted"]),
    key("proxy.tls.policy",                      Edge,        "tls-floor",             &["tls.policy"]),
    key("proxy.tls.email",                       Edge,        "",                      &["tls.email"]),
    key("proxy.tls.certificate",                 Certificate, "",                      &[]),
    key("proxy.tls.key",                         Certificate, "",                      &[]),
    key("resources.memory",                      Service,     "memory-limit",          &["limits"]),
    key("resources.cpus",                        Service,     "cpu-limit",             &[]),
    key("resources.pids",                        Service,     "pids-limit",            &[]),
    key("stop_grace",                            Service,     "stop-grace",            &["stop_seconds"]),
    key("read_only",                             Service,     "read-only-root",        &[]),
    key("image",                                 Service,     "",                      &["images"]),
];

/// The key that expressions see under a name, and for a service that of the service named next.
pub(super) fn behind(path: &[&str]) -> Option<String> {
    let whole = path.join(".");
    KEYS.iter().find_map(|key| {
        key.facts.iter().find_map(|fact| {
            let rest = whole.strip_prefix(fact)?;
            match (key.reader, rest.strip_prefix('.')) {
                (Service, Some(rest)) => Some(format!("services.{}.{}", rest.split('.').next()?, key.path)),
                (Service, None) => None,
                (_, below) => (rest.is_empty() || below.is_some()).then(|| key.path.to_owned()),
            }
        })
    })
}

/// Keys that shape what a control does, beside what the table above says; they have an effect without it too.
pub const SHAPED: &[(&str, &str)] = &[
    ("admin", "admin-allow-list"),
    ("admin", "admin-ports"),
    ("proxy.trusted_proxies", "forwarded-headers"),
    ("proxy.headers.pass", "hidden-headers"),
    ("secrets", "secret-file-modes"),
    ("secrets", "secrets-out-of-environment"),
    ("services.capabilities", "least-capabilities"),
    ("services.environment", "secrets-out-of-environment"),
    ("services.image", "pinned-image"),
];

/// The controls that carry out a key or are shaped by it, or by a key inside it, in order of their ids. A service's key goes
/// without the service's name: `services.resources.memory`.
pub fn controls_of_key(wanted: &str) -> Vec<super::Id> {
    let is_in = |path: &str| path.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let carried_out = KEYS.iter().filter_map(|key| {
        let path = if key.reader == Service { format!("services.{}", key.path) } else { key.path.to_owned() };
        key.control.filter(|_| is_in(&path))
    });
    let shaped = SHAPED.iter().filter(|(path, _)| is_in(path)).map(|(_, id)| *id);
    let mut ids: Vec<super::Id> = carried_out.chain(shaped).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::File;
    use serde_json::Value;

    /// What the schema says of a key; `None` where it has none.
    fn within<'s>(schema: &'s Value, at: &'s Value, path: &[&str]) -> Option<&'s Value> {
        let at = match at["$ref"].as_str().or_else(|| at["anyOf"][0]["$ref"].as_str()) {
            Some(name) => schema.pointer(name.trim_start_matches('#'))?,
            None => at,
        };
        match path {
            [] => Some(at),
            [first, rest @ ..] => {
                let below =
                    at["properties"].get(*first).or_else(|| at.get("additionalProperties").filter(|it| it.is_object()));
                within(schema, below?, rest)
            }
        }
    }

    #[test]
    fn every_key_is_one_of_the_schema() {
        let schema = serde_json::to_value(File::Profile.schema()).expect("JSON");
        for key in KEYS {
            let whole = match key.reader {
                Service => format!("services.one.{}", key.path),
                _ => key.path.to_owned(),
            };
            let path: Vec<&str> = whole.split('.').collect();
            assert!(within(&schema, &schema, &path).is_some(), "the schema has no {whole}");
        }
        assert!(within(&schema, &schema, &["proxy", "kindd"]).is_none());
    }

    #[test]
    fn a_key_is_carried_out_by_its_controls_and_those_inside_it() {
        assert_eq!(controls_of_key("proxy.headers.hsts"), ["hsts"]);
        assert_eq!(controls_of_key("logging"), ["bounded-logs"]);
        assert_eq!(controls_of_key("services.resources"), ["cpu-limit", "memory-limit", "pids-limit"]);
        assert!(controls_of_key("proxy.head").is_empty() && controls_of_key("resources.memory").is_empty());
    }

    #[test]
    fn names_lead_to_keys() {
        for (name, key) in [
            ("tls.trusted", Some("proxy.tls.mode")),
            ("proxy.can.acme", Some("proxy.kind")),
            ("backup.minutes", Some("backup.every")),
            ("limits.app.bytes", Some("services.app.resources.memory")),
            ("hosts", Some("hosts")),
            ("limits", None),
            ("domains", None),
        ] {
            assert_eq!(behind(&name.split('.').collect::<Vec<_>>()).as_deref(), key, "{name}");
        }
    }
}
