//! A stack by hand, a compose file by hand, and what the report says of them.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::artifact::Content;
use crate::controls::enforce;
use crate::controls::tests::{fixture, parse, waive};
use crate::format::system::Status as Declared;
use crate::stack::{Compared, Difference, Recommendation, Stack, Steps};
use crate::text::Span;

const COMPOSE: &str = r##"name: demo
services:
  app:
    image: "ghcr.io/example/app:1.2.3"
    read_only: true  # why: read-only-root
    cap_drop: [ALL]  # why: least-capabilities
    cap_add:  # why: least-capabilities
      - CHOWN
    command: "sh -c x # why: read-only-root"
    labels:
      note: |
        text  # why: read-only-root
    ports:
      - "0.0.0.0:443:8443"  # why: bound-ports
    restart: unless-stopped
  # why: bounded-logs, cpu-limit
  other:
    image: "a:1@sha256:0000000000000000000000000000000000000000000000000000000000000000"
"##;

fn artifacts() -> Vec<Artifact> {
    let text = |path: &str, text: &str| Artifact::text(path.parse().unwrap(), text.to_owned());
    vec![
        text("compose.yaml", COMPOSE),
        text("data/config.json", "{\n  \"clients\": [{\n    \"secret\": \"x  # why: hsts\"\n  }]\n}\n"),
        text("proxy/nginx.conf", "server {\n  a b;  # why: tls-floor, hsts\n  a \"# why: hsts\";\n  x# why: hsts\n}\n"),
    ]
}

fn recommendation(id: &str, status: Declared, controls: &[Id], places: &[&str]) -> Recommendation {
    Recommendation {
        id: id.parse().unwrap(),
        guide: parse("Do `it`"),
        boundary: Boundary::HostContainer,
        status,
        controls: controls.to_vec(),
        places: places.iter().map(|place| (*place).to_owned().into()).collect(),
        because: None,
        verify: None,
        expect: None,
        evidence: Vec::new(),
        deviation: None,
        compared: Vec::new(),
        same_as: None,
        span: Span::UNKNOWN,
    }
}

fn stack(recommendations: Vec<Recommendation>) -> Stack {
    Stack { recommendations, ..fixture() }
}

