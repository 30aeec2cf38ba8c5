//! `stockade report`, as its users type it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stockade::Bundle;

use crate::lints::{self, merged};
use crate::support::session::Session;
use crate::support::{cases, library, tree};

const PROFILE: &str = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.example.com\nsettings: {manager: false}\n";

#[test]
fn the_documents_are_those_of_the_bundle() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    for (format, file) in
        [("", "HARDENING.md"), ("--format markdown", "HARDENING.md"), ("--format json", "report.json")]
    {
        let outcome = session.run(&format!("report {format}")).exits(0);
        assert!(outcome.out == session.read(&format!("bundle/{file}")), "{format}: another {file}");
    }
}

#[test]
fn a_report_is_written_to_a_file_and_nothing_else_is() {
    let session = Session::with_profile(PROFILE);
    let outcome = session.run("report --format html --out report.html").exits(0);
    assert_eq!(outcome.out, "");
    assert_eq!(session.mode("report.html"), 0o644);
    let page = session.read("report.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n") && page.contains("HYOS-77"));
    assert_eq!(session.run("report --format html --out -").exits(0).out, page, "the same page twice");
    let mut names: Vec<_> = std::fs::read_dir(session.path("")).expect("the folder is there").collect();
    names.sort_by_key(|entry| entry.as_ref().map(std::fs::DirEntry::file_name).ok());
    let names: Vec<_> = names.into_iter().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["report.html", "stockade.yaml"]);
    session.put("report.html", "old");
    session.run("report --format html --out report.html").exits(0);
    assert_eq!(session.read("report.html"), page);
}

const HUB: &str = "version: 1
name: hub
system: proactions-hub
domain: hub.example.com
admin: [10.8.0.0/24]
settings:
  edapi_url: https://edapi.example.com/edapi
  private_services: [10.20.0.15/32]
  targets: [{id: claude, provider: bedrock, region: eu-central-1}]
";

/// The reports of a profile, one for each host, with the host.
fn reports(profile: &str) -> Vec<(String, Value)> {
    let compiled = library::profile(profile);
    assert!(!compiled.bundles.is_empty(), "{profile}\n{:#?}", library::findings(&compiled));
    let one = |bundle: &Bundle| {
        let (_, text) =
            tree::of(bundle).into_iter().find(|(path, _)| path.ends_with("report.json")).expect("it is made");
        let host = bundle.host.as_ref().map_or_else(String::new, ToString::to_string);
        (host, serde_json::from_str(&text).expect("JSON"))
    };
    compiled.bundles.iter().map(one).collect()
}

/// Of a profile of the Hub the numbers of what is relaxed, and how many are met.
fn relaxed(profile: &str) -> (Vec<String>, u64) {
    let (_, report) = reports(profile).remove(0);
    let lines = report["recommendations"].as_array().expect("a list");
    let relaxed = lines.iter().filter(|line| line["status"] == "relaxed");
    let count = |key: &str| report["summary"][key].as_u64().expect("a number");
    let ids = relaxed.map(|line| line["id"].as_str().expect("a text").replace("PROACTIONS-", ""));
    (ids.collect(), count("enforced") + count("compensated"))
}

