//! Answers of the built-in systems that were once to another question than the guide's, or called enforced what nothing
//! enforces; and what is said of checks, digests and health checks that cannot be right.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{library, root, tree};

const HUB: &str = "version: 1\nname: hub\nsystem: proactions-hub\ndomain: hub.example.com\nadmin: [10.8.0.0/24]\nsettings:\n  \
                   edapi_url: https://edapi.example.com/edapi\n";
const HYOS: &str = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";
const PANEL: &str = "version: 1\nname: panel\nsystem: stellarstack\ndomain: panel.example.com\nadmin: [10.8.0.0/24]\n\
                     proxy: {tls: {mode: acme, email: admin@example.com}}\n";
const HOSTS: &str = "hosts:\n  panel: {role: panel, address: 203.0.113.5}\n  \
                     east: {role: node, address: 203.0.113.9, domain: east.example.com}\n";

/// Of each host, the recommendations by id.
fn answers(profile: &str) -> BTreeMap<String, BTreeMap<String, Value>> {
    let compiled = library::profile(profile);
    assert!(!compiled.bundles.is_empty(), "{profile}\n{:#?}", library::findings(&compiled));
    let one = |bundle: &stockade::Bundle| {
        let tree = tree::of(bundle);
        let (_, text) = tree.iter().find(|(path, _)| path.ends_with("report.json")).expect("it is made");
        let report: Value = serde_json::from_str(text).expect("JSON");
        let lines = report["recommendations"].as_array().expect("a list").iter();
        let lines = lines.map(|line| (line["id"].as_str().expect("a text").to_owned(), line.clone())).collect();
        (bundle.host.as_ref().map_or_else(String::new, ToString::to_string), lines)
    };
    compiled.bundles.iter().map(one).collect()
}

#[track_caller]
fn says(lines: &BTreeMap<String, Value>, status: &str, ids: &[&str]) {
    for id in ids {
        assert_eq!(lines[*id]["status"], status, "{:#}", lines[*id]);
    }
}

/// A policy that browsers only report protects nobody, whichever line of the guide asks for it.
#[test]
fn a_policy_that_only_reports_is_not_enforced() {
    const LINES: [&str; 3] = ["PROACTIONS-34", "PROACTIONS-37", "PROACTIONS-115"];
    for (csp, status) in [("report-only", "manual"), ("off", "manual"), ("enforce", "enforced")] {
        let lines = &answers(&format!("{HUB}  csp: {csp}\n"))[""];
        says(lines, status, &LINES);
        // The name of a header that only reports begins like the one that counts.
        for id in &LINES[..2] {
            let verify = lines[*id]["verify"].as_str().unwrap_or_default();
            assert!(!verify.contains("'^content-security-policy'"), "{id}: {verify}");
        }
    }
    let lines = &answers(HUB)[""];
    says(lines, "not-applicable", &["PROACTIONS-13"]);
}

/// What the guide asks of game servers is answered where they run.
#[test]
fn containers_of_game_servers_are_not_those_of_the_panel() {
    const GAMES: [&str; 5] = ["STELLAR-32", "STELLAR-33", "STELLAR-34", "STELLAR-35", "STELLAR-36"];
    let hosts = answers(&format!("{PANEL}{HOSTS}"));
    says(&hosts["panel"], "not-applicable", &GAMES);
    says(&hosts["east"], "manual", &["STELLAR-32", "STELLAR-34", "STELLAR-35", "STELLAR-36"]);
    says(&hosts["east"], "enforced", &["STELLAR-33"]);
    for id in GAMES {
        let verify = hosts["east"][id]["verify"].as_str().expect("a check");
        assert!(verify.contains("name=stellar-"), "{id}: {verify}");
    }
    assert!(hosts["east"]["STELLAR-24"]["verify"].is_string(), "an enforced line with a check");
}

