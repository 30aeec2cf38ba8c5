//! `install.sh`, run for real on hosts whose engine answers as a stand-in says: what it refuses, what it says, and that
//! nothing was changed before. Real engines are asked in tests/behaviour/test_install.py.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use crate::support::session::Session;
use crate::support::tools::{self, Verdict};

const SYSTEM: &str = "
format: 1
name: app
title: App
summary: A minimal application.
networks: {out: {purpose: The way out., egress: true}}
volumes:
  files: {purpose: Data., kind: {directory: {path: data/app, owner: '1000:1000', mode: '0700'}}}
services:
  app:
    title: App
    image: node:22.11.0-alpine
    user: '1000:1000'
    mounts:
      - {volume: files, target: /data}
      - {file: config/x.conf, target: /data/etc/x/x.conf}
      #mounts
    no_healthcheck: none in a test
    limits: {memory: 256m, cpus: '1.0', pids: 128}
    networks: {out: {}}
files:
  x: {purpose: X., path: config/x.conf, policy: managed, owner: '1000:1000', mode: '0400', format: yaml, content: {a: 1}}
";
const PROFILE: &str = "version: 1\nname: t\nsystem: ./app.system.yaml\nadmin: [10.8.0.0/24]\nfirewall: {kind: none}\n";
/// What an engine answers on which everything is fine.
const FINE: &str = "28.3.1 true true true name=seccomp,profile=builtin name=cgroupns";

/// A bundle on a host; `mounts` are more of them, `profile` more lines.
fn host(mounts: &str, profile: &str) -> Session {
    let session = Session::with_profile(&format!("{PROFILE}{profile}"));
    session.put("app.system.yaml", SYSTEM.replace("#mounts", mounts));
    generate(&session);
    answer(&session, FINE, "2.39.1");
    session
}

/// No golden case has every part of the script, so it is judged here too.
fn generate(session: &Session) {
    session.run("generate").exits(0);
    tools::run(&session.path("bundle"), "shellcheck", &["--severity=style", "install.sh"]).accepted("install.sh");
}

/// What the engine of that host answers from now on; nothing at all where the text is empty.
fn answer(session: &Session, info: &str, compose: &str) {
    let text = format!(
        "#!/bin/sh\ncase $1 in info) echo '{info}'; [ -n '{info}' ] ;; compose) echo '{compose}'; [ -n '{compose}' ] ;; esac\n"
    );
    for name in ["docker", "docker-compose", "podman"] {
        session.put(&format!("bin/{name}"), &text);
        fs::set_permissions(session.path(&format!("bin/{name}")), fs::Permissions::from_mode(0o755))
            .expect("it is ours");
    }
}

fn install(session: &Session, words: &str) -> Verdict {
    let folder = session.path("");
    tools::shell(&folder, &format!("PATH={}bin:$PATH sh bundle/install.sh {words}", folder.display()))
}

/// Refused for that reason, with nothing changed; `--force` goes on.
#[track_caller]
fn refuses(session: &Session, says: &str) {
    let data = || fs::metadata(session.path("bundle/data/app")).map(|found| (found.uid(), found.ctime_nsec())).ok();
    let before = data();
    for words in ["--check", ""] {
        let verdict = install(session, words);
        assert!(
            !verdict.ok && verdict.err.contains(&format!("error: {says}")),
            "{says}\n{}{}",
            verdict.out,
            verdict.err
        );
    }
    assert_eq!(data(), before, "{says}: something was changed");
    assert!(install(session, "--force").ok, "{says}");
}

/// Said, and all the same done.
#[track_caller]
fn warns(session: &Session, says: &str) {
    let verdict = install(session, "");
    assert!(verdict.ok && verdict.err.contains(&format!("warning: {says}")), "{says}\n{}{}", verdict.out, verdict.err);
}

