//! The command line, as its users type it.

use std::collections::BTreeMap;

use crate::support::session::Session;
use crate::support::{library, root, tools, tree};

/// Quick to generate: one bcrypt hash.
const SMALL: &str = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.example.com\nsettings: {manager: false}\n";
const FULL: &str = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.home.arpa\n";

#[test]
fn five_lines_become_a_bundle() {
    let session = Session::with_profile(FULL);
    let outcome = session.run("generate").exits(0).prints("enforced").prints("next");
    assert!(!outcome.out.contains('\u{1b}'), "colour without a terminal");
    for path in [
        "compose.yaml",
        ".env",
        ".gitignore",
        "stockade.lock",
        "HARDENING.md",
        "report.json",
        "secrets",
        "certs",
        "firewall/apply",
    ] {
        assert!(session.path(&format!("bundle/{path}")).exists(), "{path}");
    }
    assert_eq!((session.mode("bundle/secrets"), session.mode("bundle/compose.yaml")), (0o700, 0o644));
}

#[test]
fn the_hashes_made_are_those_of_the_secrets_beside_them() {
    let session = Session::with_profile(FULL);
    session.run("generate").exits(0);
    let script = "import bcrypt, json, pathlib, sys\n\
        read = lambda name: pathlib.Path('bundle/secrets', name).read_bytes()\n\
        for of, made in [('api_client_secret', 'api_client_hash'), ('manager_admin_password', 'manager_admin_hash')]:\n\
        \x20   assert bcrypt.checkpw(read(of), read(made)), made\n\
        \x20   assert not bcrypt.checkpw(b'another', read(made)), made\n";
    let python = root().join(".tools/venv/bin/python");
    let done = std::process::Command::new(python).args(["-c", script]).current_dir(session.path("")).output();
    let done = done.expect("tests/setup installs Python's bcrypt");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(session.read("bundle/secrets/api_client_hash").starts_with("$2a$12$"));
    assert!(session.read("bundle/secrets/manager_admin_hash").starts_with("$2b$12$"));
}

#[test]
fn generating_again_changes_nothing() {
    let session = Session::with_profile(FULL);
    session.run("generate").exits(0);
    let before = tree::read(&session.path("bundle"));
    let outcome = session.run("generate").exits(0);
    assert_eq!(tree::read(&session.path("bundle")), before);
    assert!(outcome.out.contains("0 files"), "{}", outcome.out);
    session.run("generate --check").exits(0);
    session.run("generate --diff").exits(0);
}

#[test]
fn drift_is_named_shown_and_repaired() {
    let session = Session::with_profile(SMALL);
    session.run("generate --check").exits(1);
    session.run("generate").exits(0);
    let sound = session.read("bundle/compose.yaml");
    session.put("bundle/compose.yaml", sound.replace("read_only: true", "read_only: false"));
    session.run("generate --check").exits(1).prints("compose.yaml");
    session.run("generate --diff").exits(0).prints("read_only: false").prints("read_only: true");
    session.run("generate --dry-run").exits(0).prints("compose.yaml");
    assert_ne!(session.read("bundle/compose.yaml"), sound, "a look has written");
    session.run("generate").exits(2).says("changed by hand");
    session.run("generate --force").exits(0);
    assert_eq!(session.read("bundle/compose.yaml"), sound);
    session.run("generate --check").exits(0);
}

#[test]
fn looking_at_an_empty_folder_writes_nothing() {
    for line in ["generate --check", "generate --diff", "generate --dry-run", "check"] {
        let session = Session::with_profile(SMALL);
        session.run(line);
        assert_eq!(tree::read(&session.path("")).keys().collect::<Vec<_>>(), ["stockade.yaml"], "{line}");
    }
}

#[test]
fn a_changed_profile_changes_files_and_keeps_secrets() {
    let session = Session::with_profile(FULL);
    session.run("generate").exits(0);
    let before = tree::read(&session.path("bundle"));
    session.put("stockade.yaml", format!("{FULL}level: strict\nsettings: {{players: 3}}\n"));
    session.run("generate --check").exits(1);
    session.run("generate").exits(0);
    let after = tree::read(&session.path("bundle"));
    assert_ne!(after["compose.yaml"], before["compose.yaml"]);
    for (path, text) in before.iter().filter(|(path, _)| path.starts_with("secrets/") || path.starts_with("certs/")) {
        assert_eq!(after.get(path), Some(text), "{path}");
    }
}

