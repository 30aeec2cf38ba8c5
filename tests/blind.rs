//! Commands of reports that are asked where nothing runs and nothing lies: none may say that all is well.
//!
//! `! A | B` takes the status of `B` alone, and `A | tail` that of `tail`: with no container, no daemon and no name service
//! such a check is green. Here every command of every report runs with stand-ins that answer as a host without this stack does.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::generated::Generated;
use crate::support::tools;

/// Real programs that read files and text.
const PLAIN: &str = "sh cat cut date find grep head ls sed seq sort stat tail test tr uniq wc xargs awk env dirname mktemp \
                     sha256sum cp chmod true rm tar jq";

/// What asks something that runs, or another host.
const LIVE: &str = "docker podman podman-compose curl ss systemctl systemd-analyze nft iptables-save firewall-cmd openssl nc \
                    midclt stockade gpg gpgconf trivy findmnt lsblk";

/// Lists are empty and everything else is not there, as on a host whose engine runs other stacks.
const EMPTY_ENGINE: &str =
    "case \"$1 $2\" in 'ps '*|'compose ps'|'compose logs'|'network ls'|'images '*|'secret ls') exit 0;; esac\n";

/// Where the commands run, and what they find there.
struct Host {
    folder: tempfile::TempDir,
}

impl Host {
    /// `engine` is what stands before a refusal of the container engine.
    fn new(engine: &str) -> Self {
        let host = Self { folder: tempfile::tempdir().expect("a folder can be made") };
        fs::create_dir(host.tools()).expect("a folder can be made");
        for name in PLAIN.split_whitespace() {
            symlink(tools::tool(name), host.tools().join(name)).expect("a link can be made");
        }
        for name in LIVE.split_whitespace() {
            let first = if ["docker", "podman"].contains(&name) { engine } else { "" };
            host.stand_in(name, &format!("echo {name} >> \"$CALLS\"\n{first}exit 1\n"));
        }
        host.stand_in("sudo", "exec \"$@\"\n");
        host.stand_in("sleep", "");
        host
    }

    fn tools(&self) -> PathBuf {
        self.folder.path().join("tools")
    }

    fn stand_in(&self, name: &str, body: &str) {
        let path = self.tools().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}")).expect("a stand-in is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a stand-in can be run");
    }

    /// Whether a command says that all is well, and what it asked.
    fn judge(&self, folder: &Path, command: &str) -> (bool, String) {
        let calls = self.folder.path().join("calls");
        fs::write(&calls, "").expect("the list is empty");
        let status = Command::new(tools::tool("sh"))
            .args(["-c", command])
            .current_dir(folder)
            .env_clear()
            .env("PATH", self.tools())
            .env("CALLS", &calls)
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("a shell runs");
        (status.success(), fs::read_to_string(&calls).expect("the list is there"))
    }
}

/// Each command once, with whose it is and the folder of its bundle.
fn commands(cases: &[Generated]) -> BTreeMap<String, (String, PathBuf)> {
    let mut commands = BTreeMap::new();
    for case in cases {
        let report: Value = serde_json::from_str(&case.read("report.json")).expect("the report is JSON");
        for line in report["recommendations"].as_array().expect("a list") {
            let Some(verify) = line["verify"].as_str() else { continue };
            let whose = format!("{}: {}", case.name, line["id"]);
            commands.entry(verify.to_owned()).or_insert_with(|| (whose, case.folder()));
        }
        let document = case.read("HARDENING.md");
        let general = document
            .lines()
            .map(str::trim)
            .find(|line| line.contains("com.docker.compose.project") && line.contains("healthy"));
        if let Some(general) = general {
            commands.entry(general.to_owned()).or_insert_with(|| (format!("{}: health", case.name), case.folder()));
        }
    }
    commands
}

