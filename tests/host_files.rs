//! Files for the host itself, of the built-in system that has them: scripts are run with real gpg and stand-ins for
//! Docker and its database, units and configuration are read by their own parsers.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::support::generated::Generated;
use crate::support::session::Session;
use crate::support::tools::{self, Verdict};

/// What the stand-in database dumps; binary, as the real thing.
const DUMP: &[u8] = b"PGDMP\x01\x0e\x00 rows of the database \xff";
const ARCHIVE: &[u8] = b"\x1f\x8b files of a game server";

/// A bundle whose backups go to a folder of the session, and a `docker` that answers for the database.
fn bundle(settings: &str) -> Session {
    let session = Session::new();
    let folder = session.path("").display().to_string();
    session.put(
        "stockade.yaml",
        format!(
            "version: 1\nname: panel\nsystem: stellarstack\ndomain: panel.example.com\nadmin: [10.8.0.0/24]\n{settings}\
             settings: {{game_udp: false, backup_dir: {folder}backups, data_dir: {folder}games}}\n"
        ),
    );
    session.run("generate").exits(0);
    session.put("games/backups/one/first.tar.gz", ARCHIVE);
    session.put("answers/dump", DUMP);
    program(
        &session,
        "docker",
        "#!/bin/sh\nprintf '%s\\n' \"$*\" >>\"$SESSION/calls\"\n\
         case \"$*\" in *pg_dump*) cat \"$SESSION/answers/dump\"; exit \"$(cat \"$SESSION/answers/status\" 2>/dev/null \
         || echo 0)\" ;; *psql*) cat >>\"$SESSION/input\" ;; esac\n",
    );
    session
}

fn program(session: &Session, name: &str, text: &str) {
    session.put(&format!("bin/{name}"), text);
    fs::set_permissions(session.path(&format!("bin/{name}")), fs::Permissions::from_mode(0o755)).expect("it is ours");
}

fn script(session: &Session, line: &str) -> Verdict {
    let folder = session.path("");
    tools::shell(&folder, &format!("export SESSION={0} PATH={0}bin:$PATH\nsh bundle/host/{line}", folder.display()))
}

fn backups(session: &Session) -> Vec<PathBuf> {
    let list = fs::read_dir(session.path("backups")).into_iter().flatten().map(|entry| entry.expect("listed").path());
    let mut list: Vec<_> = list.collect();
    list.sort_unstable();
    list
}

fn only(session: &Session) -> String {
    let list = backups(session);
    assert_eq!(list.len(), 1, "{list:?}");
    list[0].display().to_string()
}

#[test]
fn a_backup_is_encrypted_and_comes_back_whole() {
    let session = bundle("");
    let printed = script(&session, "backup.sh").accepted("the backup");
    let file = only(&session);
    assert_eq!(printed.trim(), file);
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o7777, 0o600);
    assert!(session.read("calls").contains("exec stellarstack-postgres pg_dump -U stellar -d stellarstack -Fc"));
    let packets = tools::run(&session.path(""), "gpg", &["--batch", "--list-packets", "--list-only", &file]);
    assert!(packets.err.contains("AES256") && packets.out.contains("s2k 3, hash 10"), "{}{}", packets.err, packets.out);
    let bytes = fs::read(&file).expect("it can be read");
    assert!(!bytes.windows(4).any(|part| part == b"rows" || part == b"PGDM"), "the dump shows");
    assert!(script(&session, &format!("restore.sh --check {file}")).accepted("the check").contains("complete"));
    script(&session, &format!("restore.sh {file} back")).accepted("the restore");
    assert_eq!(fs::read(session.path("back/database.dump")).expect("restored"), DUMP);
    assert_eq!(fs::read(session.path("back/backups/one/first.tar.gz")).expect("restored"), ARCHIVE);
    assert_eq!(session.mode("back/database.dump"), 0o600);
}