#[test]
fn two_folders_differ_in_secrets_and_keys_alone() {
    let made = |()| {
        let session = Session::with_profile(FULL);
        session.run("generate").exits(0);
        tree::read(&session.path("bundle"))
    };
    let (one, two) = (made(()), made(()));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    let different =
        |name: &str| name.starts_with("secrets/") || name.starts_with("certs/") || name.starts_with("data/");
    // A label says which secrets a service has, by a random number.
    let public = |text: &String| -> String {
        text.lines().filter(|line| !line.contains("stockade.inputs")).map(|line| format!("{line}\n")).collect()
    };
    for (name, text) in &one {
        // The application's own files hold hashes of the secrets, and the lock their numbers.
        if !different(name) && !["stockade.lock", "stockade.key"].contains(&name.as_str()) {
            assert_eq!(Some(public(text)), two.get(name).map(public), "{name}");
        } else if name.starts_with("secrets/") || name.ends_with(".key") {
            assert_ne!(Some(text), two.get(name), "{name}");
        }
    }
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let session = Session::with_profile(FULL);
    session.run("generate").exits(0);
    std::fs::remove_file(session.path("bundle/data/hyos/Server/mods/com.hytale_HytaleAPI/config.json"))
        .expect("it is there");
    let mut said = String::new();
    for line in ["generate --diff", "generate --check --format json", "generate --format json", "generate"] {
        let outcome = session.run(line);
        said.push_str(&(outcome.out + &outcome.err));
    }
    for (name, value) in tree::read(&session.path("bundle/secrets")) {
        assert!(!said.contains(value.trim()), "{name} was printed");
    }
}

#[test]
fn symbolic_links_in_the_bundle_are_not_followed() {
    let session = Session::with_profile(SMALL).file("elsewhere", "mine\n");
    session.run("generate").exits(0);
    std::fs::remove_file(session.path("bundle/compose.yaml")).expect("it is there");
    std::os::unix::fs::symlink(session.path("elsewhere"), session.path("bundle/compose.yaml")).expect("a link");
    session.run("generate").exits(3).says("compose.yaml");
    assert_eq!(session.read("elsewhere"), "mine\n");
}

#[test]
fn many_profiles_are_generated_at_once() {
    let session = Session::new();
    let profile = |name: &str| {
        SMALL.replace("name: hyos", &format!("name: {name}")).replace("play.example", &format!("{name}.example"))
    };
    for name in ["one", "two", "three"] {
        session.put(&format!("all/{name}.stockade.yaml"), profile(name));
    }
    session.run("generate all --out made").exits(0);
    for name in ["one", "two", "three"] {
        assert!(session.read(&format!("made/{name}/compose.yaml")).contains(&format!("name: {name}\n")), "{name}");
    }
    session.put("all/four.stockade.yaml", "version: 1\n");
    session.run("generate all --out made --check").exits(2).says("four.stockade.yaml");
}

#[test]
fn the_exit_status_says_what_kind_of_trouble_it_is() {
    let session = Session::with_profile(SMALL);
    session.run("check").exits(0);
    session.run("generate --check").exits(1);
    session.run("check nowhere.yaml").exits(2);
    session.run("generate --nonsense").exits(2);
    session.run("frobnicate").exits(2);
    session.put("blocked", "a file where a folder should be\n");
    session.run("generate --out blocked").exits(3);
}

#[test]
fn data_goes_to_standard_output_and_messages_to_standard_error() {
    let session = Session::with_profile(SMALL);
    let made = session.run("generate --format json").exits(0).json();
    assert_eq!(made["bundles"][0]["written"], true, "{made:#}");
    assert!(made["bundles"][0]["next"].is_array(), "{made:#}");
}

#[test]
fn every_line_of_compose_that_carries_a_control_says_why() {
    let session = Session::with_profile(FULL);
    session.run("generate").exits(0);
    let text = session.read("bundle/compose.yaml");
    let marked = |id: &str| text.lines().position(|line| line.ends_with(&format!("# why: {id}")));
    for id in ["read-only-root", "least-capabilities", "no-new-privileges", "memory-limit"] {
        let line = marked(id).unwrap_or_else(|| panic!("no line of compose.yaml carries {id}")) + 1;
        session.run(&format!("explain bundle/compose.yaml:{line}")).exits(0).prints(id).prints("waive");
    }
}

