//! A running Caddy, asked from inside and outside the admin networks, before and after the dashboard has changed what it
//! changes at every start.

use serde_json::Value;
use stockade::inside::certs::{self, CertRequest, Names};

use super::{CONFIG, stock};
use crate::support::session::Session;
use crate::support::{root, tools};

const PROFILE: &str = r#"version: 1
name: edge
system: proxyos
domain: proxy.example.com
admin: [10.8.0.0/24]
services:
  proxyos: {image: "ghcr.io/dariusvorster/proxyos:1.0.0@sha256:1111111111111111111111111111111111111111111111111111111111111111"}
"#;

const ROUTES: &str = r#"
settings:
  users: [{email: anna@example.com, role: admin}]
  machines: [10.8.1.5]
  issuer: files
  routes:
    - {domain: wiki.example.com, upstreams: ["wiki:8080"], body_max: 1k}
    - {domain: git.example.com, upstreams: ["git:3000"], admin_only: true}
    - {domain: lab.example.com, upstreams: ["lab:3000"], password: true}
"#;

/// Chain and key of an operator's certificate.
pub(super) fn certificate(names: &[&str]) -> (String, String) {
    let all = Names::new(names.iter().copied(), []).expect("names");
    let request = CertRequest::new(names[0], all, time::UtcDateTime::now(), 90).expect("a request");
    let issued = certs::issue(&request, &mut rand::rngs::SysRng).expect("a certificate");
    (issued.fullchain, issued.server_key.expose().to_owned())
}

/// What was asked and what came back.
struct Asked(Vec<Value>);

