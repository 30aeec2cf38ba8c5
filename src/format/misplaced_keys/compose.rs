//! Keys of Compose files that people write by habit, and what says the same here.

use super::{File, IN_THE_SYSTEM};
use crate::yaml::Step;

/// What every service has anyway.
const SET: &str =
    "leave it out: the controls set this for every service, and `stockade explain CONTROL` tells how to weaken one";

/// Keys of a service.
const SERVICE: &[(&[&str], &str)] = &[
    (
        &["network_mode"],
        "name networks under `networks` and ports under `ports`; no service shares the network of the host or that of another service, and a process that must be on the host's is described under `host_ports`",
    ),
    (
        &["pid", "ipc", "uts", "userns_mode", "cgroup", "cgroup_parent"],
        "leave it out: no service shares a namespace of the host",
    ),
    (
        &["privileged"],
        "name what it needs instead: `capabilities: [{name: …, reason: …}]`, `devices: [{host: …, rights: rw, reason: …}]`",
    ),
    (&["cap_add"], "write `capabilities: [{name: …, reason: …}]`"),
    (&["cap_drop", "security_opt"], SET),
    (
        &["read_only"],
        "leave it out: the root file system is read-only anyway; `writable_root: REASON` where that is impossible",
    ),
    (
        &["volumes"],
        "write `mounts: [{volume: NAME, target: /path}]`, and describe the volume under `volumes` at the top level",
    ),
    (&["secrets"], "name the service in the secret's `deliver`, under `secrets` at the top level"),
    (
        &["configs"],
        "describe the file under `files` at the top level, and write `mounts: [{file: PATH, target: /path}]`",
    ),
    (&["env_file"], "write the variables under `environment`, and what is secret under `secrets` at the top level"),
    (&["expose"], "write `ports: {NAME: {container: 3000, protocol: tcp, audience: internal}}`"),
    (&["logging"], "write `logs: {max_size: 10m, max_files: 3}`, or leave it out: logs are bounded anyway"),
    (&["shm_size"], "write `limits: {shared_memory: …}`"),
    (&["mem_limit", "mem_reservation", "memswap_limit"], "write `limits: {memory: …}`"),
    (&["pids_limit"], "write `limits: {pids: …}`"),
    (&["deploy"], "write `limits: {memory: …, cpus: …, pids: …}`"),
    (&["stop_signal", "stop_grace_period"], "write `stop: {signal: …, grace: …}`"),
    (&["domainname"], "write `hostname: NAME.DOMAIN`"),
    (&["group_add"], "write `groups: [{id: …, reason: …}]`"),
    (&["links", "external_links"], "leave it out: services on one network reach each other by name"),
    (&["volumes_from"], "name the same `volume` under `mounts` of each service"),
    (&["label_file"], "write `labels: {NAME: VALUE}`; what a proxy is told stands under `edge` at the top level"),
    (&["build"], "build the image before, and name it with its version under `image`"),
    (&["profiles"], "write `when: EXPRESSION`, such as one over a setting"),
    (&["runtime"], "leave it out: the engine's own runtime is used; name the `devices` that the service needs"),
    (&["scale"], "write one service for each container"),
    (
        &["extends"],
        "write what the services have in common as an anchor, `&name`, where it stands first, and `<<: *name` in the others",
    ),
    (&["pull_policy"], "leave it out: an image is named with its version and digest, and pulled where it is not there"),
    (&["gpus"], "write `devices: [{host: /dev/dri/renderD128, rights: rw, reason: …}]`, one entry for each device"),
    (
        &["dns_search", "dns_opt"],
        "leave it out: services find each other by name, and the engine asks the resolvers of the host for all else",
    ),
    (
        &["mac_address"],
        "leave it out: the engine gives one; fix the `address` in a network with a `subnet` where it matters",
    ),
    (
        &["cpus", "cpu_count", "cpu_percent", "cpu_shares", "cpu_quota", "cpu_period", "cpuset"],
        "write `limits: {cpus: …}`",
    ),
    (
        &["oom_kill_disable", "oom_score_adj", "mem_swappiness"],
        "write `limits: {memory: …}`: a limit ends this service alone",
    ),
    (&["device_cgroup_rules"], "name each device under `devices`, with its rights and a reason"),
    (
        &["post_start", "pre_stop", "lifecycle"],
        "write a service of its own with `restart: \"no\"`, which others wait for by `depends_on`",
    ),
    (
        &["annotations", "attach", "develop", "isolation", "credential_spec", "storage_opt", "blkio_config"],
        "leave it out: nothing here depends on it",
    ),
    (&["use_api_socket"], "write `docker_api: {mode: filtered, …}`, which lets the named calls pass and no other"),
    (&["provider", "models"], "describe the program as a service with an image"),
];