fn run(stack: Stack) -> (Report, String, String, Vec<String>) {
    let mut diagnostics = Diagnostics::default();
    let (report, written) = emit(&enforce(stack), files(&artifacts()), &Engine::builtin(), &mut diagnostics).unwrap();
    let text = |artifact: &Artifact| match &artifact.content {
        Content::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    let messages = diagnostics.iter().map(|d| d.message.clone()).collect();
    (report, text(&written[0]), text(&written[1]), messages)
}

fn places(artifacts: &[Artifact], id: &str) -> Vec<(String, usize, Option<String>)> {
    let marks = marks::gather(&Files::new(files(artifacts)));
    let found = marks.get(id).cloned().unwrap_or_default();
    found.into_iter().map(|place| (place.artifact, place.line.unwrap(), place.key)).collect()
}

#[test]
fn marks_are_comments_and_nothing_else() {
    let artifacts = artifacts();
    let at = |file: &str, line, key: &str| (file.to_owned(), line, (!key.is_empty()).then(|| key.to_owned()));
    // Neither the quoted command nor the block text counts.
    assert_eq!(places(&artifacts, "read-only-root"), [at("compose.yaml", 5, "services.app.read_only")]);
    assert_eq!(
        places(&artifacts, "least-capabilities"),
        [at("compose.yaml", 6, "services.app.cap_drop"), at("compose.yaml", 8, "services.app.cap_add[0]")]
    );
    assert_eq!(places(&artifacts, "bound-ports"), [at("compose.yaml", 14, "services.app.ports[0]")]);
    assert_eq!(places(&artifacts, "cpu-limit"), [at("compose.yaml", 17, "services.other")]);
    assert_eq!(places(&artifacts, "hsts"), [at("proxy/nginx.conf", 2, "")]);
}

#[test]
fn declared_places_must_exist() {
    let enforced = |places: &[&str]| recommendation("X-1", Declared::Enforced, &[], places);
    let (report, _, _, messages) = run(stack(vec![enforced(&[
        "compose.yaml#services.app.ports[0]",
        "data/config.json#clients[0].secret",
        "data/",
        "report.json",
    ])]));
    assert!(messages.is_empty(), "{messages:?}");
    let lines: Vec<_> = report.lines[0].places.iter().map(|place| place.line).collect();
    assert_eq!(lines, [Some(14), None, Some(3), None]);

    for (place, said) in [
        ("compose.yml", "`X-1` points at `compose.yml`, which is not in the bundle"),
        ("compose.yaml#services.app.ports[1]", "`X-1` points at the key `services.app.ports[1]`"),
        ("proxy/nginx.conf#a", "`X-1` points at the key `a`, which `proxy/nginx.conf` does not have"),
        ("compose.yaml#", "`X-1` points at the key ``"),
        ("dat", "`X-1` points at `dat`"),
    ] {
        let (_, _, _, messages) = run(stack(vec![enforced(&[place])]));
        assert!(matches!(messages.as_slice(), [one] if one.starts_with(said)), "{place}: {messages:?}");
    }
}

#[test]
fn enforced_without_a_place_is_an_error() {
    let (_, _, _, messages) = run(stack(vec![
        recommendation("X-1", Declared::Enforced, &["cookie-flags"], &[]),
        recommendation("X-2", Declared::Compensated, &["cookie-flags"], &[]),
        recommendation("X-3", Declared::Manual, &[], &[]),
    ]));
    assert_eq!(messages, ["`X-1` is called enforced but nothing in the bundle shows it"]);
}

#[test]
fn waivers_and_levels_change_the_answer() {
    let lines = || {
        vec![
            recommendation("X-1", Declared::Enforced, &["read-only-root"], &[]),
            recommendation("X-2", Declared::Enforced, &["cookie-flags"], &[]),
            recommendation("X-3", Declared::Manual, &["read-only-root"], &[]),
        ]
    };
    let mut whole = stack(lines());
    waive(&mut whole, "read-only-root", None);
    waive(&mut whole, "cookie-flags", None);
    let (report, markdown, json, messages) = run(whole);
    assert!(messages.is_empty(), "{messages:?}");
    let statuses: Vec<_> = report.lines.iter().map(|line| line.status).collect();
    assert_eq!(statuses, [Status::Waived, Status::Waived, Status::Manual]);
    assert!(markdown.contains("`read-only-root`, until 2027-01-31: a test"), "{markdown}");
    assert!(json.contains("\"until\": \"2027-01-31\""));
    assert_eq!(summary(&report)[3], (Status::Waived, 2));

    let mut one = stack(lines()[..1].to_vec());
    waive(&mut one, "read-only-root", Some("proxy"));
    let (report, ..) = run(one);
    assert_eq!(report.lines[0].status, Status::Enforced);
    assert_eq!(report.lines[0].notes, ["`read-only-root` is waived for `proxy` until 2027-01-31: a test"]);

    let higher = crate::controls::catalogue::ALL
        .iter()
        .map(|control| control.meta())
        .find(|meta| meta.level > crate::values::Level::Baseline)
        .unwrap();
    let mut low = stack(vec![recommendation("X-1", Declared::Enforced, &[higher.id], &[])]);
    low.level = crate::values::Level::Baseline;
    let (report, ..) = run(low);
    assert_eq!(report.lines[0].status, Status::Waived);
    let waived = report.lines[0].waived.as_ref().unwrap();
    assert_eq!(waived.reason, format!("level baseline leaves `{}` out; level {} turns it on", higher.id, higher.level));
    assert_eq!(waived.until, None);
}

#[test]
fn a_value_weaker_than_the_guide_is_not_met() {
    let value = |chosen: &str, weaker| Compared {
        what: "settings.rate".to_owned(),
        is_key: true,
        chosen: chosen.to_owned(),
        guide: "100".to_owned(),
        differs: chosen != "100",
        weaker,
    };
    let with = |id: &str, status, chosen: &str, weaker| Recommendation {
        compared: vec![value("100", false), value(chosen, weaker)],
        because: Some("so".to_owned()),
        verify: Some(format!("show {id}")),
        ..recommendation(id, status, &["least-capabilities"], &[])
    };
    let mut demo = stack(vec![
        with("X-1", Declared::Enforced, "100000", true),
        with("X-2", Declared::Compensated, "100000", true),
        with("X-3", Declared::Enforced, "50", false),
        with("X-4", Declared::Manual, "100000", true),
        with("X-5", Declared::Enforced, "100", false),
    ]);
    let (report, markdown, json, messages) = run(demo.clone());
    assert!(messages.is_empty(), "{messages:?}");
    let statuses: Vec<_> = report.lines.iter().map(|line| line.status).collect();
    assert_eq!(
        statuses,
        [Status::Relaxed, Status::Relaxed, Status::Enforced, Status::Manual, Status::Enforced],
        "stronger values stay enforced, what nobody did stays manual"
    );
    let page = page(&report).unwrap();
    assert!(markdown.contains("meets 2 of 5 recommendations\n(2 enforced, 0 compensated, 2 relaxed,"), "{markdown}");
    assert!(page.contains("<strong>2 of 5</strong> recommendations"), "{page}");
    let said = "`settings.rate` is `100000`; the guide asks for `100`";
    assert_eq!(markdown.matches(&format!("Weaker than the guide: {said}")).count(), 3, "{markdown}");
    assert!(markdown.contains("Another value than the guide's: `settings.rate` is `50`; the guide asks for `100`"));
    assert!(markdown.contains("| X-2            | `settings.rate` | `100000` | `100` |"), "{markdown}");
    assert!(markdown.contains("**X-1** Do `it` (relaxed)"), "its check shows what is in place");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["summary"]["relaxed"], &json["summary"]["enforced"]), (&2.into(), &2.into()));
    assert_eq!(json["recommendations"][0]["status"], "relaxed");
    assert_eq!(
        json["recommendations"][0]["values"][1],
        serde_json::json!({"what": "settings.rate", "chosen": "100000", "guide": "100", "weaker": true})
    );

    // A waiver says more.
    waive(&mut demo, "least-capabilities", None);
    assert_eq!(run(demo).0.lines[0].status, Status::Waived);
}

