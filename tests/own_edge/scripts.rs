//! The scripts of the bundle against a stand-in of the dashboard and a real Caddy: what is made once, what is restored
//! after a restart, and when the health check fails.

use serde_json::Value;

use crate::support::session::Session;
use crate::support::{root, tools};

const PROFILE: &str = r#"version: 1
name: edge
system: proxyos
domain: proxy.example.com
admin: [10.8.0.0/24]
services:
  proxyos: {image: "ghcr.io/dariusvorster/proxyos:1.0.0@sha256:1111111111111111111111111111111111111111111111111111111111111111"}
settings:
  users:
    - {email: anna@example.com, role: admin}
    - {email: Ben@example.com}
  api_keys: [{name: monitoring, scopes: ["health:read"], expires_days: 30}]
  routes:
    - {domain: wiki.example.com, upstreams: ["wiki:8080", "wiki2:8080"], policy: least_conn}
    - {domain: nas.example.com, upstreams: ["192.168.20.9:5001"], upstream_tls: trusted}
"#;

#[test]
fn scripts_make_the_plan_and_restore_what_is_lost() {
    let session = Session::with_profile(PROFILE);
    session.run("generate stockade.yaml --out bundle").exits(0);
    session.put("state.json", r#"{"users":[],"routes":[],"api_keys":[],"joins":true}"#);
    session.put(
        "caddy.json",
        r#"{"admin":{"listen":"localhost:2019"},"apps":{"http":{"servers":{"main":{"listen":["127.0.0.1:8880"],"routes":[]}}}}}"#,
    );
    let from = root().join("tests/own_edge");
    let database = std::fs::read_to_string(from.join("database.cjs")).expect("the stand-in is there");
    session.put("app/node_modules/better-sqlite3/index.js", database);
    let script = format!(
        r#"
mount -t tmpfs tmpfs /run
export PROXYOS_SECRET=$(cat bundle/secrets/proxyos_secret) PROXYOS_DB_PATH=$PWD/state.json STANDIN_STATE=$PWD/state.json
export STOCKADE_APP=$PWD/app/ STOCKADE_PLAN=$PWD/bundle/config/plan.json STOCKADE_PAUSE=0.1 HOME=$PWD
caddy() {{ command caddy run --config caddy.json >>caddy.out 2>&1 & caddy=$!; until_ok curl -fsS http://localhost:2019/config/; }}
until_ok() {{ for _ in $(seq 600); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; echo "never: $*"; tail -n 5 caddy.out watch.out >&2; exit 1; }}
whole() {{ [ "$(curl -fsS http://localhost:2019/config/apps/http/servers/main/routes | grep -o X-Whole | wc -l)" -eq "$1" ]; }}
unhealthy() {{ if sh bundle/scripts/healthy.sh; then echo healthy; exit 1; fi; }}
# Without a dashboard the health check fails.
unhealthy
node {dashboard} & until_ok curl -fsS http://127.0.0.1:3000/api/health
# Without Caddy too.
unhealthy
caddy
sh bundle/scripts/healthy.sh
node bundle/scripts/bootstrap.mjs >first
node bundle/scripts/bootstrap.mjs >second
PROXYOS_SECRET=wrong node bundle/scripts/reapply.mjs once >wrong 2>&1 && exit 1
node bundle/scripts/reapply.mjs watch >watch.out 2>&1 & watch=$!
until_ok whole 2; until_ok test -f /run/stockade/routes; sh bundle/scripts/healthy.sh
# The dashboard starts anew: its routes are there, but not whole.
kill -STOP $watch; curl -fsS -X POST http://127.0.0.1:3000/push >push; whole 0; kill -CONT $watch; until_ok whole 2
# Caddy starts anew by itself and has no route at all: unhealthy until they are back.
kill -STOP $watch; kill $caddy; wait $caddy || :; unhealthy; caddy; unhealthy
kill -CONT $watch; until_ok whole 2; sh bundle/scripts/healthy.sh
kill $watch
mkdir logs; printf '%s\n' '{{"ts":9999999999,"status":403,"request":{{"client_ip":"192.0.2.7","host":"wiki.example.com","uri":"/x"}}}}' 'no json' '{{"ts":1,"status":403,"request":{{}}}}' >logs/edge.log
STOCKADE_LOGS=$PWD/logs/ node bundle/scripts/review.mjs 7 >review
"#,
        dashboard = from.join("dashboard.mjs").display()
    );
    tools::apart(&session.path(""), &script).accepted("the scripts");

    let state: Value = serde_json::from_str(&session.read("state.json")).expect("JSON");
    let all = |table: &str, field: &str| -> Vec<String> {
        state[table].as_array().into_iter().flatten().map(|row| row[field].to_string()).collect()
    };
    assert_eq!(all("users", "email"), [r#""anna@example.com""#, r#""Ben@example.com""#]);
    assert_eq!(all("users", "role"), [r#""admin""#, r#""viewer""#]);
    assert_eq!(all("routes", "domain"), [r#""wiki.example.com""#, r#""nas.example.com""#]);
    assert_eq!(all("routes", "upstreamProtocol"), [r#""http""#, r#""https-trusted""#]);
    // A check over TLS would make Caddy refuse all routes.
    assert_eq!(all("routes", "healthCheckEnabled"), ["true", "false"]);
    assert_eq!(all("routes", "tlsMode"), [r#""off""#, r#""off""#]);
    assert_eq!((all("api_keys", "days"), &state["joins"]), (vec!["30".to_owned()], &Value::Bool(false)));

    // Each password is shown once, is its own, and lies nowhere in the bundle.
    let first = session.read("first");
    let passwords = all("users", "password");
    assert_ne!(passwords[0], passwords[1]);
    for password in &passwords {
        let password = password.trim_matches('"');
        assert!(password.len() >= 20 && first.matches(password).count() == 1, "{first}");
    }
    assert!(first.contains("API key monitoring, 30 days, health:read: pxos_monitoring"), "{first}");
    assert_eq!(session.read("second"), "done\n");
    assert!(session.read("wrong").contains("0 of 2 routes restored"), "{}", session.read("wrong"));
    let review = session.read("review");
    assert!(review.contains("edge.log: 1 requests") && review.contains("192.0.2.7 403"), "{review}");
}
