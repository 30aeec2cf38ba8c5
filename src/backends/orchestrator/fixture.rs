//! A stack that uses everything a back end can meet, as resolve would leave it.
#![allow(clippy::unwrap_used)]

use crate::controls::{Hardened, enforce};
use crate::format::system::{ApiMode, Condition, Link, Policy, Replaces, Restart};
use crate::secrets::{Kind, RandomBytes};
use crate::stack::{
    AppFile, Audience, Body, Certificate, Declared, Destinations, Device, Directory, DockerAccess, Enforced,
    FirewallChoice, Group, Hardening, Health, Mount, MountSource, Network, Origin, Secret, SecretUse, Service,
    ServicePort, Shim, Stack, SystemId, Tmpfs, Variable, Volume, hole,
};
use crate::values::{Environment, FirewallKind, Level, Protocol, User};
use serde_json::json;
use std::collections::BTreeMap;
use std::str::FromStr;

fn v<T: FromStr<Err = crate::values::Invalid>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn map<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    entries.into_iter().collect()
}

pub(crate) fn hardened() -> Hardened {
    enforce(stack())
}

pub(crate) fn stack() -> Stack {
    let services = [game(), panel(), proxy(), filter()];
    Stack {
        name: v("play"),
        host: None,
        engine: Default::default(),
        systems: vec![SystemId {
            name: v("demo"),
            title: v("Demo"),
            summary: v("A stack for tests"),
            variant: None,
            domain: Some(v("play.example.com")),
        }],
        environment: Environment::Production,
        level: Level::Strict,
        admin: vec![v("10.8.0.0/24")],
        bind: vec![v("0.0.0.0"), v("::")],
        base: None,
        services: map(services.into_iter().map(|service| (service.name.clone(), service))),
        networks: map([network("core", false), network("front", true)]),
        bridges: vec![],
        host_ports: vec![],
        volumes: map([
            (v("cache"), Volume { name: v("cache"), purpose: v("Certificates of the authority"), memory: None }),
            (
                v("sock"),
                Volume {
                    name: v("sock"),
                    purpose: v("The filtered socket"),
                    memory: Some((v("568:568"), v("0700"), v("1m"))),
                },
            ),
        ]),
        directories: vec![directory("data", "0700"), directory("data/.state", "0700")],
        secrets: map([secret("session_secret", &["panel"]), secret("owner_password", &[])]),
        files: vec![
            file(
                "users",
                "data/.state/users.json",
                Policy::Seed,
                Body::Json(json!({ "hash": hole(&v("session_secret")) })),
            ),
            file("app", "config/app.yaml", Policy::Managed, Body::Yaml(json!({ "port": 3000, "cors": [] }))),
        ],
        file_permissions: Enforced::default(),
        edge: None,
        certificate: Some(Certificate {
            names: vec![v("play.example.com")],
            reader: User { uid: 101, gid: 101 },
            days: 366,
        }),
        certificate_files: None,
        keeping: Default::default(),
        docker_socket: v("/var/run/docker.sock"),
        firewall_choice: FirewallChoice {
            open: vec![],
            log: false,
            kind: FirewallKind::None,
            ssh_port: v("22"),
            ssh_from: vec![],
            confirm_seconds: 60,
        },
        firewall: Enforced::default(),
        waivers: vec![],
        covered: vec![],
        recommendations: vec![],
        differences: vec![],
        address: None,
        runbook: vec![],
        waits: vec![],
        limitations: vec![],
    }
}

fn network(name: &str, egress: bool) -> (crate::values::NetworkName, Network) {
    let network = Network {
        name: v(name),
        purpose: v("Between the containers"),
        bridge: format!("br-play-{name}"),
        egress,
        denied: Destinations::default(),
        subnet: (!egress).then(|| v("172.30.1.0/24")),
        ipv6: None,
        internal: Enforced::default(),
    };
    (v(name), network)
}

fn directory(path: &str, mode: &str) -> Directory {
    Directory { path: v(path), owner: Some(v("568:568")), mode: v(mode) }
}

