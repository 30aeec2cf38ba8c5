//! What is said of third-party checkers.

use super::*;

#[test]
fn checkers_are_explained_for_what_is_there_only() {
    let (report, ..) = run(stack(Vec::new()));
    let rules: Vec<_> = report.checkers.iter().filter(|f| f.raised).map(|f| (f.checker, f.rule)).collect();
    let has = |checker: &str, number: &str| rules.iter().any(|(c, r)| *c == checker && r.starts_with(number));
    for (checker, rule) in [
        ("docker-bench-security", "5.14"),
        ("docker-bench-security", "5.8"),
        ("docker-bench-security", "5.19"),
        ("docker-bench-security", "5.27"),
        ("KICS", "Container Capabilities Unrestricted"),
        ("KICS", "Privileged Ports Mapped In Container"),
        ("dclint", "require-quotes-in-ports"),
        ("CIS Docker Benchmark, by hand", "5.15"),
        ("OWASP Docker Security Cheat Sheet, by hand", "Rule 13"),
    ] {
        assert!(has(checker, rule), "{checker} {rule}: {rules:?}");
    }
    for (checker, rule) in
        [("KICS", "Container Traffic Not Bound"), ("KICS", "Docker Socket"), ("KICS", "Volume Has"), ("dclint", "no-")]
    {
        assert!(!has(checker, rule), "{checker} {rule}");
    }
    let digest = report.checkers.iter().find(|f| f.rule.starts_with("Rule 13")).unwrap();
    assert_eq!(digest.places[0].key.as_deref(), Some("services.app.image"));
    assert_eq!(digest.places.len(), 1, "the image with a digest is not named");
    let page = page(&report).unwrap();
    assert!(page.contains("<code>compose.yaml</code> line 14 (<code>ports</code>)"), "{page}");
}

/// What is said of a compose file by a checker's rule.
fn reasons(compose: &str, more: &[(&str, &str)], rule: &str) -> Vec<String> {
    let mut artifacts = vec![Artifact::text("compose.yaml".parse().unwrap(), compose.to_owned())];
    artifacts.extend(more.iter().map(|(path, text)| Artifact::text(path.parse().unwrap(), (*text).to_owned())));
    let mut diagnostics = Diagnostics::default();
    let (report, _) =
        emit(&enforce(stack(Vec::new())), files(&artifacts), &Engine::builtin(), &mut diagnostics).unwrap();
    report.checkers.iter().filter(|f| f.raised && f.rule.contains(rule)).map(|f| f.reason.clone()).collect()
}

#[test]
fn what_is_said_of_ports_and_sockets_is_so() {
    let service = |lines: &str| format!("services:\n  any:\n    image: a:1\n    cap_drop: [ALL]\n{lines}");
    let web = |port: &str| format!("    ports: [\"0.0.0.0:80:{port}\"]\n");
    let rule = "5.8 Ensure privileged ports";
    let said = reasons(&service(&web("8080")), &[], rule);
    assert!(matches!(said.as_slice(), [one] if one.contains("listens on 8080 and needs no capability")), "{said:?}");
    let said = reasons(&service(&format!("{}    cap_add: [NET_BIND_SERVICE]\n", web("80"))), &[], rule);
    assert!(matches!(said.as_slice(), [one] if one.contains("listens on 80, with NET_BIND_SERVICE")), "{said:?}");
    let said = reasons(&service(&format!("{}    user: \"101\"\n", web("80"))), &[], rule);
    assert!(matches!(said.as_slice(), [one] if one.contains("listens on 80, without a capability")), "{said:?}");

    let rule = "Privileged Ports Mapped";
    let said = reasons(&service(&format!("{}    cap_add: [NET_BIND_SERVICE]\n", web("80"))), &[], rule);
    assert!(matches!(said.as_slice(), [one] if one.contains("NET_BIND_SERVICE given back")), "{said:?}");
    let said = reasons(&service(&web("80")), &[], rule);
    assert!(matches!(said.as_slice(), [one] if one.contains("NET_BIND_SERVICE with them")), "{said:?}");
    let said = reasons(&service(&web("80")).replace("    cap_drop: [ALL]\n", ""), &[], rule);
    assert_eq!(said, ["The engine's own capabilities are kept."]);

    let socket = service("    volumes: [{type: bind, source: /var/run/docker.sock, target: /var/run/docker.sock}]\n");
    let said = reasons(&socket, &[], "Volume Has Sensitive Host Directory");
    assert_eq!(said, ["The application asks for the socket itself, which is root on the host."]);
    let said = reasons(&service(""), &[], "4.1 Ensure");
    assert_eq!(said, ["The image's own user is kept, which is root where the image names none."]);
    let limited = service("    ulimits: {nofile: 1024}\n");
    assert_eq!(reasons(&limited, &[], "5.19 Ensure"), [""; 0]);
}

#[test]
fn gixy_and_systemd_are_answered_for_what_is_there() {
    let nginx = "events {\n    worker_connections 1024;\n}\nhttp {\n    server {\n        listen 8443 ssl default_server;\n        \
                 http2 on;\n        ssl_reject_handshake on;\n        return 444;\n    }\n    server {\n        listen 8443 \
                 ssl;\n        server_name a.example.com;\n        add_header Strict-Transport-Security x always;\n        \
                 location / {\n            allow 10.0.0.0/8;\n            deny all;\n            if ($a) {\n                \
                 return 405;\n            }\n            proxy_buffering off;\n        }\n    }\n}\n";
    let unit = "[Service]\nType=oneshot\nExecStart=/bin/true\nProtectHome=true\n";
    let all = |rule: &str| reasons(COMPOSE, &[("proxy/nginx.conf", nginx), ("host/a.service", unit)], rule);
    for (rule, part) in [
        ("worker_rlimit_nofile_vs_connections", "cannot raise"),
        ("http2_misdirected_request", "gets 444"),
        ("return_bypasses_allow_deny", "gives 405 here: redirects and refusals"),
        ("proxy_buffering_off", "a stream"),
        ("exposure of the unit", "runs one script to its end, as root"),
    ] {
        let said = all(rule);
        assert!(matches!(said.as_slice(), [one] if one.contains(part)), "{rule}: {said:?}");
    }
    assert!(!all("exposure")[0].contains("ProtectHome") && all("exposure")[0].contains("NoNewPrivileges"));
    assert_eq!(all("hsts_header"), [""; 0]);
    let none = nginx.replace("        add_header Strict-Transport-Security x always;\n", "");
    assert_eq!(reasons(COMPOSE, &[("proxy/nginx.conf", &none)], "hsts_header").len(), 1);
    let quiet = nginx
        .replace("    worker_connections 1024;\n", "")
        .replace("            deny all;\n", "")
        .replace("            allow 10.0.0.0/8;\n", "");
    for rule in ["worker_rlimit", "return_bypasses"] {
        assert_eq!(reasons(COMPOSE, &[("proxy/nginx.conf", &quiet)], rule), [""; 0], "{rule}");
    }
}
