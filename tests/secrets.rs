//! `stockade secrets`, as its users type it; after each run everything that was printed and written is searched for values.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use crate::support::session::{Outcome, Session};
use crate::support::tree;

const FULL: &str = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.home.arpa\n";
const TOKENS: &str = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.home.arpa\n\
                      settings: {manager: false, injected_tokens: true}\n";

/// Types a command with something on its standard input.
fn piped(session: &Session, line: &str, input: &str) -> Outcome {
    let mut command = session.command(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    // Whoever refuses before it reads has closed its end.
    let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
    let done = child.wait_with_output().expect("the binary ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what the binary prints is UTF-8");
    let line = format!("stockade {line}");
    Outcome { line, status: done.status.code().unwrap_or(-1), out: text(done.stdout), err: text(done.stderr) }
}

fn generated(profile: &str) -> Session {
    let session = Session::with_profile(profile);
    session.run("generate").exits(0);
    session
}

/// Every value, by name.
fn values(session: &Session) -> BTreeMap<String, String> {
    let files = fs::read_dir(session.path("bundle/secrets")).expect("the bundle has secrets");
    let names = files.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned());
    let names = names.filter(|name| !name.starts_with('.'));
    names.map(|name| (name.clone(), session.read(&format!("bundle/secrets/{name}")))).collect()
}

/// Fails where a value stands outside the directory of the secrets, or in what a command printed.
fn nothing_leaks(session: &Session, outcome: &Outcome, values: &[&BTreeMap<String, String>]) {
    let in_clear = |name: &str| !name.ends_with("_hash") && !name.ends_with("_users");
    for (name, value) in values.iter().flat_map(|values| values.iter()).filter(|(name, _)| in_clear(name)) {
        assert!(!outcome.out.contains(value) && !outcome.err.contains(value), "{}: prints {name}", outcome.line);
        for (path, text) in tree::read(&session.path("bundle")) {
            let here = text.contains(value.as_str());
            assert!(!here || path.starts_with("secrets/"), "{path} holds {name}");
        }
    }
}

