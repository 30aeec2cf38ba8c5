//! A stack by hand in which every control finds something to set.

use crate::format::system::{Abilities, ApiMode, Limit, Policy, Restart};
use crate::secrets::Kind;
use crate::stack::edge::{BasicAuth, PROXY_USERS, RateClass, Realm, Standing, Target, Tls, Upstream};
use crate::stack::{
    AppFile, Audience, Body, Bridge, Declared, Destinations, Device, Directory, DockerAccess, Edge, Enforced,
    FirewallChoice, Hardening, Health, Location, Mount, MountSource, Network, Origin, Secret, SecretUse, Service,
    ServicePort, Site, Stack, SystemId, Tmpfs, Waiver,
};
use crate::values::{
    Capability, Duration, Environment, FirewallKind, Invalid, Level, Line, Mode, Protocol, ProxyKind, SecretName,
    ServiceName, TlsMode, TlsPolicy, UrlPattern, User,
};
use std::{collections::BTreeMap, str::FromStr};

/// A value from its text.
pub(crate) fn parse<T: FromStr<Err = Invalid>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error: Invalid| panic!("`{text}`: {}", error.reason))
}

/// Switches a control off, everywhere or for one service.
pub(crate) fn waive(stack: &mut Stack, control: crate::controls::Id, service: Option<&str>) {
    stack.waivers.push(Waiver {
        control,
        service: service.map(parse),
        reason: "a test".to_owned(),
        until: parse("2027-01-31"),
    });
}

/// A stack of two services: `app`, which has everything, behind `proxy`. Production, level strict.
pub(crate) fn fixture() -> Stack {
    let user = User { uid: 1000, gid: 1000 };
    let app = Service {
        ports: vec![
            port("http", 3000, Audience::Internal),
            ServicePort {
                at: crate::text::Span::UNKNOWN,
                protocol: Protocol::Udp,
                limit: Some(Limit {
                    new_flows: Some(parse("90/1m")),
                    packets: Some(parse("200/1s")),
                    connections: None,
                }),
                ..port("game", 5520, Audience::Public)
            },
            port("panel", 9443, Audience::Admin),
        ],
        ..service("app", Origin::System, user)
    };
    let proxy = Service {
        ports: vec![port("https", 443, Audience::Public)],
        ..service("proxy", Origin::Component, User { uid: 1001, gid: 1001 })
    };
    let secret = Secret {
        shared: false,
        name: parse("session"),
        purpose: parse("signs cookies"),
        kind: Kind::Hex { bytes: 32.try_into().expect("32 is in range") },
        readers: vec![parse("app")],
        access: Enforced::default(),
        reader_users: vec![user],
        login: false,
        brought: false,
        rotation: None,
    };
    let network = Network {
        name: parse("core"),
        purpose: parse("app and proxy"),
        bridge: "br-demo-core".to_owned(),
        egress: false,
        denied: Destinations::default(),
        subnet: None,
        ipv6: None,
        internal: Enforced::default(),
    };
    Stack {
        name: parse("demo"),
        host: None,
        engine: Default::default(),
        systems: vec![SystemId {
            name: parse("demo"),
            title: parse("Demo"),
            summary: parse("a demo"),
            variant: None,
            domain: Some(parse("demo.example.com")),
        }],
        environment: Environment::Production,
        level: Level::Strict,
        admin: vec![parse("10.8.0.0/24"), parse("fd00:8::/64")],
        bind: vec![parse("0.0.0.0")],
        base: None,
        services: [app, proxy].into_iter().map(|service| (service.name.clone(), service)).collect(),
        networks: BTreeMap::from([(network.name.clone(), network)]),
        bridges: vec![Bridge {
            interface: parse("docker0"),
            purpose: parse("whatever else runs here"),
            denied: Destinations { networks: vec![parse("169.254.0.0/16")], except: Vec::new() },
        }],
        host_ports: Vec::new(),
        volumes: BTreeMap::new(),
        directories: vec![Directory { path: parse("data"), owner: Some(user), mode: Mode(0o700) }],
        secrets: BTreeMap::from([(secret.name.clone(), secret)]),
        files: vec![AppFile {
            name: "config".to_owned(),
            purpose: parse("configures"),
            path: parse("config/app.json"),
            policy: Policy::Managed,
            owner: user,
            mode: Mode(0o640),
            body: Body::Json(serde_json::json!({})),
        }],
        file_permissions: Enforced::default(),
        edge: Some(edge()),
        certificate: None,
        certificate_files: None,
        keeping: Default::default(),
        docker_socket: parse("/var/run/docker.sock"),
        firewall_choice: FirewallChoice {
            kind: FirewallKind::Nftables,
            ssh_port: parse("22"),
            ssh_from: vec![parse("10.8.0.0/24")],
            open: Vec::new(),
            log: false,
            confirm_seconds: 60,
        },
        firewall: Enforced::default(),
        waivers: Vec::new(),
        covered: Vec::new(),
        recommendations: Vec::new(),
        differences: Vec::new(),
        address: None,
        runbook: Vec::new(),
        waits: Vec::new(),
        limitations: Vec::new(),
    }
}

