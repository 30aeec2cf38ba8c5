//! `stockade init` without a terminal: answers from the command line and from files. With one: `tests/terminal/`.

use crate::support::session::Session;
use serde_json::Value;
use stockade::inside::systems::builtins;

const ANSWERS: &str = "--yes --set domain=play.example.com --set admin=10.8.0.0/24";
/// Answers that a system asks for itself, in their own form.
const OWN: &str = "a.example.com";
const DIGEST: &str = "@sha256:1111111111111111111111111111111111111111111111111111111111111111";

/// Systems and their variants, as `stockade systems` tells them.
fn variants() -> Vec<(String, Vec<String>)> {
    let session = Session::new();
    let all = session.run("systems --format json").exits(0).json();
    let names = |value: &Value| -> Vec<String> {
        match value {
            Value::Object(map) => map.keys().cloned().collect(),
            Value::Array(list) => list.iter().filter_map(|it| it["name"].as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        }
    };
    let systems = all["systems"].as_array().expect("a list").iter();
    systems.map(|it| (it["name"].as_str().expect("a name").to_owned(), names(&it["variants"]))).collect()
}

/// The keys that a profile still needs, each with an answer.
fn needed(run: &Value) -> String {
    let keys = run["missing"].as_array().expect("a list").iter().map(|key| key.as_str().expect("a key"));
    let answer = |key: &str| match key.split_once('.') {
        Some(("images", name)) => format!(" --set {key}=ghcr.io/example/{name}:1.0.0{DIGEST}"),
        Some(_) => format!(" --set {key}={OWN}"),
        None => format!(" --set {key}=100.64.0.1"),
    };
    keys.map(answer).collect()
}

/// Brings the secrets that only an operator can.
fn supply(session: &Session) {
    let run = session.run("generate play");
    let missing = run.err.split("the secret `").skip(1).filter_map(|rest| rest.split('`').next());
    for name in missing {
        session.put(&format!("play/bundle/secrets/{name}"), "0123456789abcdef0123456789abcdef0123456789");
    }
}

/// An example is a file beside the profile, and the line without questions makes it again.
#[test]
fn examples_are_set_up_with_their_files() {
    let shipped = std::fs::read_dir(crate::support::root().join("examples")).expect("examples are there");
    let folders = shipped.map(|entry| entry.expect("it can be listed").path());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).expect("it is a folder"));
    let files = files.map(|entry| entry.expect("it can be listed").path());
    let systems: Vec<_> = files.filter(|path| path.to_string_lossy().ends_with(".system.yaml")).collect();
    assert!(systems.len() > 3, "{systems:?}");
    for path in systems {
        let name = path.file_name().expect("it has a name").to_string_lossy();
        let session = Session::new();
        let run = session.run(&format!("init play {ANSWERS} --set system=./{name}"));
        // What only the operator knows is asked for by name, and nothing is written.
        if run.status == 2 && run.err.contains("help: set `settings.") {
            continue;
        }
        assert!(run.status <= 1, "{name}: {}{}", run.out, run.err);
        assert!(run.err.contains(&format!("play/{name} written")), "{}", run.err);
        assert_eq!(session.read(&format!("play/{name}")), std::fs::read_to_string(&path).expect("it can be read"));
        let checked = session.run("check play");
        assert!(checked.status == run.status * 2, "{name}: {}", checked.err);
        // Once it is there it is a system file like any other.
        let again = session.run(&format!("init play --set system=./{name}"));
        assert!(again.status != 3, "{name}: {}", again.err);
    }
    // A file of that name is somebody's own.
    let session = Session::new();
    session.put("forgejo.system.yaml", "format: 1\n");
    session.run(&format!("init {ANSWERS} --set system=./forgejo.system.yaml")).exits(2);
    assert_eq!(session.read("forgejo.system.yaml"), "format: 1\n");
}