fn secret(name: &str, readers: &[&str]) -> (crate::values::SecretName, Secret) {
    let secret = Secret {
        shared: false,
        name: v(name),
        purpose: v("Signs sessions"),
        kind: Kind::Base64 { bytes: RandomBytes::new(48).unwrap() },
        readers: readers.iter().map(|reader| v(reader)).collect(),
        access: Enforced::default(),
        reader_users: readers.iter().map(|_| v("568:568")).collect(),
        login: false,
        brought: false,
        rotation: None,
    };
    (v(name), secret)
}

fn file(name: &str, path: &str, policy: Policy, body: Body) -> AppFile {
    AppFile {
        name: name.into(),
        purpose: v("Settings"),
        path: v(path),
        policy,
        owner: v("568:568"),
        mode: v("0600"),
        body,
    }
}

fn service(name: &str) -> Service {
    Service {
        container: v(name),
        hostname: v(name),
        name: v(name),
        title: v("A part of the stack"),
        origin: Origin::System,
        image: v::<crate::values::ImageRef>(&format!("registry.example/{name}:1.2.3")).into(),
        platform: None,
        entrypoint: None,
        command: None,
        init: false,
        declared: Declared {
            user: v("568:568"),
            root_user: None,
            capabilities: vec![],
            devices: vec![],
            writable_root: None,
            no_healthcheck: None,
            files: Some(1024),
            shared_memory: None,
            stop_signal: None,
            hostname: None,
            tty: false,
            stdin_open: false,
            sysctls: vec![],
            ulimits: vec![],
            working_dir: None,
            labels: BTreeMap::new(),
        },
        extra_hosts: vec![],
        mounts: vec![],
        tmpfs: vec![],
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        depends_on: BTreeMap::new(),
        networks: map([(v("core"), None)]),
        aliases: vec![],
        network_aliases: BTreeMap::new(),
        dns: vec![],
        ports: vec![],
        shim: None,
        groups: vec![],
        isolated: false,
        docker: None,
        from_image: None,
        hardening: Hardening {
            memory: Enforced::wish(v("512m")),
            cpus: Enforced::wish(v("1.5")),
            pids: Enforced::wish(256),
            restart: Enforced::wish(Restart::UnlessStopped),
            stop_grace: Enforced::wish(v("1m30s")),
            logs: Enforced::wish((v("10m"), 3)),
            ..Hardening::default()
        },
    }
}

fn health(command: &[&str]) -> Enforced<Health> {
    Enforced::wish(Health {
        at: crate::text::Span::UNKNOWN,
        command: command.iter().map(|&word| word.to_owned()).collect(),
        interval: v("30s"),
        timeout: v("10s"),
        retries: 3,
        start_period: v("1m"),
        start_interval: None,
    })
}

fn port(name: &str, number: &str, protocol: Protocol, audience: Audience) -> ServicePort {
    ServicePort {
        at: crate::text::Span::UNKNOWN,
        name: name.into(),
        container: v(number),
        address: None,
        host: v(number),
        protocol,
        audience: audience.into(),
        limit: None,
        bound: Enforced::default(),
    }
}

fn scratch(target: &str, exec: Option<&str>) -> Tmpfs {
    Tmpfs { target: v(target), size: v("64m"), mode: v("1777"), owner: exec.map(|_| v("568:568")), exec: exec.map(v) }
}

fn game() -> Service {
    let mut it = service("game");
    it.platform = Some("linux/amd64".into());
    it.networks = map([(v("core"), Some("172.30.1.10".parse().unwrap())), (v("front"), None)]);
    it.hardening.healthcheck = health(&["/opt/check.sh"]);
    it.declared.capabilities = vec![(v("CHOWN"), v("the entrypoint hands files over"))];
    it.declared.devices = vec![Device {
        host: v("/dev/dri/renderD129"),
        container: v("/dev/dri/renderD128"),
        rights: v("rw"),
        reason: v("it encodes video"),
    }];
    it.declared.shared_memory = Some(v("128m"));
    it.declared.stop_signal = Some("SIGINT".into());
    it.tmpfs = vec![scratch("/tmp", Some("native libraries are unpacked here"))];
    it.mounts = vec![Mount { source: MountSource::Bundle(v("data")), target: v("/data"), read_only: false }];
    it.ports = vec![
        port("game", "5520", Protocol::Udp, Audience::Public),
        port("api", "30381", Protocol::Tcp, Audience::Internal),
    ];
    it.shim = Some(Shim {
        shell: v("/bin/sh"),
        replaces: Replaces::Command,
        run: vec!["bash".into(), "/opt/run it.sh".into()],
        stop_process: Some("[G]ame.jar".into()),
        umask: Some(v("0027")),
        links: vec![],
        beside: vec![],
    });
    it
}