fn earlier(session: &Session) -> Vec<String> {
    let Ok(files) = fs::read_dir(session.path("bundle/secrets/.earlier")) else { return Vec::new() };
    files.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn the_list_tells_what_there_is_and_what_is_wrong() {
    let session = Session::with_profile(FULL);
    session.run("secrets list").exits(1).prints("session_secret").prints("is missing");
    session.run("generate").exits(0);
    let outcome = session.run("secrets list").exits(0).prints("hyos-manager").prints("well");
    nothing_leaks(&session, &outcome, &[&values(&session)]);
    let json = session.run("secrets list --format json").exits(0).json();
    let find = |json: &serde_json::Value, name: &str| {
        let all = json["secrets"].as_array().expect("a list").clone();
        all.into_iter().find(|it| it["name"] == name).expect("it is listed")
    };
    let hash = find(&json, "api_client_hash");
    assert_eq!(
        (&hash["from"], &hash["of"], &hash["well_formed"]),
        (&"derived".into(), &"api_client_secret".into(), &true.into())
    );
    let secret = find(&json, "session_secret");
    assert_eq!((&secret["variables"][0], &secret["access_right"]), (&"SESSION_SECRET".into(), &true.into()));

    let path = session.path("bundle/secrets/session_secret");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
    session.run("secrets list").exits(1).prints("0640");
    session.run("generate").exits(0);
    session.put("bundle/secrets/session_secret", "short");
    let outcome = session.run("secrets list --format json").exits(1);
    assert_eq!(find(&outcome.json(), "session_secret")["well_formed"], false);
}

#[test]
fn what_is_older_than_the_profile_allows_is_due() {
    let session = generated(&format!("{FULL}secrets: {{max_age: 30d}}\n"));
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    let file = fs::File::options().append(true).open(session.path("bundle/secrets/session_secret"));
    file.and_then(|file| file.set_modified(old)).expect("it is ours");
    session.run("secrets list").exits(1).prints("2023-12-14").prints("secrets rotate session_secret");
}

#[test]
fn a_value_is_set_from_standard_input_and_the_one_before_is_kept() {
    let session = generated(FULL);
    let before = values(&session);
    let new = "Zq7-another_value-of-the-operator-0123456789";
    for (input, reason) in
        [("c2hvcnQ\n", "needs 32"), ("", "empty"), ("changeme\n", "placeholder"), ("not base64url!", "base64url")]
    {
        let outcome = piped(&session, "secrets set api_client_secret --stdin --yes", input).exits(2).says(reason);
        assert!(input.is_empty() || !outcome.err.contains(input.trim()), "{}", outcome.err);
    }
    // Nobody can be asked.
    piped(&session, "secrets set api_client_secret --stdin", new).exits(2).says("--yes");
    session.run("secrets set api_client_secret").exits(2).says("--stdin");
    session.run("secrets set api_client_hash --stdin").exits(2).says("name `api_client_secret` instead");
    session.run("secrets set session_sekret --stdin").exits(2).says("did you mean `session_secret`");
    assert_eq!(values(&session), before);

    let valid = "QWxsIHRoZSB3b3JsZHMgYSBzdGFnZSBhbmQgYWxsIHQ";
    let outcome = piped(&session, "secrets set api_client_secret --stdin --yes", &format!("{valid}\n"));
    let outcome = outcome.exits(0).says("the dashboard needs the new value").says("api_client_hash");
    let after = values(&session);
    assert_eq!(after["api_client_secret"], valid);
    assert_ne!(after["api_client_hash"], before["api_client_hash"]);
    assert_eq!(after["session_secret"], before["session_secret"]);
    assert_eq!(earlier(&session), ["api_client_secret"]);
    session.run("generate --check").exits(0);
    nothing_leaks(&session, &outcome, &[&before, &after]);
    piped(&session, "secrets set api_client_secret --stdin", valid).exits(0).says("already");

    session.run("secrets rotate --undo --yes").exits(0).says("brought the earlier value");
    assert_eq!(values(&session)["api_client_secret"], before["api_client_secret"]);
    session.run("generate --check").exits(0);
}

#[test]
fn what_only_the_operator_has_is_set_before_the_first_run() {
    let session = Session::with_profile(TOKENS);
    let token = "tok-0123456789-abcdefghij";
    session.put("token", format!("{token}\n"));
    session.run("secrets set hytale_session_token --file token").exits(0).says("generate");
    piped(&session, "secrets set hytale_identity_token --stdin", token).exits(0);
    assert_eq!((session.mode("bundle"), session.mode("bundle/secrets")), (0o700, 0o700));
    session.run("generate").exits(0);
    assert_eq!(session.read("bundle/secrets/hytale_session_token"), token);
    session.run("secrets rotate hytale_session_token --yes").exits(2).says("secrets set hytale_session_token");
    session.run("secrets list").exits(0).prints("supplied");
}

#[test]
fn a_rotation_says_what_it_means_and_changes_nothing_else() {
    let session = generated(FULL);
    let (before, compose) = (values(&session), session.read("bundle/compose.yaml"));
    let refused = session.run("secrets rotate session_secret").exits(2).says("--yes");
    assert!(refused.err.contains("every session of the dashboard ends"), "{}", refused.err);
    assert_eq!(values(&session), before);

    let outcome = session.run("secrets rotate session_secret --yes").exits(0).says("every session").says("--undo");
    let after = values(&session);
    assert_ne!(after["session_secret"], before["session_secret"]);
    let others = |values: &BTreeMap<String, String>| {
        let mut values = values.clone();
        values.remove("session_secret");
        values
    };
    assert_eq!(others(&after), others(&before));
    assert_eq!(session.read("bundle/secrets/.earlier/session_secret"), before["session_secret"]);
    assert_eq!(session.mode("bundle/secrets/.earlier"), 0o700);
    nothing_leaks(&session, &outcome, &[&before, &after]);
    let now = session.read("bundle/compose.yaml");
    let changed = compose.lines().zip(now.lines()).filter(|(was, is)| was != is).count();
    assert_eq!(changed, 1, "one label of one service");
    session.run("generate --check").exits(0);
    session.run("secrets list").exits(0).prints("the earlier value is kept");

    session.run("secrets rotate session_secret --yes").exits(2).says("kept already");
    session.run("secrets rotate --undo session_secret --yes").exits(0);
    assert_eq!(values(&session), before);
    session.run("generate --check").exits(0);
    session.run("secrets rotate --undo --yes").exits(0).says("no earlier value");

    session.run("secrets rotate api_client_secret manager_admin_password --yes").exits(0).says("api_client_hash");
    let after = values(&session);
    for name in ["api_client_secret", "api_client_hash", "manager_admin_password", "manager_admin_hash"] {
        assert_ne!(after[name], before[name], "{name}");
    }
    session.run("secrets rotate --confirm session_secret").exits(2).says("no earlier value of `session_secret`");
    session.run("secrets rotate --confirm").exits(0);
    assert_eq!((earlier(&session), values(&session)), (Vec::new(), after));
    session.run("secrets rotate manager_admin_hash --yes").exits(2).says("rotate manager_admin_password");
}

#[test]
fn a_rotation_that_cannot_be_taken_up_is_none() {
    let session = generated(FULL);
    let (before, compose) = (values(&session), session.read("bundle/compose.yaml"));
    let edited = compose.replace("read_only: true", "read_only: false");
    session.put("bundle/compose.yaml", &edited);
    session.run("secrets rotate session_secret --yes").exits(2).says("changed by hand").says("nothing was rotated");
    assert_eq!((values(&session), earlier(&session)), (before, Vec::new()));
    assert_eq!(session.read("bundle/compose.yaml"), edited);
    Session::with_profile(FULL).run("secrets rotate session_secret --yes").exits(2).says("no bundle");
}

#[test]
fn a_killed_rotation_is_ended_or_undone_by_the_next_command() {
    let session = generated(FULL);
    let before = values(&session);
    // As far as a run got that was killed after its first rename.
    fs::create_dir(session.path("bundle/secrets/.earlier")).expect("the folder can be made");
    let name = |folder: &str| session.path(&format!("bundle/secrets/{folder}session_secret"));
    fs::rename(name(""), name(".earlier/")).expect("it is ours");
    session.run("generate").exits(0);
    assert_ne!(values(&session)["session_secret"], before["session_secret"]);
    session.run("secrets rotate --undo --yes").exits(0);
    assert_eq!(values(&session), before);
    // And one that was killed with both names on one file.
    fs::create_dir(session.path("bundle/secrets/.earlier")).expect("the folder can be made");
    fs::hard_link(name(""), name(".earlier/")).expect("names can be given");
    session.run("secrets rotate --undo --yes").exits(0);
    assert_eq!((values(&session), earlier(&session)), (before, Vec::new()));
    session.run("generate --check").exits(0);
}

#[test]
fn what_takes_it_into_effect_is_run_where_that_is_asked_for() {
    let session = generated(FULL);
    let host = "#!/bin/sh\nprintf '%s\\n' \"$0 $*\" >> ../typed\n";
    for name in ["docker", "sudo"] {
        session.put(&format!("bin/{name}"), host);
        let path = session.path(&format!("bin/{name}"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }
    let mut command = session.command("secrets rotate session_secret --yes --apply");
    command.env("PATH", format!("{}:/usr/bin:/bin", session.path("bin").display()));
    let done = command.output().expect("the binary starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let typed = session.read("typed");
    assert!(typed.ends_with("sudo docker compose up -d --wait\n"), "{typed}");
    session.put("bin/sudo", "#!/bin/sh\nexit 7\n");
    let mut command = session.command("secrets rotate --undo --yes --apply");
    command.env("PATH", format!("{}:/usr/bin:/bin", session.path("bin").display()));
    let done = command.output().expect("the binary starts");
    assert_eq!(done.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&done.stderr).contains("the last command failed"));
}

#[test]
fn values_of_an_older_stack_are_imported() {
    let session = generated(FULL);
    let before = values(&session);
    let key = "c2Vzc2lvbiBrZXkgb2YgdGhlIG9sZCBzdGFjaywgZm9ydHktZWlnaHQgYnl0ZXMu";
    session.put("old.env", format!("# old\nSESSION_SECRET='{key}'\nTZ=Europe/Berlin\nAPI-CLIENT_SECRET=short\n"));
    let outcome = session.run("secrets import old.env --yes").exits(2).says("old.env:4").says("API-CLIENT_SECRET");
    assert!(!outcome.err.contains("short\n"), "{}", outcome.err);
    assert_eq!(values(&session), before);
    session.put("old.env", format!("# old\nexport SESSION_SECRET='{key}'\nTZ=Europe/Berlin\n"));
    session.run("secrets import old.env").exits(2).says("--yes");
    let outcome = session.run("secrets import old.env --yes").exits(0).says("TZ").says("becomes `session_secret`");
    assert_eq!(values(&session)["session_secret"], key);
    nothing_leaks(&session, &outcome, &[&before, &values(&session)]);
    session.run("generate --check").exits(0);
    session.run("secrets import old.env").exits(0).says("nothing to take over");
    session.put("old.env", "session_secret=pa$$word\n");
    session.run("secrets import old.env --yes").exits(2).says("single quotes");
}

/// Runs a real tool of the host, with something on its standard input.
fn tool(name: &str, arguments: &[&str], folder: &std::path::Path, input: &[u8]) -> Vec<u8> {
    let mut command = std::process::Command::new(program(name));
    command.args(arguments).current_dir(folder).env("SOPS_AGE_KEY_FILE", folder.join("key.txt"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("tests/setup installs {name}: {error}"));
    let _ = child.stdin.take().expect("it is piped").write_all(input);
    let done = child.wait_with_output().expect("it ends");
    assert!(done.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

fn program(name: &str) -> std::path::PathBuf {
    match name {
        "sops" => crate::support::root().join(".tools/venv/bin/sops"),
        name => std::path::Path::new("/usr/bin").join(name),
    }
}

/// As `Session::run`, where sops is on the path and finds the key.
fn run(session: &Session, line: &str) -> Outcome {
    let mut command = session.command(line);
    let tools = crate::support::root().join(".tools/venv/bin");
    command.env("PATH", format!("{}:/usr/bin:/bin", tools.display()));
    command.env("SOPS_AGE_KEY_FILE", session.path("key.txt"));
    let done = command.output().expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what the binary prints is UTF-8");
    let line = format!("stockade {line}");
    Outcome { line, status: done.status.code().unwrap_or(-1), out: text(done.stdout), err: text(done.stderr) }
}

/// A key in a file; gives its public half.
fn key(session: &Session, file: &str) -> String {
    let path = session.path("");
    tool("age-keygen", &["-o", file], &path, b"");
    String::from_utf8(tool("age-keygen", &["-y", file], &path, b"")).expect("it is text").trim().to_owned()
}

/// A copy of what lies in the repository: the profile and the bundle without its secrets.
fn cloned(session: &Session) -> Session {
    let clone = Session::with_profile(&session.read("stockade.yaml"));
    for (path, text) in tree::read(&session.path("bundle")) {
        // Keys of certificates are not sealed: a host has its own, or is given them by hand.
        let ignored = path.starts_with("secrets/") || path.starts_with("certs/");
        if !ignored {
            clone.put(&format!("bundle/{path}"), text);
        }
    }
    for mode in ["bundle/install.sh", "bundle/firewall/apply"].iter().filter(|path| clone.path(path).exists()) {
        fs::set_permissions(clone.path(mode), fs::Permissions::from_mode(0o755)).expect("it is ours");
    }
    clone
}

#[test]
fn sealed_values_are_read_and_written_by_the_real_age() {
    let session = Session::new();
    let (first, second) = (key(&session, "key.txt"), key(&session, "other.txt"));
    let profile = |keys: &str| format!("{FULL}secrets: {{store: age, recipients: [{keys}]}}\n");
    session.put("stockade.yaml", profile(&format!("{first}, {second}")));
    session.run("generate").exits(0).says("not sealed as they are now");
    let before = values(&session);
    run(&session, "secrets seal --check").exits(1);
    let outcome = run(&session, "secrets seal").exits(0);
    nothing_leaks(&session, &outcome, &[&before]);
    run(&session, "secrets seal --check").exits(0);
    session.run("generate --check").exits(0);
    // Git takes them, and not the values.
    assert!(!session.read("bundle/.gitignore").contains("sealed"));
    for (name, value) in &before {
        let file = format!("bundle/sealed/{name}.age");
        for key in ["key.txt", "other.txt"] {
            let opened = tool("age", &["-d", "-i", key, &file], &session.path(""), b"");
            assert_eq!(String::from_utf8_lossy(&opened), *value, "{name}");
        }
    }
    // What did not change is not sealed anew.
    let sealed = |session: &Session| tree::read(&session.path("bundle/sealed"));
    let files = sealed(&session);
    run(&session, "secrets seal").exits(0);
    assert_eq!(sealed(&session), files);

    // On the host there are no values, and no others are made.
    let host = cloned(&session);
    host.run("generate").exits(2).says("sealed and not opened here").says("secrets open");
    assert!(!host.path("bundle/secrets/session_secret").exists());
    run(&host, "secrets open").exits(2).says("--identity");
    host.put("wrong.txt", {
        let other = Session::new();
        key(&other, "key.txt");
        other.read("key.txt")
    });
    run(&host, "secrets open --identity wrong.txt").exits(3).says("nothing was changed");
    host.put("key.txt", session.read("other.txt"));
    let outcome = run(&host, "secrets open --identity key.txt").exits(0);
    assert_eq!(values(&host), before);
    nothing_leaks(&host, &outcome, &[&before]);
    run(&host, "secrets list").exits(0);
    run(&host, "secrets open --identity key.txt").exits(0).says("in place already");
    let again = host.run("generate").exits(0);
    assert!(!again.err.contains("not sealed"), "{}", again.err);
    run(&host, "secrets seal --check").exits(0);

    // A value that the real tool has written is taken, checked and kept.
    let written = "V3JpdHRlbiBieSB0aGUgcmVhbCBhZ2UgdG9vbCAxMjM";
    let seal = |text: &str| {
        let file = "bundle/sealed/api_client_secret.age";
        tool("age", &["-a", "-R", "bundle/sealed/recipients", "-o", file], &host.path(""), text.as_bytes());
    };
    seal("too short");
    run(&host, "secrets open --identity key.txt --yes").exits(2).says("will not do for `api_client_secret`");
    seal(written);
    fs::remove_file(host.path("bundle/sealed/api_client_hash.age")).expect("it is ours");
    run(&host, "secrets open --identity key.txt").exits(2).says("--yes");
    run(&host, "secrets open --identity key.txt --yes").exits(0);
    assert_eq!(values(&host)["api_client_secret"], written);
    assert_ne!(values(&host)["api_client_hash"], before["api_client_hash"], "it follows");

    // Who is removed cannot open what is sealed from then on, and it is said what they know.
    session.put("stockade.yaml", profile(&first));
    run(&session, "secrets seal --check").exits(1);
    run(&session, "secrets seal").exits(0).says(&second).says("secrets rotate").says("session_secret");
    let opens = |key: &str| {
        let mut command = std::process::Command::new("/usr/bin/age");
        let done =
            command.args(["-d", "-i", key, "bundle/sealed/session_secret.age"]).current_dir(session.path("")).output();
        done.expect("age starts").status.success()
    };
    assert_eq!((opens("key.txt"), opens("other.txt")), (true, false));
    assert!(sealed(&session).iter().all(|(name, text)| files.get(name) != Some(text)), "all with another data key");
    // A rotation goes on where a sealed value is there.
    session.run("secrets rotate session_secret --yes").exits(0).says("not sealed as they are now: `session_secret`");
}

#[test]
fn sealed_values_are_read_and_written_by_the_real_sops() {
    for (file, form) in [("secrets.yaml", "yaml"), ("secrets.env", "dotenv")] {
        let session = Session::new();
        let key = key(&session, "key.txt");
        session.put("stockade.yaml", format!("{FULL}secrets: {{store: sops, recipients: [{key}]}}\n"));
        session.run("generate").exits(0);
        let before = values(&session);
        if form == "dotenv" {
            session.put("bundle/sealed/secrets.env", "");
        }
        let outcome = run(&session, "secrets seal").exits(0);
        nothing_leaks(&session, &outcome, &[&before]);
        run(&session, "secrets seal --check").exits(0);
        let path = format!("bundle/sealed/{file}");
        let sealed = session.read(&path);
        let opened = tool("sops", &["decrypt", "--output-type", "json", &path], &session.path(""), b"");
        let opened: BTreeMap<String, String> = serde_json::from_slice(&opened).expect("names and values");
        assert_eq!(opened, before);

        let host = cloned(&session);
        host.put("key.txt", session.read("key.txt"));
        host.run("generate").exits(2).says("sealed and not opened here");
        run(&host, "secrets open").exits(0);
        assert_eq!(values(&host), before);

        // A value that the real tool has set.
        let written = "d3JpdHRlbiBieSB0aGUgcmVhbCBzb3BzIHRvb2wgd2l0aCA0OCBieXRlcy4uLi4u";
        let value = format!("\"{written}\"");
        tool("sops", &["set", &path, "[\"session_secret\"]", &value], &host.path(""), b"");
        let outcome = run(&host, "secrets open --yes").exits(0);
        assert_eq!(values(&host)["session_secret"], written, "{}", outcome.err);
        run(&session, "secrets seal").exits(0);
        assert_eq!(session.read(&path), sealed, "what did not change is not sealed anew");
    }
}

#[test]
fn external_values_are_fetched_and_never_made() {
    let vault = "#!/bin/sh\ncase $1 in session_secret) printf %s \"$SESSION\";; *) echo 'QWxsIHRoZSB3b3JsZHMgYSBzdGFnZSBhbmQgYWxsIHQ';; esac\n";
    let session =
        Session::with_profile(&format!("{FULL}secrets: {{store: external, fetch: [./vault, \"{{name}}\"]}}\n"));
    session.put("vault", vault);
    fs::set_permissions(session.path("vault"), fs::Permissions::from_mode(0o755)).expect("it is ours");
    session.run("generate").exits(2).says("session_secret").says("only you can bring it");
    run(&session, "secrets open").exits(2).says("session_secret");
    assert!(!session.path("bundle/secrets/api_client_secret").exists(), "all are judged before the first is in place");
    let key = "c2Vzc2lvbiBrZXkgb2YgdGhlIG9sZCBzdGFjaywgZm9ydHktZWlnaHQgYnl0ZXMu";
    session.put("vault", vault.replace("\"$SESSION\"", key));
    run(&session, "secrets open").exits(0);
    session.run("generate").exits(0);
    let made = values(&session);
    assert_eq!(made["session_secret"], key);
    assert!(made["api_client_hash"].starts_with("$2a$12$"), "what is made of others is made here");
    session.run("secrets rotate session_secret --yes").exits(2).says("only you can bring");
    session.run("secrets list").exits(0).prints("external");
    session.run("secrets seal").exits(2).says("seals nothing");
}

#[test]
fn a_private_key_in_a_profile_is_refused_and_not_repeated() {
    let private = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ";
    let session = Session::with_profile(&format!("{FULL}secrets: {{store: age, recipients: [{private}]}}\n"));
    let outcome = session.run("check").exits(2).says("this is a private key");
    assert!(!outcome.err.contains("QQQQ"), "{}", outcome.err);
    for (section, says) in [
        ("{store: age}", "needs `recipients`"),
        (
            "{recipients: [age1tf3d2kdxu6knam7ekzel04m7hklrm993uxcmhgtkg8g6xrjqkcaqjuha2s]}",
            "has no use with the store `files`",
        ),
        ("{fetch: [vault]}", "has no use with the store `files`"),
        ("{store: age, recipients: [age1short]}", "no public key"),
    ] {
        Session::with_profile(&format!("{FULL}secrets: {section}\n")).run("check").exits(2).says(says);
    }
}