/// Limits that Compose knows and that stand elsewhere here.
const LIMITS: &[(&[&str], &str)] = &[
    (
        &["memlock"],
        "write `ulimits: {memlock: {hard: unlimited, reason: …}}` at the service; `memory` limits memory and swap together, so an application that locks nothing (`bootstrap.memory_lock: false`, `mlock: false`) is not swapped out either",
    ),
    (
        &["nproc"],
        "write `pids`: `nproc` counts what one user number runs in all containers together, `pids` this container alone",
    ),
    (&["nofile", "nofiles", "open_files"], "write `files`, one number for the soft and the hard limit"),
    (&["core", "stack", "rtprio"], "write `ulimits: {NAME: {hard: …, reason: …}}` at the service"),
];

/// Keys of a service that a profile can change, under another name.
const OVERRIDE: &[(&[&str], &str)] = &[
    (&["mem_limit", "pids_limit", "deploy"], "write `resources: {memory: …, cpus: …, pids: …}`"),
    (&["ulimits"], "write `resources: {files: …}` for open files, and `resources: {pids: …}` for processes"),
    (&["cap_add"], "write `capabilities: […]`, with a waiver of `least-capabilities`"),
    (&["cap_drop", "security_opt"], SET),
    (&["logging"], "write `logging` at the top level"),
    (&["stop_grace_period"], "write `stop_grace: …`"),
];

/// Keys of a health check.
const CHECK: &[(&[&str], &str)] = &[
    (&["test"], "write `command: [PROGRAM, ARGUMENT]`, without `CMD`; for a pipe `[sh, -c, …]`"),
    (&["disable"], "write `no_healthcheck: REASON` in place of `healthcheck`"),
];

/// Keys of a network and of how a service is on it.
const NETWORK: &[(&[&str], &str)] = &[
    (&["external"], "leave it out: Stockade makes every network; a program outside comes in by the proxy or a port"),
    (&["driver", "driver_opts", "ipam"], "leave it out: networks are bridges; `subnet` fixes the addresses"),
    (
        &["ipv4_address", "ipv6_address"],
        "write `address: NUMBER`, the last part of the address in the network's `subnet`",
    ),
    (&["internal"], "leave it out: networks are internal but for `egress: true`"),
    (&["name"], "leave it out: the project's name stands before that of the network"),
];

/// Keys of a mount.
const MOUNT: &[(&[&str], &str)] = &[
    (&["type"], "leave it out: `volume`, `file` or `host` says what is mounted"),
    (
        &["source"],
        "write `volume: NAME` for a volume described under `volumes`, `file: PATH` for a file of the bundle, or `host: /path` with a `reason`",
    ),
    (&["bind", "propagation", "consistency", "nocopy"], "leave it out: nothing spreads from one mount to another"),
];

/// Keys of a secret.
const SECRET: &[(&[&str], &str)] = &[(
    &["file", "external", "environment"],
    "write `kind: {supplied: {}}`: you put the value into `secrets/NAME` of the bundle; or let one be made, as with `kind: {password: {length: 24}}`",
)];

/// Keys of a volume.
const VOLUME: &[(&[&str], &str)] = &[(
    &["external", "driver", "driver_opts"],
    "write `kind: {directory: {path: …, owner: …, mode: …}}`, or `kind: named`",
)];

/// Keys at the top level.
const TOP: &[(&[&str], &str)] =
    &[(&["configs"], "describe the file under `files`"), (&["version"], "write `format: 1`")];

/// Keys of a site that other reverse proxies have.
const SITE: &[(&[&str], &str)] = &[
    (
        &["forward_auth", "auth_request", "sso", "oauth"],
        "leave it out: no site asks another service who somebody is yet; let the application log in by OpenID Connect itself, or put a password of the proxy's before it with `authentication: basic`",
    ),
    (
        &["redirect", "redirects", "rewrite"],
        "leave it out: no site sends people elsewhere yet, but for HTTP to HTTPS; let the application answer it",
    ),
    (
        &["gzip", "encode", "compress", "compression"],
        "leave it out: the size of a compressed answer tells about secrets in it",
    ),
    (&["tls", "certificate", "ssl"], "leave it out: the profile says where certificates come from, under `proxy.tls`"),
    (
        &["aliases", "hosts", "domains", "names"],
        "leave it out: a site has one name; describe another site for another name",
    ),
    (&["basic_auth"], "write `authentication: basic`"),
];

