//! `generate --check` remembers that nothing differs, and forgets it as soon as anything does.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::support::session::Session;
use crate::support::{root, tree};

const CHECK: &str = "generate profile.yaml --check";
/// Put into the remembered answer, so that it can be told from a fresh one.
const REMEMBERED: &str = "as remembered";

/// A bundle in a folder whose answer is remembered; each has a system of its own with a template.
fn remembered() -> Session {
    let session = Session::with_case(&root().join("golden/own-app"));
    session.run("generate profile.yaml").exits(0);
    remember(&session);
    session
}

/// Checks until the answer is kept, which is not while the secrets are quite new; then marks it.
fn remember(session: &Session) {
    let _ = fs::remove_dir_all(session.path(".cache"));
    let began = Instant::now();
    while entries(session).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing is ever kept");
        session.run(CHECK).exits(0).prints("up to date");
    }
    mark(session);
    session.run(CHECK).exits(0).prints(REMEMBERED);
}

fn entries(session: &Session) -> Vec<PathBuf> {
    let folder = fs::read_dir(session.path(".cache/stockade"));
    folder.into_iter().flatten().map(|entry| entry.expect("the folder can be read").path()).collect()
}

fn mark(session: &Session) {
    for entry in entries(session) {
        let text = fs::read_to_string(&entry).expect("an entry is text");
        fs::write(&entry, text.replace("up to date", REMEMBERED)).expect("an entry can be written");
    }
}

/// Fails if the remembered answer is given.
#[track_caller]
fn is_judged_anew(session: &Session, line: &str, status: i32) {
    let outcome = session.run(line).exits(status);
    assert!(!outcome.out.contains(REMEMBERED), "$ {line}\n{}", outcome.out);
}

#[test]
fn what_a_verdict_rests_on_is_looked_at_again() {
    let session = remembered();
    let same_length = |name: &str| {
        let text = session.read(name);
        let before = fs::metadata(session.path(name)).expect("the file is there").modified().expect("it has a time");
        session.put(name, text.replacen('e', "E", 1));
        let file = fs::File::options().write(true).open(session.path(name)).expect("the file can be opened");
        file.set_modified(before).expect("its time can be set");
        text
    };
    let mut files: Vec<_> = tree::read(&session.path("bundle")).into_keys().collect();
    files.retain(|name| !name.starts_with("secrets/") && !name.starts_with("certs/") && name != "stockade.key");
    for name in files {
        let path = format!("bundle/{name}");
        let text = same_length(&path);
        is_judged_anew(&session, CHECK, 1);
        session.put(&path, text);
        session.run(CHECK).exits(0).prints(REMEMBERED);
    }
    // Files that are read, and what the bundle says of them.
    for (name, more) in [
        ("profile.yaml", "# a word\n"),
        ("notes.system.yaml", "# a word\n"),
        ("templates/other", "a template nobody uses\n"),
    ] {
        let path = session.path(name);
        let text = path.exists().then(|| session.read(name));
        session.put(name, format!("{}{more}", text.clone().unwrap_or_default()));
        is_judged_anew(&session, CHECK, 0);
        // That verdict is kept in the place of the first.
        match text {
            Some(text) => session.put(name, text),
            None => fs::remove_file(path).expect("the file can go"),
        }
        remember(&session);
    }
}

#[test]
fn owner_mode_and_presence_count() {
    let session = remembered();
    for name in ["bundle/compose.yaml", "bundle/secrets"] {
        let mode = session.mode(name);
        fs::set_permissions(session.path(name), fs::Permissions::from_mode(mode ^ 0o011)).expect("modes can be set");
        is_judged_anew(&session, CHECK, 1);
        fs::set_permissions(session.path(name), fs::Permissions::from_mode(mode)).expect("modes can be set");
        session.run(CHECK).exits(0).prints(REMEMBERED);
    }
    let text = session.read("bundle/compose.yaml");
    fs::remove_file(session.path("bundle/compose.yaml")).expect("the file can go");
    is_judged_anew(&session, CHECK, 1);
    std::os::unix::fs::symlink("HARDENING.md", session.path("bundle/compose.yaml")).expect("a link can be made");
    is_judged_anew(&session, CHECK, 3);
    fs::remove_file(session.path("bundle/compose.yaml")).expect("the link can go");
    session.put("bundle/compose.yaml", text);
    session.run(CHECK).exits(0).prints(REMEMBERED);
    fs::rename(session.path("bundle"), session.path("elsewhere")).expect("the bundle can be moved");
    is_judged_anew(&session, CHECK, 1);
}