#[test]
fn a_restore_refuses_what_is_not_whole_and_spares_what_is_there() {
    let session = bundle("");
    script(&session, "backup.sh").accepted("the backup");
    let file = only(&session);
    let bytes = fs::read(&file).expect("it can be read");
    session.put("other", "another passphrase\n");
    session.put("short.gpg", &bytes[..bytes.len() - 40]);
    let mut touched = bytes.clone();
    let middle = touched.len() / 2;
    touched[middle] ^= 1;
    session.put("touched.gpg", &touched);
    session.put("full/precious", "mine");
    let here = session.path("").display().to_string();
    for (line, says) in [
        (format!("restore.sh {file} full"), "is not empty"),
        (format!("restore.sh {here}short.gpg back"), "restore: "),
        (format!("restore.sh {here}touched.gpg back"), "restore: "),
        (format!("restore.sh --check {here}touched.gpg"), "restore: "),
        (format!("restore.sh {here}none.gpg back"), "there is no file"),
        (format!("restore.sh {file}"), "name the directory"),
    ] {
        let verdict = script(&session, &line);
        assert!(!verdict.ok && verdict.err.contains(says), "{line}: {}{}", verdict.out, verdict.err);
    }
    let other = tools::shell(&session.path(""), &format!("KEY={here}other sh bundle/host/restore.sh {file} back"));
    assert!(!other.ok && other.err.contains("this passphrase is key-"), "{}", other.err);
    assert!(fs::read_dir(session.path("back")).expect("it was made").next().is_none(), "half a backup was unpacked");
    assert_eq!(session.read("full/precious"), "mine");
}

#[test]
fn a_backup_that_fails_leaves_nothing_behind() {
    let session = bundle("");
    session.put("answers/status", "3");
    assert!(!script(&session, "backup.sh").ok, "a dump that breaks off");
    session.put("answers/status", "0");
    session.put("answers/dump", "");
    assert!(script(&session, "backup.sh").err.contains("the dump of the database is empty"));
    session.put("answers/dump", DUMP);
    program(&session, "gpg", "#!/bin/sh\nexit 2\n");
    assert!(!script(&session, "backup.sh").ok, "gpg that fails");
    assert_eq!(backups(&session), Vec::<PathBuf>::new());
}

#[test]
fn the_newest_backups_stay() {
    let session = bundle("backup: {enabled: true, keep: 2}\n");
    program(
        &session,
        "date",
        "#!/bin/sh\nn=$(cat \"$SESSION/clock\" 2>/dev/null || echo 0)\necho $((n + 1)) >\"$SESSION/clock\"\n\
         echo \"2026112${n}T000000Z\"\n",
    );
    for _ in 0..4 {
        script(&session, "backup.sh").accepted("a backup");
    }
    let names: Vec<_> =
        backups(&session).iter().map(|path| path.file_name().expect("a name").to_string_lossy().into_owned()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].contains("20261122T") && names[1].contains("20261123T"), "{names:?}");
}

#[test]
fn a_rotation_asks_first_and_keeps_the_old_secret() {
    let session = bundle("");
    let before = session.read("bundle/secrets/better_auth_secret");
    let answer = |text: &str, line: &str| {
        let folder = session.path("");
        let here = folder.display();
        tools::shell(
            &folder,
            &format!("export SESSION={here} PATH={here}bin:$PATH\necho {text} | sh bundle/host/{line}"),
        )
    };
    assert!(!answer("no", "rotate.sh better_auth_secret").ok);
    assert_eq!(session.read("bundle/secrets/better_auth_secret"), before);
    let refused = answer("yes", "rotate.sh encryption_key");
    assert!(!refused.ok && refused.err.contains("no tool encrypts anew"));
    let mode = session.mode("bundle/secrets/better_auth_secret");
    let done = answer("yes", "rotate.sh better_auth_secret");
    assert!(done.ok && done.err.contains("logged out"), "{}", done.err);
    let after = session.read("bundle/secrets/better_auth_secret");
    assert!(after != before && after.trim().len() == 64 && after.trim().chars().all(|c| c.is_ascii_hexdigit()));
    assert_eq!(session.read("bundle/secrets/better_auth_secret.old"), before);
    assert_eq!(session.mode("bundle/secrets/better_auth_secret"), mode);
    assert!(session.read("calls").contains("compose up -d --force-recreate stellarstack-api"));
    assert!(!session.read("calls").contains(after.trim()), "the secret stands on a command line");
}

