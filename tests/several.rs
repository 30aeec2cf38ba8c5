//! Several systems in one profile, and several hosts.

use crate::support::library;
use crate::support::root;
use crate::support::session::Session;
use crate::support::tools;

const NOTES: &str = include_str!("../golden/own-app/notes.system.yaml");

/// Findings of a profile with HyOS and a system of its own.
fn beside_notes(text: &str) -> String {
    let profile = "version: 1\nname: house\nadmin: [10.8.0.0/24]\nsystems:\n  \
                   one: {system: hyos, domain: play.example.com}\n  \
                   two: {system: ./notes.system.yaml, domain: notes.example.com}\n";
    library::findings(&library::system(profile, "./notes.system.yaml", text)).join("\n")
}

#[test]
fn two_systems_without_common_names_compile() {
    assert_eq!(beside_notes(NOTES), "");
}

/// What two systems that call everything alike become, in a profile that lists these.
fn alike(names: &[&str]) -> (String, String) {
    let session = Session::new();
    session.run("systems new wiki").exits(0);
    session.run("systems new blog").exits(0);
    for name in ["wiki", "blog"] {
        let file = format!("{name}.system.yaml");
        // Service names as most people write them.
        let text = session.read(&file).replace(&format!("\n  \"{name}\":"), "\n  app:");
        let text = text.replace(&format!("service: \"{name}\""), "service: app");
        let text = text.replace(&format!("service: {name},"), "service: app,");
        session.put(&file, text.replace(&format!("restart: [\"{name}\"]"), "restart: [app]"));
    }
    let part = |name: &&str| format!("  {name}: {{system: ./{name}.system.yaml, domain: {name}.example.com}}\n");
    let head =
        "version: 1\nname: two\nadmin: [10.8.0.0/24]\nproxy: {kind: nginx, tls: {mode: self-signed}}\nsystems:\n";
    session.put("stockade.yaml", format!("{head}{}", names.iter().map(part).collect::<String>()));
    session.run("generate --out b").exits(0);
    let arguments = ["-f", "compose.yaml", "config", "--format", "json"];
    let compose = tools::run(&session.path("b"), "docker-compose", &arguments).accepted("both");
    (compose.replace(&session.path("b").display().to_string(), "B"), session.read("b/proxy/nginx.conf"))
}

/// What they call alike has their keys in front; inside, each keeps its words.
#[test]
fn systems_that_call_everything_alike_live_side_by_side() {
    let (compose, proxy) = alike(&["wiki", "blog"]);
    for name in ["wiki", "blog"] {
        for expected in [format!("\"{name}-app\": {{"), format!("\"{name}-web\": {{"), format!("B/{name}/data/app")] {
            assert!(compose.contains(&expected), "{expected}: {compose}");
        }
        assert!(proxy.contains(&format!("server {name}-app:8080")), "{proxy}");
    }
    assert!(compose.contains("\"hostname\": \"app\"") && compose.contains("\"target\": \"session_key\""), "{compose}");
}

/// A system that comes, goes or moves takes nothing of the others' data, secrets and names.
#[test]
fn names_of_a_system_do_not_follow_from_its_neighbours() {
    let of_blog = |names: &[&str]| -> serde_json::Value {
        let compose: serde_json::Value = serde_json::from_str(&alike(names).0).expect("JSON");
        let mut service = compose["services"]["blog-app"].clone();
        service["labels"].take();
        service
    };
    let alone = of_blog(&["blog"]);
    assert_eq!(alone["volumes"][0]["source"], "B/blog/data/app", "{alone:#}");
    assert_eq!(of_blog(&["wiki", "blog"]), alone);
    assert_eq!(of_blog(&["blog", "wiki"]), alone);
}

