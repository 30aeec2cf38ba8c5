//! A folder converges: nothing that somebody else wrote is replaced, whatever ends a run is healed by the next, and what is
//! there and should not be is named until it is gone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::session::Session;
use crate::support::{tools, tree};

const HYOS: &str = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.example.com\n";
const OWN: &str = "proxy: {kind: traefik, tls: {mode: self-signed}}\n";

/// A folder with a stack of somebody's own.
fn inhabited() -> Session {
    Session::with_profile(HYOS)
        .file("compose.yaml", "services:\n  mine: {image: nginx:1.27}\n")
        .file(".env", "DB_PASSWORD=precious\n")
        .file(".gitignore", "node_modules\n")
        .file("proxy/traefik.yml", "x\n")
}

#[test]
fn a_folder_of_somebody_else_is_not_taken_over_unasked() {
    let session = inhabited();
    let before = tree::read(&session.path(""));
    let said =
        session.run("generate --out .").exits(2).says("foreign-file").says("4 files were not written by Stockade").err;
    assert_eq!(tree::read(&session.path("")), before, "nothing is written, not even secrets");
    assert!(!said.contains("precious"), "{said}");
    for line in ["generate --out . --check", "generate --out . --dry-run", "generate --out . --diff"] {
        let outcome = session.run(line).exits(i32::from(line.ends_with("check")));
        assert!(outcome.out.contains(".env") && !outcome.out.contains("precious"), "{line}\n{}", outcome.out);
        outcome.says("foreign-file");
    }
    // The command is printed as it is to be typed.
    let command = said
        .lines()
        .find_map(|line| line.split('`').find(|part| part.starts_with("stockade generate --out . --adopt")));
    let command = command.map_or_else(|| joined(&said), str::to_owned);
    session.run(command.trim_start_matches("stockade ")).exits(0).prints("set aside");
    for (name, text) in &before {
        if name != "stockade.yaml" {
            assert_eq!(&session.read(&format!("{name}.before-stockade")), text, "{name}");
        }
    }
    session.run("generate --out . --check").exits(0);
    // A repository does not get what was set aside.
    assert!(session.read(".gitignore").contains("*.before-stockade*"));
}

