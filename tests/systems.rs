//! A system is data: a copy of a built-in one under another name works without touching Rust.

use stockade::inside::systems;

use crate::support::session::Session;
use crate::support::{cases, library, root};

const NAME: &str = "my-own";

#[test]
fn a_copied_system_under_another_name_compiles_to_the_same_services() {
    for (name, text) in systems::builtins() {
        let copy = text.replacen(&format!("name: {name}\n"), &format!("name: {NAME}\n"), 1);
        assert_ne!(copy, text, "{name} is not renamed");
        // A profile that is known to compile; not every system does with the shortest one.
        let profiles = cases().into_iter().map(|(_, folder)| folder.join("profile.yaml"));
        let profiles = profiles.map(|path| std::fs::read_to_string(path).expect("a case has a profile"));
        let line = format!("\nsystem: {name}\n");
        let shortest = profiles.filter(|text| text.contains(&line)).min_by_key(String::len);
        let shortest = shortest.unwrap_or_else(|| panic!("{name} has no golden case"));
        let profile = |system: &str| shortest.replace(&line, &format!("\nsystem: {system}\n"));
        let original = library::profile(&profile(name));
        let templates = systems::builtin_templates(name);
        let templates: Vec<_> = templates.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        let copied = library::templates(&profile("./my.system.yaml"), "./my.system.yaml", &copy, &templates);
        assert!(!copied.bundles.is_empty(), "{:#?}", library::findings(&copied));
        assert_eq!(compose(&original), compose(&copied), "{name}");
    }
}

#[test]
fn a_system_beside_the_profile_is_found_by_its_path() {
    let text = systems::builtin("hyos").expect("it is built in");
    let session = Session::with_profile(
        "version: 1\nname: demo\nsystem: ./systems/mine.yaml\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n",
    )
    .file("systems/mine.yaml", text);
    session.run("check").exits(0);
    session.put("systems/mine.yaml", text.replacen("format: 1", "format: 9", 1));
    session.run("check").exits(2).says("systems/mine.yaml:");
    std::fs::remove_file(session.path("systems/mine.yaml")).expect("it was there");
    session.run("check").exits(2).says("stockade.yaml:3:");
}

/// One secret for each item of a list, delivered in a variable of its own.
#[test]
fn a_secret_may_stand_for_a_list() {
    let text = std::fs::read_to_string(root().join("examples/own-app/guestbook.system.yaml")).expect("it is there");
    let each = "settings:
  accounts: {purpose: Accounts., type: {list: {max_length: 60}}, default: []}
";
    let secret = "secrets:
  account_key:
    purpose: Key of an account.
    kind: {supplied: {min_length: 16}}
    deliver:
      - {service: guestbook, environment: ACCOUNT_KEY, min_length: 16}
    each: settings.accounts | unique
";
    let text = text.replacen("settings:\n", each, 1).replacen("\nsecrets:\n", &format!("\n{secret}"), 1);
    let compiled = |accounts: &str, more: &str| {
        let profile = format!(
            "version: 1\nname: demo\nsystem: ./my.system.yaml\ndomain: guests.example.com\nadmin: [10.8.0.0/24]\n\
             settings:\n  accounts: {accounts}\n{more}"
        );
        library::system(&profile, "./my.system.yaml", &text)
    };
    let none = compiled("[]", "");
    assert!(library::findings(&none).is_empty(), "{:#?}", library::findings(&none));
    assert!(!names(&none).any(|name| name.starts_with("account_key")));
    let two = compiled("[first, a-b, first]", "secrets: {sources: {account_key_first: supplied}}\n");
    assert!(library::findings(&two).is_empty(), "{:#?}", library::findings(&two));
    let made: Vec<_> = names(&two).filter(|name| name.starts_with("account_key")).collect();
    assert_eq!(made, ["account_key_a-b", "account_key_first"]);
    let secrets = &compose(&two)["guestbook"]["secrets"];
    let mounted = |name: &str| {
        secrets.as_sequence().is_some_and(|all| all.iter().any(|one| one == name || one["source"] == name))
    };
    assert!(mounted("account_key_a-b") && mounted("account_key_first"), "{secrets:?}");
    let shim = two.bundles[0].artifacts.iter().find(|artifact| artifact.path.as_str() == "shims/guestbook.sh");
    let Some(stockade::Content::Text(shim)) = shim.map(|shim| &shim.content) else { panic!("a shim is text") };
    assert!(shim.contains("ACCOUNT_KEY_A_B") && shim.contains("ACCOUNT_KEY_FIRST"), "{shim}");
    for (accounts, more, code, message) in [
        ("[A b]", "", "invalid-value", "a secret name cannot hold 'A'"),
        (
            "[first]",
            "secrets: {sources: {account_keyfirst: supplied}}\n",
            "unknown-key",
            "there is no secret `account_keyfirst`",
        ),
        (
            "[first]",
            "secrets: {sources: {account_key_second: supplied}}\n",
            "unused-key",
            "no secret `account_key_second` in this stack",
        ),
    ] {
        let found = library::findings(&compiled(accounts, more));
        assert!(found.iter().any(|it| it.contains(code) && it.contains(message)), "{message}: {found:#?}");
    }
}