/// Steps and checks speak of what is there.
#[test]
fn commands_of_a_system_use_the_names_of_the_stack() {
    let profile = "version: 1\nname: house\nadmin: [10.8.0.0/24]\nsystems:\n  two: {system: ./notes.system.yaml, domain: notes.example.com}\n";
    let compiled = library::system(profile, "./notes.system.yaml", NOTES);
    let bundle = compiled.bundles.first().unwrap_or_else(|| panic!("{:#?}", library::findings(&compiled)));
    let tree = crate::support::tree::of(bundle);
    for report in ["HARDENING.md", "report.json"].map(|name| &tree[name]) {
        assert!(!report.contains("docker exec app ") && !report.contains(" secrets/database_password"), "{report}");
    }
}

#[test]
fn two_systems_under_one_name_are_refused() {
    let profile = "version: 1\nname: house\nadmin: [10.8.0.0/24]\nsystems:\n  \
                   one: {system: hyos, domain: play.example.com}\n  \
                   two: {system: ./notes.system.yaml, domain: play.example.com}\n";
    let found = library::findings(&library::system(profile, "./notes.system.yaml", NOTES)).join("\n");
    let expected = "error system-clash 6:46 `hyos` and `notes` both have the host name `play.example.com`";
    assert_eq!(found, expected);
}

/// What the stack has once, and each variant would have otherwise.
#[test]
fn what_systems_decide_differently_the_profile_must_say() {
    let head = "version: 1\nname: house\nadmin: [10.8.0.0/24]\nsystems:\n  \
                one: {system: hyos, domain: play.example.com, variant: truenas}\n  \
                two: {system: ./notes.system.yaml, domain: notes.example.com}\n";
    let findings = |text: &str| library::findings(&library::system(text, "./notes.system.yaml", NOTES));
    let clash = |what: &str| format!("error system-clash 6:17 `{what} for `notes`");
    let expected = [
        "proxy.tls.mode` would be self-signed for `hyos` and acme",
        "proxy.http_port` would be none for `hyos` and 80",
        "proxy.https_port` would be 30443 for `hyos` and 443",
        "firewall.kind` would be none for `hyos` and nftables",
    ];
    assert_eq!(findings(head), expected.map(clash));
    let said = "proxy: {http_port: 8080, https_port: 8443, tls: {mode: self-signed}}\nfirewall: {kind: nftables}\n";
    assert_eq!(findings(&format!("{head}{said}")), [""; 0]);
}

/// Each system's report says what it promises, so none may get less.
#[test]
fn the_strictest_system_decides_the_tls_versions_of_the_proxy() {
    let hub = "{system: proactions-hub, domain: hub.example.com, settings: {edapi_url: \"https://methode.example.com/edapi\"}}";
    let game = "{system: hyos, domain: play.example.com}";
    for (one, two) in [(hub, game), (game, hub)] {
        for (said, modern) in [("", true), (", tls: {policy: intermediate}", false)] {
            let text = format!(
                "version: 1\nname: house\nadmin: [10.8.0.0/24]\nproxy: {{kind: traefik{said}}}\nsystems:\n  one: {one}\n  two: {two}\n"
            );
            let compiled = library::profile(&text);
            let bundle = compiled.bundles.first().unwrap_or_else(|| panic!("{:#?}", library::findings(&compiled)));
            let tls = &crate::support::tree::of(bundle)["proxy/dynamic/tls.yml"];
            assert_eq!(tls.contains("minVersion: VersionTLS13"), modern, "{text}\n{tls}");
        }
    }
}

#[test]
fn keys_of_one_system_have_no_place_beside_several() {
    let profile = "version: 1\nname: house\ndomain: a.example.com\nadmin: [10.8.0.0/24]\nsystems:\n  \
                   one: {system: hyos, domain: play.example.com}\n";
    let found = library::findings(&library::profile(profile)).join("\n");
    assert_eq!(found, "error unused-key 3:9 `domain` has no effect beside `systems`");
}

