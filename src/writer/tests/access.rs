//! Owners and modes of what nobody named, of the bundle's own directory, and of what has a second name.

use super::*;

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn every_directory_has_a_mode() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&full(), out).unwrap();
    for path in ["firewall", "config", "certs", "secrets"] {
        let before = mode(&out.join(path));
        chmod(&out.join(path), 0o710);
        assert_eq!(change(&full(), out, path), Change::Access, "{path}");
        generate(&full(), out).unwrap();
        assert_eq!(mode(&out.join(path)), before, "{path}");
    }
}

#[test]
fn a_directory_in_one_of_the_applications_is_its_own() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    let given = Access { owner: Some(User { uid: 568, gid: 568 }), mode: Mode(0o700), shared: Mode(0o777) };
    let bundle = bundle(vec![artifact("data/app", Content::Directory, given), text("data/app/mods/x.json", "{}")]);
    generate(&bundle, out).unwrap();
    chmod(&out.join("data/app/mods"), 0o700);
    assert_eq!(change(&bundle, out, "data/app/mods"), Change::Unchanged);
    chmod(&out.join("data"), 0o700);
    assert_eq!(change(&bundle, out, "data"), Change::Access);
}

#[test]
fn the_bundles_own_directory_is_closed() {
    let home = TempDir::new().unwrap();
    let out = home.path().join("bundle");
    std::fs::create_dir(&out).unwrap();
    chmod(&out, 0o755);
    assert!(!is_clean(&full(), &out));
    assert!(generate(&full(), &out).unwrap().tightened);
    assert_eq!(mode(&out), 0o700);
    assert!(is_clean(&full(), &out));
    chmod(&out, 0o750);
    assert!(!is_clean(&full(), &out));
    assert!(generate(&full(), &out).unwrap().tightened);
    // Without secrets in it there is nothing to close.
    let public = home.path().join("public");
    std::fs::create_dir(&public).unwrap();
    chmod(&public, 0o755);
    assert!(!generate(&bundle(vec![text("a", "1")]), &public).unwrap().tightened);
    assert_eq!(mode(&public), 0o755);
}

#[test]
fn a_second_name_keeps_its_owner_and_mode() {
    let home = TempDir::new().unwrap();
    let (out, outside) = (home.path().join("bundle"), home.path().join("outside"));
    generate(&full(), &out).unwrap();
    std::fs::copy(out.join("secrets/token"), &outside).unwrap();
    chmod(&outside, 0o666);
    std::fs::remove_file(out.join("secrets/token")).unwrap();
    std::fs::hard_link(&outside, out.join("secrets/token")).unwrap();
    let error = generate(&full(), &out).unwrap_err();
    assert!(matches!(&error, WriteError::HardLinked { paths } if paths.len() == 1), "{error}");
    assert_eq!(mode(&outside), 0o666);
    // The way out, as it is printed.
    let (_, command) =
        error.help().split_once('`').map(|(a, b)| (a.to_owned(), b.trim_end_matches('`').to_owned())).unwrap();
    assert!(std::process::Command::new("sh").args(["-c", &command]).status().unwrap().success(), "{command}");
    generate(&full(), &out).unwrap();
    assert_eq!(mode(&outside), 0o666);
    assert_ne!(mode(&out.join("secrets/token")), 0o666);
    assert!(is_clean(&full(), &out));
}

#[test]
fn parents_are_made_with_plain_modes() {
    let home = TempDir::new().unwrap();
    let before = rustix::process::umask(Bits::from_raw_mode(0o000));
    let done = generate(&full(), &home.path().join("one/two/bundle"));
    rustix::process::umask(before);
    done.unwrap();
    for (path, expected) in [("one", 0o755), ("one/two", 0o755), ("one/two/bundle", 0o700)] {
        assert_eq!(format!("{:o}", mode(&home.path().join(path))), format!("{expected:o}"), "{path}");
    }
}
