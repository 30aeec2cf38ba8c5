//! The bundles' Redis, really started with the arguments, secrets and user of `compose.yaml`: it asks for the password,
//! refuses what its access list refuses, speaks TLS where asked, and its health check fails on a wrong password.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::generated::Generated;
use crate::support::tools;

/// A root with Debian's programs and what the service sees; `enter` runs a program there as its user.
const ROOT: &str = r#"
mount -t tmpfs tmpfs /mnt
root=/mnt
mkdir -p $root/usr $root/lib $root/lib64 $root/bin $root/etc $root/proc $root/dev $root/run/secrets $root/data $root/tmp
for folder in usr lib lib64 bin etc dev; do [[ -d /$folder ]] && mount --rbind /$folder $root/$folder; done
mount -t proc proc $root/proc
mount -t tmpfs -o mode=1777 tmpfs $root/data
# Debian has no Valkey yet: Redis, from which it was forked, plays it, with the same arguments and access list.
mkdir $root/played
for part in server cli; do command -v valkey-$part >/dev/null || ln -s /usr/bin/redis-$part $root/played/valkey-$part; done
enter() { env -i PATH=/usr/bin:/bin:/played /usr/sbin/chroot --userspec="$user" --groups= $root "$@"; }
fails() { if "$@" >/mnt/tmp/said 2>&1; then echo "it should have failed: $*"; cat /mnt/tmp/said; exit 1; fi; }
answers() { wanted=$1; shift; said=$("$@" 2>&1 || true); [[ $said == *"$wanted"* ]] || { echo "$*: $said, not $wanted"; exit 1; }; }
"#;

#[test]
fn redis_keeps_sessions_for_those_who_know_the_password() {
    let mut seen = 0;
    for (name, folder) in crate::support::cases() {
        let expected = crate::support::tree::compiled(&folder);
        let composes = || expected.iter().filter(|(path, _)| path.ends_with("compose.yaml")).map(|(_, text)| text);
        let mut images =
            composes().flat_map(|text| text.lines()).filter_map(|line| line.trim().strip_prefix("image: "));
        if images.any(is_redis) && !composes().any(|text| text.contains("external: true")) {
            seen += Generated::hosts(&name, &folder).iter().filter(|case| judge(case)).count();
        }
    }
    assert!(seen > 10, "{seen} bundles have a Redis");
}

/// Whether the last part of an image's path says so, whatever the registry.
fn is_redis(image: &str) -> bool {
    let path = image.split(['@', '"']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    matches!(last.split(':').next(), Some("redis" | "valkey"))
}

/// Judges a bundle's Redis, where it has one.
fn judge(case: &Generated) -> bool {
    let compose = case.compose();
    let services = compose["services"].as_object().expect("there are services");
    let mut redis = services.iter().filter(|(_, it)| it["image"].as_str().is_some_and(is_redis));
    let Some((host, service)) = redis.next() else { return false };
    let words = |value: &Value| -> String {
        let words = value.as_array().expect("a list of words").iter().filter_map(Value::as_str);
        words.map(|word| shlex::try_quote(word).expect("no NUL").into_owned() + " ").collect()
    };
    let mut script = String::new();
    let _ = writeln!(script, "user={}", service["user"].as_str().expect("a user"));
    script.push_str(ROOT);
    let _ = writeln!(script, "cp -L /etc/hosts /mnt/tmp/hosts; echo '127.0.0.1 {host}' >>/mnt/tmp/hosts");
    script.push_str("mount --bind /mnt/tmp/hosts $root/etc/hosts\n");
    let tls = words(&service["command"]).contains("--tls-port");
    let mounted: Vec<&str> = service["secrets"]
        .as_array()
        .expect("secrets")
        .iter()
        .map(|secret| secret["source"].as_str().expect("a name"))
        .collect();
    // How the names of this system's secrets for it begin.
    let own = mounted.iter().find_map(|name| name.strip_suffix("password")).expect("a password");
    if tls {
        // As the runbook makes them.
        let _ = writeln!(
            script,
            "cd /mnt/tmp; new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n\
             openssl req -x509 $new -days 2 -subj /CN=authority -keyout ca.key -out {own}ca 2>/dev/null\n\
             openssl req $new -subj /CN={host} -keyout {own}tls_key -out redis.csr 2>/dev/null\n\
             printf 'subjectAltName=DNS:{host}' | openssl x509 -req -in redis.csr -CA {own}ca -CAkey ca.key -days 2 \
             -extfile /dev/stdin -out {own}tls_certificate 2>/dev/null\n\
             for it in {own}ca {own}tls_key {own}tls_certificate; do install -m 0444 $it $root/run/secrets/$it; done"
        );
    }
    for name in &mounted {
        if !(tls && (name.contains("_tls_") || name.ends_with("_ca"))) {
            let file = case.folder().join("secrets").join(name);
            let _ = writeln!(script, "install -m 0444 '{}' $root/run/secrets/{name}", file.display());
        }
    }
    let command = words(&service["command"]);
    let policy = command.split_once("--maxmemory-policy ").map_or("noeviction", |(_, rest)| rest.trim_end());
    let policy = policy.split(' ').next().unwrap_or_default();
    let test = words(&service["healthcheck"]["test"]);
    let health = test.trim_start_matches("CMD ").replace("$$", "$");
    let client = service["command"][0].as_str().expect("a program").replace("-server", "-cli");
    let client = if tls { format!("{client} --tls --cacert /run/secrets/{own}ca -h {host}") } else { client };
    // One that keeps its data writes them; one access list lets the application list keys.
    let keeps = command.contains("--appendonly yes");
    let access = mounted.iter().find(|name| name.ends_with("access"));
    let access = access.map(|name| case.read(&format!("secrets/{name}"))).unwrap_or_default();
    let keys = if access.contains("+keys") { "answers sess:1" } else { "answers NOPERM" };
    let _ = writeln!(
        script,
        "enter {command} >/mnt/tmp/log 2>&1 &\n\
         healthy() {{ enter {health}; }}\n\
         for _ in $(seq 600); do healthy >/dev/null 2>&1 && break; sleep 0.1; done\n\
         healthy || {{ cat /mnt/tmp/log; exit 1; }}\n\
         answers NOAUTH enter {client} get x\n\
         secret=$(cat $root/run/secrets/{own}password)\n\
         ask() {{ enter env REDISCLI_AUTH=\"$secret\" {client} --no-auth-warning \"$@\"; }}\n\
         answers OK ask set sess:1 x ex 60\n\
         answers sess:1 ask --scan\n\
         answers NOPERM ask config get '*'\n\
         answers NOPERM ask flushall\n\
         {keys} ask keys '*'\n\
         answers 'not allowed' ask debug sleep 0\n\
         answers redis_version ask info server\n\
         answers {policy} ask info memory\n\
         printf wrong >$root/run/secrets/{own}password\n\
         fails healthy\n\
         test {} \"$(ls -A $root/data)\"\n\
         echo well",
        if keeps { "-n" } else { "-z" },
    );
    if tls {
        script.push_str("fails enter redis-cli -t 1 ping\n");
    }
    let said = tools::apart(&case.folder(), &script).accepted(&case.name);
    assert!(said.contains("well"), "{}: {said}", case.name);
    // The URL that the application gets holds the password that Redis asks for.
    let password = case.read(&format!("secrets/{own}password"));
    let scheme = if tls { "rediss" } else { "redis" };
    let url = case.read(&format!("secrets/{own}url{}", if tls { "_tls" } else { "" }));
    assert_eq!(url, format!("{scheme}://:{password}@{host}:6379/0"), "{}", case.name);
    true
}
