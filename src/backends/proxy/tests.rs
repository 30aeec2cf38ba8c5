//! What the three servers are given. That they do what is meant is proven by running them.
#![allow(clippy::unwrap_used)]

use super::fixture::{edge, on, panel, v};
use super::render;
use crate::artifact::Content;
use crate::stack::edge::Standing;
use crate::stack::{Edge, Enforced};
use crate::templates::{Engine, TemplateError};
use crate::values::{ProxyKind, TlsMode, TlsPolicy};
use std::collections::BTreeSet;

const KINDS: [ProxyKind; 3] = [ProxyKind::Traefik, ProxyKind::Nginx, ProxyKind::Caddy];

fn text(edge: &Edge) -> String {
    files(edge).into_iter().map(|(path, text)| format!("=== {path}\n{text}")).collect()
}

fn files(edge: &Edge) -> Vec<(String, String)> {
    let artifacts = render(edge, &Engine::builtin()).unwrap_or_else(|error| panic!("{error}"));
    let text = |content| if let Content::Text(text) = content { text } else { panic!("a text was expected") };
    artifacts.into_iter().map(|artifact| (artifact.path.to_string(), text(artifact.content))).collect()
}

fn plain(kind: ProxyKind) -> Edge {
    edge(kind, TlsMode::Files, TlsPolicy::Intermediate)
}

#[test]
fn files_of_each_kind() {
    let paths = |kind| files(&plain(kind)).into_iter().map(|(path, _)| path).collect::<Vec<_>>();
    assert_eq!(paths(ProxyKind::Nginx), ["proxy/nginx.conf"]);
    assert_eq!(paths(ProxyKind::Caddy), ["proxy/Caddyfile"]);
    assert_eq!(
        paths(ProxyKind::Traefik),
        ["proxy/traefik.yml", "proxy/dynamic/tls.yml", "proxy/dynamic/site-manager.yml", "proxy/dynamic/site-api.yml"]
    );
}

#[test]
fn every_control_marks_its_lines() {
    const IDS: [&str; 13] = [
        "access-logs",
        "admin-allow-list",
        "api-response-headers",
        "blocked-paths",
        "body-limits",
        "cross-site-writes",
        "forwarded-headers",
        "hidden-headers",
        "hsts",
        "proxy-authentication",
        "rate-limits",
        "security-headers",
        "tls-floor",
    ];
    for kind in KINDS {
        let text = text(&plain(kind));
        for id in IDS {
            let marked = text.lines().any(|line| {
                line.split_once("# why: ").is_some_and(|(_, ids)| ids.split(", ").any(|other| other == id))
            });
            assert_eq!(marked, !(kind == ProxyKind::Caddy && id == "rate-limits"), "{kind}: {id}");
        }
    }
}

#[test]
fn marks_stand_on_the_lines_they_explain() {
    let lines: [(ProxyKind, &[&str]); 3] = [
        (
            ProxyKind::Nginx,
            &[
                "add_header X-Frame-Options DENY always;  # why: security-headers",
                "add_header Strict-Transport-Security \"max-age=63072000; includeSubDomains\" always;  # why: hsts",
                "allow 10.8.0.0/24;  # why: admin-allow-list",
                "try_files /dev/null =404;  # why: blocked-paths",
                "client_max_body_size 524288000;  # why: body-limits",
                "limit_req zone=manager_login burst=3 nodelay;  # why: rate-limits",
            ],
        ),
        (
            ProxyKind::Caddy,
            &[
                "X-Frame-Options DENY # why: security-headers",
                "error @manager_blocked_setup 404 # why: blocked-paths",
                "max_size 524288000 # why: body-limits",
            ],
        ),
        (
            ProxyKind::Traefik,
            &[
                "X-Frame-Options: DENY  # why: security-headers",
                "maxRequestBodyBytes: 524288000  # why: body-limits",
                "sourceRange: [10.8.0.0/24]  # why: admin-allow-list",
            ],
        ),
    ];
    for (kind, lines) in lines {
        let text = text(&plain(kind));
        for line in lines {
            assert!(text.lines().any(|known| known.trim() == *line), "{kind} lacks `{line}`");
        }
    }
}

#[test]
fn what_no_control_set_is_absent() {
    for kind in KINDS {
        let mut edge = plain(kind);
        edge.access_log = Enforced::default();
        edge.forwarded = Enforced::default();
        edge.hidden = Enforced::default();
        edge.tls.policy = Enforced::default();
        for site in &mut edge.sites {
            site.hide = Enforced::default();
            site.headers = Enforced::default();
            site.hsts = Enforced::default();
            site.authentication = Enforced::default();
            site.same_site = Enforced::default();
            for location in &mut site.locations {
                location.blocked = Enforced::default();
                location.rate = Enforced::default();
                location.body = Enforced::default();
                location.api_headers = Enforced::default();
                location.allow = Enforced::default();
            }
        }
        let text = text(&edge);
        for word in ["# why:", "proxy_users", "Strict-Transport", "10.8.0.0", "524288000", "TLS_ECDHE", "no-store"] {
            assert!(!text.contains(word), "{kind} still has `{word}`");
        }
    }
}