#[test]
fn a_role_must_exist() {
    let with = |system: &str, hosts: &str| {
        format!("version: 1\nname: a\nsystem: {system}\ndomain: a.example.com\nadmin: [10.8.0.0/24]\nhosts: {hosts}\n")
    };
    let found = library::findings(&library::profile(&with("hyos", "{a: {role: node, address: 10.0.0.1}}"))).join("\n");
    assert!(found.contains("unused-key") && found.contains("`hyos` lives on one host"), "{found}");
    let farm = include_str!("../golden/several-hosts/farm.system.yaml");
    let profile = with("./farm.system.yaml", "{a: {role: wroker, address: 10.0.0.1}}");
    let found = library::findings(&library::system(&profile, "./farm.system.yaml", farm)).join("\n");
    assert!(found.contains("`farm` has no role `wroker`"), "{found}");
}

#[test]
fn two_hosts_do_not_have_one_address() {
    let farm = include_str!("../golden/several-hosts/farm.system.yaml");
    let profile = "version: 1\nname: a\nsystem: ./farm.system.yaml\ndomain: a.example.com\nadmin: [10.8.0.0/24]\nhosts:\n  \
                   a: {role: head, address: 10.0.0.1}\n  b: {role: worker, address: 10.0.0.1}\n";
    let found = library::findings(&library::system(profile, "./farm.system.yaml", farm)).join("\n");
    assert!(found.contains("error port-clash 8:") && found.contains("two hosts have the address 10.0.0.1"), "{found}");
}

#[test]
fn hosts_share_what_they_must_and_nothing_else() {
    let session = Session::with_case(&root().join("golden/several-hosts"));
    session.run("generate profile.yaml --out bundle").exits(0);
    let read = |path: &str| session.read(&format!("bundle/hosts/{path}"));
    let token = read("head/secrets/token");
    assert!(token.len() >= 64);
    assert_eq!((token.as_str(), token.as_str()), (&*read("east/secrets/token"), &*read("west/secrets/token")));
    assert!(!session.path("bundle/hosts/east/secrets/cookie_key").exists());

    // A host that lost its copy gets it back.
    std::fs::remove_file(session.path("bundle/hosts/head/secrets/token")).expect("it can be removed");
    session.run("generate profile.yaml --out bundle").exits(0);
    assert_eq!(read("head/secrets/token"), token);

    // Hosts that differ are a finding, and nothing is written.
    session.put("bundle/hosts/west/secrets/token", "0".repeat(64));
    let run = session.run("generate profile.yaml --out bundle").exits(2);
    assert!(run.err.contains("the hosts have different values of `token`"), "{}", run.err);
    assert_eq!(read("head/secrets/token"), token);
}

#[test]
fn built_in_systems_stand_beside_each_other() {
    let pairs = [("hyos", "proactions-hub"), ("hyos", "stellarstack"), ("proactions-hub", "stellarstack")];
    for (one, two) in pairs {
        let settings = |name| match name {
            "proactions-hub" => ", settings: {edapi_url: \"https://edapi.example.com/edapi\"}",
            _ => "",
        };
        let profile = format!(
            "version: 1\nname: house\nadmin: [10.8.0.0/24]\nsystems:\n  one: {{system: {one}, domain: one.example.com{}}}\n  \
             two: {{system: {two}, domain: two.example.com{}}}\n",
            settings(one),
            settings(two)
        );
        let compiled = library::profile(&profile);
        assert!(!compiled.bundles.is_empty(), "{one}, {two}: {:#?}", library::findings(&compiled));
    }
}

/// The small system with a subnet of its own.
fn with_subnet(subnet: &str) -> String {
    NOTES.replacen("  web:\n", &format!("  web:\n    subnet: {subnet}\n"), 1)
}