/// Keys that people look for under `proxy` of a profile.
const PROXY: &[(&[&str], &str)] = &[
    (&["http3", "quic"], "leave it out: sites speak HTTP/1.1 and HTTP/2; HTTP/3 is not served yet"),
    (&["gzip", "compress", "compression"], "leave it out: the size of a compressed answer tells about secrets in it"),
    (&["ports"], "write `http_port: …` and `https_port: …`"),
];

/// Keys that people look for under `proxy.tls`.
const TLS: &[(&[&str], &str)] = &[
    (
        &["challenge", "dns_challenge", "dns", "provider", "resolver", "wildcard"],
        "leave it out: the authority asks port 80, and a challenge over DNS is not made yet; get such a certificate with a client of your own, and name its files with `mode: files`",
    ),
    (
        &["min_version", "version", "versions", "ciphers"],
        "write `policy: modern` for TLS 1.3 alone, or leave it out for 1.2 and 1.3",
    ),
    (&["self_signed"], "write `mode: self-signed`"),
];

/// Keys of Compose that mean the same here, under another name.
const SAME: &[(File, &str, &[&str])] = &[
    (File::System, "mem_limit", &["limits", "memory"]),
    (File::System, "pids_limit", &["limits", "pids"]),
    (File::System, "shm_size", &["limits", "shared_memory"]),
    (File::System, "stop_signal", &["stop", "signal"]),
    (File::System, "stop_grace_period", &["stop", "grace"]),
    (File::Profile, "mem_limit", &["resources", "memory"]),
    (File::Profile, "pids_limit", &["resources", "pids"]),
    (File::Profile, "stop_grace_period", &["stop_grace"]),
];

/// Where a key of a service of Compose stands here, from the service on.
pub(super) fn new_place(file: File, parent: &[Step], key: &str) -> Option<Vec<String>> {
    let [Step::Key(services), Step::Key(_)] = parent else { return None };
    let same = SAME.iter().find(|(of, name, _)| *of == file && *name == key && services == "services");
    same.map(|(.., way)| way.iter().map(|key| (*key).to_owned()).collect())
}

/// What to write instead of a key of Compose.
pub(super) fn way_out(file: File, parent: &[Step], key: &str) -> Option<String> {
    // What stands under `secrets` may be one.
    if key.starts_with("x-") {
        return Some("there are no keys for anchors alone; put `&name` where the value is used first".to_owned());
    }
    let table = match (file, parent) {
        (File::System, []) => TOP,
        (File::System, [Step::Key(services), Step::Key(_)]) if services == "services" => SERVICE,
        (File::System, [Step::Key(services), Step::Key(_), Step::Key(check)])
            if services == "services" && check == "healthcheck" =>
        {
            CHECK
        }
        (File::System, [Step::Key(services), Step::Key(_), Step::Key(limits)])
            if services == "services" && limits == "limits" =>
        {
            LIMITS
        }
        (File::System, [Step::Key(networks), Step::Key(_)]) if networks == "networks" => NETWORK,
        (File::System, [Step::Key(services), Step::Key(_), Step::Key(networks), Step::Key(_)])
            if services == "services" && networks == "networks" =>
        {
            NETWORK
        }
        (File::System, [Step::Key(volumes), Step::Key(_)]) if volumes == "volumes" => VOLUME,
        (File::System, [Step::Key(secrets), Step::Key(_)]) if secrets == "secrets" => SECRET,
        (File::System, [Step::Key(services), Step::Key(_), Step::Key(mounts), Step::Index(_)])
            if services == "services" && mounts == "mounts" =>
        {
            MOUNT
        }
        (File::System, [Step::Key(edge), Step::Key(sites), Step::Key(_), ..]) if edge == "edge" && sites == "sites" => {
            SITE
        }
        (File::Profile, [Step::Key(proxy)]) if proxy == "proxy" => PROXY,
        (File::Profile, [Step::Key(proxy), Step::Key(tls)]) if proxy == "proxy" && tls == "tls" => TLS,
        (File::Profile, [Step::Key(secrets)]) if secrets == "secrets" => {
            return Some(format!(
                "a profile holds no secrets: write the value into the file `secrets/{key}` of the bundle"
            ));
        }
        (File::Profile, [Step::Key(services), Step::Key(_)]) if services == "services" => {
            return find(OVERRIDE, key).or_else(|| find(SERVICE, key).map(|_| IN_THE_SYSTEM.to_owned()));
        }
        _ => return None,
    };
    find(table, key)
}

fn find(table: &[(&[&str], &str)], key: &str) -> Option<String> {
    table.iter().find(|(keys, _)| keys.contains(&key)).map(|(_, way)| (*way).to_owned())
}