/// The command of a message that was broken into lines.
fn joined(said: &str) -> String {
    let plain: String =
        said.lines().map(|line| line.trim_start_matches([' ', '|', '=']).trim_end().to_owned() + " ").collect();
    let (_, rest) = plain.split_once("`stockade generate --out . --adopt").unwrap_or_else(|| panic!("{said}"));
    let (rest, _) = rest.split_once('`').unwrap_or_else(|| panic!("{said}"));
    format!("stockade generate --out . --adopt{rest}").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn part_of_it_may_be_taken_over() {
    let session = inhabited();
    session.run("generate --out . --adopt compose.yaml proxy").exits(2).says("2 files").says(".gitignore");
    assert!(!session.path("compose.yaml.before-stockade").exists());
    session.run("generate --out . --adopt composer.yaml").exits(2).says("composer.yaml").says("no file of the bundle");
    session.run("generate --out . --force").exits(2).says("4 files");
    session.run("generate --out . --adopt . --dry-run").exits(0).prints("set aside");
    session.run("generate --out . --adopt ./.env .gitignore proxy/ compose.yaml").exits(0);
    assert_eq!(session.read("proxy/traefik.yml.before-stockade"), "x\n");
}

#[test]
fn values_that_are_there_are_no_strangers() {
    let session = Session::with_profile(&format!("{HYOS}secrets: {{sources: {{session_secret: supplied}}}}\n"));
    session.put("bundle/secrets/session_secret", "0123456789abcdef".repeat(6));
    session.run("generate").exits(0);
    session.run("generate --check").exits(0);
    let mine = inhabited();
    mine.put("compose.yaml", "");
    mine.run("generate --out . --adopt .env .gitignore proxy").exits(2).says("`./compose.yaml` was not written");
}

#[test]
fn a_change_by_hand_is_shown_with_its_ways_out() {
    let session = Session::with_profile(HYOS);
    session.run("generate").exits(0);
    let sound = session.read("bundle/compose.yaml");
    let mine = sound.replacen("read_only: true", "read_only: false", 1).replacen("  # why: read-only-root", "", 1);
    session.put("bundle/compose.yaml", &mine);
    let before = tree::read(&session.path(""));
    session
        .run("generate")
        .exits(2)
        .says("edited-file")
        .says("stockade explain read-only-root")
        .says("--force")
        .prints("-  read_only: false")
        .prints("+  read_only: true");
    assert_eq!(tree::read(&session.path("")), before);
    session.run("generate --check").exits(1).prints("compose.yaml was changed by hand");
    session.run("generate --force").exits(0).prints("compose.yaml as compose.yaml.before-stockade");
    assert_eq!(
        (session.read("bundle/compose.yaml"), session.read("bundle/compose.yaml.before-stockade")),
        (sound, mine)
    );
    session.run("generate --check").exits(0);
    // Where no control is named, the line is.
    let env = session.read("bundle/.env");
    session.put("bundle/.env", format!("{env}MORE=1\n"));
    session.run("generate").exits(2).says("stockade explain bundle/.env:");
    // Both sides made the same change.
    session.put("bundle/.env", env);
    session.run("generate").exits(0);
}

#[test]
fn one_command_is_enough_for_both_kinds() {
    let session = Session::with_profile(HYOS);
    session.run("generate").exits(0);
    let lock = session.read("bundle/stockade.lock");
    let lock = serde_json::from_str::<serde_json::Value>(&lock).map(|mut lock| {
        lock["files"].as_array_mut().expect("a list").retain(|file| file["path"] != ".env");
        lock
    });
    session.put("bundle/stockade.lock", lock.expect("the lock is JSON").to_string());
    session.put("bundle/.env", "mine\n");
    session.put("bundle/compose.yaml", "mine too\n");
    let command = "generate --force --adopt bundle/.env";
    session.run("generate").exits(2).says("foreign-file").says("edited-file").says(command);
    session.run(command).exits(0);
    session.run("generate --check").exits(0);
}

#[test]
fn programs_are_told_what_nobody_agreed_to() {
    let session = inhabited();
    let refused = session.run("generate --out . --format json").exits(2).json();
    assert_eq!(refused["diagnostics"][0]["code"], "foreign-file", "{refused:#}");
    let bundle = &refused["bundles"][0];
    assert_eq!(bundle["written"], false, "{bundle:#}");
    let foreign = bundle["files"].as_array().into_iter().flatten().filter(|file| file["change"] == "foreign").count();
    assert_eq!(foreign, 4, "{bundle:#}");
    let done = session.run("generate --out . --format json --adopt .").exits(0).json();
    assert_eq!(done["bundles"][0]["set_aside"][0]["kept"], ".env.before-stockade", "{done:#}");
}

#[test]
fn what_was_added_where_a_program_reads_it_is_named() {
    let session = Session::with_profile(&format!("{HYOS}{OWN}"));
    session.run("generate").exits(0);
    session.run("generate --check").exits(0);
    // The remembered verdict does not hide it either.
    for (name, reader) in [
        ("proxy/dynamic/evil.yml", "reads that folder whole"),
        ("compose.override.yaml", "Docker Compose"),
        ("compose.override.yml", "Docker Compose"),
        ("docker-compose.override.yml", "Docker Compose"),
        ("docker-compose.override.yaml", "Docker Compose"),
    ] {
        let path = format!("bundle/{name}");
        session.put(&path, "http: {}\n");
        session.run("generate --check").exits(1).prints(name).prints(reader);
        session.run("generate --check --format json").exits(1).prints("foreign-file").prints(name);
        session.run("generate").exits(0).says(name);
        assert_eq!(session.read(&path), "http: {}\n");
        fs::remove_file(session.path(&path)).expect("it is there");
        session.run("generate --check").exits(0);
    }
}

/// One profile with two systems, and one with the first alone.
fn two_systems() -> Session {
    let notes = Session::with_case(&crate::support::root().join("golden/own-app")).read("notes.system.yaml");
    let head = "version: 1\nname: house\nadmin: [10.8.0.0/24]\nproxy: {tls: {mode: self-signed}}\nsystems:\n  game: {system: hyos, domain: play.example.com}\n";
    let session = Session::new().file("one.yaml", head).file("notes.system.yaml", &notes);
    session.put("two.yaml", format!("{head}  notes: {{system: ./notes.system.yaml, domain: notes.example.com}}\n"));
    session
}

#[test]
fn a_stale_file_that_was_changed_is_named_until_it_is_gone() {
    let session = two_systems();
    session.run("generate two.yaml --out b").exits(0);
    let both = fs::read_dir(session.path("b/proxy/dynamic")).expect("it is there").count();
    let names: Vec<_> = tree::read(&session.path("b/proxy/dynamic")).into_keys().collect();
    session.run("generate one.yaml --out c").exits(0);
    let dropped = names.iter().find(|name| !session.path(&format!("c/proxy/dynamic/{name}")).exists());
    let dropped = dropped.unwrap_or_else(|| panic!("{names:?} of {both}"));
    let path = format!("b/proxy/dynamic/{dropped}");
    session.put(&path, session.read(&path) + "# mine\n");
    for _ in 0..2 {
        session.run("generate one.yaml --out b").exits(0).says(dropped).says("changed by hand");
        session.run("generate one.yaml --out b --check").exits(1).prints(dropped);
    }
    session.run("generate one.yaml --out b --force").exits(0).prints("set aside");
    assert!(session.read(&format!("b/proxy/{dropped}.before-stockade")).ends_with("# mine\n"));
    session.run("generate one.yaml --out b --check").exits(0);
}

/// A script with an empty file system mounted somewhere, in a namespace of its own.
fn mounted(session: &Session, at: &str, lines: &[&str]) -> String {
    let program = env!("CARGO_BIN_EXE_stockade");
    let script = format!(
        "export HOME=$PWD; mkdir -p {at}; mount -t tmpfs none {at}\nstockade() {{ {program} \"$@\"; }}\n{}\n",
        lines.join("\n")
    );
    tools::apart(&session.path(""), &script).accepted(at)
}

#[test]
fn a_mount_inside_a_bundle_is_a_place_like_any_other() {
    for at in ["bundle/data", "bundle/secrets", "bundle/proxy/dynamic"] {
        let session = Session::with_profile(&format!("{HYOS}{OWN}"));
        let left = "test -z \"$(find bundle -name '.stockade-stage-*')\"".to_string();
        let said = mounted(
            &session,
            at,
            &[
                "stockade generate",
                &left,
                "stockade generate --check",
                // What a killed run has left there goes.
                &format!("mkdir {at}/.stockade-stage-1; touch {at}/.stockade-stage-1/0"),
                "echo >> bundle/.env; stockade generate --force",
                &left,
                &format!("find {at} -type f | grep -q ."),
                // What is set aside may have to leave its file system.
                "echo '# mine' >> bundle/proxy/dynamic/tls.yml; stockade generate --force",
                "grep -q mine bundle/proxy/tls.yml.before-stockade; stockade generate --check",
            ],
        );
        assert!(said.contains("up to date"), "{said}");
    }
}

#[test]
fn directories_and_the_bundles_own_get_their_mode_back() {
    let session = Session::with_profile(&format!("{HYOS}{OWN}"));
    fs::create_dir_all(session.path("bundle/secrets")).expect("a folder can be made");
    let chmod = |name: &str, mode| {
        fs::set_permissions(session.path(name), fs::Permissions::from_mode(mode)).expect("modes can be set");
    };
    chmod("bundle", 0o755);
    session.run("generate").exits(0).says("closed to other users");
    assert_eq!((session.mode("bundle"), session.mode("bundle/secrets")), (0o700, 0o700));
    chmod("bundle/proxy/dynamic", 0o700);
    session.run("generate --check").exits(1).prints("proxy/dynamic has another owner or mode");
    session.run("generate").exits(0);
    assert_eq!(session.mode("bundle/proxy/dynamic"), 0o755);
    session.run("generate --check").exits(0);
    chmod("bundle", 0o755);
    session.run("generate --check").exits(1).prints("open to other users");
}

#[test]
fn a_umask_leaves_every_directory_usable() {
    for (umask, parent) in [("000", 0o755), ("022", 0o755), ("077", 0o700), ("177", 0o700), ("777", 0o700)] {
        let session = Session::with_profile(HYOS);
        let line = format!("umask {umask}; {} generate --out p1/p2/p3", env!("CARGO_BIN_EXE_stockade"));
        tools::shell(&session.path(""), &line).accepted(umask);
        let modes = ["p1", "p1/p2", "p1/p2/p3", "p1/p2/p3/firewall"].map(|name| session.mode(name));
        assert_eq!(modes, [parent, parent, 0o700, 0o755], "{umask}");
    }
}

#[test]
fn a_look_waits_for_a_run_that_writes() {
    let session = Session::with_profile(HYOS);
    session.run("generate").exits(0);
    let bundle = fs::File::open(session.path("bundle")).expect("it is there");
    rustix::fs::flock(&bundle, rustix::fs::FlockOperation::LockExclusive).expect("it can be locked");
    session.run("generate --check").exits(3).says("another run is writing");
    let waiting = session.command("generate --check").stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(bundle);
    let done = waiting.wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stdout));
}

