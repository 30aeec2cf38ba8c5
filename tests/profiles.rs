//! Broken profiles: everything that is wrong is said in one run, each at its place, with a way out.

use stockade::Severity;

use crate::support::library;
use crate::support::session::Session;

/// A sound beginning; five lines, so what follows starts on line 6.
const HEAD: &str = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";

/// Name, what follows the head (or all of it, when it begins with `!`), and every error as `CODE LINE:COLUMN`.
const BROKEN: &[(&str, &str, &[&str])] = &[
    ("a misspelt key", "enviroment: production\n", &["unknown-key 6:1"]),
    ("a misspelt key deep inside", "proxy:\n  tls:\n    polcy: modern\n", &["unknown-key 8:5"]),
    ("a misspelt word", "level: hardend\n", &["unknown-value 6:8"]),
    ("a misspelt proxy", "proxy: {kind: nginks}\n", &["unknown-value 6:15"]),
    ("certificates asked for at no site", "proxy: {client_certificates: {sites: []}}\n", &["invalid-value 6:38"]),
    ("a site that there is not", "proxy: {client_certificates: {sites: [manger]}}\n", &["unknown-key 6:39"]),
    ("a list where a word belongs", "level: [strict]\n", &["wrong-type 6:8"]),
    ("a port that is none", "proxy: {https_port: 70000}\n", &["invalid-value 6:21"]),
    ("a port that is another one to some readers", "proxy: {https_port: 0443}\n", &["invalid-value 6:21"]),
    ("a count that is another one to some readers", "backup: {keep: 010}\n", &["invalid-value 6:16"]),
    (
        "a size that begins with a zero",
        "services: {hyos-server: {resources: {memory: 08g}}}\n",
        &["invalid-value 6:46"],
    ),
    (
        "processors that begin with a zero",
        "services: {hyos-server: {resources: {cpus: 02}}}\n",
        &["invalid-value 6:44"],
    ),
    (
        "processes that begin with a zero",
        "services: {hyos-server: {resources: {pids: 0100}}}\n",
        &["invalid-value 6:44"],
    ),
    ("a rate that begins with a zero", "proxy: {rate_limits: {login: 05/1m}}\n", &["invalid-value 6:30"]),
    ("a span that begins with a zero", "backup: {every: 010m}\n", &["invalid-value 6:17"]),
    ("a time zone that is none", "settings: {timezone: Europe/Berln}\n", &["invalid-value 6:22"]),
    ("addresses of admins for containers", "settings: {core_subnet: 10.8.0.0/28}\n", &["subnet-clash 6:25"]),
    ("loopback addresses for containers", "settings: {core_subnet: 127.0.0.0/28}\n", &["subnet-clash 6:25"]),
    (
        "a password in an address",
        "services:\n  hyos-server: {environment: {DB: 'pg://a:b@c/d'}}\n",
        &["secret-in-environment 7:31"],
    ),
    ("a rate that is none", "proxy: {rate_limits: {login: often}}\n", &["invalid-value 6:30"]),
    ("an address with host bits", "proxy: {trusted_proxies: [10.0.0.300]}\n", &["invalid-value 6:27"]),
    ("a setting that is none", "settings: {plyers: 3}\n", &["unknown-key 6:12"]),
    ("a setting out of range", "settings: {players: 0}\n", &["invalid-value 6:21"]),
    ("a setting of another type", "settings: {manager: maybe}\n", &["invalid-value 6:21"]),
    ("a word that no setting knows", "settings: {docker_socket: open}\n", &["invalid-value 6:27"]),
    (
        "a variable that no process can have",
        "services:\n  hyos-server: {environment: {A: \"x\\0\"}}\n",
        &["invalid-value 7:34"],
    ),
    (
        "a waiver for a service that is none",
        "waivers:\n  - {control: read-only-root, service: hyos-servr, reason: a test, until: 2028-01-01}\n",
        &["unknown-value 7:40"],
    ),
    (
        "a waiver of the whole stack for one service",
        "waivers:\n  - {control: default-deny-firewall, service: hyos-server, reason: a test, until: 2028-01-01}\n",
        &["unused-key 7:47"],
    ),
    ("no domain", "!version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\n", &["missing-key 2:7"]),
    ("a variant that is none", "variant: trunas\n", &["unknown-value 6:10"]),
    ("a socket whose group is not known", "settings: {docker_socket: filtered}\n", &["missing-key 6:27"]),
    ("a service that is none", "services:\n  hyos-servr: {stop_grace: 90s}\n", &["unknown-key 7:3"]),
    ("an image without a version", "services:\n  hyos-server: {image: ghcr.io/a/b}\n", &["unpinned-image 7:24"]),
    ("an image that moves", "services:\n  hyos-server: {image: ghcr.io/a/b:latest}\n", &["unpinned-image 7:24"]),
    (
        "a secret in the environment",
        "services:\n  hyos-server: {environment: {API_TOKEN: abc}}\n",
        &["secret-in-environment 7:31"],
    ),
    (
        "more rights without a waiver",
        "services:\n  hyos-manager: {capabilities: [SYS_ADMIN]}\n",
        &["needs-waiver 7:33"],
    ),
    (
        "a waiver without a reason",
        "waivers:\n  - {control: pids-limit, service: hyos-server, reason: why this is acceptable, until: 2027-03-31}\n",
        &["invalid-value 7:57"],
    ),
    (
        "a waiver without an end",
        "waivers:\n  - {control: pids-limit, service: hyos-server, reason: It forks., until: 9999-12-31}\n",
        &["invalid-value 7:75"],
    ),
    ("a setting outside settings", "java_xmx: 12g\n", &["unknown-key 6:1"]),
    (
        "an address of no host",
        "hosts: {a: {role: node, address: 0.0.0.0}}\n",
        &["unused-key 6:19", "invalid-value 6:34"],
    ),
    (
        "a waiver that has ended",
        "waivers:\n  - {control: pids-limit, reason: Tests, until: 2026-11-20}\n",
        &["expired-waiver 7:49"],
    ),
    (
        "a waiver of nothing",
        "waivers:\n  - {control: pid-limit, reason: Tests, until: 2027-01-01}\n",
        &["unknown-value 7:15"],
    ),
    ("a waiver without a reason", "waivers:\n  - {control: pids-limit, until: 2027-01-01}\n", &["missing-key 7:5"]),
    (
        "a day that is none",
        "waivers:\n  - {control: pids-limit, reason: Tests, until: 2027-02-29}\n",
        &["invalid-value 7:49"],
    ),
    ("an opening without a port", "firewall:\n  open:\n    - {protocol: udp, purpose: a test}\n", &["missing-key 8:7"]),
    (
        "an opening without protocol and purpose",
        "firewall:\n  open:\n    - {port: 51820}\n",
        &["missing-key 8:7", "missing-key 8:7"],
    ),
    (
        "a port of a protocol that has none",
        "firewall:\n  open:\n    - {port: 1, protocol: esp, purpose: a test}\n",
        &["invalid-value 8:14"],
    ),
    (
        "an opening for nobody",
        "firewall:\n  open:\n    - {port: 1, protocol: tcp, from: [], purpose: a test}\n",
        &["invalid-value 8:38"],
    ),
    (
        "an opening of what is no network",
        "firewall:\n  open:\n    - {port: 1, protocol: tcp, from: [everybody], purpose: a test}\n",
        &["invalid-value 8:39"],
    ),
    (
        "an opening for everybody and some",
        "firewall:\n  open:\n    - {port: 1, protocol: tcp, from: [any, admin], purpose: a test}\n",
        &["unused-key 8:38"],
    ),
    (
        "an IPv6 network for a protocol of IPv4",
        "firewall:\n  open:\n    - {protocol: igmp, from: [\"fd00::/64\"], purpose: a test}\n",
        &["invalid-value 8:30"],
    ),
    (
        "the Docker API opened",
        "firewall:\n  open:\n    - {port: 2000-2400, protocol: tcp, purpose: a test}\n",
        &["invalid-value 8:14"],
    ),
    (
        "ssh opened twice",
        "firewall:\n  open:\n    - {port: 22, protocol: tcp, purpose: a test}\n",
        &["port-clash 8:14"],
    ),
    (
        "one port opened twice",
        "firewall:\n  open:\n    - {port: 5-9, protocol: udp, purpose: a test}\n    - {port: 9, protocol: udp, from: [any], purpose: a test}\n",
        &["port-clash 9:14"],
    ),
    (
        "a port that the stack publishes",
        "firewall:\n  open:\n    - {port: 5520, protocol: udp, from: [any], purpose: a test}\n",
        &["port-clash 8:7"],
    ),
    (
        "an opening where no firewall is",
        "firewall:\n  kind: none\n  log: true\n  open:\n    - {port: 1, protocol: udp, purpose: a test}\n",
        &["unused-key 8:8", "unused-key 9:3"],
    ),
    ("Caddy asked to limit rates", "proxy: {kind: caddy, rate_limits: {login: 5/1m}}\n", &["proxy-cannot 6:43"]),
    ("nginx asked for ACME", "proxy: {kind: nginx, tls: {mode: acme}}\n", &["proxy-cannot 6:34"]),
    ("a firewall for web applications", "proxy: {waf: block}\n", &["proxy-cannot 6:14"]),
    (
        "HSTS with a private authority",
        "proxy: {tls: {mode: self-signed}, headers: {hsts: true}}\n",
        &["hsts-untrusted-certificate 6:51"],
    ),
    ("no log-in at the proxy", "proxy: {auth: {mode: none}}\n", &["needs-waiver 6:22"]),
    ("HSTS left out", "proxy: {headers: {hsts: false}}\n", &["needs-waiver 6:25"]),
    ("the raw socket by accident", "docker: {socket_gid: 999}\nsettings: {docker_socket: raw}\n", &["lint 7:27"]),
    ("a heap larger than its limit", "settings: {java_xms: 8g, java_xmx: 4g}\n", &["lint 6:22"]),
    ("files without their names", "proxy: {tls: {mode: files}}\n", &["missing-key 6:21", "missing-key 6:21"]),
    ("two ports in one", "settings: {game_port: 443}\nproxy: {http_port: 443}\n", &["port-clash 7:20"]),
    (
        "a mail address for no authority",
        "proxy: {tls: {mode: self-signed, email: a@example.com}}\n",
        &["unused-key 6:41"],
    ),
    (
        "a user whom nobody asks",
        "proxy: {auth: {mode: none, user: bob}}\nsettings: {manager: false}\n\
         waivers: [{control: proxy-authentication, reason: Tests, until: 2027-01-01}]\n",
        &["unused-key 6:34"],
    ),
    (
        "ssh for a firewall that is not there",
        "firewall: {kind: none, confirm: 90s, ssh: {port: 2222, from: [10.8.0.0/24]}}\n",
        &["unused-key 6:33", "unused-key 6:50", "unused-key 6:62"],
    ),
    (
        "backups that are off, and how often",
        "backup: {enabled: false, every: 1h, keep: 2}\n",
        &["unused-key 6:33", "unused-key 6:43"],
    ),
    (
        "one image said twice",
        "proxy: {image: \"traefik:v3.1.0\"}\nservices: {proxy: {image: \"traefik:v3.2.0\"}}\n",
        &["unused-key 6:16"],
    ),
    (
        "one header said twice",
        "proxy: {headers: {content_security_policy: \"default-src 'self'\", set: {Content-Security-Policy: x}}}\n",
        &["unused-key 6:44"],
    ),
    (
        "HSTS by hand where it is off",
        "proxy: {tls: {mode: self-signed}, headers: {set: {strict-transport-security: max-age=9}}}\n",
        &["unused-key 6:51"],
    ),
    (
        "limits whose control is waived",
        "services: {hyos-server: {resources: {memory: 9g, pids: 900}, stop_grace: 2m}}\nwaivers:\n  \
         - {control: memory-limit, service: hyos-server, reason: Tests, until: 2027-01-01}\n  \
         - {control: stop-grace, reason: Tests, until: 2027-01-01}\n",
        &["unused-key 6:46", "unused-key 6:74"],
    ),
    (
        "a read-only root at a level without",
        "level: baseline\nservices: {hyos-server: {read_only: true}}\n",
        &["unused-key 7:37"],
    ),
    (
        "logs whose control is waived",
        "logging: {max_files: 4}\nwaivers: [{control: bounded-logs, reason: Tests, until: 2027-01-01}]\n",
        &["unused-key 6:22"],
    ),
    (
        "a waiver twice",
        "waivers:\n  - {control: pids-limit, reason: Tests, until: 2027-01-01}\n  \
         - {control: pids-limit, reason: Again, until: 2027-01-01}\n",
        &["unused-key 8:15"],
    ),
    (
        "a password that no site asks for",
        "!version: 1\nname: stars\nsystem: stellarstack\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n\
         proxy: {auth: {mode: basic}}\n",
        &["unused-key 6:22"],
    ),
    (
        "logs of ten bytes, memory of two",
        "logging: {max_size: 10}\nservices: {hyos-server: {resources: {memory: 2k}}}\n",
        &["invalid-value 6:21", "invalid-value 7:46"],
    ),
    (
        "amounts that cannot work",
        "services: {hyos-server: {resources: {pids: 0}}}\nbackup: {every: 90s, keep: 0}\n\
         monitoring: {health_interval: 10ms}\nfirewall: {confirm: 2s}\nproxy: {bind: []}\n",
        &[
            "invalid-value 6:44",
            "invalid-value 7:17",
            "invalid-value 7:28",
            "invalid-value 8:31",
            "invalid-value 9:21",
            "invalid-value 10:15",
        ],
    ),
    (
        "hosts that are wrong in many ways",
        "!version: 1\nname: stars\nsystem: stellarstack\ndomain: play.example.com\nadmin: [10.8.0.0/24]\nhosts:\n  \
         panel: {role: panel}\n  east: {role: nod, address: 203.0.113.9}\n  west: {role: nodee, address: 300.0.113.9}\n  \
         north: {rol: node, address: 203.0.113.8, domain: bad_name}\n  south: 5\n  up: {address: 203.0.113.7}\n",
        &[
            "missing-key 7:10",
            "unknown-value 8:16",
            "unknown-value 9:16",
            "invalid-value 9:32",
            "unknown-key 10:11",
            "invalid-value 10:52",
            "wrong-type 11:10",
            "missing-key 12:7",
        ],
    ),
    (
        "an entry of systems without one",
        "!version: 1\nname: house\nadmin: [10.8.0.0/24]\nsystems:\n  a: {domain: a.example.com}\n  \
         b: {system: hyos, domain: b.example.com, settings: {plyers: 3}}\nlevel: max\n",
        &["missing-key 5:6", "unknown-key 6:55", "unknown-value 7:8"],
    ),
    ("a rule about a value that was refused", "settings: {java_xms: 8g, java_xmx: 4q}\n", &["invalid-value 6:36"]),
    (
        "syntax errors beside other mistakes",
        "environment: [production\nlevel: hardend\nproxy:\n  kind: \"nginx\n  tls:\n    polcy: modern\nservices:\n  \
         hyos-server:\n    image: foo: bar\n    resources:\n      memory: 4q\nwaivers:\n  \
         - control: read-only-root\n    reason: because: of\n    until: soon\n  - {control: pids-limit, until: no}\n  \
         - {control: x, reason: 'a'\n",
        &[
            "yaml-syntax 7:6",
            "unknown-value 7:8",
            "yaml-syntax 9:9",
            "unknown-key 11:5",
            "yaml-syntax 14:15",
            "invalid-value 16:15",
            "yaml-syntax 19:20",
            "invalid-value 20:12",
            "missing-key 21:5",
            "invalid-value 21:34",
            "yaml-syntax 23:1",
        ],
    ),
    (
        "nothing is missed that may stand where the file is no YAML",
        "!version: 1\n name: hyos\nsystem: hyos\nadmin: [10.8.0.0/24\nservices:\n  hyos-manager: {capabilities: [NET_RAW]}\n\
         waivers: [{control: least-capabilities, reason: Tests, until: 2027-01-01\n",
        &["yaml-syntax 2:6", "yaml-syntax 5:9", "yaml-syntax 8:1"],
    ),
    (
        "settings beside a syntax error",
        "settings:\n  motd: Welcome: enjoy\n  server_name: @home\n  players: lots\n  plyers: 3\n  java_xmx: 6\n",
        &["yaml-syntax 7:16", "yaml-syntax 8:16", "invalid-value 9:12", "unknown-key 10:3", "invalid-value 11:13"],
    ),
    (
        "certificates that are named, and wrongly",
        "proxy: {tls: {mode: files, certificate: a.pem, key: b.pem}}\n",
        &["invalid-value 6:41", "invalid-value 6:53"],
    ),
    (
        "sections without their keys",
        "proxy: nginx\nfirewall: {ssh: 22}\nservices: [hyos-server]\nwaivers: {control: pids-limit}\n",
        &["wrong-type 6:8", "wrong-type 7:17", "wrong-type 8:11", "wrong-type 9:10"],
    ),
    (
        "a waiver that is wrong, and what it would allow",
        "services: {hyos-manager: {capabilities: [NET_RAW]}}\n\
         waivers: [{control: least_capabilities, reason: Tests, until: 2027-01-01}]\n",
        &["invalid-value 7:21"],
    ),
    (
        "mistakes in what a merge key copies",
        "services:\n  hyos-server: &x\n    resources: {memory: 9q}\n    stop_grce: 90s\n  hyos-manager:\n    <<: *x\n    \
         read_only: nope\n",
        &["invalid-value 8:25", "unknown-key 9:5", "wrong-type 12:16"],
    ),
    (
        "secrets that are none, and keys for nothing",
        "secrets:\n  recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]\n  sources: {session_secre: supplied}\n",
        &["unused-key 7:15", "unknown-key 8:13"],
    ),
    (
        "certificate files beside another mode",
        "proxy: {tls: {mode: self-signed, certificate: /a.pem, key: /k.pem}}\n",
        &["unused-key 6:47", "unused-key 6:60"],
    ),
    ("ACME where port 80 is not published", "variant: truenas\nproxy: {tls: {mode: acme}}\n", &["proxy-cannot 7:21"]),
    (
        "ACME for a name of the house",
        "!version: 1\nname: hyos\nsystem: hyos\ndomain: play.internal\nadmin: [10.8.0.0/24]\nproxy: {tls: {mode: acme}}\n",
        &["proxy-cannot 4:9"],
    ),
    ("a rate class that is none", "proxy: {rate_limits: {logins: 5/1m}}\n", &["unknown-key 6:23"]),
    ("a user that no password file holds", "proxy: {auth: {user: 'a b'}}\n", &["invalid-value 6:22"]),
    (
        "a rate that nginx cannot count",
        "proxy: {kind: nginx, tls: {mode: self-signed}, rate_limits: {login: 1/1h}}\n",
        &["proxy-cannot 6:69"],
    ),
    ("ssh from nowhere", "firewall: {ssh: {from: []}}\n", &["locked-out 6:24"]),
    ("a header with two fates", "proxy: {headers: {set: {X-A: b}, pass: [x-a]}}\n", &["invalid-value 6:41"]),
    ("HSTS of the application", "proxy: {headers: {pass: [Strict-Transport-Security]}}\n", &["invalid-value 6:26"]),
    (
        "a CDN's networks and wider ones",
        "proxy: {trusted_proxies: [104.16.0.0/13, cloudflare, 104.0.0.0/13]}\n",
        &["public-admin-surface 6:54"],
    ),
    ("everybody trusted as a proxy", "proxy: {trusted_proxies: [0.0.0.0/0]}\n", &["public-admin-surface 6:27"]),
    ("a key twice", "level: strict\nlevel: baseline\n", &["duplicate-key 7:1"]),
    ("a second document", "---\nlevel: strict\n", &["several-documents 6:1"]),
    ("a tab for indentation", "proxy:\n\tkind: nginx\n", &["yaml-syntax 7:1"]),
    ("a quote that does not end", "level: \"strict\n", &["yaml-syntax 6:8"]),
    ("a tag", "level: !strict strict\n", &["unknown-tag 6:16"]),
    ("an alias to nothing", "level: *level\n", &["yaml-syntax 6:8"]),
    ("an alias in itself", "proxy: &proxy {headers: *proxy}\n", &["recursive-alias 6:25"]),
    (
        "a mistake behind an anchor",
        "proxy:\n  auth: &auth {mode: basik}\nlogging: {max_size: 5q}\n",
        &["unknown-value 7:22", "invalid-value 8:21"],
    ),
    (
        "an admin network that is the internet",
        "!version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [0.0.0.0/0, 10.8.0.0/24]\n",
        &["lint 5:8", "public-admin-surface 5:9"],
    ),
    (
        "nobody who may log in",
        "!version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: []\n",
        &["missing-key 5:8"],
    ),
    (
        "a firewall that keeps everybody out",
        "!version: 1\nname: hyos\nsystem: hyos\nenvironment: development\nadmin: []\nfirewall: {kind: nftables}\n",
        &["locked-out 6:18"],
    ),
    (
        "a firewall that keeps everybody but ssh out",
        "!version: 1\nname: hyos\nsystem: hyos\nenvironment: development\nadmin: []\n\
         firewall: {kind: nftables, ssh: {from: [192.0.2.0/24]}}\n",
        &[],
    ),
    ("nothing but a name", "!name: hyos\n", &["missing-key 1:1", "missing-key 1:1", "missing-key 1:7"]),
    ("an unknown system", "!version: 1\nname: hyos\nsystem: hyoss\n", &["missing-key 2:7", "unknown-system 3:9"]),
    (
        "another version",
        "!version: 2\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n",
        &["unknown-value 1:10"],
    ),
    (
        "a name that is none",
        "!version: 1\nname: Hy OS\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n",
        &["invalid-value 2:7"],
    ),
    ("an empty file", "!", &["empty-file 1:1"]),
    ("a comment alone", "!# nothing yet\n", &["empty-file 1:1"]),
    ("a list", "!- version: 1\n", &["wrong-type 1:3"]),
    (
        "a dozen mistakes at once",
        "!version: 1\nname: -hyos\nsystem: hyos\ndomain: play_example\nadmin: [10.8.0.0/33]\nlevel: max\nproxi: {}\n\
         proxy:\n  https_port: 0\n  tls: {mode: none}\nfirewall: {ssh: {port: ssh}}\nbackup: {keep: many}\n\
         waivers:\n  - {control: x, reason: '', until: soon}\n",
        &[
            "invalid-value 2:7",
            "invalid-value 4:9",
            "invalid-value 5:9",
            "unknown-value 6:8",
            "unknown-key 7:1",
            "invalid-value 9:15",
            "unknown-value 10:15",
            "invalid-value 11:24",
            "wrong-type 12:16",
            "unknown-value 14:15",
            "invalid-value 14:26",
            "invalid-value 14:37",
        ],
    ),
];