#[test]
fn what_the_profile_weakens_is_not_met() {
    let (plain, all) = relaxed(HUB);
    // What asks the same as another is relaxed with it, and counted once.
    let same = ["94", "95", "96", "98", "112", "113", "89"];
    for (settings, weaker) in [
        ("rate_max: 100000", &["46", "95"][..]),
        ("rate_max: 50", &[]),
        ("rate_max: 101", &["46", "95"]),
        ("rate_window: 1m", &["46", "95"]),
        ("rate_window: 1h", &[]),
        ("{rate_max: 10, rate_window: 2m}", &[]),
        ("same_site: lax", &["10"]),
        ("filter_personal_data: false", &["86"]),
        ("log_retention_days: 1", &["85"]),
        ("log_retention_days: 3650", &[]),
        ("only_documented_paths: false", &["18"]),
        ("session_lifetime: 1h", &[]),
        ("json_limit: 50m", &["53"]),
        ("form_limit: 11m", &["52", "96"]),
        ("hsts_max_age: 1d", &["36"]),
    ] {
        let lines = settings.trim_matches(['{', '}']).replace(", ", "\n  ");
        let (found, met) = relaxed(&format!("{HUB}  {lines}\n"));
        let wanted: BTreeSet<_> = plain.iter().map(String::as_str).chain(weaker.iter().copied()).collect();
        assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), wanted, "{settings}");
        let counted = weaker.iter().filter(|id| !same.contains(id) && !plain.iter().any(|known| known == *id)).count();
        assert_eq!(met + counted as u64, all, "{settings}");
    }
    let development = HUB.replace("settings:\n", "environment: development\nsettings:\n");
    for (settings, weaker) in [
        ("auth: none", &["01", "02", "19", "89", "112", "113"][..]),
        ("session_store: memory", &["15"]),
        ("log_trace: true", &["65", "98"]),
        ("log_prompts: true", &["87"]),
        ("log_responses: true", &["87"]),
    ] {
        let (plain, _) = relaxed(&development);
        let (found, _) = relaxed(&format!("{development}  {settings}\n"));
        for id in weaker {
            assert!(
                found.iter().any(|it| it == id) && !plain.iter().any(|it| it == id),
                "{settings}: {id} of {found:?}"
            );
        }
    }
    let looser = "proxy: {rate_limits: {auth: 50/1m}}";
    let panel = "version: 1\nname: panel\nsystem: stellarstack\ndomain: panel.example.com\nadmin: [10.8.0.0/24]\n";
    let with = |more: &str| {
        let compiled = library::profile(&format!("{panel}{more}\n"));
        let text = &tree::of(&compiled.bundles[0])["HARDENING.md"];
        let said = text.lines().filter(|line| line.starts_with("- **Relaxed**"));
        said.filter_map(|line| Some(line.split_once(", ")?.1.to_owned())).collect::<Vec<_>>()
    };
    let acme = "tls: {mode: acme, email: admin@example.com}";
    assert_eq!(with(&format!("proxy: {{{acme}}}")), [""; 0]);
    let said = ["`proxy.rate_limits.auth` is `50/1m` where the guide asks for `5/1m`"];
    let mut found = with(&looser.replace("{rate", &format!("{{{acme}, rate")));
    found.dedup();
    assert_eq!(found, said);
}

/// A check asks for the value in force, not for the guide's.
#[test]
fn checks_expect_what_the_profile_says() {
    let check = |profile: &str, id: &str| {
        let (_, report) = reports(profile).remove(0);
        let lines = report["recommendations"].as_array().expect("a list");
        let line = lines.iter().find(|line| line["id"] == id).expect("it is answered");
        ["verify", "expect"].map(|key| line[key].as_str().expect("it has a check").to_owned())
    };
    let hub = |more: &str| check(&format!("{HUB}{more}"), "PROACTIONS-33");
    let [verify, expect] = hub("");
    assert!(verify.contains("^(x-frame-options: deny|") && verify.contains("wanted = 12;"), "{verify}");
    assert!(expect.starts_with("`x-frame-options: DENY`, `x-content-type-options: nosniff`, "), "{expect}");
    let [verify, expect] = hub("proxy: {headers: {hide: [X-Frame-Options]}}\n");
    assert!(!verify.contains("x-frame-options") && verify.contains("wanted = 11;"), "{verify}");
    assert!(!expect.contains("x-frame-options"), "{expect}");
    let [verify, expect] = hub("proxy: {headers: {set: {X-Frame-Options: SAMEORIGIN}}}\n");
    assert!(verify.contains("^(x-frame-options: .+|") && verify.contains("wanted = 12;"), "{verify}");
    assert!(expect.contains("`x-frame-options: SAMEORIGIN`"), "{expect}");

    let panel = |rates: &str, id: &str| {
        let profile =
            "version: 1\nname: panel\nsystem: stellarstack\ndomain: panel.example.com\nadmin: [10.8.0.0/24]\n";
        let tls = "tls: {mode: acme, email: admin@example.com}";
        check(&format!("{profile}proxy: {{{tls}, rate_limits: {{{rates}}}}}\n"), id)
    };
    assert!(
        panel("", "STELLAR-18")[0].contains("for _ in 1 2 3 4 5 6 7 8; do")
            && panel("", "STELLAR-18")[1].contains("`3`")
    );
    let [verify, expect] = panel("auth: 50/1m", "STELLAR-18");
    assert!(verify.contains("$(seq 9)") && expect.contains("by the 50/1m in force"), "{verify}\n{expect}");
    assert!(panel("auth: 50/1m", "STELLAR-23")[1].contains("x-ratelimit-limit: 50`"));
    assert!(panel("general: 1000/1m", "STELLAR-20")[0].contains("?[1-216]"));
}

