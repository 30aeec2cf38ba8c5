//! `stockade certs`, as its users type it; openssl judges.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use crate::support::session::{Outcome, Session};
use crate::support::{tools, tree};

const HYOS: &str = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.home.arpa\n";

fn generated() -> Session {
    let session = Session::with_profile(HYOS);
    session.run("generate").exits(0);
    session
}

fn openssl(session: &Session, line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    tools::run(&session.path(""), "openssl", &words).ok
}

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

const VERIFY: &str = "verify -x509_strict -purpose sslserver -verify_hostname play.home.arpa -CAfile";

#[test]
fn a_renewed_certificate_is_trusted_by_who_trusted_the_one_before() {
    let session = generated();
    session.run("certs inspect").exits(0).prints("play.home.arpa").prints("can read both");
    session.run("certs renew").exits(0).says("nothing is due");
    let (trusted, before) = (session.read("bundle/certs/ca.crt"), session.read("bundle/certs/server.crt"));
    session.put("trusted.crt", &trusted);
    // Nobody can be asked.
    session.run("certs renew --all").exits(2).says("its authority stays").says("--yes");
    assert_eq!(session.read("bundle/certs/server.crt"), before);
    let outcome = session.run("certs renew --all --yes").exits(0).prints("makes anew proxy");
    assert!(!outcome.out.contains("PRIVATE") && !outcome.err.contains("PRIVATE"));
    assert_ne!(session.read("bundle/certs/server.crt"), before);
    assert_eq!(session.read("bundle/certs/ca.crt"), trusted);
    assert!(openssl(&session, &format!("{VERIFY} trusted.crt bundle/certs/server.crt")));
    assert_eq!(session.mode("bundle/certs/.earlier"), 0o700);
    session.run("generate --check").exits(0);
    session.run("certs renew --undo --yes").exits(0);
    assert_eq!(session.read("bundle/certs/server.crt"), before);
    session.run("generate --check").exits(0);
}

#[test]
fn what_is_missing_is_made_under_the_authority_that_is_there() {
    let session = generated();
    let trusted = session.read("bundle/certs/ca.crt");
    std::fs::remove_file(session.path("bundle/certs/server.key")).expect("it is there");
    session.run("generate").exits(2).says("stockade certs renew");
    session.run("certs inspect").exits(1).prints("its key is missing");
    session.run("certs renew --yes").exits(0);
    assert_eq!(session.read("bundle/certs/ca.crt"), trusted);
    session.run("certs inspect").exits(0);
}

#[test]
fn a_new_name_beyond_the_authority_has_a_new_one_and_says_so() {
    let session = generated();
    session.put("stockade.yaml", HYOS.replace("play.home", "game.home"));
    session.run("generate").exits(0).says("stockade certs renew");
    session.run("certs inspect").exits(1).prints("it is not for `game.home.arpa`");
    session.run("certs renew --yes").exits(0).says("must import the new one");
    session.run("generate --check").exits(0);
    session.run("certs inspect").exits(0);
    // Below a name that it may sign for it stays.
    let trusted = session.read("bundle/certs/ca.crt");
    session.put("stockade.yaml", HYOS.replace("play.home", "new.game.home"));
    session.run("certs renew --yes").exits(0).says("its authority stays");
    assert_eq!(session.read("bundle/certs/ca.crt"), trusted);
}