#[test]
fn no_check_is_green_where_nothing_runs() {
    // Each in a folder of its own: a command that were to write would change what other tests read.
    let cases: Vec<_> = Generated::all().map(Generated::own).collect();
    let commands = commands(&cases);
    assert!(commands.len() > 400, "{} commands", commands.len());
    let nowhere = tempfile::tempdir().expect("a folder can be made");
    let mut wrong = Vec::new();
    for (engine, state) in [("", "without an engine"), (EMPTY_ENGINE, "beside other stacks")] {
        let host = Host::new(engine);
        for (command, (whose, folder)) in &commands {
            if host.judge(nowhere.path(), command).0 {
                wrong.push(format!("{whose}, {state} and without the bundle: {command}"));
            }
            // What reads the bundle alone may be content with it.
            let (well, calls) = host.judge(folder, command);
            if well && !calls.is_empty() {
                wrong.push(format!("{whose}, {state}, after {calls:?}: {command}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are green:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_check_that_cannot_fail_is_found() {
    let host = Host::new("");
    let green = |command: &str| host.judge(host.folder.path(), command).0;
    assert!(green("! docker inspect app | grep docker.sock"), "the trap itself");
    assert!(!green("found=$(docker inspect app) && ! printf '%s\\n' \"$found\" | grep docker.sock"));
    assert!(!green("sudo docker ps"));
    assert!(green("test -d tools"));
}

/// What a program prints where all is well and where it is not, for the checks that only a running stack answers.
#[test]
fn checks_tell_right_answers_from_wrong_ones() {
    let table: Value = serde_yaml::from_str(include_str!("fixtures/checks.yaml")).expect("the table is YAML");
    let nowhere = tempfile::tempdir().expect("a folder can be made");
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for (case, checks) in table.as_object().expect("a map") {
        let report: Value = serde_json::from_str(&Generated::named(case)[0].read("report.json")).expect("JSON");
        let lines = report["recommendations"].as_array().expect("a list");
        for (id, check) in checks.as_object().expect("a map") {
            let line =
                lines.iter().find(|line| line["id"] == id.as_str()).unwrap_or_else(|| panic!("{case} has no {id}"));
            let verify = line["verify"].as_str().unwrap_or_else(|| panic!("{case}: {id} has no check"));
            for (kind, well) in [("right", true), ("wrong", false)] {
                for answer in check[kind].as_array().expect("a list") {
                    let host = Host::new("");
                    let text = answer.as_str().expect("a text");
                    fs::write(host.folder.path().join("answer"), text).expect("an answer is written");
                    // A program that is fed something reads it.
                    let body = "cat > /dev/null\ncat \"$HOME/answer\"\n";
                    host.stand_in(check["tool"].as_str().expect("a text"), body);
                    asked += 1;
                    if host.judge(nowhere.path(), verify).0 != well {
                        wrong.push(format!("{case}: {id}, {kind} {text:?}: {verify}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 120, "{asked} answers");
}

/// Nobody proves anything by reading what Stockade itself wrote about it, and no image comes from elsewhere.
#[test]
fn no_check_reads_its_own_report_or_pulls_an_image() {
    let cases: Vec<_> = Generated::all().collect();
    for (command, (whose, _)) in commands(&cases) {
        for word in ["HARDENING.md", "report.json", "report.html"] {
            assert!(!command.contains(word), "{whose} reads {word}: {command}");
        }
        let pulls = command.contains("docker run") && !command.contains("--pull never") || command.contains(" pull ");
        assert!(!pulls, "{whose} may pull an image: {command}");
        assert!(!command.starts_with('!'), "{whose} begins with `!`: {command}");
    }
}

/// The command that runs all checks at once prints the numbers of those that do not hold, and is content with nothing less.
#[test]
fn all_checks_at_once_name_those_that_fail() {
    let case = &Generated::named("hyos-nginx")[0];
    let report: Value = serde_json::from_str(&case.read("report.json")).expect("the report is JSON");
    let last = report["checks"].as_array().and_then(|checks| checks.last()).expect("there are checks");
    let command = last["run"].as_str().expect("a command");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let line = |id: &str, status: &str, verify: &str| serde_json::json!({"id": id, "status": status, "verify": verify});
    let judge = |lines: Vec<Value>| {
        let data = serde_json::json!({ "recommendations": lines }).to_string();
        fs::write(folder.path().join("report.json"), data).expect("a report is written");
        let ran = Command::new(tools::tool("sh")).args(["-c", command]).current_dir(folder.path()).output();
        let ran = ran.expect("a shell runs");
        (ran.status.success(), String::from_utf8(ran.stdout).expect("text"))
    };
    let well = || {
        vec![
            line("A-1", "enforced", "test 'a b' = \"a b\" && cat"),
            line("A-2", "manual", "false"),
            line("A-3", "waived", "false"),
            serde_json::json!({"id": "A-4", "status": "not-applicable"}),
            serde_json::json!({"id": "A-5", "status": "enforced", "verify": "false", "sameAs": "A-1"}),
        ]
    };
    assert_eq!(judge(well()), (true, String::new()));
    let ill = [line("A-6", "relaxed", "echo said; false"), line("A-7", "compensated", "true\nexit 3")];
    assert_eq!(judge(well().into_iter().chain(ill).collect()), (false, "A-6\nA-7\n".to_owned()));
    fs::remove_file(folder.path().join("report.json")).expect("it is there");
    let ran = Command::new(tools::tool("sh")).args(["-c", command]).current_dir(folder.path()).output();
    assert!(!ran.expect("a shell runs").status.success(), "without a report nothing is well");
}