fn service(name: &str, origin: Origin, user: User) -> Service {
    Service {
        container: parse(name),
        hostname: parse("app"),
        name: parse(name),
        title: parse(name),
        origin,
        image: parse::<crate::values::ImageRef>("ghcr.io/example/app:1.2.3").into(),
        platform: None,
        entrypoint: None,
        command: None,
        init: false,
        declared: declared(user),
        mounts: vec![Mount { source: MountSource::Bundle(parse("data")), target: parse("/data"), read_only: false }],
        tmpfs: vec![Tmpfs { target: parse("/tmp"), size: parse("64m"), mode: Mode(0o1777), owner: None, exec: None }],
        environment: BTreeMap::new(),
        secrets: BTreeMap::from([(parse::<SecretName>("session"), SecretUse::default())]),
        depends_on: BTreeMap::new(),
        networks: BTreeMap::from([(parse("core"), None)]),
        aliases: vec![],
        network_aliases: BTreeMap::new(),
        dns: Vec::new(),
        extra_hosts: Vec::new(),
        ports: Vec::new(),
        shim: None,
        groups: Vec::new(),
        isolated: false,
        docker: Some(DockerAccess {
            bind_mounts_from: Vec::new(),
            mode: ApiMode::None,
            socket: parse("/var/run/docker.sock"),
            directory: parse("/sock"),
            calls: Vec::new(),
        }),
        from_image: None,
        hardening: Hardening {
            memory: Enforced::wish(parse("256m")),
            cpus: Enforced::wish(parse("0.5")),
            pids: Enforced::wish(128),
            healthcheck: Enforced::wish(Health {
                at: crate::text::Span::UNKNOWN,
                command: vec!["/bin/check".to_owned()],
                interval: Duration::seconds(30),
                timeout: Duration::seconds(5),
                retries: 3,
                start_period: Duration::seconds(10),
                start_interval: None,
            }),
            restart: Enforced::wish(Restart::UnlessStopped),
            stop_grace: Enforced::wish(Duration::seconds(60)),
            logs: Enforced::wish((parse("10m"), 3)),
            ..Hardening::default()
        },
    }
}

fn declared(user: User) -> Declared {
    Declared {
        user,
        root_user: None,
        capabilities: vec![(parse::<Capability>("CHOWN"), parse::<Line>("it hands files over"))],
        devices: vec![Device {
            host: parse("/dev/dri/renderD128"),
            container: parse("/dev/dri/renderD128"),
            rights: parse("rw"),
            reason: parse("it encodes video"),
        }],
        writable_root: None,
        no_healthcheck: None,
        files: None,
        shared_memory: None,
        stop_signal: None,
        hostname: None,
        tty: false,
        stdin_open: false,
        sysctls: vec![],
        ulimits: vec![],
        working_dir: None,
        labels: BTreeMap::new(),
    }
}

