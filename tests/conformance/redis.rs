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
enter() { env -i PATH=/usr/bin:/bin /usr/sbin/chroot --userspec="$user" --groups= $root "$@"; }
fails() { if "$@" >/mnt/tmp/said 2>&1; then echo "it should have failed: $*"; cat /mnt/tmp/said; exit 1; fi; }
answers() { wanted=$1; shift; said=$("$@" 2>&1 || true); [[ $said == *"$wanted"* ]] || { echo "$*: $said, not $wanted"; exit 1; }; }
"#;

#[test]
fn redis_keeps_sessions_for_those_who_know_the_password() {
    let mut seen = 0;
    for (name, folder) in crate::support::cases() {
        let compose = std::fs::read_to_string(folder.join("expected/compose.yaml")).unwrap_or_default();
        if !compose.contains("image: \"docker.io/library/redis:") || compose.contains("external: true") {
            continue;
        }
        seen += 1;
        Generated::hosts(&name, &folder).iter().for_each(judge);
    }
    assert!(seen > 1, "{seen} cases have a Redis");
}

fn judge(case: &Generated) {
    let compose = case.compose();
    let services = compose["services"].as_object().expect("there are services");
    let redis = services.iter().find(|(_, it)| it["image"].as_str().is_some_and(|image| image.contains("/redis:")));
    let (host, service) = redis.expect("a Redis");
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
    // What stands before `redis_` in the names of this system's secrets.
    let own = mounted.iter().find_map(|name| name.strip_suffix("redis_password")).expect("a password");
    if tls {
        // As the runbook makes them.
        let _ = writeln!(
            script,
            "cd /mnt/tmp; new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n\
             openssl req -x509 $new -days 2 -subj /CN=authority -keyout ca.key -out {own}redis_ca 2>/dev/null\n\
             openssl req $new -subj /CN={host} -keyout {own}redis_tls_key -out redis.csr 2>/dev/null\n\
             printf 'subjectAltName=DNS:{host}' | openssl x509 -req -in redis.csr -CA {own}redis_ca -CAkey ca.key -days 2 \
             -extfile /dev/stdin -out {own}redis_tls_certificate 2>/dev/null\n\
             for it in {own}redis_ca {own}redis_tls_key {own}redis_tls_certificate; do install -m 0444 $it $root/run/secrets/$it; done"
        );
    }
    for name in &mounted {
        if !(tls && (name.contains("redis_tls") || name.ends_with("redis_ca"))) {
            let file = case.folder().join("secrets").join(name);
            let _ = writeln!(script, "install -m 0444 '{}' $root/run/secrets/{name}", file.display());
        }
    }
    let command = words(&service["command"]);
    let policy = command.split_once("--maxmemory-policy ").map_or("noeviction", |(_, rest)| rest.trim_end());
    let policy = policy.split(' ').next().unwrap_or_default();
    let test = words(&service["healthcheck"]["test"]);
    let health = test.trim_start_matches("CMD ").replace("$$", "$");
    let client = if tls {
        format!("redis-cli --tls --cacert /run/secrets/{own}redis_ca -h {host}")
    } else {
        "redis-cli".to_owned()
    };
    let _ = writeln!(
        script,
        "enter {command} >/mnt/tmp/log 2>&1 &\n\
         healthy() {{ enter {health}; }}\n\
         for _ in $(seq 100); do healthy >/dev/null 2>&1 && break; sleep 0.1; done\n\
         healthy || {{ cat /mnt/tmp/log; exit 1; }}\n\
         answers NOAUTH enter {client} get x\n\
         secret=$(cat $root/run/secrets/{own}redis_password)\n\
         ask() {{ enter env REDISCLI_AUTH=\"$secret\" {client} --no-auth-warning \"$@\"; }}\n\
         answers OK ask set sess:1 x ex 60\n\
         answers sess:1 ask --scan\n\
         answers NOPERM ask config get '*'\n\
         answers NOPERM ask flushall\n\
         answers NOPERM ask keys '*'\n\
         answers 'not allowed' ask debug sleep 0\n\
         answers redis_version ask info server\n\
         answers {policy} ask info memory\n\
         printf wrong >$root/run/secrets/{own}redis_password\n\
         fails healthy\n\
         test -z \"$(ls -A $root/data)\"\n\
         echo well"
    );
    if tls {
        script.push_str("fails enter redis-cli -t 1 ping\n");
    }
    let said = tools::apart(&case.folder(), &script).accepted(&case.name);
    assert!(said.contains("well"), "{}: {said}", case.name);
    // The URL that the application gets holds the password that Redis asks for.
    let password = case.read(&format!("secrets/{own}redis_password"));
    let scheme = if tls { "rediss" } else { "redis" };
    let url = case.read(&format!("secrets/{own}redis_url{}", if tls { "_tls" } else { "" }));
    assert_eq!(url, format!("{scheme}://:{password}@{host}:6379/0"), "{}", case.name);
}