#[test]
fn one_password_strips_one_sites_credential() {
    for (kind, line) in [
        (ProxyKind::Nginx, "proxy_set_header Authorization \"\";"),
        (ProxyKind::Caddy, "header_up -Authorization"),
        (ProxyKind::Traefik, "removeHeader: true"),
    ] {
        let text = text(&plain(kind));
        assert_eq!(text.matches(line).count(), 1, "{kind}: the API's own credential must pass");
    }
}

#[test]
fn a_port_other_than_443_is_in_origin_and_redirect() {
    for kind in KINDS {
        let mut edge = plain(kind);
        edge.https_port = v("30443");
        let text = text(&edge);
        assert!(text.contains("https://play.example.com:30443"), "{kind}");
        let redirect = match kind {
            ProxyKind::Traefik => "replacement: \"https://play.example.com:30443$\\u007b1\\u007d\"",
            _ => "308 https://play.example.com:30443",
        };
        assert!(text.contains(redirect) || text.contains("redir https://play.example.com:30443{uri} 308"), "{kind}");
    }
}

#[test]
fn without_an_http_port_nothing_is_redirected() {
    for kind in KINDS {
        let mut edge = plain(kind);
        edge.http_port = None;
        let text = text(&edge);
        assert!(!text.contains("308") && !text.contains("redirectRegex"), "{kind}");
    }
}

#[test]
fn acme_names_no_files() {
    for kind in [ProxyKind::Traefik, ProxyKind::Caddy] {
        let text = text(&edge(kind, TlsMode::Acme, TlsPolicy::Modern));
        assert!(!text.contains("tls_key") && text.contains("admin@example.com") && text.contains("/data"), "{kind}");
    }
}

#[test]
fn trusted_proxies_reach_every_rule_on_addresses() {
    for (kind, word, times) in [
        (ProxyKind::Nginx, "set_real_ip_from 192.0.2.7/32;", 1),
        (ProxyKind::Caddy, "trusted_proxies static 192.0.2.7/32", 1),
        // Two allow-lists and four rate limits; both entry points trust the same.
        (ProxyKind::Traefik, "excludedIPs: [192.0.2.7/32]", 6),
    ] {
        let mut edge = plain(kind);
        edge.trusted_proxies = vec![v("192.0.2.7")];
        assert_eq!(text(&edge).matches(word).count(), times, "{kind}");
    }
}

#[test]
fn an_open_path_below_a_blocked_one_stays_open() {
    let caddy = text(&plain(ProxyKind::Caddy));
    assert!(caddy.contains("not path_regexp `^(?i)/internal/open\\.json/?\\z`"));
    let nginx = text(&plain(ProxyKind::Nginx));
    let place = |word: &str| nginx.find(word).unwrap_or_else(|| panic!("`{word}` is missing"));
    assert!(place("^/internal/open\\\\.json/?") < place("^/internal(;[^/]*)?([/?#]|"));
    let traefik = text(&plain(ProxyKind::Traefik));
    let rule = concat!(
        "PathRegexp(`(?i)^(/|%2F)+internal((;|%3B)([^/%]|%([^2]|2[^F]))*)?(/|%2F|%3F|%23|\\\\z)`) && ",
        "!PathRegexp(`(?i)^(/|%2F)+internal(/|%2F)+open\\\\.json(/|%2F)*\\\\z`)"
    );
    assert!(traefik.contains(rule));
}

#[test]
fn hostile_values_are_quoted_or_refused() {
    for kind in KINDS {
        for value in ["x\" always; } server { #", "{{ env \"HOME\" }}", "$request_body", "{env.HOME}", "`id`; a\\"] {
            let mut edge = plain(kind);
            edge.sites[0].headers.set("security-headers", vec![(v("X-Test"), v(value))]);
            match render(&edge, &Engine::builtin()) {
                Ok(_) => {
                    let text = text(&edge);
                    let line = text.lines().find(|line| line.contains("X-Test")).unwrap();
                    assert!(line.ends_with("# why: security-headers"), "{kind}: {line}");
                    assert!(kind != ProxyKind::Traefik || !text.contains("{{"), "{kind}: {line}");
                    assert!(kind != ProxyKind::Nginx || !line.contains('$'), "{kind}: {line}");
                    assert!(kind != ProxyKind::Caddy || !line.contains("{env"), "{kind}: {line}");
                }
                Err(TemplateError::Refused { .. }) => {}
                Err(bug) => panic!("{kind}: {bug}"),
            }
        }
    }
}

#[test]
fn the_same_edge_gives_the_same_bytes() {
    for kind in KINDS {
        assert_eq!(text(&plain(kind)), text(&plain(kind)));
    }
}