#[test]
fn what_is_built_in_is_listed_and_explained() {
    let session = Session::new();
    session.run("systems").exits(0).prints("hyos");
    session.run("systems hyos").exits(0).prints("docker_socket");
    session.run("systems stellarstack").exits(0).prints("roles of hosts");
    let controls = session.run("controls").exits(0);
    for control in stockade::inside::catalogue::ALL {
        let id = control.meta().id;
        assert!(controls.out.contains(id), "{id} is not listed");
        session.run(&format!("explain {id}")).exits(0).prints(id);
    }
    session.run("explain HYOS-12").exits(0).prints("HYOS-12");
    let elsewhere =
        session.run("explain PROACTIONS-33").exits(0).prints("verify with: ").prints("come from a profile").out;
    assert!(!elsewhere.contains("{{") && !elsewhere.contains("facts."), "{elsewhere}");
    session.run("explain read-only-rot").exits(2).says("read-only-root");
    for shell in ["bash", "zsh", "fish"] {
        session.run(&format!("completions {shell}")).exits(0).prints("stockade");
    }
}

#[test]
fn schemas_are_printed_and_those_in_the_package_are_fresh() {
    let session = Session::new();
    for name in ["profile", "system", "report-v1"] {
        let schema = session.run(&format!("schema {name}")).exits(0).json();
        jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    session.run("schema --write made").exits(0);
    let kept = tree::read(&root().join("schemas"));
    assert!(!kept.is_empty(), "schemas/ holds the schemas");
    let made: BTreeMap<_, _> = tree::read(&session.path("made"));
    for (name, text) in kept {
        let found = made.iter().find(|(path, _)| path.rsplit('/').next() == Some(&name));
        assert_eq!(found.map(|(_, text)| text), Some(&text), "schemas/{name} is stale");
    }
}

/// Every golden profile is accepted by the schema the editor uses.
#[test]
fn golden_profiles_fit_the_profile_schema() {
    let schema = Session::new().run("schema profile").exits(0).json();
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    for (name, folder) in crate::support::cases() {
        let text = std::fs::read_to_string(folder.join("profile.yaml")).expect("a case has a profile");
        let value: serde_json::Value = serde_yaml::from_str(&text).expect("YAML");
        let errors: Vec<_> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty() || library::folder(&folder).bundles.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn certificates_of_the_bundle_are_served_to_no_other_name() {
    let session = Session::with_profile(FULL);
    session.run("generate").exits(0);
    let text = tools::run(&session.path("bundle"), "openssl", &["x509", "-in", "certs/ca.crt", "-noout", "-text"])
        .accepted("ca.crt");
    assert!(text.contains("Name Constraints: critical") && text.contains("play.home.arpa"), "{text}");
}

#[test]
fn the_command_for_a_missing_secret_works_where_it_is_shown() {
    let session = Session::with_profile(&format!("{FULL}secrets: {{sources: {{session_secret: supplied}}}}\n"));
    let said = session.run("generate").exits(2).err;
    let command = said.split_once("as in `").and_then(|(_, rest)| rest.split_once("`, and run again"));
    let (command, _) = command.unwrap_or_else(|| panic!("{said}"));
    let value = "0123456789abcdef".repeat(6);
    tools::shell(&session.path(""), &format!("set -e; VALUE={value}; {command}")).accepted(command);
    let modes = ["bundle", "bundle/secrets", "bundle/secrets/session_secret"].map(|path| session.mode(path));
    assert_eq!(modes, [0o700, 0o700, 0o600]);
    session.run("generate").exits(0);
    assert_eq!(session.read("bundle/secrets/session_secret"), value);
}

/// A minimal system of the user's own, with whatever follows.
fn own_system(more: &str) -> String {
    format!(
        "format: 1\nname: app\ntitle: App\nsummary: A minimal web application.\nnetworks:\n  web: {{purpose: Joins all.}}\nservices:\n  app:\n    \
         title: App\n    image: node:22.11.0-alpine\n    user: \"1000:1000\"\n    mounts: [{{file: config/y.yaml, target: /etc/y.yaml}}]\n    \
         healthcheck: {{command: [\"true\"], interval: 30s, timeout: 5s, retries: 3, start_period: 30s}}\n    \
         limits: {{memory: 256m, cpus: \"1.0\", pids: 128}}\n    networks: {{web: {{}}}}\n{more}"
    )
}

#[test]
fn yaml_of_an_application_means_the_same_to_readers_of_both_versions() {
    let words = r#"["yes", "no", "on", "6:30", "1_000", "0o17", "010", "2001-01-01", "=", "<<", "~", "", "1e3", "NaN", "a: b", "- x", "ü ☃ \U0001F600", "a\nb\tc"]"#;
    let content = format!(
        "files:\n  y:\n    {{purpose: Y., path: config/y.yaml, policy: managed, owner: \"1000:1000\", mode: \"0444\", format: yaml, content: \
         {{words: {words}, \"on\": {{\"1.10\": 2.5, n: [1, 1e+21, true, null]}}}}}}\n"
    );
    let profile = "version: 1\nname: app\nsystem: ./app.system.yaml\nadmin: [10.8.0.0/24]\n";
    let session = Session::with_profile(profile).file("app.system.yaml", &own_system(&content));
    session.run("generate").exits(0);
    let python =
        "import json, sys, yaml; print(json.dumps(yaml.safe_load(open('bundle/config/y.yaml')), sort_keys=True))";
    let node = |package: &str, read: &str| {
        let module = root().join(".tools/node/node_modules").join(package);
        format!(
            "const y = require({module:?}); console.log(JSON.stringify(y.{read}(require('fs').readFileSync('bundle/config/y.yaml', 'utf8'))))"
        )
    };
    let read = |program: &std::path::Path, flag: &str, script: &str| -> serde_json::Value {
        let done = std::process::Command::new(program).args([flag, script]).current_dir(session.path("")).output();
        let done = done.expect("tests/setup installs the readers");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).expect("a reader prints JSON")
    };
    let wanted = serde_json::json!({
        "words": ["yes", "no", "on", "6:30", "1_000", "0o17", "010", "2001-01-01", "=", "<<", "~", "", "1e3", "NaN", "a: b", "- x",
            "ü ☃ \u{1f600}", "a\nb\tc"],
        "on": {"1.10": 2.5, "n": [1, 1e21, true, null]},
    });
    // YAML 1.1, then 1.2 twice.
    assert_eq!(read(&root().join(".tools/venv/bin/python"), "-c", python), wanted);
    assert_eq!(read("node".as_ref(), "-e", &node("js-yaml", "load")), wanted);
    assert_eq!(read("node".as_ref(), "-e", &node("yaml", "parse")), wanted);
}

/// Beside a profile and in a bundle a recommendation is answered with the command that can be typed there.
#[test]
fn a_recommendation_is_explained_with_its_command() {
    let profile = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.example.com\n\
                   proxy: {kind: nginx, rate_limits: {login: 50/1m}, tls: {mode: self-signed}}\n";
    let beside = Session::with_profile(profile);
    let report = beside.run("report --format json").exits(0).out;
    let bundle = Session::new();
    bundle.put("report.json", &report);
    for (session, place) in [(&beside, "in stockade.yaml here: relaxed"), (&bundle, "in this bundle: relaxed")] {
        let said = session.run("explain hyos-43").exits(0).prints(place).out;
        // As many are sent as the rate in force asks for.
        let command = "    verify with: for _ in $(seq 11); do curl -sS --cacert \"./certs/ca.crt\" -o /dev/null";
        assert!(said.contains(command) && said.contains("https://play.example.com/api/auth/login"), "{said}");
        assert!(said.contains("is 50/1m; the guide asks for 5/1m, which is weaker"), "{said}");
    }
}

#[test]
fn a_waiver_that_explain_prints_is_for_the_service_of_the_line() {
    let session = Session::with_profile(FULL);
    session.run("generate").exits(0);
    let compose = session.read("bundle/compose.yaml");
    let line =
        |part: &str| 1 + compose.lines().position(|line| line.contains(part)).unwrap_or_else(|| panic!("no {part}"));
    let explained = |line: usize| session.run(&format!("explain bundle/compose.yaml:{line}")).exits(0).out;
    // Said once, it holds for the whole stack; where a service takes it over, for that service.
    let everywhere = explained(line("cap_drop: [ALL]"));
    assert!(everywhere.contains("control: least-capabilities\n      service: NAME"), "{everywhere}");
    let said = explained(1 + line("  hyos-server:"));
    let about = said.split("\n\n").find(|part| part.contains("control: least-capabilities")).expect("it is among them");
    let waiver = about.split("add to the profile\n").nth(1).expect("a waiver");
    assert!(waiver.contains("control: least-capabilities\n      service: hyos-server\n"), "{said}");
    // As it is, it decides nothing.
    let pasted = format!("{FULL}{}", waiver.replace("\n  ", "\n").trim_start());
    Session::with_profile(&pasted).run("check").exits(2);
    let filled = pasted.replace("WHY", "Its plug-in binds a raw socket").replace("YYYY-MM-DD", "2027-03-31");
    let session = Session::with_profile(&filled);
    session.run("generate").exits(0);
    let compose = session.read("bundle/compose.yaml");
    let mark = "    # least-capabilities is waived until 2027-03-31: Its plug-in binds a raw socket\n";
    assert_eq!(compose.matches(mark).count(), 1, "{compose}");
    assert!(compose.contains(&format!("  hyos-server:\n{mark}")), "{compose}");
}

#[test]
fn a_secret_that_generate_will_want_is_asked_for_by_check() {
    let profile = "version: 1\nname: hub\nsystem: proactions-hub\ndomain: hub.example.com\nadmin: [10.8.0.0/24]\nsettings:\n  \
                   edapi_url: https://edapi.example.com/edapi\n  private_services: [10.20.0.15/32]\n  \
                   targets: [{id: claude, provider: bedrock, region: eu-central-1}]\n\
                   proxy: {slowest_upload: 64k}\n";
    let session = Session::with_profile(profile);
    let said = session.run("check").exits(0).says("aws_bedrock_access_key_id").says("bundle/secrets").err;
    assert_eq!(said.matches("bad-secret").count(), 2, "{said}");
    session.run("check --out other").exits(0).says("other/secrets");
    std::fs::create_dir_all(session.path("other/secrets")).unwrap();
    for name in ["aws_bedrock_access_key_id", "aws_bedrock_secret_access_key"] {
        session.put(&format!("other/secrets/{name}"), "0".repeat(47) + "7");
    }
    session.run("check --out other").exits(0).prints("no findings");
    session.run("check").exits(0).prints("no findings");
}

/// What is kept is the whole result, of a host with nothing running too, and replaces nothing but a file.
#[test]
fn verify_keeps_its_result() {
    let session = Session::with_profile(SMALL);
    session.run("generate").exits(0);
    session.run("verify --save result.json --metrics stockade.prom").exits(4);
    let kept: serde_json::Value = serde_json::from_str(&session.read("result.json")).expect("it is JSON");
    let checks = kept["checks"].as_array().expect("a list");
    assert!(!checks.is_empty() && checks.iter().all(|check| check["state"] == "not-proven"), "{kept:#}");
    let time = kept["time"].as_str().expect("a time");
    assert!(time.len() == 20 && time.ends_with('Z') && time.contains('T'), "{time}");
    let numbers = session.read("stockade.prom");
    let count = checks.len();
    assert!(numbers.contains(&format!("state=\"not-proven\"}} {count}\n")), "{numbers}");
    assert_eq!(numbers.matches("stockade_verify_failing{").count(), count);
    session.run("verify --save bundle").exits(2).says("not a regular file");
    session.run("verify --list --save other.json").exits(2).says("cannot be used with");
}

/// A bundle that lacks its report, or whose report never ends, is said as such and keeps nobody waiting.
#[test]
fn verify_tells_what_it_cannot_read() {
    let session = Session::with_profile(SMALL);
    session.run("verify").exits(2).says("there is no bundle");
    session.run("generate").exits(0);
    session.run("verify --only nonsense").exits(2).says("--list");
    let report = session.path("bundle/report.json");
    std::fs::remove_file(&report).expect("it is there");
    session.run("verify").exits(2).says("`stockade generate` brings it back");
    tools::run(&session.path(""), "mkfifo", &["bundle/report.json"]).accepted("a pipe");
    session.run("verify").exits(2).says("`stockade generate` brings it back");
}