#[test]
fn a_fine_host_hears_one_line() {
    let session = host("", "");
    for (words, says) in
        [("", "have the owner and mode they should have, "), ("", ", 0 of them changed"), ("--check", "should have\n")]
    {
        let verdict = install(&session, words);
        assert!(verdict.ok && verdict.err.is_empty(), "{words}\n{}{}", verdict.out, verdict.err);
        assert!(verdict.out.lines().count() == 1 && verdict.out.contains(says), "{words}: {}", verdict.out);
    }
}

#[test]
fn engines_that_cannot_start_it_are_refused() {
    let session = host("", "");
    for (info, compose, says) in [
        (
            "28.3.1 true true true name=seccomp,profile=builtin name=userns",
            "2.39.1",
            "Docker maps users (`userns-remap`)",
        ),
        ("28.3.1 true true true name=rootless name=cgroupns", "2.39.1", "this Docker is rootless"),
        ("19.03.15 true true true", "2.39.1", "Docker 19.03.15 is too old; install 20.10 or later"),
        ("28.3.1 true false true", "2.39.1", "this kernel limits no processors"),
        (FINE, "2.25.0", "Docker Compose 2.25.0 is too old; install 2.26 or later"),
        (FINE, "1.29.2", "Docker Compose 1.29.2 is too old"),
        ("28.3.1 true true true name=selinux", "2.39.1", "Docker enforces SELinux"),
    ] {
        answer(&session, info, compose);
        refuses(&session, says);
    }
    for (info, compose) in
        [("20.10.24+dfsg1 true true true name=seccomp,profile=default", "v2.26.0"), (FINE, "5.0.0"), (FINE, "2.100.0")]
    {
        answer(&session, info, compose);
        let verdict = install(&session, "--check");
        assert!(verdict.ok && verdict.err.is_empty(), "{info}: {}", verdict.err);
    }
}

#[test]
fn what_limits_nothing_is_said() {
    let session = host("", "");
    for (info, compose, says) in [
        ("28.3.1 false true true", "2.39.1", "this kernel limits no memory"),
        ("28.3.1 true true false", "2.39.1", "this kernel limits no processes"),
        ("", "2.39.1", "`docker info` does not answer"),
        (FINE, "", "`docker compose version` does not answer"),
    ] {
        answer(&session, info, compose);
        warns(&session, says);
    }
}

#[test]
fn podman_is_asked_in_its_own_words() {
    let session = host("", "");
    session.put(
        "app.system.yaml",
        format!("{SYSTEM}variants: {{podman: {{title: Podman, default: true, engine: podman}}}}\n"),
    );
    generate(&session);
    answer(&session, "5.4.2 false cpuset cpu io memory pids", "");
    let verdict = install(&session, "--check");
    assert!(verdict.err.is_empty(), "{}", verdict.err);
    answer(&session, "5.4.2 true cpuset cpu io memory pids", "");
    refuses(&session, "this is a rootless Podman");
    answer(&session, "5.4.2 false cpuset io memory pids", "");
    refuses(&session, "this kernel limits no processors");
    answer(&session, "5.4.2 false cpuset cpu io pids", "");
    warns(&session, "this kernel limits no memory");
    answer(&session, "", "");
    warns(&session, "`podman info` does not answer");
}

#[test]
fn podman_is_asked_for_certificates_and_directories_too() {
    let session = Session::new();
    let folder = session.path("library");
    fs::create_dir(&folder).expect("it is new");
    std::os::unix::fs::chown(&folder, Some(1000), Some(1000)).expect("we are root");
    let session = host(&format!("- {{host: {}, target: /library, reason: pictures}}", folder.display()), "");
    session.put(
        "app.system.yaml",
        format!(
            "{}variants: {{podman: {{title: Podman, default: true, engine: podman}}}}\n",
            session.read("app.system.yaml")
        ),
    );
    generate(&session);
    answer(&session, "5.4.2 false cpuset cpu io memory pids", "");
    let verdict = install(&session, "");
    assert!(verdict.ok && verdict.err.is_empty(), "{}", verdict.err);
}