/// Names of the secrets of a bundle, in order.
fn names(compiled: &stockade::Compiled) -> impl Iterator<Item = String> {
    let bundle = compiled.bundles.first().unwrap_or_else(|| panic!("{:#?}", library::findings(compiled)));
    let mut names: Vec<String> = bundle.secrets.iter().map(|request| request.name.to_string()).collect();
    names.sort();
    names.into_iter()
}

/// The services of `compose.yaml` with comments dropped.
fn compose(compiled: &stockade::Compiled) -> serde_yaml::Value {
    let bundle = compiled.bundles.first().unwrap_or_else(|| panic!("{:#?}", library::findings(compiled)));
    let file = bundle.artifacts.iter().find(|artifact| artifact.path.as_str() == "compose.yaml");
    let text = file.and_then(|file| file.content.shown()).expect("compose.yaml is text");
    serde_yaml::from_str::<serde_yaml::Value>(&text).expect("YAML")["services"].clone()
}

/// What is wrong with ports and networks is said at its place in the system file.
#[test]
fn mistakes_of_ports_and_networks_are_found() {
    let text =
        std::fs::read_to_string(root().join("golden/host-ports/gamepanel.system.yaml")).expect("the case is there");
    let profile = "version: 1\nname: demo\nsystem: ./my.system.yaml\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";
    for (old, new, code, message) in [
        ("networks: [web]}", "networks: [wep]}", "invalid-system", "there is no network `wep`"),
        ("    egress: true\n", "", "invalid-system", "has no way out, so there is nothing to deny"),
        ("host: 6000-6004", "host: 6000-6003", "invalid-system", "are not as many ports"),
        ("audience: internal}", "audience: internal, from: []}", "invalid-system", "neither or both of `audience` and"),
        ("port: 9100", "port: 6003", "port-clash", "both want port 6003/tcp of the host"),
        ("port: 9100", "port: 9100-", "invalid-value", "this is no port"),
        (
            "deny_egress: [169.254.0.0/16, 10.",
            "deny_egress: [169.254.0.1/16, 10.",
            "invalid-value",
            "has host bits set",
        ),
        ("  game0:", "  \"game 0\":", "invalid-value", "this is no name of a network interface"),
    ] {
        assert!(text.contains(old), "{old}");
        let compiled = library::system(profile, "./my.system.yaml", &text.replacen(old, new, 1));
        let findings = library::findings(&compiled);
        assert!(
            findings.iter().any(|finding| finding.contains(code) && finding.contains(message)),
            "{new}: {findings:#?}"
        );
    }
}

#[test]
fn a_network_where_the_engine_takes_its_own_is_named() {
    let head = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";
    for (subnet, warns) in [("172.30.87.0/28", true), ("192.168.3.0/28", true), ("10.99.0.0/28", false)] {
        let compiled = library::profile(&format!("{head}settings: {{core_subnet: {subnet}}}\n"));
        let findings = library::findings(&compiled);
        let found =
            findings.iter().any(|finding| finding.starts_with("warning subnet-in-pool ") && finding.contains(subnet));
        assert_eq!(found, warns, "{subnet}: {findings:#?}");
    }
}

