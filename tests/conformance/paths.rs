//! What single paths do, asked at every server with real requests: allow-lists, origins, methods, prefixes, policies,
//! sources and rates.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use stockade::inside::certs::{self, CertRequest, Names};

use crate::support::container::Container;
use crate::support::generated::Generated;
use crate::support::root;

/// Starts the proxy of a golden case and asks it.
fn ask(case: &str, host: Option<&str>, role: &str, port: u16) {
    let cases = Generated::named(case);
    let is_meant = |case: &&Generated| case.host.as_deref() == host;
    ask_it(cases.iter().find(is_meant).expect("the case has the host"), role, port);
}

/// The example of a media server, whose router ignores case, behind a proxy of each kind.
fn ask_media(kind: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let put = |name: &str, text: String| fs::write(folder.path().join(name), text).expect("written");
    let case = root().join("golden/jellyfin");
    let read = |name: &str| fs::read_to_string(case.join(name)).expect("the case is there");
    put("jellyfin.system.yaml", read("jellyfin.system.yaml"));
    put("profile.yaml", format!("{}proxy: {{kind: {kind}, tls: {{mode: self-signed}}}}\n", read("profile.yaml")));
    ask_it(&Generated::hosts("jellyfin", folder.path())[0], "media", 443);
}

/// A golden case with a system of its own or built in, behind a proxy of each kind.
fn ask_behind(case: &str, kind: &str, role: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let golden = root().join("golden").join(case);
    for entry in fs::read_dir(&golden).expect("the case is there").filter_map(Result::ok) {
        let name = entry.file_name().into_string().expect("a plain name");
        if name.ends_with(".yaml") {
            let text = fs::read_to_string(entry.path()).expect("a text");
            fs::write(folder.path().join(name), text.replace("kind: nginx", &format!("kind: {kind}")))
                .expect("written");
        }
    }
    ask_it(&Generated::hosts(case, folder.path())[0], role, 443);
}

/// Starts the proxy of a bundle and asks it.
fn ask_it(case: &Generated, role: &str, port: u16) {
    let host = case.host.as_deref();
    let compose = case.compose();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("our own folder");
    let at = |name: &str| folder.path().join(name);
    let authority = issue(folder.path(), "node", &["east.example.com"]);
    let other = issue(folder.path(), "own", &["panel.example.com", "east.example.com", "swing.example.com"]);
    // What the service behind the proxy shows, the right name of a wrong authority, and the wrong name of the right one.
    let (name, is_trusted) = match role {
        "sealed-by-another" => ("proactions-hub", false),
        "sealed-as-another" => ("someone-else", true),
        _ => ("proactions-hub", true),
    };
    let seal = issue(folder.path(), "sealed", &[name]);
    fs::write(at("seal.crt"), if is_trusted { &seal } else { &other }).expect("written");
    fs::write(at("authorities.crt"), if role == "stranger" { other } else { authority }).expect("written");
    let container = Container::new(&compose, case.folder(), "proxy")
        .with("fullchain.pem", at("own.crt"))
        .with("privkey.pem", at("own.key"))
        .with("ca-certificates.crt", at("authorities.crt"))
        .with("secrets/hub_tls_ca", at("seal.crt"));
    let process = container.process();
    let kind = ["nginx", "traefik", "caddy"].into_iter().find(|kind| process[0].ends_with(kind));
    let kind = kind.unwrap_or_else(|| panic!("no proxy is started by {process:?}"));
    let words: Vec<String> = process.iter().map(|word| format!("'{word}'")).collect();
    let prefix = if kind == "nginx" { " -p /tmp/ -c /etc/nginx/nginx.conf" } else { "" };
    let script = format!(
        "cp {folder}/*.crt {folder}/*.key /mnt/\n\
         for address in 10.91.30.1 10.8.0.5 192.168.1.5 203.0.113.5 203.0.113.9 192.0.2.1; do ip addr add $address/32 dev lo; done\n\
         ip addr add 198.51.0.1/16 dev lo\nip route add local 198.51.0.0/16 dev lo 2>/dev/null || :\n\
         python3 {} {kind} {role} {port} >/mnt/said 2>&1 &\nasking=$!\n\
         until [[ -e /mnt/ready ]] || ! kill -0 $asking; do sleep 0.02; done\n\
         start {}{prefix} &\nserver=$!\n\
         wait $asking || code=$?\nkill $server || :\ncat /mnt/said\n\
         if grep -q SECRETTOKEN /mnt/out /mnt/err; then echo 'a token stands in the log'; code=1; fi\n\
         [ \"${{code:-0}}\" = 0 ] || {{ tail -n 20 /mnt/err >&2; exit 1; }}",
        shlex::try_quote(&root().join("tests/behaviour/path_rules.py").to_string_lossy()).expect("no NUL"),
        words.join(" "),
        folder = folder.path().display(),
    );
    let what = format!("{} {} with {kind}", case.name, host.unwrap_or_default());
    container.run(&script).accepted(&what);
}