/// What a profile says of headers stands beside what the guide asks for.
#[test]
fn a_header_that_is_removed_or_weakened_is_relaxed() {
    const FILES: &str = "tls: {mode: files, certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key}";
    let with = |base: &str, kind: &str, headers: &str| {
        let base = base.replace("proxy: {tls: {mode: acme, email: admin@example.com}}\n", "");
        answers(&format!("{base}proxy: {{kind: {kind}, {FILES}, headers: {{{headers}}}}}\n"))[""].clone()
    };
    let value = |line: &Value| {
        let weaker = line["values"].as_array().expect("a list").iter().find(|value| value["weaker"] == true);
        weaker.map(|value| {
            [&value["what"], &value["chosen"], &value["guide"]].map(|text| text.as_str().unwrap().to_owned())
        })
    };
    let hide = |name: &str| format!("hide: [{name}]");
    let policy = |text: &str| format!("content_security_policy: \"{text}\"");
    let set = |name: &str, text: &str| format!("set: {{{name}: \"{text}\"}}");
    let (frames, types, referrer) = ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy");
    let (content, transport) = ("Content-Security-Policy", "Strict-Transport-Security");
    let filter = "X-XSS-Protection";
    for kind in ["traefik", "nginx", "caddy"] {
        for (base, headers, id, chosen) in [
            (HYOS, hide(frames), "HYOS-03", "removed"),
            (HYOS, hide(types), "HYOS-02", "removed"),
            (HYOS, hide(referrer), "HYOS-04", "removed"),
            (HYOS, hide(content), "HYOS-06", "removed"),
            (HYOS, hide("x-frame-options"), "HYOS-42", "removed"),
            (HYOS, "pass: [X-Frame-Options]".into(), "HYOS-03", "left to the application"),
            (HYOS, set(frames, "SAMEORIGIN"), "HYOS-03", "SAMEORIGIN"),
            (HYOS, set(referrer, "unsafe-url"), "HYOS-04", "unsafe-url"),
            (HYOS, policy("default-src *"), "HYOS-06", "default-src *"),
            (HYOS, set(transport, "max-age=1"), "HYOS-05", "max-age=1"),
            (HYOS, set(transport, "max-age=63072000"), "HYOS-05", "max-age=63072000"),
            (PANEL, hide(frames), "STELLAR-27", "removed"),
            (PANEL, hide(types), "STELLAR-28", "removed"),
            (PANEL, set(filter, "1"), "STELLAR-29", "1"),
            (PANEL, hide(referrer), "STELLAR-30", "removed"),
            (PANEL, set("Permissions-Policy", "camera=()"), "STELLAR-31", "camera=()"),
            (PANEL, set(transport, "max-age=1"), "STELLAR-38", "max-age=1"),
            (HUB, set(transport, "max-age=1"), "PROACTIONS-36", ""),
            (HUB, hide(types), "PROACTIONS-35", "removed"),
            (HUB, hide(frames), "PROACTIONS-38", "removed"),
        ] {
            let lines = with(base, kind, &headers);
            says(&lines, "relaxed", &[id]);
            let [what, found, guide] = value(&lines[id]).expect("a weaker value");
            let ours = chosen.is_empty() || found == chosen;
            assert!(
                ours && guide != found && (id == "PROACTIONS-36" || what.contains("`proxy.headers.")),
                "{id}: {:#}",
                lines[id]
            );
        }
        let enforced = format!("{HUB}  csp: enforce\n");
        let lines = with(&enforced, kind, &policy("default-src *"));
        says(&lines, "relaxed", &["PROACTIONS-34", "PROACTIONS-37", "PROACTIONS-115"]);
        // What is as strict, or stricter, stays.
        let strict = format!(
            "{}, set: {{{referrer}: no-referrer, {transport}: \"max-age=94608000; includeSubDomains\"}}",
            policy(
                "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
            )
        );
        says(
            &with(HYOS, kind, &strict),
            "enforced",
            &["HYOS-02", "HYOS-03", "HYOS-04", "HYOS-05", "HYOS-06", "HYOS-42"],
        );
        says(&with(PANEL, kind, &strict), "enforced", &["STELLAR-27", "STELLAR-30", "STELLAR-37", "STELLAR-38"]);
        let lines = with(HYOS, kind, "hide: [Cache-Control-X]");
        says(&lines, "enforced", &["HYOS-01", "HYOS-03", "HYOS-05"]);
    }
}