#[test]
fn an_answer_cites_what_shows_its_claim() {
    let with = |evidence: &[&str]| Recommendation {
        evidence: evidence.iter().map(|word| (*word).to_owned().into()).collect(),
        ..recommendation("X-1", Declared::Enforced, &["security-headers"], &[])
    };
    let many: String =
        ["Alpha", "Beta"].map(|name| format!("  add {name} on;  # why: security-headers\n").repeat(20)).concat();
    let run = |recommendation: Recommendation| {
        let mut artifacts = artifacts();
        artifacts.push(Artifact::text(
            "proxy/many.conf".parse().unwrap(),
            format!("{many}  other;  # why: security-headers\n"),
        ));
        let mut diagnostics = Diagnostics::default();
        let stack = enforce(stack(vec![recommendation]));
        let (report, written) = emit(&stack, files(&artifacts), &Engine::builtin(), &mut diagnostics).unwrap();
        let Content::Text(markdown) = written[0].content.clone() else { panic!() };
        let lines = report.lines[0].places.iter().map(|place| place.line.unwrap()).collect::<Vec<_>>();
        (lines, report.lines[0].more, markdown, diagnostics.iter().map(|d| d.message.clone()).collect::<Vec<_>>())
    };
    let (lines, more, markdown, _) = run(with(&[]));
    assert_eq!((lines, more), (vec![1, 2, 3, 41], 37), "one of each kind, and few of all");
    assert!(markdown.contains("lines 1-3, 41; 37 more of this control"), "{markdown}");
    let (lines, more, ..) = run(with(&["beta"]));
    assert_eq!((lines, more), ((21..33).collect(), 8));
    let (lines, _, _, messages) = run(with(&["gamma"]));
    assert!(
        lines.is_empty() && messages == ["`X-1` is called enforced but nothing in the bundle shows it"],
        "{messages:?}"
    );

    let none = Recommendation {
        deviation: Some(parse("Otherwise")),
        verify: Some("show".to_owned()),
        expect: Some("it".to_owned()),
        because: Some("so".to_owned()),
        status: Declared::NotApplicable,
        ..with(&[])
    };
    let (report, markdown, json, _) =
        self::run(stack(vec![Recommendation { places: vec!["data/".to_owned().into()], ..none }]));
    let line = &report.lines[0];
    assert!(line.places.is_empty() && line.verify.is_none() && line.deviation.is_none() && line.controls.is_empty());
    assert!(!json.contains("Otherwise") && !markdown.contains("Otherwise") && !json.contains("\"show\""));
}