#[test]
fn what_an_ended_run_left_is_a_difference_until_it_is_swept() {
    let session = Session::with_profile(HYOS);
    session.run("generate").exits(0);
    session.run("generate --check").exits(0);
    fs::create_dir(session.path("bundle/.stockade-stage-1")).expect("a folder can be made");
    // The remembered verdict does not hide it.
    session.run("generate --check").exits(1).prints(".stockade-stage-1 was left by a run that was ended");
    session.run("generate --check --format json").exits(1).prints("was left by a run that was ended");
    session.run("generate").exits(0);
    assert!(!session.path("bundle/.stockade-stage-1").exists());
    session.run("generate --check").exits(0);
}

/// The lock of a bundle, changed.
fn relock(session: &Session, change: impl FnOnce(&mut serde_json::Value)) {
    let mut lock: serde_json::Value =
        serde_json::from_str(&session.read("bundle/stockade.lock")).expect("the lock is JSON");
    change(&mut lock);
    session.put("bundle/stockade.lock", serde_json::to_string_pretty(&lock).expect("it is JSON") + "\n");
}

#[test]
fn the_lock_says_what_a_bundle_is_made_from() {
    let session = Session::with_profile(HYOS);
    session.run("generate").exits(0);
    let first = session.read("bundle/stockade.lock");
    let lock: serde_json::Value = serde_json::from_str(&first).expect("the lock is JSON");
    let inputs = &lock["inputs"];
    let is_digest = |value: &serde_json::Value| value.as_str().is_some_and(|text| text.len() == 64);
    assert!(is_digest(&inputs["profile"]) && is_digest(&inputs["systems"]["hyos"]) && is_digest(&inputs["templates"]));
    let images = inputs["images"].as_object().expect("services have images");
    let compose = session.read("bundle/compose.yaml");
    assert!(
        images.len() > 1 && images.values().all(|it| compose.contains(it.as_str().unwrap_or("none"))),
        "{inputs:#}"
    );
    let paths: Vec<_> = lock["files"].as_array().into_iter().flatten().map(|file| file["path"].as_str()).collect();
    assert!(paths.is_sorted(), "{paths:?}");
    // A comment is nothing that the profile says; a key is, also where no file differs.
    session.put("stockade.yaml", format!("# mine\n{HYOS}"));
    session.run("generate --check").exits(0);
    session.put("stockade.yaml", format!("{HYOS}level: hardened\n"));
    session.run("generate --check").exits(1).prints("stockade.lock differs");
    session.put("stockade.yaml", HYOS);
    session.run("generate").exits(0);
    assert_eq!(session.read("bundle/stockade.lock"), first, "no time and no chance is in it");
}

