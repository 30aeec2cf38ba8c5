//! Combinations that this system refuses or warns of, each with the place in the profile it points at.

use crate::support::library;

const IMAGE: &str =
    "ghcr.io/dariusvorster/proxyos:1.0.0@sha256:1111111111111111111111111111111111111111111111111111111111111111";

/// Line 6 begins what a case adds.
fn findings(image: &str, more: &str) -> Vec<String> {
    let head = "version: 1\nname: edge\nsystem: proxyos\ndomain: proxy.example.com\nadmin: [10.8.0.0/24]\n";
    let services = format!("services: {{proxyos: {{image: \"{image}\"ENV}}}}\n");
    let (services, more) = match more.strip_prefix("environment: ") {
        Some(variables) => (services.replace("ENV", &format!(", environment: {variables}")), ""),
        None => (services.replace("ENV", ""), more),
    };
    library::findings(&library::profile(&format!("{head}{more}{services}")))
}

#[track_caller]
fn says(image: &str, more: &str, wanted: &str) {
    let found = findings(image, more);
    assert!(found.iter().any(|line| line.contains(wanted)), "{more}\nno {wanted:?} in {found:#?}");
}

#[test]
fn images_must_be_what_was_verified() {
    says("ghcr.io/dariusvorster/proxyos:1.0.0", "", "is not named by its digest");
    says("ghcr.io/dariusvorster/proxyos:latest", "", "unpinned-image");
    says(&IMAGE.replace("/proxyos:", "/proxyos-agent:"), "", "the agent of ProxyOS dials an address");
    says(&IMAGE.replace("dariusvorster/proxyos", "example/caddy"), "", "this image is not that of ProxyOS");
    says(IMAGE, "variant: tunnel\n", "the image of the tunnel is not named by its digest");
}

#[test]
fn variables_cannot_undo_the_hardening() {
    for (variables, wanted) in [
        ("{HOSTNAME: 0.0.0.0}", "the dashboard would answer other containers"),
        ("{PROXYOS_DASHBOARD_PORT: \"3091\"}", "Caddy would serve the dashboard without TLS"),
        ("{PROXYOS_URL: \"\"}", "the dashboard never starts"),
        ("{PROXYOS_MODE: standalone}", "this mode opens the port of the federation"),
        ("{PROXYOS_MODE: central}", "this mode opens the port of the federation"),
        ("{PROXYOS_TLS_SKIP_VERIFY: \"true\"}", "the node would take anybody for its centre"),
        ("{PROXYOS_COOKIE_SECURE: \"false\"}", "the session cookie would travel without TLS"),
        ("{S6_READ_ONLY_ROOT: \"0\"}", "s6 does not start on a read-only root"),
        ("{CADDY_ADMIN_URL: \"http://0.0.0.0:2019\"}", "a path or address is moved"),
        ("{LOG_LEVEL: debug}", "no code in this container reads `LOG_LEVEL`"),
        ("{CLOUDFLARE_API_TOKEN: abc}", "looks like a secret"),
        ("{PROXYOS_SECRET: changeme}", "looks like a secret"),
    ] {
        says(IMAGE, &format!("environment: {variables}"), wanted);
    }
}

#[test]
fn routes_lead_nowhere_they_should_not() {
    let route = |fields: &str| {
        format!("settings:\n  routes:\n    - {{domain: ok.example.com, upstreams: [\"ok:80\"]}}\n    - {{{fields}}}\n")
    };
    for (fields, place, wanted) in [
        ("domain: a.example.com, upstreams: [\"localhost:2019\"]", "9:", "is the container itself"),
        ("domain: a.example.com, upstreams: [\"ok:80\", \"127.0.0.1:3000\"]", "9:", "is the container itself"),
        ("domain: a.example.com, upstreams: [\"[::1]:7890\"]", "9:", "is the container itself"),
        ("domain: a.example.com, upstreams: [\"proxyos:3000\"]", "9:", "is the container itself"),
        ("domain: a.example.com, upstreams: [\"nas:8006\"]", "9:", "takes this port for TLS"),
        ("domain: a.example.com, upstreams: [\"nas:443\"], upstream_tls: insecure", "9:", "anybody between proxy and"),
        ("domain: a.example.com, upstreams: []", "9:", "leads nowhere"),
        ("domain: proxy.example.com, upstreams: [\"a:1\"]", "9:", "is the name of this proxy itself"),
        ("domain: OK.example.com, upstreams: [\"a:1\"]", "9:", "record 1 says `ok.example.com` as well"),
        ("domain: a.example.com, upstreams: [\"a:1\"], certificate: internal, hsts: true", "9:", "locks visitors out"),
        ("domain: a.example.com, upstreams: [\"a:1\"], hsts: false", "9:", "does not insist on HTTPS"),
        ("domain: a.example.com, upstreams: [\"a:1\"], waf: \"off\"", "9:", "nothing blocks attacks on it"),
        ("domain: a.example.com, upstreams: [\"a:1\"], certificate: files", "9:", "no certificate of the operator's"),
        ("domain: a.example.com, upstreams: [\"a:1\"], ssoEnabled: true", "9:", "there is no field `ssoEnabled`"),
        (
            "domain: a.example.com, upstreams: [{address: \"a:1\", weight: 2}]",
            "9:",
            "one value is wanted, not a record",
        ),
        ("upstreams: [\"a:1\"]", "9:", "the record has no `domain`"),
    ] {
        let found = findings(IMAGE, &route(fields));
        assert!(
            found.iter().any(|line| line.contains(wanted) && line.contains(place)),
            "{fields}\nno {wanted:?} in {found:#?}"
        );
    }
}