/// Name, what replaces what in the small system of the golden case, and every error as `CODE [FILE:]LINE:COLUMN`.
#[test]
fn every_mistake_of_a_system_is_found_beside_those_of_the_profile() {
    let text =
        std::fs::read_to_string(crate::support::root().join("tests/fixtures/notes.system.yaml")).expect("a case");
    let edited = |changes: &[(&str, &str)]| {
        changes.iter().fold(text.clone(), |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replacen(old, new, 1)
        })
    };
    // The last line is wrong in a way that needs no system.
    let profile = "version: 1\nname: notes\nsystem: ./n.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n\
        proxy: {kind: nginx, tls: {mode: acme}}\n";
    for (changes, expected) in [
        (vec![("name: notes\n", "")], vec!["proxy-cannot 6:34", "missing-key n.yaml:2:1"]),
        (vec![("services:\n  app:", "services:\n  app")], vec!["proxy-cannot 6:34", "yaml-syntax n.yaml:43:10"]),
        (
            vec![
                ("restart: [app, database]", "restart: [app, database"),
                ("egress: true", "egress: maybe"),
                ("user: \"1000:1000\"", "user: \"1000:1000"),
                ("    guide: Serve", "    gide: Serve"),
            ],
            vec![
                "proxy-cannot 6:34",
                "wrong-type n.yaml:17:13",
                "yaml-syntax n.yaml:41:9",
                "yaml-syntax n.yaml:47:11",
                "unknown-key n.yaml:110:5",
            ],
        ),
        (
            vec![
                ("title: Notes\n", "title: Notes\ntitle: x\n"),
                ("egress: true", "egress: !x true"),
                ("      - service: database\n", "      - service: database\n        service: app\n"),
                ("    guide: Serve", "    gide: Serve"),
            ],
            vec![
                "proxy-cannot 6:34",
                "duplicate-key n.yaml:5:1",
                "unknown-tag n.yaml:18:16",
                "duplicate-key n.yaml:38:9",
                "unknown-key n.yaml:112:5",
            ],
        ),
        (
            vec![
                ("restart: [app, database]", "restart: [app, databse]"),
                ("      - service: app\n", "      - service: ap\n"),
                ("depends_on: {database: healthy}", "depends_on: {databse: healthy}"),
                ("      web: {}\n", "      webb: {}\n"),
                ("{volume: database,", "{volume: databas,"),
                ("front: front", "front: frnt"),
                ("service: app, port: 8000, network: web}", "service: aap, port: 8000, network: wbe}"),
                ("      rate: general", "      rate: genral"),
                ("controls: [tls-floor]", "controls: [tls-flor]"),
                ("{{ settings.greeting }}", "{{ settings.greting }}"),
            ],
            vec![
                "proxy-cannot 6:34",
                "invalid-system n.yaml:35:18",
                "invalid-system n.yaml:39:22",
                "invalid-system n.yaml:55:18",
                "invalid-system n.yaml:57:7",
                "bad-expression n.yaml:62:17",
                "invalid-system n.yaml:74:18",
                "invalid-system n.yaml:92:10",
                "invalid-system n.yaml:99:27",
                "invalid-system n.yaml:99:53",
                "invalid-system n.yaml:102:13",
                "invalid-system n.yaml:114:20",
            ],
        ),
        (
            vec![
                ("depends_on: {database: healthy}", "depends_on: {app: started, database: healthy}"),
                (
                    "    mounts:\n      - {volume: database",
                    "    depends_on: {app: healthy}\n    mounts:\n      - {volume: database",
                ),
                ("{{ settings.greeting }}", "{{ settings.greeting | uper }}"),
            ],
            vec![
                "proxy-cannot 6:34",
                "invalid-system n.yaml:55:18",
                "bad-expression n.yaml:62:17",
                "invalid-system n.yaml:73:18",
            ],
        ),
        (
            vec![
                ("interval: 30s", "interval: 30"),
                ("{memory: 256m, cpus: \"1.0\", pids: 64}", "{memory: 256mm, cpus: -1, pids: 0}"),
                ("{memory: 512m,", "{memory: 512,"),
                ("size: 1m", "size: 0m"),
                ("rate: 20/1s", "rate: 20 per second"),
            ],
            vec![
                "proxy-cannot 6:34",
                "invalid-value n.yaml:50:17",
                "invalid-value n.yaml:54:22",
                "invalid-value n.yaml:54:35",
                "invalid-value n.yaml:54:45",
                "invalid-value n.yaml:76:45",
                "invalid-value n.yaml:83:22",
                "invalid-value n.yaml:94:21",
            ],
        ),
        (
            vec![
                ("volumes:\n  database", "volume:\n  database"),
                ("    healthcheck:\n      command: [/notes", "    helthcheck:\n      command: [/notes"),
                ("depends_on: {", "depend_on: {"),
            ],
            vec!["proxy-cannot 6:34", "unknown-key n.yaml:23:1", "unknown-key n.yaml:48:5", "unknown-key n.yaml:55:5"],
        ),
        (
            vec![
                ("    user: \"1000:1000\"", "    user: root"),
                ("interval: 30s", "intervall: 30s"),
                ("egress: true", "egress: maybe"),
                ("password: {length: 32}", "pasword: {length: 32}"),
            ],
            vec![
                "proxy-cannot 6:34",
                "wrong-type n.yaml:17:13",
                "unknown-value n.yaml:33:7",
                "invalid-value n.yaml:47:11",
                "unknown-key n.yaml:50:7",
            ],
        ),
        // One of two keys is wanted, and the one that is there was refused.
        (
            vec![
                ("{volume: database,", "{volume: Database,"),
                ("service: app, port: 8000", "service: App, port: 8000"),
                ("- prefix: /metrics", "- prefix: metrics"),
            ],
            vec![
                "proxy-cannot 6:34",
                "invalid-value n.yaml:74:18",
                "invalid-value n.yaml:99:27",
                "invalid-value n.yaml:105:19",
            ],
        ),
        (
            vec![(
                "      audience: public\n",
                "      audience: public\n      headers: {X-Robots-Tag: none, Set-Cookie: a=b}\n",
            )],
            vec!["proxy-cannot 6:34", "invalid-value n.yaml:101:49"],
        ),
        (
            vec![("{volume: database,", "{host: /srv/database, reason: \"\\a\",")],
            vec!["proxy-cannot 6:34", "invalid-value n.yaml:74:39"],
        ),
        (
            vec![("{volume: database, target: /", "{volume: database, target: ")],
            vec!["proxy-cannot 6:34", "invalid-value n.yaml:74:36"],
        ),
    ] {
        let compiled = library::system(profile, "./n.yaml", &edited(&changes));
        let found: Vec<_> = library::findings(&compiled)
            .iter()
            .filter_map(|finding| finding.strip_prefix("error "))
            .map(|finding| finding.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ").replace("./", ""))
            .collect();
        assert_eq!(found, expected, "{:#?}", library::findings(&compiled));
        assert!(compiled.diagnostics.iter().all(|finding| finding.help.is_some()));
    }
}