impl Asked {
    #[track_caller]
    fn find(&self, name: &str) -> &Value {
        self.0.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{name} was not asked: {:#?}", self.0))
    }

    #[track_caller]
    fn answers(&self, name: &str, status: u64) -> &Self {
        let found = self.find(name);
        assert_eq!(found["status"], status, "{name}: {found:#}");
        self
    }

    #[track_caller]
    fn header(&self, name: &str, header: &str) -> Vec<&str> {
        self.find(name)["headers"][header].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// What the application behind saw.
    #[track_caller]
    fn seen(&self, name: &str) -> Value {
        let body = self.find(name)["body"].as_str().unwrap_or_default();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{name}: {error} in {body:?}"))
    }
}

/// Starts Caddy with the start configuration of a bundle, asks, lets the dashboard's part happen, and asks again.
fn ask(profile: &str, questions: &str) -> (Asked, Asked) {
    let session = Session::with_profile(profile);
    session.run("generate stockade.yaml --out bundle").exits(0);
    let names = ["proxy.example.com", "wiki.example.com", "git.example.com", "lab.example.com"];
    if profile.contains("mode: files") {
        let (chain, key) = certificate(&names);
        session.put("bundle/certs/server.crt", chain);
        session.put("bundle/certs/server.key", key);
    }
    let config: Value = serde_json::from_str(&session.read(&format!("bundle/{CONFIG}"))).expect("JSON");
    let bundle = session.path("bundle");
    session.put("caddy.json", stock(&config, &bundle, &session.path("")).to_string());
    let standin = root().join("tests/own_edge/standin.py");
    let script = format!(
        r#"
for address in 10.8.0.7 10.8.1.5 192.0.2.7 198.51.100.1 203.0.113.1; do ip addr add $address/32 dev lo; done
export XDG_DATA_HOME=$PWD/data XDG_CONFIG_HOME=$PWD/config HOME=$PWD
for port in 3000 9001; do python3 {standin} $port & done
caddy run --config caddy.json >caddy.out 2>&1 &
wait_for() {{ for _ in $(seq 600); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; cat caddy.out caddy-system.log >&2; exit 1; }}
wait_for curl -fsS http://localhost:2019/config/
wait_for curl -fsS http://127.0.0.1:3000/
wait_for curl -fsS http://127.0.0.1:9001/
gate=$(cat bundle/secrets/gate_password); guest=$(cat bundle/secrets/route_password 2>/dev/null || :)
# ask NAME FROM URL [ARGUMENT …]: prints one JSON object.
ask() {{
  local name=$1 from=$2 url=$3; shift 3
  local host=${{url#*://}}; host=${{host%%/*}}; local port=${{host##*:}}; host=${{host%%:*}}
  [[ $port != "$host" ]] || {{ port=443; [[ $url == https* ]] || port=80; }}
  curl -sS -k --interface "$from" --resolve "$host:$port:203.0.113.1" -o body -D headers -w '%{{http_code}} %{{header_json}}' "$@" "$url" >said || :
  python3 - "$name" <<'PY'
import json, sys
said = open("said").read()
status, _, headers = said.partition(" ")
print(json.dumps({{"name": sys.argv[1], "status": int(status or 0), "headers": json.loads(headers or "{{}}"), "body": open("body", errors="replace").read()}}))
PY
  : >body
}}
questions() {{ :; {questions}
}}
questions >first
# What the dashboard does at each start, word for word.
tell() {{ curl -sS -o /dev/null -w '%{{http_code}}\n' -H 'Content-Type: application/json' -H 'Origin: http://localhost:2019' -X "$1" "http://localhost:2019/$2" -d "$3"; }}
route() {{ printf '{{"@id":"proxyos-route-%s","match":[{{"host":["%s.example.com"]}}],"handle":[{{"handler":"reverse_proxy","upstreams":[{{"dial":"127.0.0.1:9001"}}]}}],"terminal":true}}' "$1" "$1"; }}
{{ tell PATCH config/apps/http/servers/main/routes "[$(route wiki),$(route git),$(route lab)]"
tell PATCH config/apps/http/servers/main/errors '{{"routes":[]}}'
tell PUT config/apps/http/servers/main/errors '{{"routes":[]}}'
tell PUT config/apps/http/servers/dashboard '{{"listen":[":3000"],"routes":[]}}'
tell PUT config/apps/http/servers/main/trusted_proxies '{{"source":"static","ranges":["0.0.0.0/0"]}}'; }} >told
questions >second
cat first; echo; cat told; echo; cat second
"#,
        standin = standin.display()
    );
    let said = tools::apart(&session.path(""), &script);
    let out = said.accepted(profile);
    let parts: Vec<&str> = out.split("\n\n").collect();
    let [first, told, second] = parts[..] else { panic!("{out}") };
    // The listener of the second dashboard finds its port taken, and nobody widens whom to believe.
    assert_eq!(told.lines().collect::<Vec<_>>(), ["200", "404", "200", "500", "409"], "{out}");
    let read = |text: &str| Asked(text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect());
    (read(first), read(second))
}

#[test]
fn the_gate_and_listed_routes_hold_before_and_after_the_dashboard_starts() {
    let tls = "proxy: {tls: {mode: files, certificate: /etc/ssl/fullchain.pem, key: /etc/ssl/privkey.pem}}";
    let (first, second) = ask(
        &format!("{PROFILE}{tls}{ROUTES}"),
        r#"
  local at=https://proxy.example.com:3443 in=10.8.0.7 out=192.0.2.7 machine=10.8.1.5
  ask gate-bare $in $at/
  ask gate $in $at/login -u "admin:$gate" -H 'X-Forwarded-For: 1.2.3.4'
  ask gate-wrong $in $at/ -u admin:wrong
  ask gate-outside $out $at/ -u "admin:$gate"
  ask gate-forged $out $at/ -u "admin:$gate" -H 'X-Forwarded-For: 10.8.0.7'
  ask register $in $at/api/trpc/users.register -u "admin:$gate" -d '{}'
  ask register-batch $in "$at/api/trpc/routes.list,Users.REGISTER?batch=1" -u "admin:$gate" -d '{}'
  ask register-encoded $in "$at/api/trpc/users%2eregister" -u "admin:$gate" -d '{}'
  ask register-letters $in "$at/api/trpc/%75sers.r%65gister" -u "admin:$gate" -d '{}'
  ask machine $machine $at/api/v1/routes -H 'Authorization: Bearer pxos_x'
  ask machine-metrics $machine $at/api/metrics -H 'Authorization: Bearer t'
  ask machine-public $machine $at/api/trpc/publicApi.health -H 'Authorization: Bearer t'
  ask machine-elsewhere $machine $at/api/trpc/routes.list -u "admin:$gate"
  ask machine-batch $machine "$at/api/trpc/publicApi.health,routes.list" -H 'Authorization: Bearer t'
  ask plain $out http://wiki.example.com/a?b
  ask wiki $out https://wiki.example.com/page -H 'X-Forwarded-For: 10.8.0.7'
  ask large $out https://wiki.example.com/ --data-binary "$(printf 'x%.0s' $(seq 2000))"
  ask git-outside $out https://git.example.com/ -H 'X-Forwarded-For: 10.8.0.7'
  ask git-inside $in https://git.example.com/
  ask lab-bare $out https://lab.example.com/
  ask lab $out https://lab.example.com/ -u "guest:$guest"
  ask unlisted $out https://other.example.com/
  ask gate-name $out https://proxy.example.com/"#,
    );
    for asked in [&first, &second] {
        asked.answers("gate-bare", 401).answers("gate", 200).answers("gate-wrong", 401);
        asked.answers("gate-outside", 403).answers("gate-forged", 403);
        for register in ["register", "register-batch", "register-encoded", "register-letters"] {
            asked.answers(register, 403);
        }
        asked.answers("machine", 200).answers("machine-metrics", 200).answers("machine-public", 200);
        asked.answers("machine-elsewhere", 403).answers("machine-batch", 403);
        let gate = asked.seen("gate");
        assert_eq!(gate["headers"]["authorization"], Value::Null, "the gate's password goes no further");
        assert_eq!(gate["headers"]["x-forwarded-for"], "10.8.0.7", "who asks is what the gate saw");
        assert_eq!(asked.seen("machine")["headers"]["authorization"], "Bearer pxos_x");
        for answer in ["gate", "gate-bare", "wiki", "lab-bare", "git-outside"] {
            let hsts = asked.header(answer, "strict-transport-security");
            assert_eq!(hsts, ["max-age=63072000; includeSubDomains"], "{answer}");
        }
        assert!(asked.header("gate", "x-powered-by").is_empty() && asked.header("gate", "server").is_empty());
        assert_eq!(asked.header("gate", "x-frame-options"), ["DENY"]);
        asked.answers("plain", 308);
        assert_eq!(asked.header("plain", "location"), ["https://wiki.example.com/a?b"]);
        asked.answers("git-outside", 403).answers("lab-bare", 401).answers("unlisted", 0).answers("gate-name", 404);
        asked.answers("large", 413);
    }
    // Before the dashboard has given its routes, `main` has none.
    second.answers("wiki", 200).answers("git-inside", 200).answers("lab", 200);
    let wiki = second.seen("wiki");
    assert_eq!(wiki["headers"]["x-forwarded-for"], "192.0.2.7, 127.0.0.1", "{wiki:#}");
    assert_eq!(wiki["headers"]["x-forwarded-proto"], "https", "{wiki:#}");
    assert_eq!(second.seen("lab")["headers"]["authorization"], Value::Null);
    assert!(second.header("wiki", "server").is_empty());
}

#[test]
fn behind_another_proxy_clients_are_told_apart_by_its_word_alone() {
    let more = "variant: behind\nproxy: {bind: [10.0.0.2], trusted_proxies: [203.0.113.1]}";
    let routes = r#"
settings:
  users: [{email: anna@example.com, role: admin}]
  routes:
    - {domain: wiki.example.com, upstreams: ["wiki:8080"]}
    - {domain: git.example.com, upstreams: ["git:3000"], allow: [192.0.2.0/24]}
"#;
    let (_, asked) = ask(
        &format!("{PROFILE}{more}{routes}"),
        r#"
  ask wiki 203.0.113.1 http://wiki.example.com/ -H 'X-Forwarded-For: 198.51.100.9' -H 'X-Forwarded-Proto: https'
  ask git-inside 203.0.113.1 http://git.example.com/ -H 'X-Forwarded-For: 192.0.2.7'
  ask git-outside 203.0.113.1 http://git.example.com/ -H 'X-Forwarded-For: 198.51.100.9'
  ask git-chain 203.0.113.1 http://git.example.com/ -H 'X-Forwarded-For: 192.0.2.7, 198.51.100.9'
  ask git-alone 192.0.2.7 http://git.example.com/
  ask git-forged 198.51.100.1 http://git.example.com/ -H 'X-Forwarded-For: 192.0.2.7'
  ask gate-forged 203.0.113.1 https://proxy.example.com:3443/ -u "admin:$gate" -H 'X-Forwarded-For: 10.8.0.7'
  ask gate 10.8.0.7 https://proxy.example.com:3443/ -u "admin:$gate""#,
    );
    asked.answers("wiki", 200).answers("git-inside", 200).answers("git-outside", 403).answers("git-alone", 200);
    asked.answers("git-chain", 403).answers("gate-forged", 403).answers("gate", 200);
    assert_eq!(asked.header("wiki", "strict-transport-security"), ["max-age=63072000; includeSubDomains"]);
}