#[test]
fn the_node_is_made_known_without_its_key_on_a_command_line() {
    let session = bundle("");
    script(&session, "add-node.sh").accepted("the node");
    let key = session.read("bundle/secrets/node_signing_key");
    assert!(session.read("input").contains(key.trim()) && !session.read("calls").contains(key.trim()));
    assert!(session.read("bundle/host/config.toml").contains(key.trim()), "daemon and panel disagree");
    let calls = session.read("calls");
    assert!(calls.contains("-v fqdn=panel.example.com -v scheme=http -v port=8081 -v sftp=2022"), "{calls}");
}

/// All bundles of golden cases that hold a file.
fn golden(name: &str) -> Vec<(String, String)> {
    let of = |(case, folder): (String, PathBuf)| {
        let files = crate::support::tree::compiled(&folder).into_iter();
        files.map(move |(path, text)| (format!("{case}/{path}"), text))
    };
    let found: Vec<_> =
        Generated::cases_with(name).into_iter().flat_map(of).filter(|(path, _)| path.ends_with(name)).collect();
    assert!(!found.is_empty(), "no golden case has {name}");
    found
}

#[test]
fn configuration_of_the_daemon_is_toml() {
    let read = "import sys, tomllib, json; print(json.dumps(tomllib.load(sys.stdin.buffer)))";
    for (path, text) in golden("host/config.toml") {
        // Golden files describe secrets in place of their text.
        let text: String = text
            .lines()
            .map(|line| match line.split_once("‹secret") {
                Some((before, _)) => format!("{before}\"described\"\n"),
                None => format!("{line}\n"),
            })
            .collect();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        fs::write(folder.path().join("config.toml"), &text).expect("it can be written");
        let parsed = tools::shell(folder.path(), &format!("python3 -c '{read}' <config.toml")).accepted(&path);
        let parsed: serde_json::Value = serde_json::from_str(&parsed).expect("Python prints JSON");
        let listens = parsed["http_listen"].as_str().or(parsed["api"]["host"].as_str());
        // On the bridge: the host's own address, or the container's.
        let wanted = if path.contains("container") { "10.91.30.6:" } else { "10.91.30.1" };
        assert!(listens.is_some_and(|address| address.starts_with(wanted)), "{path}: {parsed}");
    }
}

#[test]
fn systemd_accepts_every_unit() {
    let mut units = golden(".service");
    units.extend(golden(".timer"));
    for (path, text) in units {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let put = |name: &str, text: &str, mode| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("made");
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("ours");
        };
        let name = Path::new(&path).file_name().expect("a name").to_string_lossy().into_owned();
        put(&format!("etc/systemd/system/{name}"), &text, 0o644);
        // What the unit starts and needs, so that only its own lines are judged.
        let idle = "[Unit]\nDescription=Stand-in\n[Service]\nType=oneshot\nExecStart=/bin/sh\n";
        for other in ["docker.service", "stellar-backup.service"] {
            if other != name {
                put(&format!("etc/systemd/system/{other}"), idle, 0o644);
            }
        }
        for target in
            ["sysinit", "basic", "shutdown", "network-online", "multi-user", "timers", "network-pre", "network"]
        {
            put(&format!("etc/systemd/system/{target}.target"), "[Unit]\nDescription=Stand-in\n", 0o644);
        }
        let commands = text.lines().filter(|line| line.starts_with("Exec")).filter_map(|line| line.split_once('='));
        let programs =
            commands.filter_map(|(_, command)| command.trim_start_matches(['-', '+', '!']).split(' ').next());
        for program in programs.chain(["/bin/sh"]) {
            let place = program.strip_prefix('/').map_or_else(|| format!("usr/bin/{program}"), str::to_owned);
            put(&place, "#!/bin/sh\n", 0o755);
        }
        let root = format!("--root={}", folder.path().display());
        let unit = format!("/etc/systemd/system/{name}");
        let verdict = tools::run(folder.path(), "systemd-analyze", &["verify", "--man=no", &root, &unit]);
        assert!(verdict.ok && verdict.err.trim().is_empty(), "{path}\n{}{}", verdict.out, verdict.err);
    }
}