#[test]
fn every_system_in_every_variant_is_set_up_and_generates() {
    let mut seen = 0;
    let systems = variants();
    assert_eq!(systems.len(), builtins().len());
    for (system, variants) in systems {
        assert!(!variants.is_empty(), "{system}");
        for variant in variants {
            let session = Session::new();
            let line = format!("init first {ANSWERS} --set system={system} --set variant={variant}");
            let first = session.run(&format!("{line} --format json"));
            let complete = match first.status {
                0 => String::new(),
                1 => needed(&first.json()),
                status => panic!("{line}: {status}\n{}\n{}", first.out, first.err),
            };
            let line = line.replace("init first", "init play");
            let run = session.run(&format!("{line}{complete} --set host=elsewhere")).exits(0);
            let profile = session.read("play/stockade.yaml");
            assert!(profile.lines().count() <= 15, "{profile}");
            supply(&session);
            session.run("generate play").exits(0);
            // The last line of the run is the same run.
            let again = run.out.lines().rfind(|line| line.contains("stockade init")).expect("the command is printed");
            let again = again.trim().trim_start_matches("stockade ").replace("init play", "init again");
            session.run(&again).exits(0);
            assert_eq!(session.read("again/stockade.yaml"), profile, "{again}");
            seen += 1;
        }
    }
    assert!(seen > 8, "{seen}");
}

#[test]
fn without_enough_answers_the_message_has_the_whole_command() {
    let session = Session::new();
    let run =
        session.run("init play --set proxy=caddy").exits(2).says("`system`, `domain`, `admin`").says("no terminal");
    assert!(!session.path("play").exists(), "nothing is written");
    let command =
        run.err.split('`').find(|part| part.starts_with("stockade init play --yes --set ")).expect("a command");
    assert!(command.contains("--set proxy=caddy"), "{command}");
    session.run(command.trim_start_matches("stockade ")).exits(0);
    session.run("check play").exits(0);
}

#[test]
fn a_profile_that_exists_is_left_alone() {
    let session = Session::with_profile("# mine\n");
    let (name, _) = builtins()[0];
    session.run(&format!("init {ANSWERS} --set system={name}")).exits(2).says("is there already");
    assert_eq!(session.read("stockade.yaml"), "# mine\n");
    std::os::unix::fs::symlink("nowhere", session.path("link")).expect("a link");
    std::fs::create_dir(session.path("other")).expect("a folder");
    std::os::unix::fs::symlink("nowhere", session.path("other/stockade.yaml")).expect("a link");
    session.run(&format!("init other {ANSWERS} --set system={name}")).exits(2).says("is there already");
    assert!(!session.path("other/nowhere").exists());
}

const WRITTEN: &str = "\
# Ours since 2024
version: 1
name: play        # not the game's name
domain: old.example.com   # moved once

system: SYSTEM
admin:
  - 10.8.0.0/24     # the VPN
proxy:
  tls: {mode: acme, email: a@example.com}
  kind: traefik     # counts rates
";

#[test]
fn a_profile_is_changed_in_its_lines_alone() {
    let (name, _) = builtins()[0];
    let before = WRITTEN.replace("SYSTEM", name);
    let session = Session::with_profile(&before);
    let set = "--set domain=new.example.com --set certificate=self-signed --set ssh_port=2222";
    session.run(&format!("init --yes {set}")).exits(0).prints("+domain: new.example.com   # moved once");
    let expected = before
        .replace("old.example.com", "new.example.com")
        .replace("{mode: acme, email: a@example.com}", "{mode: self-signed}")
        + "firewall:\n  ssh:\n    port: 2222\n";
    assert_eq!(session.read("stockade.yaml"), expected);
    session.run(&format!("init --yes {set}")).exits(0).prints("nothing to change");
    session.run("init --yes --set certificate=files").exits(0);
    session.run("check").exits(0);
    assert!(session.read("stockade.yaml").contains("certificate: /etc/letsencrypt/live/new.example.com/fullchain.pem"));
    session.run("init --yes --set certificate=acme").exits(0);
    assert!(!session.read("stockade.yaml").contains("letsencrypt"), "{}", session.read("stockade.yaml"));
}

