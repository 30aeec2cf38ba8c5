//! Two sites as a game server's dashboard and its API have them, with every control's field set by hand.

use crate::format::system::Abilities;
use crate::secrets::Separator;
use crate::stack::edge::{RateClass, Realm, Standing, Target, Tls, Trust, Upstream};
use crate::stack::{Audience, BasicAuth, Edge, Enforced, Location, Site};
use crate::text::Spanned;
use crate::values::{Cidr, ProxyKind, TlsMode, TlsPolicy};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::str::FromStr;

/// A value of a literal.
pub(crate) fn v<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("the test's value is good")
}

/// A wish that a control granted.
pub(crate) fn on<T: Clone>(id: &'static str, value: T) -> Enforced<T> {
    let mut enforced = Enforced::wish(value);
    enforced.enforce(id);
    enforced
}

fn location(path: &str, exact: bool) -> Location {
    Location {
        path: v(path),
        exact,
        blocked: Enforced::default(),
        answer: None,
        rate: on("rate-limits", "general".into()),
        body: on("body-limits", v("1m")),
        timeout: v("60s"),
        api_headers: Enforced::default(),
        streaming: false,
        upstream: service("app-manager", "3000"),
        strip: None,
        methods: Enforced::default(),
        headers: Enforced::default(),
        hide: Enforced::default(),
        passed: Vec::new(),
        encoded: BTreeSet::from(crate::format::system::Encoded::DEFAULT),
        origin: Enforced::default(),
        audience: Audience::Admin,
        has_own_sources: false,
        allow: on("admin-allow-list", vec![v("10.8.0.0/24")]),
    }
}

fn api(path: &str, exact: bool) -> Location {
    let no_store = ["Cache-Control: no-store", "X-Content-Type-Options: nosniff"].map(header).to_vec();
    Location { api_headers: on("api-response-headers", no_store), ..location(path, exact) }
}

fn blocked(location: Location) -> Location {
    Location { blocked: on("blocked-paths", v("nobody needs it")), allow: Enforced::default(), ..location }
}

fn header(line: &str) -> (crate::values::HeaderName, Spanned<crate::values::HeaderValue>) {
    let (name, value) = line.split_once(": ").expect("a header has a colon");
    (v(name), v(value))
}

const CSP: &str =
    "Content-Security-Policy: default-src 'self'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

/// The dashboard: a password, an allow-list, blocked paths, large bodies and streams.
pub(crate) fn manager() -> Site {
    let upload =
        |path: &str, size: &str| Location { body: on("body-limits", v(size)), timeout: v("300s"), ..api(path, true) };
    let login = Location { rate: on("rate-limits", "login".into()), ..api("/api/auth/login", false) };
    let stream = |path| Location { streaming: true, timeout: v("1h"), ..location(path, true) };
    Site {
        name: "manager".into(),
        title: v("App Manager"),
        host: v("play.example.com"),
        upstream: service("app-manager", "3000"),
        audience: Audience::Admin,
        hide: on("hidden-headers", vec![v("X-Powered-By"), v("Server")]),
        headers: on(
            "security-headers",
            [
                "X-Content-Type-Options: nosniff",
                "X-Frame-Options: DENY",
                "Referrer-Policy: strict-origin-when-cross-origin",
                CSP,
            ]
            .map(header)
            .to_vec(),
        ),
        own_answers: Enforced::default(),
        hsts: on("hsts", v("max-age=63072000; includeSubDomains")),
        authentication_reason: None,
        authentication: on(
            "proxy-authentication",
            BasicAuth { realm: Realm::of(&v("App Manager")).into(), file: "/run/secrets/proxy_users".into() },
        ),
        client_certificates: Enforced::default(),
        same_site: on("cross-site-writes", ()),
        locations: vec![
            login,
            blocked(api("/api/auth/setup", false)),
            upload("/api/mods/upload", "105m"),
            upload("/api/worlds/slots", "500m"),
            blocked(api("/api/debug", false)),
            api("/api", false),
            blocked(location("/setup", false)),
            blocked(location("/stats", false)),
            stream("/stream"),
            stream("/ws"),
            location("/", false),
        ],
    }
}

/// The API: no password, an application that closes connections, one open path below a blocked one.
pub(crate) fn public() -> Site {
    Site {
        name: "api".into(),
        title: v("App API"),
        host: v("api.play.example.com"),
        upstream: Upstream { keep_alive: false, ..service("app-server", "30381") },
        headers: on("security-headers", vec![header("X-Frame-Options: DENY")]),
        authentication: Enforced::default(),
        client_certificates: Enforced::default(),
        same_site: Enforced::default(),
        locations: vec![
            Location { rate: on("rate-limits", "login".into()), ..api("/auth/token", false) },
            Location { allow: Enforced::default(), ..api("/internal/open.json", true) },
            blocked(api("/internal", false)),
            Location { streaming: true, api_headers: Enforced::default(), ..api("/ws", false) },
            api("/", false),
        ]
        .into_iter()
        .map(|at| Location { upstream: Upstream { keep_alive: false, ..service("app-server", "30381") }, ..at })
        .collect(),
        ..manager()
    }
}