/// What a profile's differences are, by host and what the vendor has: the lines that bring it back.
fn differences(profile: &Value) -> BTreeMap<(String, String), Vec<String>> {
    let mut found = BTreeMap::new();
    for (host, report) in reports(&serde_yaml::to_string(profile).expect("a profile is YAML")) {
        for difference in report["differences"].as_array().expect("a list") {
            let lines = difference["restore"].as_array().expect("a list").iter();
            let lines = lines.map(|line| line.as_str().expect("a text").to_owned()).collect();
            let vendor = difference["vendor"].as_str().expect("a text").to_owned();
            assert!(found.insert((host.clone(), vendor), lines).is_none(), "said twice: {difference:#}");
        }
    }
    found
}

/// As it is typed, so that the difference is gone, and no other comes but where it says so.
#[test]
fn lines_that_bring_the_vendors_way_back_do() {
    let hosts = serde_json::json!({"hosts": {
        "panel": {"role": "panel", "address": "203.0.113.5"},
        "east": {"role": "node", "address": "203.0.113.9", "domain": "east.example.com"},
    }, "proxy": {"tls": {"mode": "acme", "email": "admin@example.com"}}});
    let said = |text: &str| serde_yaml::from_str::<Value>(text).expect("YAML");
    let mut brought = BTreeSet::new();
    for (system, changes) in [
        (
            "hyos",
            vec![
                said("{}"),
                said("settings: {players: 7, java_xmx: 8g, game_port: 5521}"),
                said("{variant: truenas, backup: {enabled: false}}"),
                said("settings: {manager: false}"),
            ],
        ),
        ("stellarstack", vec![said("{}"), hosts, said("settings: {sftp: closed, sign_up: closed}")]),
        ("proxyos", vec![said("{}"), said("settings: {serve: listed}")]),
        ("proactions-hub", vec![said("{}"), said("settings: {rate_max: 50}")]),
    ] {
        for change in changes {
            let profile = merged(&lints::table(system).profile, &change);
            let all = differences(&profile);
            assert!(all.len() > 5, "{system}: {all:#?}");
            for ((host, vendor), lines) in all.iter().filter(|(_, lines)| !lines.is_empty()) {
                let restored = lines.iter().fold(profile.clone(), |profile, line| merged(&profile, &said(line)));
                let left = differences(&restored);
                assert!(!left.contains_key(&(host.clone(), vendor.clone())), "{system}: {lines:?} leaves {vendor}");
                brought.insert(vendor.clone());
            }
        }
    }
    assert!(brought.len() >= 22, "{brought:#?}");
    for (system, vendor) in [("hyos", "`MAX_PLAYERS` is 100"), ("stellarstack", "SFTP (2022/tcp) answers everybody")] {
        let plain = differences(&lints::table(system).profile);
        assert_eq!(plain.keys().any(|(_, known)| known == vendor), system == "stellarstack", "the vendor's by default");
    }
}

/// Elsewhere stands the number of the step, which leads there; the steps of `HARDENING.md` have the same numbers.
#[test]
fn the_page_prints_each_command_once() {
    let parts = |page: &str, open: &str, close: &str| -> Vec<String> {
        page.split(open).skip(1).filter_map(|rest| Some(rest.split_once(close)?.0.to_owned())).collect()
    };
    for name in ["hyos-nginx", "proactions-hub-everything"] {
        let (_, case) = cases().into_iter().find(|(known, _)| known == name).expect("there is such a case");
        let session = Session::with_case(&case);
        let page = session.run("report profile.yaml --format html").exits(0).out;
        let commands = parts(&page, "<pre><code>", "</code></pre>");
        let distinct: BTreeSet<_> = commands.iter().collect();
        assert_eq!(distinct.len(), commands.len(), "{name} prints a command twice");
        let ids = parts(&page, " id=\"", "\"");
        let links = parts(&page, "href=\"#step-", "\"");
        assert!(links.len() > 20, "{name}: {links:?}");
        for link in &links {
            assert_eq!(ids.iter().filter(|id| **id == format!("step-{link}")).count(), 1, "{name}: {link}");
        }
        let document = session.run("report profile.yaml").exits(0).out;
        let headings = |text: &str, open: &str, close: &str| -> Vec<String> {
            parts(text, open, close).into_iter().map(|it| it.replace("&#39;", "'")).collect()
        };
        let numbered = |all: Vec<String>| -> Vec<String> {
            all.into_iter().filter(|it| it.starts_with(|c: char| c.is_ascii_digit())).collect()
        };
        let short = numbered(headings(&document, "\n### ", "\n"));
        assert_eq!(short, numbered(headings(&page, "<h3>", "</h3>")), "{name}: other lists of steps");
        assert!(short.len() > 5, "{name}: {short:?}");
    }
}