/// A limit that lets everything through limits nothing.
#[test]
fn a_rate_far_above_the_guide_is_relaxed() {
    let wide = |base: &str, more: &str, class: &str| {
        let base = base.replace("proxy: {tls: {mode: acme, email: admin@example.com}}\n", "");
        answers(&format!(
            "{base}{more}proxy: {{kind: nginx, tls: {{mode: files, certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key}}, rate_limits: {{{class}: 1000000/1s}}}}\n"
        ))[""]
            .clone()
    };
    says(&wide(HYOS, "", "login"), "relaxed", &["HYOS-43"]);
    says(&wide(HYOS, "", "general"), "enforced", &["HYOS-43"]);
    says(&wide(HUB, "  admin_api: true\n", "admin"), "relaxed", &["PROACTIONS-51"]);
    says(&wide(HUB, "  article_extractor: true\n", "extract"), "relaxed", &["PROACTIONS-51"]);
    says(&wide(PANEL, "", "auth"), "relaxed", &["STELLAR-17", "STELLAR-18"]);
    says(&wide(PANEL, "", "general"), "relaxed", &["STELLAR-17", "STELLAR-20"]);
}

/// What a person has to do or to know is no measure that a file can hold.
#[test]
fn what_nothing_enforces_is_left_to_a_person() {
    says(&answers(PANEL)[""], "manual", &["STELLAR-56", "STELLAR-57"]);
    says(&answers(PANEL)[""], "not-applicable", &["STELLAR-62"]);
    says(&answers(HYOS)[""], "compensated", &["HYOS-33"]);
    says(&answers(HYOS)[""], "not-applicable", &["HYOS-24"]);
    says(&answers(&format!("{HYOS}settings: {{manager: false}}\n"))[""], "enforced", &["HYOS-24"]);
}

/// The findings of a code for the small system with one text in place of another.
fn found(code: &str, old: &str, new: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("golden/own-app/notes.system.yaml")).expect("the case is there");
    assert!(text.contains(old), "{old}");
    let profile = "version: 1\nname: notes\nsystem: ./n.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n";
    let compiled = library::system(profile, "./n.yaml", &text.replacen(old, new, 1));
    library::findings(&compiled).into_iter().filter(|finding| finding.contains(&format!(" {code} "))).collect()
}

#[test]
fn a_check_that_cannot_fail_is_told() {
    let verify = "verify: ls -l data/dumps";
    assert_eq!(found("blind-check", verify, verify), [""; 0]);
    for blind in ["'! docker inspect app | grep docker.sock'", "'! docker port app'"] {
        let said = found("blind-check", verify, &format!("verify: {blind}"));
        assert_eq!(said.len(), 1, "{blind}: {said:#?}");
        assert!(said[0].starts_with("warning blind-check ./n.yaml:"), "{said:#?}");
        assert!(said[0].contains("the check of `NOTES-03` also succeeds where its command cannot run"), "{said:#?}");
    }
    let proven = "verify: \"found=$(docker port app) && ! printf '%s\\n' \\\"$found\\\" | grep 80\"";
    assert_eq!(found("blind-check", verify, proven), [""; 0]);
}

#[test]
fn a_health_check_asks_a_port_that_is_declared() {
    let asked = |words: &str| found("undeclared-port", "command: [/notes, check]", &format!("command: [{words}]"));
    assert_eq!(asked("/notes, check"), [""; 0]);
    assert_eq!(asked("wget, -q, 'http://127.0.0.1:8000/health'"), [""; 0]);
    // Not this container's own.
    assert_eq!(asked("wget, -q, 'http://database:5432/'"), [""; 0]);
    for (other, port) in
        [("http://127.0.0.1:80/health", 80), ("http://localhost:8001", 8001), ("https://[::1]:8443/x", 8443)]
    {
        let said = asked(&format!("wget, -q, '{other}'"));
        assert_eq!(said.len(), 1, "{other}: {said:#?}");
        assert!(said[0].starts_with("warning undeclared-port ./n.yaml:49:"), "{said:#?}");
        assert!(said[0].contains(&format!("asks port {port}, which it does not declare")), "{said:#?}");
    }
}

#[test]
fn a_digest_of_zeros_is_told_at_its_place() {
    let image = |digit: &str| {
        let digest = digit.repeat(64);
        let text = format!(
            "{HYOS}services:\n  hyos-server: {{image: \"ghcr.io/editmysave/hyos/server:0.0.24@sha256:{digest}\"}}\n"
        );
        let findings = library::findings(&library::profile(&text));
        findings.into_iter().filter(|finding| finding.contains("placeholder-digest")).collect::<Vec<_>>()
    };
    assert_eq!(image("1"), [""; 0]);
    let said = image("0");
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(
        said[0].starts_with(
            "warning placeholder-digest 7:24 no image has the digest of `ghcr.io/editmysave/hyos/server:0.0.24`"
        ),
        "{said:#?}"
    );
}