#[test]
fn what_asks_the_same_counts_once() {
    let again = Recommendation {
        same_as: Some("X-1".parse().unwrap()),
        ..recommendation("X-2", Declared::Enforced, &["cookie-flags"], &["compose.yml"])
    };
    let first = Recommendation { id: "X-1".parse().unwrap(), same_as: None, ..again.clone() };
    let (report, markdown, json, messages) = run(stack(vec![first, again]));
    assert_eq!(messages.len(), 1, "what is wrong is said once: {messages:?}");
    assert_eq!(summary(&report)[0], (Status::Enforced, 1));
    assert!(markdown.contains("meets 1 of 1 recommendations") && markdown.contains("each of the 2 recommendations"));
    assert!(markdown.contains("The same as X-1, whose answer this is; counted there"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["summary"]["total"], &json["summary"]["same"]), (&1.into(), &1.into()));
    assert_eq!(json["recommendations"][1]["sameAs"], "X-1");
}

#[test]
fn what_works_differently_is_a_chapter() {
    let none = run(stack(Vec::new())).1;
    assert!(none.contains("own compose file\n\nThe system's file names nothing.\n"), "{none}");
    let difference = Difference {
        system: None,
        kind: crate::format::system::DifferenceKind::Limit,
        vendor: "`PLAYERS` is 100".to_owned(),
        here: "`PLAYERS` is 10".to_owned(),
        because: "of <memory>".to_owned(),
        restore: vec![parse("settings: {players: 100}"), parse("level: baseline")],
    };
    let (report, markdown, json, _) = run(Stack { differences: vec![difference], ..stack(Vec::new()) });
    let chapter = "- **Limit**: `PLAYERS` is 10\n  - The vendor's: `PLAYERS` is 100\n  - Why: of &lt;memory&gt;\n  \
                   - To have the vendor's: `settings: {players: 100}`, `level: baseline`\n";
    assert!(markdown.contains(chapter), "{markdown}");
    assert!(page(&report).unwrap().contains(
        "<li>To have the vendor's: <code>settings: {players: 100}</code>, <code>level: baseline</code></li>"
    ));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["differences"][0]["kind"], &json["differences"][0]["vendor"]),
        (&"limit".into(), &"`PLAYERS` is 100".into())
    );
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "x\n\n# Owned\n\n<script>alert(1)</script> | [a](javascript:b) ` ``` {{ 1 }}\n```\n# why: hsts";
    let mut hostile_stack = stack(vec![Recommendation {
        because: Some(hostile.to_owned()),
        verify: Some(hostile.to_owned()),
        ..recommendation("X-1", Declared::Manual, &[], &[])
    }]);
    waive(&mut hostile_stack, "hsts", None);
    hostile_stack.waivers[0].reason = hostile.to_owned();
    hostile_stack.limitations = vec![hostile.to_owned()];
    hostile_stack.runbook = vec![Steps {
        title: parse("Start"),
        steps: vec![(hostile.to_owned(), Some(format!("{hostile}\nanother")), Some(hostile.to_owned()))],
    }];
    let (_, markdown, _, _) = run(hostile_stack);
    let mut fence: Option<usize> = None;
    let mut blocks = 0;
    for line in markdown.lines() {
        let ticks = line.trim_start().bytes().take_while(|b| *b == b'`').count();
        match fence {
            Some(open) if ticks >= open && line.trim_start().len() == ticks => fence = None,
            None if ticks >= 3 => {
                fence = Some(ticks);
                blocks += 1;
            }
            Some(_) => {}
            None => {
                assert!(!line.trim_start().starts_with("# ") || line == "# Hardening report: demo", "{line}");
                assert!(!line.contains("<script") && !line.contains("[a]("), "{line}");
            }
        }
    }
    let (_, harmless, ..) = run(stack(Vec::new()));
    let others = harmless.matches("```text\n").count();
    assert_eq!((fence, blocks), (None, others + 2));
}