#[test]
fn only_files_are_replaced() {
    let session = Session::with_profile(PROFILE);
    session.put("folder/file", "");
    std::os::unix::fs::symlink("folder/file", session.path("link")).expect("a link can be made");
    for out in ["folder", "link"] {
        session.run(&format!("report --out {out}")).exits(2).says("is not a regular file");
    }
    assert_eq!(session.read("folder/file"), "");
    session.run("report --out none/report.md").exits(3).says("cannot write `none/report.md`");
}

#[test]
fn what_is_wrong_is_said_on_standard_error() {
    let session = Session::with_profile("version: 1\nname: hyos\nsystem: hyso\n");
    let outcome = session.run("report --format json").exits(2).says("`hyso`");
    assert_eq!(outcome.out, "");
    let session = Session::with_profile(PROFILE);
    session.run("report missing.yaml").exits(2).says("there is no file `missing.yaml`");
    session.run("--format sarif report").exits(2).says("a report has formats of its own");
    session.run("report --format sarif").exits(2).says("[possible values: markdown, json, html]");
    session.run("report --host panel").exits(2).says("the profile has no host `panel`");
}

#[test]
fn of_several_hosts_one_is_chosen() {
    let case = cases()
        .into_iter()
        .map(|(_, case)| case)
        .find(|case| std::fs::read_to_string(case.join("profile.yaml")).is_ok_and(|text| text.contains("\nhosts:")));
    let session = Session::with_case(&case.expect("a golden case has several hosts"));
    let outcome = session.run("report profile.yaml").exits(2).says("choose one with `--host`: ");
    let list = outcome.err.split("`--host`: ").nth(1).and_then(|rest| rest.lines().next()).expect("they are listed");
    for host in list.split(", ") {
        let page = session.run(&format!("report profile.yaml --host {host}")).exits(0).out;
        assert!(page.contains(&format!("`{host}`")), "{host}");
    }
}

/// Text of a page as a reader sees it: no tags, no entities, no matter how it is spaced.
fn seen(page: &str) -> String {
    let text: String = page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#96;", "`"), ("&amp;", "&")];
    plain(&entities.into_iter().fold(text, |text, (entity, c)| text.replace(entity, c)))
}

/// What is compared of a text: backticks are code in the page, and blanks are as they fall.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '`').flat_map(char::to_lowercase).collect()
}

/// Every text of a report with the way to it, but for places, which are counted with their lines.
fn said(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((at.to_owned(), text.clone())),
        Value::Array(items) if at.ends_with("/places") => {
            let mut files: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
            for place in items {
                let lines = files.entry(place["artifact"].as_str().expect("a place names its file")).or_default();
                lines.extend(place["line"].as_u64());
            }
            for (file, lines) in files {
                let lines: Vec<u64> = lines.into_iter().collect();
                let runs = lines.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
                    [one] => one.to_string(),
                    run => format!("{}-{}", run[0], run[run.len() - 1]),
                });
                let runs = runs.collect::<Vec<_>>().join(", ");
                let word = match lines.len() {
                    0 => "",
                    1 => " line ",
                    _ => " lines ",
                };
                found.push((at.to_owned(), format!("{file}{word}{runs}")));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| said(item, at, found)),
        Value::Object(entries) => {
            // What `verify` asks is for `verify`, whose `--list` shows it to people.
            let shown = entries.iter().filter(|(key, _)| *key != "verification");
            shown.for_each(|(key, value)| said(value, &format!("{at}/{key}"), found));
        }
        _ => {}
    }
}