fn service(name: &str, port: &str) -> Upstream {
    Upstream {
        target: Target::Service(v(name)),
        abroad: None,
        called: None,
        port: v(port),
        network: v("edge"),
        keep_alive: true,
        tls: None,
    }
}

/// A panel of several applications under one name: what a path can have of its own.
pub(crate) fn panel() -> Site {
    let none = |location| Location { allow: Enforced::default(), ..location };
    let csp = || on("security-headers", vec![header("Content-Security-Policy: default-src 'none'")]);
    let rest = none(location("/", false));
    let host = Target::Host(v("10.91.30.1"));
    let daemon = Location {
        upstream: Upstream {
            target: host,
            abroad: None,
            called: None,
            port: v("8081"),
            network: v("edge"),
            keep_alive: true,
            tls: None,
        },
        strip: Some(v("/daemon")),
        headers: csp(),
        ..none(location("/daemon", false))
    };
    let node = Upstream {
        target: Target::Host(v("node.example.com")),
        abroad: None,
        called: None,
        port: v("443"),
        network: v("edge"),
        keep_alive: true,
        tls: Some(Trust::Public),
    };
    let sealed = Upstream { tls: Some(Trust::Authority(v("sealed_ca"))), ..service("sealed", "3443") };
    Site {
        name: "panel".into(),
        host: v("panel.example.com"),
        authentication: Enforced::default(),
        client_certificates: Enforced::default(),
        same_site: Enforced::default(),
        locations: vec![
            Location {
                path: v("/daemon/api/servers/*/files"),
                rate: on("rate-limits", "files".into()),
                methods: on("allowed-methods", vec![v("GET"), v("PUT")]),
                ..daemon.clone()
            },
            Location {
                methods: on("allowed-methods", vec![v("POST")]),
                exact: true,
                ..none(location("/auth/sign-in/email", false))
            },
            Location { upstream: node, ..none(location("/far", false)) },
            Location { upstream: sealed, ..none(location("/sealed", false)) },
            Location { blocked: on("blocked-paths", v("nobody needs it")), ..daemon },
            blocked(none(location("/auth", false))),
            Location { allow: on("source-allow-list", vec![v("203.0.113.9/32")]), ..none(api("/api/remote", false)) },
            Location { headers: csp(), origin: on("cross-site-writes", ()), ..none(api("/api", false)) },
            rest,
        ],
        ..manager()
    }
}

/// A proxy in front of both.
pub(crate) fn edge(kind: ProxyKind, mode: TlsMode, policy: TlsPolicy) -> Edge {
    let rate = |rate, burst| RateClass { rate: v(rate), burst, each: false, announce: false };
    let mut edge = Edge {
        kind,
        can: Abilities {
            acme: kind != ProxyKind::Nginx,
            rate_limits: kind != ProxyKind::Caddy,
            slowest_rate: None,
            waf: false,
            buffers_bodies: false,
            answers: kind != ProxyKind::Traefik,
            header_timeout: kind != ProxyKind::Traefik,
            password_cost: 10,
            password_separator: Separator::Colon,
        },
        standing: Standing::Own,
        service: v("proxy"),
        http_port: Some(v("80")),
        https_port: v("443"),
        ipv6: false,
        tls: Tls {
            mode,
            email: (mode == TlsMode::Acme).then(|| v("admin@example.com")),
            policy: on("tls-floor", policy),
        },
        admin: vec![v::<Cidr>("10.8.0.0/24")],
        trusted_proxies: Vec::new(),
        client_authority: None,
        slowest_upload: v("64k"),
        rates: BTreeMap::from([
            ("general".into(), rate("20/1s", 40)),
            ("login".into(), rate("5/1m", 3)),
            ("files".into(), RateClass { each: true, announce: true, ..rate("30/1m", 29) }),
        ]),
        sites: vec![manager(), public()],
        access_log: on("access-logs", ()),
        forwarded: on("forwarded-headers", ()),
        hidden: on("hidden-headers", ()),
    };
    if kind == ProxyKind::Caddy {
        for location in edge.sites.iter_mut().flat_map(|site| &mut site.locations) {
            location.rate = Enforced::default();
        }
    }
    edge
}