#[test]
fn the_key_of_the_authority_may_be_elsewhere_from_the_first_run_on() {
    let session = Session::with_profile(HYOS);
    session.run("certs issue --ca-key-out ca.key").exits(0).says("keep it where nobody else comes");
    assert_eq!(session.mode("ca.key"), 0o600);
    let key = session.read("ca.key");
    let nowhere = |session: &Session| {
        let found = tree::read(&session.path("bundle")).into_iter().find(|(_, text)| text.contains(key.trim()));
        assert!(found.is_none(), "{found:?}");
    };
    nowhere(&session);
    session.run("generate --check").exits(0);
    session.run("certs issue").exits(2).says("there are certificates already");
    session.run("certs renew --all --yes").exits(2).says("--ca-key FILE");
    let trusted = session.read("bundle/certs/ca.crt");
    session.run("certs renew --all --yes --ca-key ca.key").exits(0);
    piped(&session, "certs renew --all --yes --ca-key -", &key).exits(0);
    assert_eq!(session.read("bundle/certs/ca.crt"), trusted);
    nowhere(&session);
    session
        .run("certs renew --all --yes --ca-key bundle/certs/server.key")
        .exits(2)
        .says("not the key of the authority");
    session.run("certs renew --new-authority --yes").exits(2).says("--ca-key-out FILE");
    session.run("certs renew --new-authority --yes --ca-key-out ca.key").exits(3).says("not there yet");
    assert_eq!(session.read("ca.key"), key);
    session.run("certs renew --new-authority --yes --ca-key-out other.key").exits(0);
    assert_ne!(session.read("bundle/certs/ca.crt"), trusted);
    session.run("certs inspect").exits(0);
}

#[test]
fn clients_get_certificates_that_other_programs_read_and_passwords_are_no_arguments() {
    let session = generated();
    let server = session.read("bundle/certs/ca.crt");
    session.run("certs issue --client laptop").exits(0).says("certs/clients/ca.crt");
    session.run("certs issue --client laptop").exits(2).says("already");
    session.run("certs issue --client ca").exits(2).says("another name");
    session.run("certs issue --client phone --pkcs12").exits(2).says("--stdin");
    assert!(!session.path("bundle/certs/clients/phone.key").exists(), "nothing is written before it can be finished");
    let word = "open sesame";
    let outcome = piped(&session, "certs issue --client phone --pkcs12 --stdin", &format!("{word}\n")).exits(0);
    assert!(!outcome.err.contains(word) && !outcome.out.contains(word));
    session.put("word", word);
    session.put("wrong", "wrong");
    let clients = "bundle/certs/clients";
    for (file, fine) in [("word", true), ("wrong", false)] {
        let line = format!("pkcs12 -in {clients}/phone.p12 -passin file:{file} -noout");
        assert_eq!(openssl(&session, &line), fine, "{file}");
    }
    for name in ["laptop", "phone"] {
        let line = format!("verify -x509_strict -purpose sslclient -CAfile {clients}/ca.crt {clients}/{name}.crt");
        assert!(openssl(&session, &line), "{name}");
        assert_eq!(session.mode(&format!("{clients}/{name}.key")), 0o600);
    }
    assert!(!openssl(&session, &format!("verify -purpose sslserver -CAfile {clients}/ca.crt {clients}/laptop.crt")));
    assert_eq!(session.read("bundle/certs/ca.crt"), server);
    session.run("certs inspect").exits(0).prints("certs/clients/phone.crt");
    session.run(&format!("certs inspect {clients}/phone.crt --key {clients}/phone.key")).exits(0).prints("fits");
    session.run("generate --check").exits(0);
    // No repository keeps what lets a client in.
    tools::run(&session.path("bundle"), "git", &["init", "-q", "."]).accepted("git");
    for (name, ignored) in [("phone.p12", true), ("phone.key", true), ("ca.key", true), ("phone.crt", false)] {
        let path = format!("certs/clients/{name}");
        let done = tools::run(&session.path("bundle"), "git", &["check-ignore", "-q", &path]);
        assert_eq!(done.ok, ignored, "{name}");
    }
}