#[test]
fn the_json_is_deterministic_and_follows_its_schema() {
    let lines = || vec![recommendation("X-1", Declared::Enforced, &["read-only-root"], &["data/"])];
    let (_, markdown, json, _) = run(stack(lines()));
    let (_, again, json_again, _) = run(stack(lines()));
    assert_eq!((&markdown, &json), (&again, &json_again));
    assert!(json.ends_with("}\n"));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["version"], 1);
    assert_eq!(value["recommendations"][0]["places"][0]["key"], "services.app.read_only");
    assert_eq!(value["summary"]["enforced"], 1);
    let schema = serde_json::to_value(schema()).unwrap();
    jsonschema::validate(&schema, &value).unwrap();
}

#[test]
fn checkers_are_explained_for_what_is_there_only() {
    let (report, markdown, ..) = run(stack(Vec::new()));
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
    assert!(markdown.contains("`compose.yaml` line 14 (`ports`)"), "{markdown}");
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

#[test]
fn a_command_says_what_it_shows() {
    let with = |verify: &str, expect: Option<&str>| Recommendation {
        verify: Some(verify.to_owned()),
        expect: expect.map(str::to_owned),
        because: Some("so".to_owned()),
        ..recommendation("X-1", Declared::Compensated, &[], &[])
    };
    let lines = vec![with("show", Some("a `word`")), with("test -e x", None), with("show", Some("a `word`"))];
    let (_, markdown, json, _) = run(stack(lines));
    assert!(markdown.contains("     show\n     ```\n\n     Expect: a `word`\n"), "{markdown}");
    assert!(markdown.contains("     test -e x\n     ```\n\n     Expect: exit status 0\n"), "{markdown}");
    assert_eq!(markdown.matches("     show\n").count(), 1, "a command is shown once");
    assert_eq!(json.matches("\"expect\": \"a `word`\"").count(), 2);
}

#[test]
fn places_are_drawn_together() {
    let place = |artifact: &str, line, key: Option<&str>| Place {
        artifact: artifact.to_owned(),
        line,
        key: key.map(str::to_owned),
    };
    let seen = view::seen(&[
        place("compose.yaml", Some(4), Some("services.a.user")),
        place("compose.yaml", Some(9), Some("services.b.user")),
        place("compose.yaml", Some(8), Some("services.c.user")),
        place("install.sh", None, None),
        place("x.nft", Some(1), None),
    ]);
    let shown: Vec<_> = seen.iter().map(|s| (s.file.as_str(), s.lines.as_str(), s.several, s.key.as_deref())).collect();
    assert_eq!(
        shown,
        [("compose.yaml", "4, 8-9", true, Some("user")), ("install.sh", "", false, None), ("x.nft", "1", false, None)]
    );
}

#[test]
fn a_system_that_starts_the_stack_itself_is_not_told_twice() {
    let titles = |stack: Stack| {
        let (_, _, json, _) = run(stack);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let runs =
            |list: &serde_json::Value| list["steps"].as_array().unwrap().iter().map(|s| s["run"].to_string()).collect();
        json["runbook"].as_array().unwrap().iter().map(runs).collect::<Vec<Vec<String>>>()
    };
    let up = |lists: &[Vec<String>]| lists.concat().iter().filter(|run| run.contains("compose up")).count();
    let plain = titles(stack(Vec::new()));
    assert_eq!(up(&plain), 1);
    let own = Steps {
        title: parse("First start"),
        steps: vec![("Start it".to_owned(), Some("docker compose up -d app".to_owned()), None)],
    };
    let told = titles(Stack { runbook: vec![own], ..stack(Vec::new()) });
    assert_eq!((told.len(), up(&told)), (plain.len() + 1, 1));
    assert!(up(&told[..1]) == 0 && told[0].len() + 1 == plain[0].len(), "{told:?}");
}
