//! Values that exist are kept, nothing shows them, and what is missing stops the run.

use super::*;

#[test]
fn secrets_and_keys_that_exist_are_kept() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&full(), out).unwrap();
    let before: Vec<String> = ["secrets/token", "secrets/hash", "certs/server.key"].map(|p| read(&out.join(p))).into();
    // Another seed would make other values.
    let folder = Folder::claim(out).unwrap();
    let values = filled(&full(), &folder, 77).unwrap();
    assert_eq!(values.created().count(), 0);
    apply(&Plan::new(&full(), &values, Some(&folder), Identity::current()).unwrap().unwrap(), &folder).unwrap();
    let after: Vec<String> = ["secrets/token", "secrets/hash", "certs/server.key"].map(|p| read(&out.join(p))).into();
    assert_eq!(before, after);
}

#[test]
fn a_certificate_for_other_names_is_kept_and_said() {
    let home = TempDir::new().unwrap();
    generate(&full(), home.path()).unwrap();
    let before = read(&home.path().join("certs/server.crt"));
    let mut renamed = full();
    renamed.certificate.as_mut().unwrap().names = vec!["other.example.com".parse().unwrap()];
    let folder = Folder::claim(home.path()).unwrap();
    let values = filled(&renamed, &folder, 2).unwrap();
    assert!(values.warnings.iter().any(|it| it.message.contains("other names")), "{:?}", values.warnings);
    drop(folder);
    generate(&renamed, home.path()).unwrap();
    assert_eq!(before, read(&home.path().join("certs/server.crt")));

    std::fs::remove_file(home.path().join("certs/server.key")).unwrap();
    let folder = Folder::claim(home.path()).unwrap();
    assert!(filled(&full(), &folder, 3).unwrap_err().has_errors(), "half a certificate is no certificate");
}

#[test]
fn an_authority_key_that_was_taken_away_stays_away() {
    let home = TempDir::new().unwrap();
    generate(&full(), home.path()).unwrap();
    std::fs::remove_file(home.path().join("certs/ca.key")).unwrap();
    generate(&full(), home.path()).unwrap();
    assert!(!home.path().join("certs/ca.key").exists());
}

#[test]
fn a_supplied_secret_that_is_missing_stops_the_run_before_it_writes() {
    let home = TempDir::new().unwrap();
    let out = home.path().join("bundle");
    let mut needs = bundle(vec![
        text("compose.yaml", ""),
        artifact("secrets/key", Content::Secret("key".parse().unwrap()), Access::PRIVATE),
    ]);
    needs.secrets = vec![Request {
        name: "key".into(),
        kind: Kind::Supplied { min_length: None, begins: String::new() },
        title: Some("mods".into()),
        shared: false,
        brought: false,
    }];
    let folder = Folder::claim(&out).unwrap();
    let refused = filled(&needs, &folder, 1).unwrap_err();
    let text = format!("{refused:?}");
    assert!(text.contains("bad-secret") && text.contains("secrets/key") && text.contains("mods"), "{text}");
    drop(folder);
    assert!(!out.exists(), "the folder that was made for nothing is gone");
    std::fs::create_dir_all(out.join("secrets")).unwrap();
    std::fs::write(out.join("secrets/key"), "sk-live-7").unwrap();
    generate(&needs, &out).unwrap();
    assert_eq!((read(&out.join("secrets/key")).as_str(), mode(&out.join("secrets/key"))), ("sk-live-7", 0o600));
}

#[test]
fn no_secret_reaches_the_lock_or_a_diff() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&full(), out).unwrap();
    let lock = read(&out.join(LOCK));
    let (token, hash) = (read(&out.join("secrets/token")), read(&out.join("secrets/hash")));
    assert!(read(&out.join("config/app.json")).contains(&token));
    let digest = |text: &str| {
        use sha2::Digest as _;
        sha2::Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let config = read(&out.join("config/app.json"));
    for hidden in [&token, &hash, &digest(&token), &digest(&hash), &digest(&config)] {
        assert!(!lock.contains(hidden.as_str()));
    }
    // The file of a secret becomes plain text: the old text is still not shown.
    let mut changed = full();
    changed.artifacts[5].content = Content::Text("{}\n".into());
    changed.artifacts[0].content = Content::Text("services: {a: 1}\n".into());
    let folder = Folder::claim(out).unwrap();
    let shown = diff(&plan(&changed, &folder).unwrap(), true);
    assert!(shown.contains("-services: {}\n+services: {a: 1}\n"), "{shown}");
    assert!(shown.contains("config/app.json: secret content changed"), "{shown}");
    assert!(!shown.contains(&token), "{shown}");
}