/// The timer of the documentation: its units are right, and what asks may do little else.
#[test]
fn the_documented_timer_is_right_and_sandboxed() {
    let text = include_str!("../docs/howto/watch.md");
    let folder = tempfile::tempdir().expect("a folder");
    let units = folder.path().join("etc/systemd/system");
    fs::create_dir_all(&units).expect("made");
    let mut names = Vec::new();
    for part in text.split("`/etc/systemd/system/").skip(1) {
        let (name, rest) = part.split_once('`').expect("a name");
        let unit = rest.split_once("```ini\n").and_then(|(_, rest)| rest.split_once("```")).expect("a unit").0;
        fs::write(units.join(name), unit).expect("written");
        names.push(format!("/etc/systemd/system/{name}"));
        for program in unit.lines().filter_map(|line| line.strip_prefix("ExecStart=/")?.split(' ').next()) {
            let path = folder.path().join(program);
            fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("made");
            fs::write(&path, "#!/bin/sh\n").expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
        }
    }
    assert_eq!(names.len(), 3);
    fs::write(units.join("docker.service"), "[Service]\nType=oneshot\nExecStart=/usr/bin/logger\n").expect("written");
    for target in ["sysinit", "basic", "shutdown", "timers", "time-set", "time-sync", "multi-user"] {
        fs::write(units.join(format!("{target}.target")), "[Unit]\nDescription=Stand-in\n").expect("written");
    }
    let root = format!("--root={}", folder.path().display());
    for name in &names {
        let verdict = tools::run(folder.path(), "systemd-analyze", &["verify", "--man=no", &root, name]);
        assert!(verdict.ok && verdict.err.trim().is_empty(), "{name}\n{}{}", verdict.out, verdict.err);
    }
    // Tenths of its scale from 0 to 10, where 10 is all that a unit without a sandbox may.
    let words = ["security", "--offline=yes", "--threshold=40", &root, "stockade-verify.service"];
    let verdict = tools::run(folder.path(), "systemd-analyze", &words);
    assert!(verdict.ok, "{}{}", verdict.out, verdict.err);
}

#[test]
fn panel_and_node_agree_with_each_other() {
    let session = Session::with_profile(
        "version: 1\nname: panel\nsystem: stellarstack\ndomain: panel.example.com\nadmin: [10.8.0.0/24]\n\
         settings: {game_udp: false, daemon_port: 18081, sftp_port: 2222}\nhosts:\n  \
         panel: {role: panel, address: 203.0.113.5}\n  east: {role: node, address: 203.0.113.9, domain: east.example.com}\n",
    );
    session.run("generate").exits(0);
    let panel = |path: &str| session.read(&format!("bundle/hosts/panel/{path}"));
    let east = |path: &str| session.read(&format!("bundle/hosts/east/{path}"));
    // Keys: the node's is the same on both, all others are each host's own.
    let key = panel("secrets/node_signing_key");
    assert_eq!(key, east("secrets/node_signing_key"));
    assert!(east("host/config.toml").contains(&format!("signing_key = \"{}\"", key.trim())));
    assert_ne!(panel("secrets/backup_passphrase"), east("secrets/backup_passphrase"));
    // The node's id, name and port.
    let id = east("host/config.toml").lines().find_map(|line| line.strip_prefix("node_id = ").map(str::to_owned));
    let id = id.expect("the daemon has an id");
    assert!(panel("host/add-node.sh").contains(&format!("ID={}\n", id.trim_matches('"'))));
    assert!(panel("host/add-node.sh").contains("FQDN=east.example.com\nSCHEME=https\nPORT=443\nSFTP=2222\n"));
    assert!(east("host/config.toml").contains("sftp_listen = \":2222\""));
    assert!(east("host/config.toml").contains("api_base_url = \"https://panel.example.com\""));
    // What one asks, the other answers, and nobody else.
    let (asks, answers) = (panel("proxy/dynamic/site-panel.yml"), east("proxy/dynamic/site-node.yml"));
    assert!(asks.contains("url: https://east.example.com:443") && asks.contains("203.0.113.9/32"));
    assert!(answers.contains("sourceRange: [203.0.113.5/32]") && answers.contains("http://10.91.30.1:18081"));
    assert!(east("host/config.toml").contains("http_listen = \"10.91.30.1:18081\""));
    // Firewalls.
    let (panels, easts) = (panel("firewall/stockade.nft"), east("firewall/stockade.nft"));
    assert!(easts.contains("203.0.113.5/32") && easts.contains("25565-25665") && easts.contains("dport 2222"));
    assert!(!panels.contains("25565") && !panels.contains("dport 2222"));
    assert!(panels.contains("203.0.113.9/32"), "the API may not reach its node");
}