/// `HARDENING.md` is short because the page and `report.json` are whole: whatever either holds, the page shows.
#[test]
fn the_page_holds_everything_that_the_data_does() {
    // Words for programs, which the page says in its own or carries where its filter reads them.
    let words = ["/status", "/target", "/kind"];
    let titles = [
        ("external-host", "External to host"),
        ("host-container", "Host to container"),
        ("container-container", "Container to container"),
        ("container-inside", "Inside containers"),
    ];
    let mut texts = 0;
    // Cases that are nearly others say nearly the same.
    let own = |name: &str| ["waivers", "everything", "socket-raw"].iter().any(|word| name.ends_with(word));
    for (name, case) in cases().into_iter().filter(|(name, case)| own(name) || !case.join(tree::LIKE).is_file()) {
        for bundle in &library::folder(&case).bundles {
            let page = stockade::inside::report::page(&bundle.report).expect("the page is made");
            let shown = seen(&page);
            let tree = tree::of(bundle);
            let (_, data) = tree.iter().find(|(path, _)| path.ends_with("report.json")).expect("it is made");
            let mut found = Vec::new();
            said(&serde_json::from_str(data).expect("JSON"), "", &mut found);
            for (at, text) in found {
                texts += 1;
                let title = titles.iter().find(|(word, _)| at.ends_with("/boundary") && text == *word);
                let text = title.map_or(text, |(_, title)| (*title).to_owned());
                let named = words.iter().any(|word| at.ends_with(word)) && page.contains(&text);
                assert!(named || shown.contains(&plain(&text)), "{name}: the page lacks {at}: {text}");
            }
            let (_, short) = tree.iter().find(|(path, _)| path.ends_with("HARDENING.md")).expect("it is made");
            for line in bundle.report.lines.iter().map(|line| line.id.as_str()) {
                let ends = |at: usize| !short[at + line.len()..].starts_with(|c: char| c.is_ascii_digit());
                assert!(short.match_indices(line).any(|(at, _)| ends(at)), "{name}: HARDENING.md lacks {line}");
            }
        }
    }
    assert!(texts > 15_000, "{texts} texts were looked for");
}

#[test]
fn a_report_shows_the_last_proof() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    let report: Value = serde_json::from_str(&session.read("bundle/report.json")).expect("JSON");
    let asked = report["verification"]["checks"].as_array().expect("checks").iter();
    let mut checks: Vec<Value> = asked
        .map(|check| {
            json!({
                "id": check["id"], "state": "proven", "expected": check["shows"], "claim": check["claim"],
                "recommendations": check["recommendations"],
            })
        })
        .collect();
    let whose = |check: &Value| check["recommendations"][0].as_str().map(str::to_owned);
    let (first, last) = (
        checks.iter().position(|check| whose(check).is_some()).expect("one speaks of a recommendation"),
        checks.iter().rposition(|check| whose(check).is_some()).expect("one speaks of a recommendation"),
    );
    let (broken, older) = (whose(&checks[first]).expect("just seen"), whose(&checks[last]).expect("just seen"));
    assert_ne!(broken, older);
    checks[first]["state"] = "broken".into();
    checks[first]["seen"] = "`0:0`".into();
    checks[last]["expected"] = "another bundle's".into();
    let kept = json!({"version": 1, "time": "2026-12-01T12:00:00Z", "project": "hyos", "checks": checks});
    session.put("result.json", kept.to_string());

    let said = session.run("report --verified result.json").exits(0);
    let row =
        |id: &str| said.out.lines().rfind(|line| line.starts_with(&format!("| {id} |"))).expect("a row").to_owned();
    assert!(row(&broken).ends_with("| broken | `0:0` |"), "{}", row(&broken));
    assert!(row(&older).contains("| not proven | an earlier bundle was asked"), "{}", row(&older));
    assert!(said.out.contains("The host was asked on 2026-12-01T12:00:00Z"), "{}", said.out);
    assert!(said.out.contains("| proven |"), "{}", said.out);

    session.put("other.json", kept.to_string().replace("\"hyos\"", "\"shop\""));
    session.run("report --verified other.json").exits(2).says("is about `shop`, and this is `hyos`");
    session.put("none.json", "{}");
    session.run("report --verified none.json").exits(2).says("is no result of `verify`");
    session.run("report --verified result.json --format html").exits(2).says("leave `--format` out");
}