#[test]
fn a_secret_counts_by_its_file_and_leaves_no_trace() {
    let session = remembered();
    let secrets: Vec<_> = fs::read_dir(session.path("bundle/secrets")).expect("secrets are there").collect();
    assert!(!secrets.is_empty());
    let kept = fs::read_to_string(&entries(&session)[0]).expect("an entry is text");
    for secret in secrets {
        let path = secret.expect("the folder can be read").path();
        let bytes = fs::read(&path).expect("a secret can be read");
        let digest: String =
            <sha2::Sha256 as sha2::Digest>::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert!(!kept.contains(&digest), "{}", path.display());
        assert!(!kept.contains(String::from_utf8_lossy(&bytes).trim()), "{}", path.display());
        // Even the same bytes are another state of the file.
        fs::write(&path, &bytes).expect("a secret can be written");
        is_judged_anew(&session, CHECK, 0);
        remember(&session);
    }
}

#[test]
fn the_command_and_the_day_count() {
    let session = remembered();
    for (line, status) in [
        ("generate profile.yaml --check --no-cache", 0),
        ("generate profile.yaml --check --diff", 0),
        ("--color always generate profile.yaml --check", 0),
        ("generate profile.yaml --check --format json", 0),
        ("generate profile.yaml --check --out elsewhere", 1),
    ] {
        is_judged_anew(&session, line, status);
        // Some are kept in the place of the first.
        remember(&session);
    }
    let another_day = session.command(CHECK).env("STOCKADE_TODAY", "2026-01-02").output().expect("the binary starts");
    assert!(!String::from_utf8_lossy(&another_day.stdout).contains(REMEMBERED));
}

#[test]
fn another_build_of_the_program_judges_for_itself() {
    let session = remembered();
    let known = session.command(CHECK);
    let program = session.path("another");
    fs::copy(known.get_program(), &program).expect("the program can be copied");
    let mut command = std::process::Command::new(program);
    command.args(known.get_args()).current_dir(session.path("")).env_clear();
    command.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let done = command.output().expect("the copy starts");
    let out = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && out.contains("up to date"), "{out}");
}

#[test]
fn an_entry_that_another_could_have_written_is_none() {
    let session = remembered();
    let entry = entries(&session).remove(0);
    let folder = session.path(".cache/stockade");
    assert_eq!(
        (session.mode(".cache/stockade"), fs::metadata(&entry).expect("it is there").permissions().mode() & 0o777),
        (0o700, 0o600)
    );
    // A fresh verdict would take the entry's place.
    let kept = fs::read(&entry).expect("an entry can be read");
    let again = || {
        fs::write(&entry, &kept).expect("an entry can be written");
        fs::set_permissions(&entry, fs::Permissions::from_mode(0o600)).expect("modes can be set");
        session.run(CHECK).exits(0).prints(REMEMBERED);
    };
    // What came with a checkout has the usual modes, and nobody else may even read what we wrote.
    let modes = [(&folder, 0o777, 0o700), (&entry, 0o620, 0o600), (&folder, 0o755, 0o700), (&entry, 0o644, 0o600)];
    for (path, open, closed) in modes {
        fs::set_permissions(path, fs::Permissions::from_mode(open)).expect("modes can be set");
        is_judged_anew(&session, CHECK, 0);
        fs::set_permissions(path, fs::Permissions::from_mode(closed)).expect("modes can be set");
        again();
    }
    let aside = session.path("aside");
    fs::rename(&entry, &aside).expect("an entry can be moved");
    std::os::unix::fs::symlink(&aside, &entry).expect("a link can be made");
    is_judged_anew(&session, CHECK, 0);
    fs::remove_file(&entry).expect("the entry can go");
    again();
    fs::write(&entry, "{").expect("an entry can be written");
    is_judged_anew(&session, CHECK, 0);
}

#[test]
fn a_machine_without_a_place_for_it_does_without() {
    let session = remembered();
    session.put("file", "");
    for (name, value) in [("XDG_CACHE_HOME", "/dev/null/none"), ("XDG_CACHE_HOME", "relative"), ("HOME", "")] {
        let mut command = session.command(CHECK);
        if value == "relative" {
            command.env_remove("HOME");
        }
        let done = command.env(name, value).output().expect("the binary starts");
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success() && err.is_empty() && out.contains("up to date"), "{name}={value}\n{out}{err}");
    }
    let elsewhere = session.path("cache");
    let done = session.command(CHECK).env("XDG_CACHE_HOME", &elsewhere).output().expect("the binary starts");
    assert!(done.status.success() && elsewhere.join("stockade").is_dir());
    assert_eq!((session.mode("cache"), session.mode("cache/stockade")), (0o700, 0o700));
}

#[test]
fn findings_are_said_again() {
    let session = Session::with_case(&root().join("golden/own-app"));
    let profile = session.read("profile.yaml");
    session.put("profile.yaml", profile.replace("10.8.0.0/24", "8.8.8.0/24"));
    let first = session.run("generate profile.yaml").exits(0);
    assert!(first.err.contains("warning"), "{}", first.err);
    let anew = session.run("generate profile.yaml --check --no-cache").exits(0);
    remember(&session);
    let again = session.run(CHECK).exits(0).prints(REMEMBERED);
    assert_eq!((again.out.replace(REMEMBERED, "up to date"), again.err), (anew.out, anew.err));
}