#[test]
fn an_older_lock_is_migrated_and_a_newer_one_refused() {
    let session = Session::with_profile(HYOS);
    session.run("generate").exits(0);
    let current = session.read("bundle/stockade.lock");
    relock(&session, |lock| {
        lock["format"] = 1.into();
        lock.as_object_mut().expect("an object").remove("inputs");
    });
    session.put("bundle/.env", "MINE=1\n");
    // It still tells generated files from others.
    session.run("generate").exits(2).says("edited-file");
    session.run("generate --force").exits(0);
    assert_eq!(session.read("bundle/stockade.lock"), current);
    for change in [("format", serde_json::json!(3)), ("stockade", "9.0.0".into())] {
        relock(&session, |lock| lock[change.0] = change.1.clone());
        let before = tree::read(&session.path("bundle"));
        for line in ["generate", "generate --check", "generate --diff", "generate --force"] {
            session.run(line).exits(2).says("newer-lock").says("or a later version");
        }
        assert_eq!(tree::read(&session.path("bundle")), before);
        session.put("bundle/stockade.lock", &current);
    }
}

#[test]
fn a_certificate_that_serves_nobody_is_a_difference() {
    let session = Session::with_profile(&format!("{HYOS}{OWN}"));
    session.run("generate").exits(0);
    session.put("stockade.yaml", format!("{HYOS}{OWN}").replace("play.example.com", "game.example.com"));
    session.run("generate").exits(0).says("is kept, but");
    session.run("generate --check").exits(1).prints("but for its certificate");
}

#[test]
fn a_hash_that_does_not_fit_its_secret_is_found_without_the_marks() {
    let session = Session::with_profile(HYOS);
    session.run("generate").exits(0);
    session.run("generate --check").exits(0);
    fs::remove_file(session.path("bundle/stockade.key")).expect("it is there");
    let secret = session.read("bundle/secrets/api_client_secret");
    fs::set_permissions(session.path("bundle/secrets/api_client_secret"), fs::Permissions::from_mode(0o600))
        .expect("modes can be set");
    session.put("bundle/secrets/api_client_secret", secret.chars().rev().collect::<String>());
    session.run("generate --check").exits(2).says("api_client_hash");
    session.run("generate").exits(2).says("api_client_hash");
}