#[test]
fn what_is_asked_of_a_client_is_judged_before_anything_is_made() {
    let session = generated();
    for (line, says) in [
        ("--client laptop --days 0", "1 to 366 days"),
        ("--client laptop --days 367", "1 to 366 days"),
        ("--client Laptop", "name of a client begins with a lower-case letter"),
        ("--days 30", "--client <NAME>"),
        ("--client laptop --ca-key stockade.yaml", "is the key of none"),
    ] {
        session.run(&format!("certs issue {line}")).exits(2).says(says);
        assert!(!session.path("bundle/certs/clients").exists(), "{line}");
    }
    session.run("certs issue --client laptop --ca-key-out clients.key").exits(0).says("authority is in `clients.key`");
    assert!(!session.path("bundle/certs/clients/ca.key").exists());
    session.run("certs issue --client phone --ca-key clients.key").exits(0);
    std::fs::rename(session.path("clients.key"), session.path("bundle/certs/clients/ca.key")).expect("it is there");
    session.run("certs issue --client tablet --ca-key stockade.yaml").exits(2).says("leave `--ca-key` out");
}

#[test]
fn standard_input_is_inspected() {
    let session = generated();
    let (certificate, key) = (session.read("bundle/certs/server.crt"), session.read("bundle/certs/server.key"));
    piped(&session, "certs inspect -", &certificate)
        .exits(0)
        .prints("play.home.arpa")
        .prints("2 certificates in the right");
    let beside = "certs inspect bundle/certs/server.crt --key -";
    piped(&session, beside, &key).exits(0).prints("its key, standard input, fits");
    piped(&session, beside, &session.read("bundle/certs/ca.key")).exits(1).prints("does not fit");
    piped(&session, "certs inspect -", "").exits(1).prints("nothing came");
    piped(&session, "certs inspect -", "hello\n").exits(1).prints("no certificate");
    session.run("certs inspect - --key -").exits(2).says("can be read once");
}

/// An operator's own chain as openssl makes it, in the session's folder.
fn own(session: &Session) -> String {
    let folder = session.path("");
    let script = "set -e\n\
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -days 900 -subj /CN=root 2>&1\n\
        openssl req -x509 -CA root.pem -CAkey root.key -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -out leaf.pem \
          -days 90 -subj /CN=x -addext subjectAltName=DNS:play.home.arpa -addext basicConstraints=CA:false 2>&1\n\
        cat leaf.pem root.pem > own.pem; cat root.pem leaf.pem > turned.pem; chmod 644 own.key";
    tools::shell(&folder, script).accepted("openssl");
    let at = |name: &str| folder.join(name).display().to_string();
    format!("{HYOS}proxy: {{tls: {{mode: files, certificate: {}, key: {}}}}}\n", at("own.pem"), at("own.key"))
}

#[test]
fn an_operators_own_chain_is_judged_at_its_line() {
    let session = Session::new();
    let profile = own(&session);
    session.put("stockade.yaml", &profile);
    session.run("check").exits(0).prints("no findings");
    session.run("certs inspect").exits(0).prints("2 certificates in the right order").prints("fits");
    session.run("certs renew").exits(2).says("whoever issued it renews it");

    std::fs::set_permissions(session.path("own.key"), std::fs::Permissions::from_mode(0o600)).expect("it is ours");
    session.run("check").exits(0).says("stockade.yaml:6").says("cannot read").says("chgrp 65532");
    session.run("certs inspect").exits(1).prints("the proxy cannot read");
    std::fs::set_permissions(session.path("own.key"), std::fs::Permissions::from_mode(0o644)).expect("it is ours");

    session.put("stockade.yaml", profile.replace("own.key", "root.key"));
    session.run("check").exits(2).says("bad-certificate").says("does not belong");
    session.run("generate").exits(2).says("does not belong");
    assert!(!session.path("bundle/compose.yaml").exists());
    session.put("stockade.yaml", profile.replace("own.pem", "turned.pem"));
    session.run("check").exits(2).says("at place 2");
    session.put("stockade.yaml", profile.replace("play.home", "game.home"));
    session.run("check").exits(0).says("it is not for `game.home.arpa`");
    // Neither remembers that all was well.
    session.put("stockade.yaml", &profile);
    session.run("generate").exits(0);
    session.run("generate --check").exits(0);
    session.put("own.pem", session.read("leaf.pem").replace("BEGIN", "BEGUN"));
    session.run("generate --check").exits(2).says("no certificate can be read");
    // Where the files are not, the host is another one.
    session.put("stockade.yaml", profile.replace("own.pem", "absent.pem").replace("own.key", "absent.key"));
    session.run("check").exits(0).prints("no findings");
}