#[test]
fn a_change_that_does_not_compile_is_not_made() {
    let (name, _) = builtins()[0];
    let before = WRITTEN.replace("SYSTEM", name);
    let session = Session::with_profile(&before);
    session.run("init --yes --set proxy=nginx").exits(2).says("proxy-cannot");
    session.run("init --yes --set domain=https://a.b").exits(2).says("scheme");
    session.run("init --yes").exits(2).says("is there already");
    session.run("init").exits(2).says("no terminal");
    let other = builtins()[1].0;
    session.run(&format!("init --yes --set system={other}")).exits(2).says("stockade init DIR");
    assert_eq!(session.read("stockade.yaml"), before);
}

#[test]
fn a_link_and_a_mode_stay_through_a_change() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let (name, _) = builtins()[0];
    let session = Session::new();
    session.put("real/mine.yaml", WRITTEN.replace("SYSTEM", name));
    std::fs::set_permissions(session.path("real/mine.yaml"), std::fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink("real/mine.yaml", session.path("stockade.yaml")).expect("a link");
    session.run("init --set proxy=caddy").exits(0);
    assert!(
        session.path("stockade.yaml").is_symlink()
            && session.read("real/mine.yaml").contains("kind: caddy     # counts")
    );
    assert_eq!(session.mode("real/mine.yaml"), 0o640);
}

#[test]
fn every_mistake_of_an_answer_is_told_in_one_run() {
    let session = Session::new();
    let (name, _) = builtins()[0];
    session
        .run(&format!("init --yes --set system={name} --set domian=a.b --set domain=https://a.b --set admin=0.0.0.0/0 --set nonsense"))
        .exits(2)
        .says("did you mean `domain`")
        .says("scheme")
        .says("whole internet")
        .says("there is no `=`");
    assert!(!session.path("stockade.yaml").exists());
}

#[test]
fn answers_of_a_file_are_judged_at_their_places() {
    let (name, _) = builtins()[0];
    let good =
        format!("system: {name}\ndomain: play.example.com\nadmin: [10.8.0.0/24]\nproxy: caddy\nhost: elsewhere\n");
    let session = Session::new().file("a.yaml", &good);
    session.run("init --answers a.yaml --set proxy=nginx --set certificate=self-signed").exits(0);
    let profile = session.read("stockade.yaml");
    assert!(profile.contains("kind: nginx"), "what is typed goes before the file\n{profile}");

    let bad =
        good.replace("proxy: caddy", "proxi: caddy").replace("play.example.com", "a b") + "settings: {nothing: 1}\n";
    let session = Session::new().file("a.yaml", &bad);
    session.run("init --answers a.yaml").exits(2).says("a.yaml:2:9").says("a.yaml:4:1").says("`proxi`");
    session.run("init --answers none.yaml").exits(2).says("none.yaml");
    assert!(!session.path("stockade.yaml").exists());
}

#[test]
fn a_system_file_nearby_is_what_is_set_up() {
    let session = Session::new();
    session.run("systems new my-app --out own/my-app.system.yaml").exits(0);
    std::fs::remove_file(session.path("own/stockade.yaml")).expect("the starter's profile");
    session.run(&format!("init own {ANSWERS} --set system=./my-app.system.yaml")).exits(0);
    session.run("check own").exits(0);
    assert!(session.read("own/stockade.yaml").contains("system: ./my-app.system.yaml"));
    session.put("broken/x.system.yaml", "format: 1\nname: X\n");
    session
        .run(&format!("init broken {ANSWERS} --set system=./x.system.yaml"))
        .exits(2)
        .says("broken/./x.system.yaml:2");
}

#[test]
fn every_way_without_a_profile_leads_here() {
    let session = Session::new();
    session.put("empty/x", "");
    for line in ["", "check", "generate", "report", "check empty", "check none.yaml"] {
        session.run(line).exits(2).says("stockade init");
    }
    let session = Session::with_profile("version: 1\n");
    session.run("").exits(2).says("stockade check");
}

#[test]
fn a_folder_that_cannot_be_written_is_said() {
    let (name, _) = builtins()[0];
    let session = Session::new().file("file", "");
    session.run(&format!("init file/below {ANSWERS} --set system={name}")).exits(3).says("cannot write");
}