fn port(name: &str, number: u16, audience: Audience) -> ServicePort {
    ServicePort {
        at: crate::text::Span::UNKNOWN,
        name: name.to_owned(),
        container: parse(&number.to_string()),
        host: parse(&number.to_string()),
        address: None,
        protocol: Protocol::Tcp,
        audience: audience.into(),
        limit: None,
        bound: Enforced::default(),
    }
}

fn edge() -> Edge {
    Edge {
        kind: ProxyKind::Traefik,
        can: Abilities { acme: true, rate_limits: true, ..Abilities::NONE },
        standing: Standing::Own,
        service: parse("proxy"),
        http_port: None,
        https_port: parse("443"),
        ipv6: false,
        tls: Tls { mode: TlsMode::Acme, email: None, policy: Enforced::wish(TlsPolicy::Intermediate) },
        admin: vec![parse("10.8.0.0/24"), parse("fd00:8::/64")],
        trusted_proxies: Vec::new(),
        client_authority: None,
        slowest_upload: parse("64k"),
        rates: BTreeMap::from([(
            "login".to_owned(),
            RateClass { rate: parse("5/1m"), burst: 5, each: false, announce: false },
        )]),
        access_log: Enforced::wish(()),
        forwarded: Enforced::wish(()),
        hidden: Enforced::wish(()),
        sites: vec![Site {
            name: "app".to_owned(),
            title: parse("Demo"),
            host: parse("demo.example.com"),
            upstream: upstream("app"),
            audience: Audience::Public,
            hide: Enforced::wish(vec![parse("X-Powered-By")]),
            headers: Enforced::wish(vec![(parse("X-Frame-Options"), parse("DENY"))]),
            hsts: Enforced::wish(parse("max-age=1")),
            own_answers: Enforced::wish(vec![(parse("Content-Security-Policy"), parse("default-src 'none'"))]),
            authentication_reason: Some(parse("the application asks nobody")),
            authentication: Enforced::wish(BasicAuth {
                realm: Realm::of(&parse("Demo")).into(),
                file: Standing::Own.secret(PROXY_USERS),
            }),
            client_certificates: Enforced::wish("/run/secrets/client_authority".into()),
            same_site: Enforced::wish(()),
            locations: vec![
                Location {
                    blocked: Enforced::default(),
                    audience: Audience::Public,
                    methods: Enforced::wish(vec![parse("GET")]),
                    headers: Enforced::wish(vec![(parse("Content-Security-Policy"), parse("default-src 'none'"))]),
                    origin: Enforced::wish(()),
                    has_own_sources: true,
                    allow: Enforced::wish(vec![parse("203.0.113.9")]),
                    ..location("/nodes")
                },
                location("/"),
            ],
        }],
    }
}

/// Where requests for a service go.
pub(crate) fn upstream(service: &str) -> Upstream {
    let target = Target::Service(parse::<ServiceName>(service));
    Upstream {
        target,
        abroad: None,
        called: None,
        port: parse("3000"),
        network: parse("core"),
        keep_alive: true,
        tls: None,
    }
}

fn location(path: &str) -> Location {
    Location {
        path: parse::<UrlPattern>(path),
        exact: false,
        blocked: Enforced::wish(parse("nobody needs it")),
        answer: None,
        rate: Enforced::wish("login".to_owned()),
        body: Enforced::wish(parse("1m")),
        timeout: Duration::seconds(60),
        api_headers: Enforced::wish(vec![(parse("Cache-Control"), parse("no-store"))]),
        streaming: false,
        upstream: upstream("app"),
        strip: None,
        methods: Enforced::default(),
        headers: Enforced::default(),
        hide: Enforced::default(),
        passed: Vec::new(),
        encoded: crate::format::system::Encoded::DEFAULT.into_iter().collect(),
        origin: Enforced::default(),
        audience: Audience::Admin,
        has_own_sources: false,
        allow: Enforced::wish(vec![parse("10.8.0.0/24"), parse("fd00:8::/64")]),
    }
}