#[test]
fn a_secret_that_its_file_cannot_hold_is_not_shown() {
    let home = TempDir::new().unwrap();
    let name = || "key".parse().unwrap();
    let mut needs = bundle(vec![
        artifact("secrets/key", Content::Secret(name()), Access::PRIVATE),
        artifact(
            "x.sh",
            Content::Pieces(vec![Piece::Secret { name: name(), grammar: Grammar::Nginx }]),
            Access::PRIVATE,
        ),
    ]);
    needs.secrets = vec![Request {
        name: "key".into(),
        kind: Kind::Supplied { min_length: None, begins: String::new() },
        title: None,
        shared: false,
        brought: false,
    }];
    std::fs::create_dir(home.path().join("secrets")).unwrap();
    std::fs::write(home.path().join("secrets/key"), "hunter2$x{\u{1}}y").unwrap();
    let folder = Folder::claim(home.path()).unwrap();
    let values = filled(&needs, &folder, 1).unwrap();
    match Plan::new(&needs, &values, Some(&folder), Identity::current()).unwrap() {
        Err(refused) => assert!(!format!("{refused:?}").contains("hunter2")),
        Ok(plan) => assert!(!diff(&plan, true).contains("hunter2")),
    }
}

#[test]
fn a_whole_value_is_written_in_the_quotes_of_its_file() {
    let home = TempDir::new().unwrap();
    let value = |grammar| Piece::Value { parts: vec!["x:".into(), "key".into(), "@h".into()], grammar };
    let file = |path: &str, grammar| {
        let pieces = vec![Piece::Text("k=".into()), value(grammar), Piece::Text("\n".into())];
        artifact(path, Content::Pieces(pieces), Access::PRIVATE)
    };
    let mut needs = bundle(vec![
        artifact("secrets/key", Content::Secret("key".parse().unwrap()), Access::PRIVATE),
        file("a.toml", Grammar::Toml),
        file("a.sh", Grammar::Shell),
        file("a.nginx", Grammar::Nginx),
    ]);
    needs.secrets = vec![Request {
        name: "key".into(),
        kind: Kind::Supplied { min_length: None, begins: String::new() },
        title: None,
        shared: false,
        brought: false,
    }];
    std::fs::create_dir(home.path().join("secrets")).unwrap();
    std::fs::write(home.path().join("secrets/key"), "it's \"$x\"").unwrap();
    // nginx has no escape for `$`.
    let folder = Folder::claim(home.path()).unwrap();
    let values = filled(&needs, &folder, 1).unwrap();
    let refused = Plan::new(&needs, &values, Some(&folder), Identity::current()).unwrap().unwrap_err();
    let said = format!("{refused:?}");
    assert!(said.contains("bad-secret") && said.contains("a.nginx") && !said.contains("it's"), "{said}");
    drop(folder);
    needs.artifacts.pop();
    generate(&needs, home.path()).unwrap();
    assert_eq!(read(&home.path().join("a.toml")), "k=\"x:it's \\\"$x\\\"@h\"\n");
    let mut shell = std::process::Command::new("sh");
    let said = shell.args(["-c", ". ./a.sh; printf %s \"$k\""]).current_dir(home.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout), "x:it's \"$x\"@h", "{said:?}");
    assert!(!read(&home.path().join("stockade.lock")).contains("it's"));
    let folder = Folder::claim(home.path()).unwrap();
    assert!(!diff(&plan(&needs, &folder).unwrap(), true).contains("it's"));
}

/// Generates with chance of its own.
fn run(bundle: &Bundle, out: &Path, seed: u64) {
    let folder = Folder::claim(out).unwrap();
    let values = filled(bundle, &folder, seed * 1000).unwrap();
    apply(&Plan::new(bundle, &values, Some(&folder), Identity::current()).unwrap().unwrap(), &folder).unwrap();
}

/// A bundle whose compose file has a label over one secret, one certificate and a text.
fn labelled(public: &str) -> Bundle {
    let mut it = full();
    it.artifacts[0].content = Content::Pieces(vec![
        Piece::Text("services: {app: {labels: {stockade.inputs: \"".into()),
        Piece::Inputs { public: public.into(), private: vec!["certs/server.crt".into(), "token".into()] },
        Piece::Text("\"}}}\n".into()),
    ]);
    it.artifacts.push(artifact("stockade.key", Content::Marks, Access::PRIVATE));
    it
}