#[test]
fn paths_have_upstreams_methods_policies_and_sources_of_their_own() {
    let nginx: &[&str] = &[
        "server 10.91.30.1:8081;",
        "server node.example.com:443 resolve;",
        "limit_req_zone $client$each zone=panel_files:10m rate=30r/m;  # why: rate-limits",
        "location ~* \"^/daemon/api/servers/(?<each>[^/]+)/files(/|\\\\z)\" {",
        "if ($request_method !~ \"^(GET|PUT|HEAD)\\\\z\" ) {",
        "return 405;  # why: allowed-methods",
        "rewrite \"(?is)^/daemon(?:/(.*))?\\\\z\" /$1 break;",
        "proxy_pass http://panel_10_91_30_1_8081;",
        "proxy_pass https://panel_node_example_com_443;",
        "set $upstream_host node.example.com;",
        "proxy_ssl_name sealed;",
        "proxy_ssl_trusted_certificate /run/secrets/sealed_ca;",
        "proxy_ssl_verify on;",
        "allow 203.0.113.9/32;  # why: source-allow-list",
        "if ($without_origin_panel) {",
        "\"1 https://panel.example.com\" 0;",
        "add_header X-RateLimit-Remaining $requests_left always;  # why: rate-limits",
    ];
    let caddy: &[&str] = &[
        "reverse_proxy 10.91.30.1:8081 {",
        "uri strip_prefix /daemon",
        "not method GET PUT HEAD # why: allowed-methods",
        "not header Origin https://panel.example.com",
        "reverse_proxy https://node.example.com:443 {",
        "tls_trust_pool file /run/secrets/sealed_ca",
        "tls_server_name sealed",
        "tls_server_name node.example.com",
        "not client_ip 203.0.113.9/32 # why: source-allow-list",
    ];
    let traefik: &[&str] = &[
        "- url: http://10.91.30.1:8081",
        "- url: https://node.example.com:443",
        "- url: https://sealed:3443",
        "- /run/secrets/sealed_ca",
        "passHostHeader: false",
        "regex: [\"(?i)^/daemon\"]",
        "rejectStatusCode: 405",
        "sourceRange: [203.0.113.9/32]  # why: source-allow-list",
        "X-RateLimit-Limit: \"30\"  # why: rate-limits",
    ];
    for (kind, lines) in [(ProxyKind::Nginx, nginx), (ProxyKind::Caddy, caddy), (ProxyKind::Traefik, traefik)] {
        let mut edge = plain(kind);
        edge.sites = vec![panel()];
        let text = text(&edge);
        for line in lines {
            assert!(text.lines().any(|known| known.trim() == *line), "{kind} lacks `{line}` in:\n{text}");
        }
    }
}

#[test]
fn an_upload_has_the_time_its_size_takes_and_the_application_its_own() {
    for (kind, line) in [(ProxyKind::Traefik, "readTimeout: 32828s"), (ProxyKind::Caddy, "read_body 32828s")] {
        let mut edge = plain(kind);
        edge.slowest_upload = v("128k");
        edge.sites[0].locations[2].body = on("body-limits", v("4g"));
        edge.sites[0].locations[3].timeout = v("99h");
        let text = text(&edge);
        assert!(text.lines().any(|known| known.trim() == line), "{kind} lacks `{line}` in:\n{text}");
    }
}

#[test]
fn the_tight_limit_stands_before_the_password() {
    let text = text(&plain(ProxyKind::Traefik));
    let chain =
        text.lines().find(|line| line.contains("manager-rate-api-auth-login") && line.contains("middlewares")).unwrap();
    let place = |word: &str| chain.find(word).unwrap_or_else(|| panic!("`{word}` is missing in {chain}"));
    assert!(place("manager-rate-api-auth-login") < place("manager-password"), "{chain}");
}

/// Two stacks in the proxy of a third: names that look alike stay apart, and nothing is said that one proxy has once.
#[test]
fn stacks_that_join_have_names_of_their_own() {
    for kind in KINDS {
        let joined = |guest: &str| {
            let standing = Standing::Joined { host: v("edge"), guest: v(guest) };
            text(&Edge { standing, ..plain(kind) })
        };
        let names = |text: &str| -> BTreeSet<String> {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
            words
                .filter(|word| word.starts_with("s_my_app") || word.starts_with("s-my-app"))
                .map(str::to_owned)
                .collect()
        };
        let (one, two) = (joined("my-app"), joined("my_app"));
        let (own, other) = (names(&one), names(&two));
        assert!(own.len() > 2 && own.is_disjoint(&other), "{kind}: {own:?} {other:?}");
        for once in [
            "default_server",
            "admin off",
            "ssl_protocols",
            "sniStrict",
            "providers:",
            "zone=general",
            "/run/secrets/tls",
        ] {
            assert!(!one.contains(once), "{kind} says {once}");
        }
        assert!(one.contains("/etc/stockade/edge/keys/my-app/tls_key"), "{kind}");
    }
}