#[test]
fn labels_are_looked_at_where_the_engine_enforces_them() {
    let session = host("", "");
    answer(&session, "28.3.1 true true true name=selinux", "2.39.1");
    let stat = tools::tool("stat").display().to_string();
    let label = |label: &str| {
        session.put(
            "bin/stat",
            format!("#!/bin/sh\ncase \"$*\" in *%C*) echo {label} ;; *) exec {stat} \"$@\" ;; esac\n"),
        );
        fs::set_permissions(session.path("bin/stat"), fs::Permissions::from_mode(0o755)).expect("it is ours");
    };
    label("unconfined_u:object_r:user_home_t:s0");
    refuses(&session, "Docker enforces SELinux");
    label("unconfined_u:object_r:container_file_t:s0");
    assert!(install(&session, "--check").ok);
}

#[test]
fn limits_are_compared_with_the_host() {
    let session = host("", "services: {app: {resources: {memory: 900g}}}\n");
    warns(&session, "the services may use 921600 MiB of memory together and this host has ");
    let session = host("", "services: {app: {resources: {cpus: '512'}}}\n");
    refuses(&session, "`app` may use 512 processors and this host has ");
    let session = host("", "services: {app: {resources: {files: 2000000000}}}\n");
    refuses(&session, "`app` may open 2000000000 files and the kernel allows a process ");
}

#[test]
fn directories_of_the_host_are_looked_at() {
    let session = Session::new();
    let folder = session.path("my library");
    let mount = |more: &str| format!("- {{host: {}, target: /library, reason: pictures{more}}}", folder.display());
    let session = host(&mount(""), "");
    refuses(&session, &format!("`{}` is missing, a directory of this host that `app` sees", folder.display()));
    let verdict = install(&session, "--check");
    let make = verdict.err.split("sees; `sudo ").nth(1).and_then(|rest| rest.split('`').next()).expect("a command");
    let runbook = session.read("bundle/HARDENING.md");
    let line = runbook.lines().find(|line| line.contains("my library") && line.contains("install -d")).expect("a step");
    assert!(line.ends_with(&format!("|| sudo {make}")), "{line}\n{make}");
    tools::shell(&session.path(""), make).accepted("the command");
    assert!(install(&session, "--check").err.is_empty());
    assert_eq!(fs::metadata(&folder).map(|it| (it.uid(), it.gid(), it.mode() & 0o777)).ok(), Some((1000, 1000, 0o750)));
    // Another's directory: read by everybody, written by nobody else.
    std::os::unix::fs::chown(&folder, Some(0), Some(0)).expect("we are root");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("we are root");
    warns(
        &session,
        &format!("`{}` is not open to `app`, which runs as 1000:1000 and lacks `w` there", folder.display()),
    );
    let reader = host(&mount(", read_only: true"), "");
    assert!(install(&reader, "").err.is_empty());
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("we are root");
    warns(
        &reader,
        &format!("`{}` is not open to `app`, which runs as 1000:1000 and lacks `r` there", folder.display()),
    );
}

#[test]
fn mount_points_belong_to_what_is_around_them() {
    let session = host("", "");
    install(&session, "").accepted("the installation");
    for (path, mode) in [("etc", 0o700), ("etc/x", 0o700), ("etc/x/x.conf", 0o600)] {
        let found = fs::metadata(session.path(&format!("bundle/data/app/{path}"))).expect(path);
        assert_eq!((found.uid(), found.mode() & 0o777), (1000, mode), "{path}");
    }
    assert_eq!(session.read("bundle/data/app/etc/x/x.conf"), "");
}