#[test]
fn a_label_changes_with_what_is_mounted_and_with_nothing_else() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    let compose = || read(&out.join("compose.yaml"));
    run(&labelled("a"), out, 11);
    let first = compose();
    assert_eq!(mode(&out.join("stockade.key")), 0o600);
    run(&labelled("a"), out, 12);
    assert_eq!(compose(), first, "nothing changed");

    run(&labelled("b"), out, 13);
    let text = compose();
    assert_ne!(text, first, "a text that it mounts changed");

    // Written over in place, as `printf %s NEW > secrets/token` does: the same inode.
    let token = out.join("secrets/token");
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&token, "00112233445566778899aabbccddeeff").unwrap();
    run(&labelled("b"), out, 14);
    let rotated = compose();
    assert_ne!(rotated, text, "a secret was written over");
    run(&labelled("b"), out, 15);
    assert_eq!(compose(), rotated);

    std::fs::remove_file(&token).unwrap();
    run(&labelled("b"), out, 16);
    let anew = compose();
    assert_ne!(anew, rotated, "a secret was made anew");

    // A secret that no label is over.
    std::fs::remove_file(out.join("secrets/hash")).unwrap();
    run(&labelled("b"), out, 17);
    assert_eq!(compose(), anew);

    for name in ["ca.crt", "ca.key", "server.crt", "server.key"] {
        std::fs::remove_file(out.join("certs").join(name)).unwrap();
    }
    run(&labelled("b"), out, 18);
    assert_ne!(compose(), anew, "a certificate was issued");
}

#[test]
fn a_clone_without_secrets_keeps_the_label_and_a_folder_that_lost_them_does_not() {
    let home = TempDir::new().unwrap();
    let (out, clone) = (home.path().join("out"), home.path().join("clone"));
    run(&labelled("a"), &out, 19);
    let compose = read(&out.join("compose.yaml"));
    std::fs::create_dir(&clone).unwrap();
    for name in ["compose.yaml", LOCK] {
        std::fs::copy(out.join(name), clone.join(name)).unwrap();
    }
    run(&labelled("a"), &clone, 20);
    assert_eq!(read(&clone.join("compose.yaml")), compose);
    assert_ne!(read(&clone.join("secrets/token")), read(&out.join("secrets/token")));

    std::fs::remove_dir_all(out.join("secrets")).unwrap();
    run(&labelled("a"), &out, 21);
    assert_ne!(read(&out.join("compose.yaml")), compose, "stockade.key remembers what was there");
}

#[test]
fn the_lock_tells_generations_and_nothing_of_a_secret() {
    let home = TempDir::new().unwrap();
    run(&labelled("a"), home.path(), 22);
    let lock: serde_json::Value = serde_json::from_str(&read(&home.path().join(LOCK))).unwrap();
    let names: Vec<_> = lock["generations"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["certs/server.crt", "token"]);
    let record = |path: &str| lock["files"].as_array().unwrap().iter().find(|it| it["path"] == path).cloned().unwrap();
    assert!(record("compose.yaml")["sha256"].is_string(), "a change by hand is still told");
    assert!(record("stockade.key")["sha256"].is_null());
    let other = TempDir::new().unwrap();
    std::fs::create_dir(other.path().join("secrets")).unwrap();
    std::fs::copy(home.path().join("secrets/token"), other.path().join("secrets/token")).unwrap();
    let folder = Folder::claim(other.path()).unwrap();
    let values = filled(&labelled("a"), &folder, 99).unwrap();
    let again = Plan::new(&labelled("a"), &values, Some(&folder), Identity::current()).map(|plan| plan.is_ok());
    assert!(again.unwrap());
    assert_ne!(
        values.generations()["token"],
        lock["generations"]["token"],
        "the same secret elsewhere is not told by it"
    );
}

#[test]
fn an_authority_that_is_spoilt_is_said_and_one_that_is_gone_comes_back() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&full(), out).unwrap();
    for name in ["ca.crt", "ca.key"] {
        let path = out.join("certs").join(name);
        let kept = read(&path);
        std::fs::write(&path, "junk\n").unwrap();
        let folder = Folder::open(out).unwrap();
        let checked = fill(&full(), folder.as_ref(), &mut Shared::default(), now(), None).unwrap().unwrap_err();
        assert!(format!("{checked:?}").contains(name), "{checked:?}");
        std::fs::write(&path, kept).unwrap();
    }
    let authority = read(&out.join("certs/ca.crt"));
    std::fs::remove_file(out.join("certs/ca.crt")).unwrap();
    generate(&full(), out).unwrap();
    assert_eq!(read(&out.join("certs/ca.crt")), authority);
    std::fs::remove_file(out.join("certs/ca.crt")).unwrap();
    std::fs::create_dir(out.join("certs/ca.crt")).unwrap();
    let folder = Folder::open(out).unwrap();
    assert!(fill(&full(), folder.as_ref(), &mut Shared::default(), now(), None).is_err(), "a directory in its place");
}