#[test]
fn a_new_system_compiles_at_once_and_nothing_is_overwritten() {
    let session = Session::new();
    for name in ["notes", "true", "my-app"] {
        let file = format!("{name}/{name}.system.yaml");
        session.run(&format!("systems new {name} --out {file}")).exits(0);
        session.run(&format!("check {name}/stockade.yaml")).exits(0);
        let text = std::fs::read_to_string(session.path(&file)).expect("it was written");
        assert!(name == "my-app" || !text.contains("my-app"), "{text}");
        session.run(&format!("systems new {name} --out {file}")).exits(2).says("is there already");
        session.run(&format!("systems new {name} --out {name}/other.system.yaml")).exits(0);
    }
    session.run("systems new Notes").exits(2).says("lower-case");
    session.run("systems show nots").exits(2).says("unknown-system");
    for (name, text) in systems::builtins() {
        assert_eq!(session.run(&format!("systems show {name}")).exits(0).out, text);
        session.run(&format!("systems show {name} --out {name}-copy/x.system.yaml")).exits(0);
        for (template, text) in systems::builtin_templates(name) {
            let path = session.path(&format!("{name}-copy/templates/{template}"));
            assert_eq!(std::fs::read_to_string(path).expect("it was written"), text);
        }
    }
}

/// The small system with other rules for its paths, behind nginx.
fn with_paths(rules: &str) -> stockade::Compiled {
    let text = std::fs::read_to_string(root().join("tests/fixtures/notes.system.yaml")).expect("a case");
    let (before, after) = text.split_once("        - prefix: /metrics\n").expect("the case has a rule");
    let (_, after) = after.split_once("\n\n").expect("something follows");
    let profile = "version: 1\nname: notes\nsystem: ./n.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n\
        proxy: {kind: nginx, tls: {mode: self-signed}}\n";
    library::system(profile, "./n.yaml", &format!("{before}{rules}\n{after}"))
}

/// Each path in nginx' order, with what it does there: answered 404, for some networks alone, or open.
fn order(rules: &str) -> Vec<String> {
    use stockade::Content;
    let compiled = with_paths(rules);
    let bundle = compiled.bundles.first().unwrap_or_else(|| panic!("{:#?}", library::findings(&compiled)));
    let file = bundle.artifacts.iter().find(|artifact| artifact.path.as_str() == "proxy/nginx.conf");
    let Some(Content::Text(text)) = file.map(|file| &file.content) else { panic!("nginx.conf is text") };
    let locations = text.split("\n        location ~* ").skip(1).map(|location| {
        let (path, body) = location.split_once(" {\n").expect("a block");
        let body = body.split("\n        }").next().unwrap_or_default();
        let does = match (body.contains("=404"), body.contains("deny all")) {
            (true, _) => "blocked",
            (_, true) => "limited",
            _ => "open",
        };
        let path = path
            .replace("\\\\", "\\")
            .replace("(;[^/]*)?", "")
            .replace("[^/]+", "*")
            .replace("/?([?#]|\\z)", "")
            .replace("([/?#]|\\z)", "/")
            .replace("(/|\\z)", "/")
            .replace("/?\\z", "");
        format!("{} {does}", path.trim_matches(['^', '"']))
    });
    locations.collect()
}

#[test]
fn guarded_paths_keep_what_other_paths_cross() {
    let found = order(concat!(
        "        - {prefix: /*/*/files, body: 8m}\n",
        "        - {exact: /*/*/push, body: 8m}\n",
        "        - {prefix: /internal, block: For the application alone.}\n",
        "        - {prefix: /internal/open, serve: true}\n",
        "        - {prefix: /admin, audience: admin}\n",
        "        - {prefix: /x/y, timeout: 5s}\n",
        "        - {prefix: /x/*, timeout: 6s}\n",
        "        - {prefix: /a/b, timeout: 5s}\n",
        "        - {prefix: /a/*, timeout: 6s}\n",
    ));
    let at = |rule: &str| found.iter().position(|line| line == rule).unwrap_or_else(|| panic!("{rule}: {found:#?}"));
    for (first, second) in [
        ("/internal/open/ open", "/internal/ blocked"),
        ("/internal/ blocked", "/*/*/files/ open"),
        ("/internal/ blocked", "/*/*/push open"),
        ("/admin/ limited", "/*/*/files/ open"),
        ("/admin/ limited", "/*/*/push open"),
        ("/a/b/ open", "/a/*/ open"),
        ("/x/y/ open", "/x/*/ open"),
    ] {
        assert!(at(first) < at(second), "{first} comes after {second}: {found:#?}");
    }
    // A guarded path with a wildcard comes before an open one without.
    let found =
        order("        - {prefix: /api/servers, body: 8m}\n        - {prefix: /*/*/a, block: Nobody needs it.}\n");
    assert_eq!(found, ["/*/*/a/ blocked", "/api/servers/ open"]);
}