#[test]
fn networks_with_common_addresses_are_named_with_both_places() {
    for (subnet, clashes) in [
        ("10.87.30.0/28", true),
        ("10.87.30.8/29", true),
        ("10.87.0.0/16", true),
        ("10.87.30.16/28", false),
        ("10.87.31.0/28", false),
    ] {
        let found = beside_notes(&with_subnet(subnet));
        let says = format!(
            "network `two-web` of `notes` has {subnet}, which shares addresses with 10.87.30.0/28 of `core` of `hyos`"
        );
        assert_eq!(found.contains("system-clash"), clashes, "{found}");
        assert_eq!(found.contains(&says), clashes, "{found}");
    }
    let session = Session::new();
    session.put("notes.system.yaml", with_subnet("10.87.30.0/28"));
    session.put(
        "stockade.yaml",
        "version: 1\nname: house\nadmin: [10.8.0.0/24]\nsystems:\n  one: {system: hyos, domain: play.example.com}\n  \
         two: {system: ./notes.system.yaml, domain: notes.example.com}\n",
    );
    let shown = session.run("check").exits(2).err;
    assert!(shown.contains("notes.system.yaml:19:") && shown.contains("hyos (built in):"), "{shown}");
}

#[test]
fn two_networks_of_one_system_have_addresses_of_their_own() {
    let text = with_subnet("10.99.0.0/28").replacen("  front:\n", "  front:\n    subnet: 10.99.0.0/24\n", 1);
    let profile = "version: 1\nname: notes\nsystem: ./n.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n";
    let found = library::findings(&library::system(profile, "./n.yaml", &text)).join("\n");
    assert!(found.starts_with("error invalid-system ./n.yaml:") && found.contains("shares addresses with"), "{found}");
    assert_eq!(found.lines().count(), 1, "{found}");
}

/// Built-in systems also stand on one host as profiles of their own.
#[test]
fn no_two_built_in_systems_have_common_addresses() {
    let mut subnets: Vec<(&str, String)> = Vec::new();
    for (name, text) in stockade::inside::systems::builtins() {
        let system: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
        let settings = system["settings"].as_mapping().expect("settings").values();
        let networks = settings.filter(|setting| setting["type"].as_str() == Some("cidr"));
        subnets.extend(networks.filter_map(|setting| Some((name, setting["default"].as_str()?.to_owned()))));
    }
    assert!(subnets.len() >= 5, "{subnets:?}");
    for (index, (name, subnet)) in subnets.iter().enumerate() {
        for (other, taken) in &subnets[..index] {
            let [one, two]: [stockade::inside::Cidr; 2] = [subnet, taken].map(|text| text.parse().expect("a network"));
            assert!(!one.overlaps(two), "{name} and {other} both have {subnet}");
        }
    }
}

const FARM: &str = include_str!("../golden/several-hosts/farm.system.yaml");

/// A farm and a second one like it, on two hosts.
fn two_farms(hosts: &str) -> stockade::Compiled {
    use std::fs::write;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let profile = format!(
        "version: 1\nname: farms\nadmin: [10.8.0.0/24]\nsystems:\n  \
         one: {{system: ./one.system.yaml, domain: one.example.com}}\n  \
         two: {{system: ./two.system.yaml, domain: two.example.com}}\nhosts:\n{hosts}"
    );
    let renamed = |name: &str| {
        let text = FARM.replace("farm-", &format!("{name}-")).replace("name: farm\n", &format!("name: {name}\n"));
        let text = text.replace("web: {", &format!("{name}: {{")).replace("network: web", &format!("network: {name}"));
        let text = text.replace("token:", &format!("{name}_token:")).replace("cookie_key:", &format!("{name}_key:"));
        text.replace("    queue:\n", &format!("    {name}:\n")).replace(
            "NAME: \"{{ host.name or 'here' }}\"",
            "NAME: \"{{ host.domain }} of {{ hosts | map(attribute='domain') | join(' ') }}\"",
        )
    };
    for (name, text) in
        [("profile.yaml", profile), ("one.system.yaml", renamed("one")), ("two.system.yaml", renamed("two"))]
    {
        write(folder.path().join(name), text).expect("written");
    }
    library::folder(folder.path())
}