#[test]
fn every_mistake_is_found_at_its_place() {
    let mut wrong = String::new();
    for (name, text, expected) in BROKEN {
        let text = text.strip_prefix('!').map_or_else(|| format!("{HEAD}{text}"), str::to_owned);
        let compiled = library::profile(&text);
        let found: Vec<_> = library::findings(&compiled)
            .iter()
            .filter_map(|line| Some(line.strip_prefix("error ")?.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ")))
            .collect();
        let placeless = library::findings(&compiled).iter().any(|line| line.split(' ').nth(2) == Some("-"));
        if found != *expected || placeless {
            let all = library::findings(&compiled).join("\n    ");
            wrong.push_str(&format!("{name}\n  expected {expected:?}\n  found    {found:?}\n    {all}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_weakens_is_warned_of() {
    for (text, warning) in [
        ("level: strict\n", "warning missing-digest"),
        ("proxy: {kind: caddy}\n", "warning left-out 6:15 the stock image of `caddy` cannot limit rates"),
        ("proxy: {kind: nginx}\n", "warning left-out 6:15 `nginx` gets no certificates by itself"),
        (
            "system: stellarstack\nproxy: {kind: nginx, tls: {mode: self-signed}}\n",
            "warning left-out 6:15 `nginx` counts no rate below",
        ),
        ("proxy: {kind: nginx}\nadmin: [203.0.113.0/24]\n", "warning public-admin"),
    ] {
        let short = HEAD.replace("system: hyos\n", "");
        let head = if text.contains("system: ") {
            short.as_str()
        } else if text.contains("admin") {
            HEAD.split("admin").next().unwrap_or_default()
        } else {
            HEAD
        };
        let compiled = library::profile(&format!("{head}{text}"));
        let findings = library::findings(&compiled);
        assert!(findings.iter().any(|line| line.starts_with(warning)), "{warning}: {findings:#?}");
    }
}

/// What has no effect as things stand, though nothing in the profile contradicts it.
#[test]
fn what_reaches_nothing_is_warned_of() {
    for (text, expected) in [
        ("environment: development\nproxy: {tls: {email: a@example.com}}\n", "7:22 `proxy.tls.email` has no effect"),
        ("environment: development\nfirewall: {ssh: {port: 2222}}\n", "7:24 `firewall.ssh.port` has no effect"),
        ("system: stellarstack\nproxy: {auth: {user: bob}}\n", "6:22 `proxy.auth.user` has no effect"),
        ("docker: {socket_gid: 999}\n", "6:22 `docker.socket_gid` has no effect"),
        ("docker: {socket: /run/docker.sock}\n", "6:18 `docker.socket` has no effect"),
        (
            "settings: {manager: false}\nservices: {hyos-manager: {stop_grace: 9s}}\n",
            "7:12 there is no service `hyos-manager` in this stack",
        ),
        (
            "settings: {manager: false}\nsecrets: {sources: {session_secret: supplied}}\n",
            "7:21 there is no secret `session_secret` in this stack",
        ),
        (
            "settings: {manager: false}\n\
             waivers: [{control: pids-limit, service: hyos-manager, reason: Tests, until: 2027-01-01}]\n",
            "7:42 there is no service `hyos-manager` in this stack",
        ),
        (
            "level: baseline\nwaivers: [{control: read-only-root, reason: Tests, until: 2027-01-01}]\n",
            "7:21 `read-only-root` is off at level `baseline` anyway",
        ),
        ("system: stellarstack\nbackup: {every: 1h}\n", "6:17 `backup.every` has no effect for `stellarstack`"),
    ] {
        let head = if text.contains("system: ") { HEAD.replace("system: hyos\n", "") } else { HEAD.to_owned() };
        let findings = library::findings(&library::profile(&format!("{head}{text}")));
        let expected = format!("warning unused-key {expected}");
        assert!(findings.iter().any(|line| line.starts_with(&expected)), "{expected}: {findings:#?}");
    }
}

#[test]
fn every_mistake_has_a_way_out() {
    for (name, text, _) in BROKEN {
        let text = text.strip_prefix('!').map_or_else(|| format!("{HEAD}{text}"), str::to_owned);
        let compiled = library::profile(&text);
        for finding in compiled.diagnostics.iter().filter(|finding| finding.severity == Severity::Error) {
            let registered = finding.code.info().is_some_and(|info| !info.way_out.is_empty());
            assert!(finding.help.is_some() || registered, "{name}: {}: {}", finding.code, finding.message);
            assert!(!finding.message.ends_with('.'), "{name}: {}", finding.message);
        }
    }
}

#[test]
fn a_mistake_is_shown_with_its_line_a_caret_and_the_nearest_name() {
    let session = Session::with_profile(&format!("{HEAD}settings: {{plyers: 3}}\n"));
    let said = session.run("check").exits(2).says("stockade.yaml:6:12").says("plyers").says("players").says("^");
    assert!(!said.err.contains('\u{1b}'), "colour without a terminal: {:?}", said.err);
}

/// A way out that says what to write instead.
#[test]
fn ways_out_are_concrete() {
    for (text, help) in [
        ("logging: {max_size: 10}\n", "a number without a unit counts bytes; write `10m` for mebibytes"),
        ("logging: {max_size: 10b}\n", "write `64k` or more, such as `10m`"),
        (
            "settings: {java_xmx: 6}\n",
            "a number without a unit counts bytes; write a size from 1g to 256g, such as `6g`",
        ),
        ("backup: {every: 90s}\n", "write `every: 2m`"),
        ("proxy: nginx\n", "write `{kind: nginx}`"),
        ("proxy: Nginx\n", "write `{kind: nginx}`"),
        ("proxy: trafik\n", "write `{kind: traefik}`"),
        ("proxy: apache\n", "write `{kind: …}` with `traefik`, `nginx` or `caddy`"),
        ("firewall: off\n", "write `{kind: none}`"),
        (
            "proxy: [nginx]\n",
            "write `{key: value}` with the keys `kind`, `image`, `bind`, `http_port`, `https_port`, `tls`, `headers`, \
             `rate_limits`, `auth`, `client_certificates`, `waf`, `trusted_proxies` … (4 more)",
        ),
        ("services: [{web: {}}]\n", "write `name: value` on lines of their own in place of the items of the list"),
        ("waivers: {control: a}\n", "begin each item with `- ` on a line of its own"),
        ("proxy: {bind: '10.0.0.1, 10.0.0.2'}\n", "write a list, `[10.0.0.1, 10.0.0.2]`"),
        ("le\u{2174}el: strict\n", "did you mean `level`? `\u{2174}` is U+2174, not a letter of ASCII"),
        (
            "proxy: {headers: {set: {Content-Length: '5'}}}\n",
            "remove the line; the application says this header where it belongs",
        ),
        (
            "firewall: {ssh: {port: 443}}\n",
            "name the port on which the SSH server really listens, or give the other another port",
        ),
        ("proxy: {bind: 10.0.0.1}\n", "write a list, `[10.0.0.1]`"),
        ("firewall: {kind: none, confirm: 60s}\n", "remove the line, or change `firewall.kind`"),
        (
            "logging: {max_files: 4}\nwaivers: [{control: bounded-logs, reason: Tests, until: 2027-01-01}]\n",
            "remove the line, or drop the waiver",
        ),
    ] {
        let compiled = library::profile(&format!("{HEAD}{text}"));
        let ways: Vec<_> = compiled.diagnostics.iter().filter_map(|finding| finding.help.as_deref()).collect();
        assert!(ways.contains(&help), "{text}: {ways:?}");
    }
}

/// A secret that somebody typed into the profile is not repeated.
#[test]
fn no_secret_is_repeated() {
    for (text, help) in [
        ("secrets: {session_secret: hunter2}\n", "the file `secrets/session_secret` of the bundle"),
        ("secrets: {session_secre: hunter2}\n", "did you mean the secret `session_secret`?"),
        ("secrets: {sorces: {colour: supplied}}\n", "did you mean `sources`?"),
        ("secrets: {colour: hunter2}\n", "there is none of this name"),
        ("secrets: {store: vault, colour: \"hunter2 and more\"}\n", "allowed: `files`"),
        ("secrets:\n  sources:\n    session_secret: hunter2\n", "write `session_secret: supplied`"),
        ("secrets: {proxy_password: hunter2}\n", "the file `secrets/proxy_password` of the bundle"),
        ("secrets: hunter2\n", "write `{store: …}`"),
        ("services: {hyos-server: {environment: {DB_PASSWORD: hunter2}}}\n", "waive `secrets-out-of-environment`"),
        ("services: {hyos-server: {environment: {DB_PASSWORD: [hunter2]}}}\n", "write text"),
        ("services: {hyos-server: {environment: [DB_PASSWORD=hunter2]}}\n", "`name: value`"),
        ("services: {hyos-server: {environment: DB_PASSWORD=hunter2}}\n", "`key: value`"),
        ("services: {hyos-server: {environment: {DB: 'pg://a:hunter2@c/d'}}}\n", "waive `secrets-out-of-environment`"),
        ("admin_password: hunter2\n", "allowed: "),
        ("settings: {smtp_password: hunter2}\n", "allowed: "),
    ] {
        let said = Session::with_profile(&format!("{HEAD}{text}")).run("check").exits(2).err;
        assert!(!said.contains("hunter2"), "{said}");
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(help), "{help}: {said}");
    }
}

/// What is agreed with, as it is typed.
#[test]
fn a_slower_rate_is_agreed_with_where_the_profile_has_it() {
    let head = HEAD.replace("system: hyos", "system: stellarstack");
    let compiled = library::profile(&format!("{head}proxy: {{kind: nginx, tls: {{mode: self-signed}}}}\n"));
    let mut ways = compiled.diagnostics.iter().filter_map(|finding| finding.help.as_deref());
    assert!(ways.any(|way| way.contains("agree with `proxy: {rate_limits: {")), "{:#?}", compiled.diagnostics);
}

/// What is nearly a setting, or one typed as a path.
#[test]
fn settings_at_the_top_level_are_known() {
    for (text, help) in [
        ("java_xmxx: 3g\n", "did you mean the setting `java_xmx`? Write it as `settings: {java_xmx: …}`"),
        ("settings.players: 10\n", "write `settings: {players: 10}`"),
    ] {
        let compiled = library::profile(&format!("{HEAD}{text}"));
        let ways: Vec<_> = compiled.diagnostics.iter().filter_map(|finding| finding.help.as_deref()).collect();
        assert_eq!(ways, [help], "{text}");
    }
}

#[test]
fn a_system_file_that_is_not_there_hides_nothing_of_the_profile() {
    let session = Session::with_profile("version: 1\nname: x\nsystem: ./none.system.yaml\nlevel: hard\n");
    let run = session.run("check").exits(2).says("stockade.yaml:3:9").says("there is no file `./none.system.yaml`");
    run.says("begins at the profile's folder").says("stockade.yaml:4:8").says("unknown value `hard`");
}

#[test]
fn a_bracket_that_is_not_closed_is_shown() {
    let session = Session::with_profile(&format!("{HEAD}proxy: {{tls: [\nlevel: strict\n"));
    session
        .run("check")
        .exits(2)
        .says("stockade.yaml:7:1")
        .says("opened here, and not closed")
        .says("6 | proxy: {tls: [");
}

#[test]
fn mistakes_are_data_where_data_is_asked_for() {
    let session = Session::with_profile(&format!("{HEAD}levl: strict\n"));
    let found = session.run("check --format json").exits(2).json();
    let first = &found["diagnostics"][0];
    assert_eq!(first["code"], "unknown-key", "{found:#}");
    session.run("check --format sarif").exits(2).prints("unknown-key").json();
    session.run("check --format github").exits(2).prints("::error");
}

/// Files that are hardly profiles: refused or read at once, never a crash.
#[test]
fn strange_files_are_refused_with_a_clear_message() {
    let nested = "[".repeat(100_000);
    let bomb = (1..10).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
        format!("{text}a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))
    });
    let large = "#".repeat(64 << 20);
    let cases: [(&str, &[u8], &str); 9] = [
        ("not UTF-8", b"version: 1\nname: h\xffyos\n", "not-utf8"),
        ("NUL", b"version: 1\nname: h\0yos\n", "control-character"),
        ("nested", nested.as_bytes(), "too-deep"),
        ("an alias bomb", bomb.as_bytes(), "too-many-aliases"),
        ("64 MiB", large.as_bytes(), "file-too-large"),
        ("empty", b"", "empty-file"),
        ("a byte order mark alone", b"\xef\xbb\xbf", "empty-file"),
        ("UTF-16", b"\xff\xfev\0e\0r\0", "not-utf8"),
        ("several documents", b"version: 1\n---\nversion: 1\n", "several-documents"),
    ];
    for (name, bytes, code) in cases {
        let session = Session::new();
        session.put("stockade.yaml", bytes);
        let begun = std::time::Instant::now();
        let outcome = session.run("check").exits(2);
        assert!(outcome.err.contains(code), "{name}: no {code} in {}", outcome.err);
        assert!(begun.elapsed().as_secs() < 5, "{name} took {:?}", begun.elapsed());
    }
}

#[test]
fn byte_order_mark_and_windows_line_ends_are_read() {
    let session = Session::new();
    session.put("stockade.yaml", format!("\u{feff}{}", HEAD.replace('\n', "\r\n")));
    session.run("check").exits(0);
}

/// What follows from one mistake is not said beside it.
#[test]
fn one_mistake_is_one_finding() {
    let sound = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";
    for (from, to, expected) in [
        ("domain:", "domian:", "error unknown-key 4:1 unknown key `domian`"),
        ("admin:", "adnim:", "error unknown-key 5:1 unknown key `adnim`"),
        ("name: hyos", "name: ~", "error wrong-type 2:7 expected text, found nothing"),
        ("system: hyos", "system:", "error wrong-type 3:1 expected text, found nothing"),
        (
            "version: 1",
            "version: null",
            "error wrong-type 1:10 expected a whole number from 0 to 4294967295, found nothing",
        ),
        ("admin: [10.8.0.0/24]", "admin:", "error wrong-type 5:1 expected a list, found nothing"),
        (
            "domain: play.example.com",
            "logging: {max_files: 0}\ndomain: play.example.com",
            "error invalid-value 4:22 a container's log needs one file at least",
        ),
        (
            "system: hyos\ndomain: play.example.com",
            "systems: {a: {system: hyos, domain: a.example.com}, b: {system: hyos, domain: b.example.com}}",
            "error system-clash 3:65 `a` and `b` are the same system",
        ),
    ] {
        let findings = library::findings(&library::profile(&sound.replace(from, to)));
        assert_eq!(findings, [expected], "{to}");
    }
}

#[test]
fn certificates_of_clients_are_made_before_the_start() {
    let clients = "proxy: {kind: nginx, tls: {mode: self-signed}, client_certificates: {sites: [manager]}}\n";
    let session = Session::with_profile(&format!("{HEAD}{clients}"));
    let typed = "stockade certs issue -p stockade.yaml -o bundle --client NAME";
    session.run("generate").exits(0).says(typed);
    let line = typed.strip_prefix("stockade ").expect("it begins so").replace("NAME", "laptop");
    session.run(&line).exits(0);
    let again = session.run("generate").exits(0);
    assert!(!again.err.contains("--client"), "{}", again.err);
    assert!(session.read("bundle/certs/clients/ca.crt").contains("BEGIN CERTIFICATE"));
}

#[test]
fn a_site_that_is_off_asks_nobody_for_a_certificate_and_that_is_said() {
    let text = format!(
        "{HEAD}proxy: {{client_certificates: {{sites: [manager]}}}}\nsettings: {{manager: false, api_public: true}}\n"
    );
    Session::with_profile(&text).run("check").says("site `manager` is not served here");
}