#[test]
fn users_and_keys_are_narrow() {
    for (settings, wanted) in [
        ("{users: [{email: admin@example.com, role: admin}]}", "looks like a mailbox of several people"),
        ("{users: [{email: it@example.com, role: admin}]}", "looks like a mailbox of several people"),
        ("{users: [{email: a@example.com}, {email: A@example.com}]}", "record 1 says"),
        ("{users: [{email: a@example.com, role: root}]}", "is not one of its values"),
        ("{users: [{email: a@example.com}]}", "no user is an administrator"),
        ("{api_keys: [{name: ci, scopes: [admin]}]}", "may do everything"),
        ("{api_keys: [{name: ci, scopes: []}]}", "has no scope"),
        ("{api_keys: [{name: ci, scopes: [\"hosts:read\"]}]}", "is not one of its values"),
        ("{api_keys: [{name: ci, scopes: [\"certs:write\"]}]}", "no call asks for `certs:write`"),
        ("{api_keys: [{name: ci, scopes: [read], expires_days: 400}]}", "this is no whole number from 1 to 365"),
        ("{api_keys: [{name: ci, scopes: [read], expires_days: null}]}", "it has no value"),
        ("{machines: [0.0.0.0/0]}", "the token API would be open to the whole internet"),
        ("{gate_port: 443}", "port 443 has another meaning here"),
        ("{serve: dashboard, routes: [{domain: a.example.com, upstreams: [\"a:1\"]}]}", "has no place"),
        ("{serve: listed}", "no route is listed"),
        ("{federation_domain: f.example.com}", "no use in the variant `lan`"),
    ] {
        says(IMAGE, &format!("settings: {settings}\n"), wanted);
    }
}

#[test]
fn deployments_want_what_they_need() {
    for (more, wanted) in [
        ("variant: tailscale\n", "published on the node's own address only"),
        ("variant: central\n", "the centre has no host name for its nodes"),
        ("variant: central\nsettings: {federation_domain: f.example.com}\n", "no node may reach the centre"),
        ("variant: node\n", "the node has no centre"),
        ("variant: behind\nproxy: {bind: [192.168.20.2]}\n", "the proxy in front is not known"),
        ("variant: tunnel\nproxy: {tls: {mode: acme}}\n", "cannot reach this host for the gate's certificate"),
        ("proxy: {trusted_proxies: [192.168.20.1]}\n", "nobody is in front of this variant"),
        ("firewall: {kind: none}\n", "without a firewall everybody reaches the gate"),
        ("proxy: {kind: nginx}\n", "is a reverse proxy itself, so `proxy.kind` reaches nothing"),
        ("proxy: {auth: {mode: none}}\n", "is a reverse proxy itself, so `proxy.auth.mode` reaches nothing"),
        ("proxy: {waf: block}\n", "is a reverse proxy itself, so `proxy.waf` reaches nothing"),
        ("waivers: [{control: hsts, reason: Not yet, until: 2027-01-01}]\n", "in a configuration of its own"),
        ("proxy: {headers: {hsts: true}}\n", "HSTS with a certificate that browsers do not trust"),
    ] {
        says(IMAGE, more, wanted);
    }
}

#[test]
fn no_public_authority_issues_for_a_name_of_the_house() {
    let profile = "version: 1\nname: edge\nsystem: proxyos\ndomain: proxy.home.arpa\nadmin: [10.8.0.0/24]\nproxy: {tls: {mode: acme}}\n";
    let found = library::findings(&library::profile(profile));
    assert!(found.iter().any(|line| line.contains("no public authority issues for `proxy.home.arpa`")), "{found:#?}");
}