#[test]
fn a_path_inherits_whatever_its_capitals() {
    let found = order(concat!(
        "        - {prefix: /admin, audience: admin}\n",
        "        - {exact: /Admin/Report, timeout: 5s}\n",
        "        - {exact: /ADMIN, timeout: 5s}\n",
        "        - {prefix: /metrics, block: For the application alone.}\n",
        "        - {exact: /Metrics/now, timeout: 5s}\n",
    ));
    let expected =
        ["/Admin/Report limited", "/Metrics/now blocked", "/ADMIN limited", "/metrics/ blocked", "/admin/ limited"];
    assert_eq!(found, expected);
}

#[test]
fn two_rules_for_one_path_are_refused() {
    for (one, two) in [("prefix: /api", "prefix: /API/"), ("exact: /a/*", "exact: /A/*"), ("exact: /x", "exact: /x")] {
        let rules = format!("        - {{{one}, api: true}}\n        - {{{two}, timeout: 5s}}\n");
        let found = library::findings(&with_paths(&rules)).join("\n");
        assert!(found.starts_with("error invalid-system ./n.yaml:106:") && found.contains("are one path"), "{found}");
    }
}

#[test]
fn encoded_slashes_pass_where_rules_hold_in_spite_of_them() {
    let found = |rules: &str| library::findings(&with_paths(rules)).join("\n");
    let crossed = "        - {prefix: /a, encoded: [slash]}\n        - {prefix: /a/*/b, api: true}\n";
    let crossed = found(crossed);
    assert!(
        crossed.contains("error invalid-system ./n.yaml:106:") && crossed.contains("stand for a segment"),
        "{crossed}"
    );
    let cut = found("        - {prefix: /a, encoded: [slash], strip_prefix: true}\n");
    assert!(cut.contains("beginning is cut off"), "{cut}");
    let good = "        - {prefix: /a, encoded: [slash]}\n        - {prefix: /a/*/b, encoded: [], api: true}\n";
    assert!(found(good).contains("stand for a segment"), "{good}: `/a/x%2Fy/b` would be under the rules of `/a`");
    assert_eq!(found("        - {prefix: /a, encoded: [slash]}\n        - {prefix: /b/*/c, api: true}\n"), "");
}

#[test]
fn a_header_has_one_fate_in_one_place() {
    let found = |rules: &str| library::findings(&with_paths(rules)).join("\n");
    let twice = found("        - {prefix: /a, pass_headers: [X-A], hide: [x-a]}\n");
    assert!(twice.contains("error invalid-system ./n.yaml:105:") && twice.contains("decided twice"), "{twice}");
    let secure = found("        - {prefix: /a, pass_headers: [Strict-Transport-Security]}\n");
    assert!(secure.contains("not the application's to say"), "{secure}");
}