#[test]
fn any_file_and_any_bundle_can_be_inspected() {
    let session = generated();
    own(&session);
    session.run("certs inspect bundle").exits(0).prints("certs/server.crt");
    session.run("certs inspect own.pem --key own.key").exits(0).prints("fits");
    session.run("certs inspect own.pem --key root.key").exits(1).prints("does not belong");
    session.run("certs inspect turned.pem").exits(1).prints("not in the right order");
    session.run("certs inspect absent.pem").exits(2).says("there is no");
    session.run("certs inspect own.key").exits(1).prints("no certificate");
    let json = session.run("certs inspect own.pem --key own.key --format json").exits(0).json();
    let it = &json["certificates"][0];
    assert_eq!(
        (&it["chain"][0]["names"][0], &it["in_order"], &it["key"]["fits"]),
        (&"play.home.arpa".into(), &true.into(), &true.into())
    );
    assert_eq!((&it["chain"][0]["key"], &it["problems"]), (&"ECDSA P-256".into(), &serde_json::json!([])));
    let days = it["chain"][0]["days_left"].as_i64().expect("a number");
    assert!((88..=90).contains(&days), "{days}");
}

#[test]
fn ways_to_trust_are_told_with_the_certificates_own_path() {
    let session = generated();
    let path = session.path("bundle/certs/ca.crt");
    let path = path.canonicalize().expect("it is there").display().to_string();
    let all = session.run("certs trust").exits(0).prints(&path);
    for system in ["Debian", "Windows", "macOS", "iPhone", "Android", "Firefox", "Chromium", "keytool"] {
        assert!(all.out.contains(system), "{system}");
    }
    let json = session.run("certs trust --for fedora --format json").exits(0).json();
    assert_eq!(json["authorities"][0]["ways"][0]["for"], "fedora");
    session.run("certs trust --for nowhere").exits(2);
    // The fingerprint is what other programs show.
    let said = tools::run(Path::new("/"), "openssl", &["x509", "-in", &path, "-noout", "-fingerprint", "-sha256"])
        .accepted("openssl");
    assert!(all.out.contains(said.trim().rsplit('=').next().expect("a fingerprint")), "{said}");
    Session::with_profile(HYOS).run("certs trust").exits(2).says("stockade generate");
}

/// Nobody loses an authority, nor the place of its key, for a mistake.
#[test]
fn an_authority_is_neither_replaced_nor_its_key_misplaced_by_accident() {
    let session = Session::with_profile(HYOS);
    session.run("certs issue --ca-key-out -").exits(2).says("name one");
    session.put("some.key", "x");
    session.run("certs issue --ca-key some.key").exits(2).says("--ca-key-out FILE");
    session.run("generate").exits(0);
    let key = session.read("bundle/certs/ca.key");
    session.put("bundle/certs/ca.crt", "garbage\n");
    session.run("certs renew --yes").exits(2).says("move it away");
    assert_eq!(session.read("bundle/certs/ca.key"), key);
    let session = generated();
    let trusted = session.read("bundle/certs/ca.crt");
    session.run("certs issue --client one --ca-key-out clients.key").exits(0);
    session.run("certs issue --client two --ca-key-out two.key").exits(2).says("already");
    std::fs::remove_file(session.path("clients.key")).expect("it is there");
    let lost = session.run("certs issue --client two").exits(2).says("move `certs/clients` away");
    assert!(!lost.err.contains("new-authority"));
    assert_eq!(session.read("bundle/certs/ca.crt"), trusted);
}