fn panel() -> Service {
    let mut it = service("panel");
    it.init = true;
    it.hardening.healthcheck = health(&["wget", "-q", "http://127.0.0.1:3000/health?a=$HOME"]);
    it.tmpfs = vec![scratch("/tmp", None)];
    it.mounts = vec![
        Mount { source: MountSource::Bundle(v("data/.state")), target: v("/data/.state"), read_only: false },
        Mount { source: MountSource::Volume(v("sock")), target: v("/sock"), read_only: true },
    ];
    it.environment = map([
        (v("COOKIE_SECURE"), Variable { value: "true".into(), why: vec!["cookie-flags"] }),
        (v("GREETING"), Variable { value: "costs $5 ${HOME} \"now\"\nno".into(), why: vec![] }),
        (v("EMPTY"), Variable { value: String::new(), why: vec![] }),
    ]);
    it.secrets = map([(
        v("session_secret"),
        SecretUse { file: None, environment: Some(v("SESSION_SECRET")), min_length: Some(32) },
    )]);
    it.depends_on = map([(v("game"), Condition::Started.into()), (v("filter"), Condition::Healthy.into())]);
    it.ports = vec![port("web", "3000", Protocol::Tcp, Audience::Internal)];
    it.shim = Some(Shim {
        shell: v("/bin/sh"),
        replaces: Replaces::Entrypoint,
        run: vec!["node".into(), "server.js".into()],
        stop_process: None,
        umask: None,
        links: vec![Link { from: v("/run/docker.sock"), to: v("/sock/docker.sock"), when: None }],
        beside: vec![vec!["watch".into(), "it's here".into()]],
    });
    it.docker = Some(DockerAccess {
        bind_mounts_from: Vec::new(),
        mode: ApiMode::Filtered,
        socket: v("/var/run/docker.sock"),
        directory: v("/sock"),
        calls: vec![("GET".into(), "/_ping".into())],
    });
    it
}

fn proxy() -> Service {
    let mut it = service("proxy");
    it.origin = Origin::Component;
    it.declared.user = v("101:101");
    it.networks = map([(v("core"), None), (v("front"), None)]);
    it.declared.no_healthcheck = Some(v("its image has no client"));
    it.command = Some(vec!["serve".into(), "--config=/etc/proxy.yaml".into()]);
    it.secrets = map([(v("tls_certificate"), SecretUse::default()), (v("tls_key"), SecretUse::default())]);
    it.mounts = vec![Mount { source: MountSource::Volume(v("cache")), target: v("/cache"), read_only: false }];
    it.ports = vec![port("https", "8443", Protocol::Tcp, Audience::Admin)];
    it
}

fn filter() -> Service {
    let mut it = service("filter");
    it.origin = Origin::Component;
    it.isolated = true;
    it.groups = vec![Group { id: v("999"), reason: v("the Docker socket") }];
    it.networks = BTreeMap::new();
    it.hardening.restart = Enforced::wish(Restart::OnFailure);
    it.hardening.healthcheck = health(&["/healthcheck"]);
    it.command = Some(crate::stack::socket_filter::arguments(
        &[("GET".into(), "/_ping".into())],
        &[],
        "/sock/docker.sock",
        v("0600"),
    ));
    it.mounts = vec![
        Mount {
            source: MountSource::Host(v("/var/run/docker.sock")),
            target: v("/var/run/docker.sock"),
            read_only: true,
        },
        Mount { source: MountSource::Volume(v("sock")), target: v("/sock"), read_only: false },
    ];
    it
}