/// Writes `NAME.crt` and `NAME.key` for host names and gives the authority's certificate.
fn issue(folder: &Path, name: &str, domains: &[&str]) -> String {
    let names = Names::new(domains.iter().copied(), []).expect("a name");
    let request = CertRequest::new(domains[0], names, time::UtcDateTime::now(), 90).expect("a request");
    let issued = certs::issue(&request, &mut rand::rngs::SysRng).expect("a certificate");
    fs::write(folder.join(format!("{name}.crt")), &issued.fullchain).expect("written");
    fs::write(folder.join(format!("{name}.key")), issued.server_key.expose()).expect("written");
    issued.ca_cert
}

#[test]
fn every_proxy_asks_a_service_over_tls_and_verifies_it() {
    for kind in ["traefik", "nginx", "caddy"] {
        for role in ["sealed", "sealed-by-another", "sealed-as-another"] {
            ask_behind("proactions-hub-tls", kind, role);
        }
    }
}

#[test]
fn proxies_answer_by_themselves() {
    for kind in ["nginx", "caddy", "traefik"] {
        ask_behind("answers", kind, "answers");
    }
}

/// Headers, encoded characters, methods, names and silence: what one site or path chooses is the same on every proxy.
#[test]
fn proxies_agree_on_the_choices_of_paths() {
    for kind in ["nginx", "caddy", "traefik"] {
        ask_behind("edge-choices", kind, "edge");
    }
}

#[test]
fn traefik_does_what_paths_say() {
    ask("stellarstack-self-signed", None, "all", 443);
}

#[test]
fn nginx_does_what_paths_say() {
    ask("stellarstack-nginx-self-signed", None, "all", 443);
}

#[test]
fn nginx_asks_a_daemon_in_a_container() {
    ask("stellarstack-container", None, "all", 443);
}

#[test]
fn caddy_does_what_paths_say() {
    ask("stellarstack-caddy", None, "all", 8443);
}

#[test]
fn traefik_keeps_rules_in_every_spelling_of_capitals() {
    ask_media("traefik");
}

#[test]
fn nginx_keeps_rules_in_every_spelling_of_capitals() {
    ask_media("nginx");
}

#[test]
fn caddy_keeps_rules_in_every_spelling_of_capitals() {
    ask_media("caddy");
}

#[test]
fn traefik_asks_another_host_over_verified_tls() {
    ask("stellarstack-hosts", Some("panel"), "panel", 443);
}

#[test]
fn nginx_asks_another_host_over_verified_tls() {
    ask("stellarstack-hosts-nginx", Some("panel"), "panel", 443);
}

#[test]
fn nobody_else_can_pass_for_the_other_host() {
    ask("stellarstack-hosts", Some("panel"), "stranger", 443);
    ask("stellarstack-hosts-nginx", Some("panel"), "stranger", 443);
}

#[test]
fn another_host_answers_the_panel_alone() {
    ask("stellarstack-hosts", Some("east"), "node", 443);
}
