//! What somebody else wrote is not replaced before somebody agrees, and then it is kept.

use super::*;

fn two(a: &str, b: &str) -> Bundle {
    bundle(vec![text("a", a), text("sub/b", b)])
}

#[test]
fn a_file_of_somebody_else_stops_the_run_before_it_writes() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    std::fs::create_dir(out.join("sub")).unwrap();
    std::fs::write(out.join("sub/b"), "precious").unwrap();
    assert_eq!(change(&two("1", "1"), out, "sub/b"), Change::Foreign);
    let before = tree(out);
    let error = generate(&two("1", "1"), out).unwrap_err();
    assert!(matches!(&error, WriteError::Unsettled { paths } if paths.len() == 1), "{error}");
    assert_eq!(tree(out), before, "nothing is written");

    let applied = generate_anyway(&two("1", "1"), out).unwrap();
    assert_eq!(applied.kept, [("sub/b".parse().unwrap(), "sub/b.before-stockade".to_owned())]);
    assert_eq!((read(&out.join("sub/b")), read(&out.join("sub/b.before-stockade"))), ("1".into(), "precious".into()));
    assert!(is_clean(&two("1", "1"), out));
}

#[test]
fn nothing_that_was_set_aside_is_overwritten() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    for (round, name) in ["a.before-stockade", "a.before-stockade.2", "a.before-stockade.3"].into_iter().enumerate() {
        std::fs::write(out.join("a"), format!("mine {round}")).unwrap();
        generate_anyway(&two("1", "1"), out).unwrap();
        assert_eq!(read(&out.join(name)), format!("mine {round}"));
    }
    for round in 0..3 {
        let name = if round == 0 { "a.before-stockade".to_owned() } else { format!("a.before-stockade.{}", round + 1) };
        assert_eq!(read(&out.join(name)), format!("mine {round}"));
    }
}

#[test]
fn what_is_set_aside_keeps_its_mode() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("a");
    std::fs::write(&path, "mine").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    generate_anyway(&two("1", "1"), home.path()).unwrap();
    assert_eq!((mode(&path), mode(&home.path().join("a.before-stockade"))), (0o644, 0o640));
    assert_eq!(std::fs::metadata(home.path().join("a.before-stockade")).unwrap().nlink(), 1);
}

#[test]
fn the_same_bytes_are_no_conflict() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    std::fs::write(out.join("a"), "1").unwrap();
    generate(&two("1", "1"), out).unwrap();
    // The same edit on both sides.
    std::fs::write(out.join("a"), "2").unwrap();
    assert_eq!(change(&two("2", "1"), out, "a"), Change::Unchanged);
    generate(&two("2", "1"), out).unwrap();
    assert!(is_clean(&two("2", "1"), out));
    generate(&two("3", "1"), out).unwrap();
    assert_eq!(read(&out.join("a")), "3", "only the record had to move");
}

#[test]
fn a_file_changed_by_hand_stops_the_run_and_is_kept() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&two("1", "1"), out).unwrap();
    std::fs::write(out.join("a"), "mine").unwrap();
    assert!(matches!(generate(&two("2", "2"), out), Err(WriteError::Unsettled { .. })));
    assert_eq!((read(&out.join("a")), read(&out.join("sub/b"))), ("mine".into(), "1".into()));
    generate_anyway(&two("2", "2"), out).unwrap();
    assert_eq!((read(&out.join("a")), read(&out.join("a.before-stockade"))), ("2".into(), "mine".into()));
}

#[test]
fn what_a_power_cut_left_is_nobodys_work() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&two("1", "1"), out).unwrap();
    std::fs::write(out.join("a"), "").unwrap();
    std::fs::write(out.join("sub/b"), [0; 512]).unwrap();
    generate(&two("1", "1"), out).unwrap();
    assert_eq!((read(&out.join("a")), read(&out.join("sub/b"))), ("1".into(), "1".into()));
    // An empty file that no run has written is somebody's all the same.
    let other = TempDir::new().unwrap();
    std::fs::write(other.path().join("a"), "").unwrap();
    assert_eq!(change(&two("1", "1"), other.path(), "a"), Change::Foreign);
}

#[test]
fn a_file_with_secrets_in_it_that_was_changed_is_recognised_and_not_shown() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&full(), out).unwrap();
    let token = read(&out.join("secrets/token"));
    let path = out.join("config/app.json");
    let text = read(&path);
    let mut other = full();
    other.artifacts[5].content = Content::Pieces(vec![
        Piece::Text("{\"key\": \"".into()),
        Piece::Secret { name: "token".parse().unwrap(), grammar: Grammar::Json },
        Piece::Text("\"}\n".into()),
    ]);
    assert_eq!(change(&other, out, "config/app.json"), Change::Update { edited: false });
    std::fs::write(&path, text.replace("token", "tokens")).unwrap();
    assert_eq!(change(&other, out, "config/app.json"), Change::Update { edited: true });
    let folder = Folder::claim(out).unwrap();
    let bundle = full();
    let plan = plan(&bundle, &folder).unwrap();
    let (_, edit) = edits(&plan).next().unwrap();
    assert!(edit.diff.is_none() && edit.back.is_empty());
    assert!(!diff(&plan, true).contains(&token));
    drop((plan, folder));
    // A secret that is made anew is no change by hand.
    std::fs::write(&path, text).unwrap();
    std::fs::remove_file(out.join("secrets/token")).unwrap();
    std::fs::remove_file(out.join("secrets/hash")).unwrap();
    let folder = Folder::claim(out).unwrap();
    let values = filled(&bundle, &folder, 9).unwrap();
    let plan = Plan::new(&bundle, &values, Some(&folder), Identity::current()).unwrap().unwrap();
    assert_eq!(plan.unsettled().count(), 0);
    apply(&plan, &folder).unwrap();
    assert!(!read(&path).contains(&token));
    // Digests of such files are where the secrets are, and nowhere else.
    assert_eq!(mode(&out.join("secrets/.digests")), 0o600);
    assert!(read(&out.join("secrets/.digests")).contains(&digest(read(&path).as_bytes())));
}

#[test]
fn values_that_exist_are_no_conflict() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    std::fs::create_dir(out.join("secrets")).unwrap();
    std::fs::write(out.join("secrets/token"), "0123456789abcdef0123456789abcdef").unwrap();
    generate(&full(), out).unwrap();
    assert_eq!(read(&out.join("secrets/token")), "0123456789abcdef0123456789abcdef");
}

#[test]
fn the_change_is_shown_with_its_line_and_what_would_come_back() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    let bundle = bundle(vec![text("a", "one\ntwo  # why: read-only-root\nthree\n")]);
    generate(&bundle, out).unwrap();
    std::fs::write(out.join("a"), "one\n2\nthree\n").unwrap();
    let folder = Folder::claim(out).unwrap();
    let plan = plan(&bundle, &folder).unwrap();
    let (path, edit) = edits(&plan).next().unwrap();
    assert_eq!((path.as_str(), edit.line), ("a", 2));
    assert_eq!(edit.back, ["two  # why: read-only-root"]);
    assert!(edit.diff.unwrap().contains("-2\n+two  # why: read-only-root\n"));
}