#[test]
fn a_second_name_keeps_its_owner_and_mode() {
    let session = host("", "");
    install(&session, "").accepted("the installation");
    let (outside, inside) = (session.path("outside"), session.path("bundle/config/x.conf"));
    fs::copy(&inside, &outside).expect("it is there");
    fs::set_permissions(&outside, fs::Permissions::from_mode(0o640)).expect("we are root");
    fs::remove_file(&inside).expect("it is there");
    fs::hard_link(&outside, &inside).expect("the same file system");
    let data = session.path("bundle/data/app");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("we are root");
    let says = "error: `config/x.conf` has a second name (a hard link), whose owner and mode would change too";
    for (words, status) in [("--check", 1), ("", 3), ("--force", 3)] {
        let line =
            format!("PATH={}bin:$PATH sh bundle/install.sh {words}; test $? = {status}", session.path("").display());
        let verdict = tools::shell(&session.path(""), &line);
        assert!(verdict.ok && verdict.err.contains(says), "{words}\n{}{}", verdict.out, verdict.err);
        let found = fs::metadata(&outside).expect("it is there");
        assert_eq!((found.uid(), found.mode() & 0o777), (0, 0o640), "{words}");
        assert_eq!(session.mode("bundle/data/app"), 0o755, "{words}: something was changed");
    }
    let said = session
        .run("generate --check --no-cache")
        .exits(1)
        .prints("config/x.conf has another owner or mode, and a second name");
    assert!(said.out.contains("`stockade generate` stops before it changes owner or mode"), "{}", said.out);
    session.run("generate").exits(3).says("has a second name (a hard link)");
    tools::shell(
        &session.path("bundle"),
        "cp -p config/x.conf config/x.conf.copy && mv config/x.conf.copy config/x.conf",
    )
    .accepted("the way out");
    install(&session, "").accepted("the installation");
    assert_eq!(fs::metadata(&outside).map(|it| (it.uid(), it.mode() & 0o777)).ok(), Some((0, 0o640)));
    assert_eq!(fs::metadata(&inside).map(|it| (it.uid(), it.mode() & 0o777)).ok(), Some((1000, 0o400)));
}

#[test]
fn what_containers_read_is_opened_for_no_second_name() {
    let session = Session::with_profile(
        "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n\
         proxy: {kind: traefik, tls: {mode: self-signed}}\nfirewall: {kind: none}\n\
         services: {hyos-server: {resources: {cpus: '1', files: 1024, memory: 512m}}}\n",
    );
    generate(&session);
    answer(&session, FINE, "2.39.1");
    install(&session, "").accepted("the installation");
    let script = session.read("bundle/install.sh");
    let listed = script.lines().skip_while(|line| *line != "readable() {").skip(1).take_while(|line| *line != "}");
    let paths: Vec<_> = listed.filter_map(|line| line.split_whitespace().nth(1)).collect();
    let is_folder = |path: &&str| session.path(&format!("bundle/{path}")).is_dir();
    assert!(paths.iter().any(is_folder) && !paths.iter().all(is_folder), "{paths:?}");
    for path in paths {
        let whole = session.path(&format!("bundle/{path}"));
        let file = if whole.is_dir() { whole.join("linked") } else { whole.clone() };
        let (outside, before) = (session.path("outside"), fs::read(&file).ok());
        fs::write(&outside, "mine").expect("we are root");
        fs::set_permissions(&outside, fs::Permissions::from_mode(0o600)).expect("we are root");
        let _ = fs::remove_file(&file);
        fs::hard_link(&outside, &file).expect("the same file system");
        for words in ["", "--check", "--force"] {
            let verdict = install(&session, words);
            assert!(
                !verdict.ok && verdict.err.contains("has a second name"),
                "{path} {words}\n{}{}",
                verdict.out,
                verdict.err
            );
            assert_eq!(fs::metadata(&outside).map(|it| it.mode() & 0o777).ok(), Some(0o600), "{path} {words}");
        }
        fs::remove_file(&file).expect("it is there");
        if let Some(bytes) = before {
            fs::write(&file, bytes).expect("we are root");
        }
        fs::remove_file(&outside).expect("it is there");
        install(&session, "").accepted("the installation again");
    }
}