#[test]
fn a_host_has_a_name_of_its_own_for_each_system() {
    let compiled = two_farms(
        "  a: {role: all, address: 203.0.113.5}\n  \
         b: {role: all, address: 203.0.113.9, domains: {one: one-b.example.com, two: two-b.example.com}}\n  \
         c: {role: all, address: 203.0.113.10, domains: {two: two-c.example.com}}\n",
    );
    assert_eq!(compiled.bundles.len(), 3, "{:#?}", library::findings(&compiled));
    let file = |host: usize, path: &str| {
        let file = compiled.bundles[host].artifacts.iter().find(|artifact| artifact.path.as_str() == path);
        let text = file.and_then(|file| file.content.shown());
        text.unwrap_or_else(|| panic!("{path} is text"))
    };
    let names = [
        ["one.example.com", "two.example.com"],
        ["one-b.example.com", "two-b.example.com"],
        ["one.example.com", "two-c.example.com"],
    ];
    for (host, [one, two]) in names.into_iter().enumerate() {
        assert!(file(host, "proxy/dynamic/site-one-one.yml").contains(&format!("Host(`{one}`)")), "{host}");
        assert!(file(host, "proxy/dynamic/site-two-two.yml").contains(&format!("Host(`{two}`)")), "{host}");
        let compose = file(host, "compose.yaml");
        assert!(
            compose.contains(&format!(": {one} of one.example.com one-b.example.com one.example.com")),
            "{compose}"
        );
        assert!(
            compose.contains(&format!(": {two} of two.example.com two-b.example.com two-c.example.com")),
            "{compose}"
        );
    }
}

#[test]
fn one_name_of_a_host_is_not_the_name_of_all_systems() {
    let found = library::findings(&two_farms("  a: {role: all, address: 203.0.113.5, domain: a.example.com}\n"));
    assert_eq!(found, ["error unused-key 8:48 `domain` of a host has no effect beside `systems`"]);
    let found =
        library::findings(&two_farms("  a: {role: all, address: 203.0.113.5, domains: {tow: a.example.com}}\n"));
    assert_eq!(found, ["error unknown-key 8:50 `systems` has no `tow`"]);
    let profile = "version: 1\nname: farm\nsystem: ./f.yaml\ndomain: farm.example.com\nadmin: [10.8.0.0/24]\nhosts:\n  \
                   a: {role: all, address: 203.0.113.5, domains: {farm: a.example.com}}\n";
    let found = library::findings(&library::system(profile, "./f.yaml", FARM));
    assert_eq!(found, ["error unused-key 7:50 `domains` of a host has no effect without `systems`"]);
    // Names that two systems share after all are still a clash.
    let found =
        library::findings(&two_farms("  a: {role: all, address: 203.0.113.5, domains: {two: one.example.com}}\n"));
    assert!(found.iter().any(|finding| finding.contains("both have the host name `one.example.com`")), "{found:#?}");
}

/// One system that cannot be read hides nothing of the others, and what only it could explain is no finding.
#[test]
fn a_broken_system_does_not_hide_what_is_wrong_with_the_others() {
    let profile = "version: 1\nname: both\nadmin: [10.8.0.0/24]\nsystems:\n  play: {system: hyoss, domain: play.example.com}\n  \
        notes: {system: ./notes.system.yaml, domain: notes.example.com, settings: {greetin: x}}\nservices:\n  \
        hyos-server: {environment: {A: b}}\nwaivers:\n  - {control: pids-limi, reason: It forks., until: 2027-03-31}\n";
    let notes = std::fs::read_to_string(root().join("golden/own-app/notes.system.yaml")).expect("the case is there");
    let notes = notes.replace("memory: 256m, cpus", "memory: \"{{ settings.memory }}\", cpus");
    let findings = library::findings(&library::system(profile, "./notes.system.yaml", &notes));
    assert_eq!(
        findings,
        [
            "error unknown-system 5:18 there is no system `hyoss`",
            "error unknown-key 6:78 `notes` has no setting `greetin`",
            "error unknown-value 10:15 there is no control `pids-limi`",
            "error bad-expression ./notes.system.yaml:54:22 the expression `{{ settings.memory }}` fails: there is no \
             `settings.memory`",
        ]
    );
}