/// Whoever switches a control off gets a bundle, or is told why not; never a mistake of the system file.
#[test]
fn no_waiver_of_a_control_breaks_a_system() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for case in ["hyos-nginx", "proactions-hub-podman", "proxyos", "stellarstack", "stellarstack-hosts"] {
        let profile = std::fs::read_to_string(root().join(format!("golden/{case}/profile.yaml"))).expect("a case");
        for control in stockade::inside::catalogue::ALL {
            seen += 1;
            let id = control.meta().id;
            let waiver = format!("{{control: {id}, reason: tried by a test, until: 2028-01-01}}");
            let compiled = library::profile(&format!("{profile}\nwaivers: [{waiver}]\n"));
            let broken = compiled.diagnostics.iter().find(|finding| finding.code.to_string() == "invalid-system");
            wrong.extend(broken.map(|finding| format!("{case} without {id}: {}", finding.message)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 150, "{seen} waivers were tried");
}

/// What the rules over a whole system file say, each at a place of the file.
/// `docker compose up --wait` fails where a container ends that nobody waits for.
#[test]
fn a_job_wants_somebody_who_waits_for_it() {
    let text = std::fs::read_to_string(root().join("tests/fixtures/notes.system.yaml")).expect("the case is there");
    let profile = "version: 1\nname: notes\nsystem: ./n.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n";
    let job = text.replacen("    title: PostgreSQL\n", "    title: PostgreSQL\n    restart: no\n", 1);
    let said = "warning invalid-system ./n.yaml:66:3 `database` is not started again once it ends, and no service waits for its end";
    let of = |text: &str| library::findings(&library::system(profile, "./n.yaml", text));
    assert!(of(&job).iter().any(|finding| finding == said), "{:?}", of(&job));
    let password = text.replacen("      POSTGRES_USER: notes\n", "      POSTGRES_PASSWORD: x\n", 1);
    assert!(of(&password).iter().any(|finding| finding.starts_with("warning secret-in-environment ./n.yaml:88:7")));
    let waited = job.replacen("depends_on: {database: healthy}", "depends_on: {database: completed}", 1);
    assert!(!of(&waited).iter().any(|finding| finding.contains("once it ends")), "{:?}", of(&waited));
}

#[test]
fn parts_of_a_system_that_do_not_fit_are_told() {
    let text = std::fs::read_to_string(root().join("tests/fixtures/notes.system.yaml")).expect("the case is there");
    let profile = "version: 1\nname: notes\nsystem: ./n.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n";
    let own = "own_edge: {service: app, can: {acme: true, rate_limits: false, waf: false, password_cost: 12}";
    let only_own =
        |more: &str| format!("{}{own}{more}}}\n", text.split_once("\nedge:\n").expect("an edge").0.to_owned() + "\n");
    let with = |old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    };
    let file = "purpose: Text., policy: managed, owner: '1000:1000', mode: '0644', format: json";
    let secret = "purpose: Text., deliver: [], rotation: {effect: none, restart: []}";
    for (system, said) in [
        (with("networks:\n", "facts: {a: facts.b, b: facts.a}\nnetworks:\n"), "the fact `a` needs itself"),
        (with("depends_on: {database: healthy}", "depends_on: {app: started}"), "`app` waits for itself"),
        (
            with("    title: PostgreSQL\n", "    title: PostgreSQL\n    depends_on: {app: started}\n"),
            "`database` and `app` wait for each other",
        ),
        (
            with("depends_on: {database: healthy}", "depends_on: {database: completed}"),
            "`app` waits for the end of `database`, which is started again whenever it ends",
        ),
        (
            with(
                "    healthcheck:\n      command: [pg_isready, -U, notes]\n      interval: 10s\n      timeout: 5s\n      retries: 5\n      start_period: 30s\n",
                "    no_healthcheck: None.\n",
            ),
            "`app` waits for the health of `database`, which has no health check",
        ),
        (
            with(
                "services:\n  app:",
                "  greeting:\n    purpose: Text.\n    kind: {text: {of: greeting, before: a}}\n\nservices:\n  app:",
            ),
            "`greeting` is made of `greeting`, which is made of a secret itself",
        ),
        (with("user: \"70:70\"\n", "user: \"0:0\"\n"), "`database` runs as root without a reason"),
        (
            with("{target: /var/run/postgresql,", "{target: /var/lib/postgresql/data,"),
            "`database` has two mounts at `/var/lib/postgresql/data`",
        ),
        (with("audience: internal}", "audience: admin}"), "`app` publishes a port and is on no network that leads out"),
        (with("front: front", "front: web"), "the proxy publishes its ports on `web`, which leads nowhere"),
        (
            with("port: 8000, network: web", "port: 8000, network: front"),
            "`app` is not on `front`, where the proxy would",
        ),
        (with("{{ settings.greeting }}", "{{ waived('read-only-rot') }}"), "there is no control `read-only-rot`"),
        (with("    web:\n      title: Notes", "    we b:\n      title: Notes"), "`we b` is no name"),
        (with("      web: {}\n", "      web: {address: 300}\n"), "300"),
        (
            with("      web: {}\n", "      web: {address: 9}\n"),
            "`app` has address 9 on `web`, which the subnet does not hold",
        ),
        (with("service: app, port", "port"), "an upstream has neither or both of `service` and `host`"),
        (
            with("service: app, port: 8000", "service: app, tls: true, port: 8000"),
            "no public authority vouches for `app`, a name of the stack alone",
        ),
        (
            with("service: app, port: 8000", "service: app, tls: true, authority: app_ca, port: 8000"),
            "there is no secret `app_ca`",
        ),
        (
            with(
                "secrets:\n",
                &format!("secrets:\n  ca: {{kind: {{hex: {{bytes: 32}}}}, when: \"false\", {secret}}}\n"),
            )
            .replacen("service: app, port: 8000", "service: app, tls: true, authority: ca, port: 8000", 1),
            "there is no secret `ca` here",
        ),
        (
            with("- prefix: /metrics", "- prefix: /metrics\n          answer: {lines: [a]}"),
            "a path has both `block` and `answer`",
        ),
        (
            with("- prefix: /metrics", "- {exact: /a, answer: {status: 204}}\n        - prefix: /metrics"),
            "no path can answer 204",
        ),
        (with("{volume: database, target", "{host: /srv/a, target"), "`database` from the host has no reason"),
        (with("{volume: database, target", "{host: /etc/ssl, reason: Keys., target"), "the host's own `/etc`"),
        (
            with("{volume: database, target", "{host: /var/lib, reason: All., target"),
            "the host's own `/var/lib/containers`",
        ),
        (with("{volume: database, target", "{host: /, reason: All., target"), "the host's own `/bin`"),
        (
            with("{volume: database, target", "{host: /srv/a, reason: All., volume: database, target"),
            "has `host` and another source",
        ),
        (with("networks:\n", "facts: {a: \"variable('app', 'X')\"}\nnetworks:\n"), "variable is unknown"),
        (with("- prefix: /metrics", "- exact: /a\n          prefix: /b"), "neither or both of `exact` and `prefix`"),
        (
            with("- prefix: /metrics", "- {prefix: '/a/*', strip_prefix: true}\n        - prefix: /metrics"),
            "only a `prefix` without `*` can be stripped",
        ),
        (
            with("- status: manual", "- status: manual\n        when: \"false\""),
            "`NOTES-03` has no outcome that counts",
        ),
        (
            with(
                "- id: NOTES-03\n",
                "- {id: NOTES-09, guide: Too, boundary: host-container, same_as: NOTES-33}\n  - id: NOTES-03\n",
            ),
            "there is no recommendation `NOTES-33` with outcomes of its own",
        ),
        (
            with("- id: NOTES-03\n", "- {id: NOTES-09, guide: Too, boundary: host-container}\n  - id: NOTES-03\n"),
            "`NOTES-09` has no answer",
        ),
        (
            with("- id: NOTES-03\n", "- id: NOTES-03\n    same_as: NOTES-02\n"),
            "has the answer of `NOTES-02` and one of its own",
        ),
        (
            with("- id: NOTES-03\n", "- id: NOTES-03\n    asks: [{value: domain, guide: 3, weaker: higher}]\n"),
            "with the guide's `3` by size",
        ),
        (
            with("- id: NOTES-03\n", "- id: NOTES-03\n    asks: [{value: 1 + 1, guide: 3, weaker: higher}]\n"),
            "and does not say what it is",
        ),
        (
            with("- id: NOTES-03\n", "- id: NOTES-03\n    asks: [{value: domain, guide: 3, weaker: less}]\n"),
            "expected `higher`, `lower`, `other`, or a list of the weaker values",
        ),
        (with("        verify: ls -l data/dumps\n", ""), "the outcome of `NOTES-03` has no `verify`"),
        (with("networks:\n", "roles: {a: {title: A}, b: {title: B}}\nnetworks:\n"), "exactly one role is the default"),
        (format!("{text}{own}}}\n"), "the system has both `edge` and `own_edge`"),
        (only_own("").replace("own_edge: {service: app", "own_edge: {service: ap"), "there is no service `ap`"),
        (
            with("purpose: Tables of PostgreSQL.\n", "purpose: Tables of PostgreSQL.\n    when: \"false\"\n"),
            "there is no volume `database` here",
        ),
        (
            with("{volume: database, target", "{volume: database, path: x, target"),
            "`data/database/x` is not made by the volume",
        ),
        (
            with("{volume: database, target", "{volume: database, file: x, target"),
            "neither or both of `volume` and `file`",
        ),
        (
            with("- service: app\n", "- {service: app, environment: PASSWORD}\n"),
            "`app` has no shim to export `database_password`",
        ),
        (
            with(
                "secrets:\n",
                &format!(
                    "secrets:\n  a: {{kind: {{bcrypt: {{of: b, prefix: 2b}}}}, {secret}}}\n  b: {{kind: {{hex: {{bytes: 32}}}}, when: \"false\", {secret}}}\n"
                ),
            ),
            "`a` is derived from `b`, which does not exist",
        ),
        (with("edge:\n", &format!("files: {{a: {{path: a.json, {file}}}}}\nedge:\n")), "file `a` has none or several"),
        (
            with(
                "edge:\n",
                &format!(
                    "files: {{a: {{path: a.json, content: {{}}, {file}}}, b: {{path: a.json, content: {{}}, {file}}}}}\nedge:\n"
                ),
            ),
            "`a.json` is written twice",
        ),
        (
            with(
                "edge:\n",
                &format!("files: {{a: {{path: a.json, content: {{a: {{$secret: none}}}}, {file}}}}}\nedge:\n"),
            ),
            "there is no secret `none`",
        ),
        (
            with("networks:\n", "variants: {a: {title: A}, b: {title: B}}\nnetworks:\n"),
            "exactly one variant is the default",
        ),
        (only_own(", covers: [{control: hst, places: [compose.yaml]}]"), "there is no control `hst`"),
        (with("app:1.4.2", "app:latest"), "has no fixed version"),
    ] {
        let compiled = library::system(profile, "./n.yaml", &system);
        let findings = library::findings(&compiled);
        let found = |line: &String| line.starts_with("error ") && line.contains(" ./n.yaml:") && line.contains(said);
        assert!(compiled.bundles.is_empty() && findings.iter().any(found), "{said}: {findings:#?}");
    }
}

#[test]
fn a_root_that_must_be_writable_cannot_be_asked_to_be_read_only() {
    let text = std::fs::read_to_string(root().join("tests/fixtures/notes.system.yaml")).expect("the case is there");
    let system = text.replacen("  app:\n", "  app:\n    writable_root: It writes beside its program.\n", 1);
    let profile = "version: 1\nname: notes\nsystem: ./n.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n\
        services: {app: {read_only: true}}\n";
    let findings = library::findings(&library::system(profile, "./n.yaml", &system));
    let refused = "error unused-key 6:29 `app` does not run with a read-only root";
    assert!(findings.iter().any(|line| line == refused), "{findings:#?}");
    let findings = library::findings(&library::system(profile, "./n.yaml", &text));
    assert!(!findings.iter().any(|line| line.contains("does not run")), "{findings:#?}");
}

#[test]
fn a_setting_that_nothing_uses_is_warned_of() {
    let text = std::fs::read_to_string(root().join("tests/fixtures/notes.system.yaml")).expect("the case is there");
    let profile = "version: 1\nname: notes\nsystem: ./n.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n";
    let colour = "settings:\n  colour: {purpose: Text., type: boolean, default: false}\n";
    let system = text.replacen("settings:\n", colour, 1);
    let line = 1 + system.lines().position(|line| line.starts_with("  colour:")).expect("it was put there");
    let compiled = library::system(profile, "./n.yaml", &system);
    let findings = library::findings(&compiled);
    let warning = format!("warning unused-part ./n.yaml:{line}:3 no expression uses the setting `colour`");
    assert!(findings.contains(&warning) && !compiled.bundles.is_empty(), "{findings:#?}");
    let help = compiled.diagnostics.iter().find(|finding| finding.code.to_string() == "unused-part");
    let help = help.and_then(|finding| finding.help.as_deref());
    assert_eq!(help, Some("use it as `settings.colour`, or remove it"));
    let used = library::templates(
        profile,
        "./n.yaml",
        &format!(
            "{system}files: {{a: {{purpose: A., path: a.txt, policy: managed, owner: '0:0', mode: '0644', format: text, template: a.txt.j2}}}}\n"
        ),
        &[("a.txt.j2", "{% if settings.colour %}x{% endif %}")],
    );
    assert!(
        !library::findings(&used).iter().any(|line| line.contains("unused-part")),
        "{:#?}",
        library::findings(&used)
    );
    // What uses it may be what is wrong.
    let broken = library::system(profile, "./n.yaml", &system.replacen("title: Notes\n", "titel: Notes\n", 1));
    let findings = library::findings(&broken);
    assert!(!findings.iter().any(|line| line.contains("unused-part")), "{findings:#?}");
}

/// A line of an answer that a server cannot hold, written out or made by an expression.
#[test]
fn a_line_that_no_server_can_say_is_refused_at_its_place() {
    let case =
        |name: &str| std::fs::read_to_string(root().join("golden/answers").join(name)).expect("the case is there");
    let (profile, system) = (case("profile.yaml"), case("answers.system.yaml"));
    for (kind, line) in [
        ("nginx", "\"~/.profile\""),
        ("nginx", "\"{{ '~' ~ settings.security_contact }}\""),
        ("caddy", "\"{{ '@' ~ settings.security_contact }}\""),
        ("caddy", "\"{{ '(' ~ settings.security_contact ~ '{}' }}\""),
        ("caddy", "\"{{ 'a{<<' ~ settings.security_contact ~ ' and words beyond what a message shows of a value' }}\""),
    ] {
        let system = system.replacen("Nothing here.", line, 1);
        let at = 1 + system.lines().position(|text| text.contains(line)).expect("it was put there");
        let profile = profile.replace("kind: nginx", &format!("kind: {kind}"));
        let findings = library::findings(&library::system(&profile, "./answers.system.yaml", &system));
        let place = format!("error unprintable-value ./answers.system.yaml:{at}:28 ");
        assert!(findings.iter().any(|finding| finding.starts_with(&place)), "{kind} {line}: {findings:#?}");
    }
}

/// A value is sought nowhere: it keeps the place that says it, also where another one looks the same.
#[test]
fn a_value_that_no_server_can_say_is_refused_where_it_is_said() {
    let text = std::fs::read_to_string(root().join("tests/fixtures/notes.system.yaml")).expect("the case is there");
    let head = "version: 1\nname: notes\nsystem: ./n.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n\
                settings: {greeting: $home}\n";
    let proxy = "proxy: {kind: nginx, tls: {mode: self-signed}";
    for (header, rest, place) in [
        ("", ", headers: {set: {X-Test: $home}}", "7:72"),
        ("X-Test: '{{ settings.greeting }}'", "", "6:22"),
        ("X-Test: '{{ settings.greeting ~ 1 }}'", "", "./n.yaml:98:25"),
        ("X-Test: a$b", "", "./n.yaml:98:25"),
    ] {
        let system =
            text.replacen("      title: Notes\n", &format!("      title: Notes\n      headers: {{{header}}}\n"), 1);
        let findings = library::findings(&library::system(&format!("{head}{proxy}{rest}}}\n"), "./n.yaml", &system));
        let place = format!("error unprintable-value {place} ");
        assert!(findings.iter().any(|finding| finding.starts_with(&place)), "{header} {rest}: {findings:#?}");
    }
}

#[test]
fn a_day_that_has_passed_is_told() {
    let text = std::fs::read_to_string(root().join("tests/fixtures/notes.system.yaml")).expect("the case is there");
    let until = "settings:\n  until:\n    purpose: A day.\n    type: last-day\n    default: 2100-01-01\n";
    let system = text.replacen("settings:\n", until, 1);
    let head = "version: 1\nname: notes\nsystem: ./n.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n";
    for (day, says) in [("2026-11-20", true), (crate::support::TODAY, false)] {
        let compiled = library::system(&format!("{head}settings: {{until: {day}}}\n"), "./n.yaml", &system);
        let findings = library::findings(&compiled);
        let told = findings.iter().any(|line| line.ends_with(" 6:19 setting `until`: this day has passed"));
        assert_eq!((told, compiled.bundles.is_empty()), (says, says), "{day}: {findings:#?}");
    }
}
