//! What is no longer generated, and what was never: both stay findings until they are gone.

use super::*;
use crate::artifact::{Scope, Watched};

fn watched(files: &[&str]) -> Bundle {
    let mut bundle = bundle(files.iter().map(|path| text(path, "1")).collect());
    let place = |path: &str, scope, reader: &str| Watched { path: path.parse().unwrap(), scope, reader: reader.into() };
    bundle.watched = vec![
        place("proxy/dynamic", Scope::Folder, "the service `proxy`"),
        place("compose.override.yaml", Scope::File, "Docker Compose"),
    ];
    bundle
}

fn foreign(bundle: &Bundle, out: &Path) -> Vec<String> {
    let folder = Folder::watch(out).unwrap().unwrap();
    plan(bundle, &folder).unwrap().foreign.into_iter().map(|it| it.path).collect()
}

#[test]
fn whatever_a_program_would_read_as_well_is_found() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    let bundle = watched(&["proxy/dynamic/site.yml", "proxy/dynamic/sub/x.yml", "proxy/traefik.yml"]);
    generate(&bundle, out).unwrap();
    assert!(is_clean(&bundle, out));
    std::fs::write(out.join("proxy/dynamic/evil.yml"), "http: {}").unwrap();
    std::fs::write(out.join("proxy/dynamic/sub/y.yml"), "").unwrap();
    std::fs::create_dir(out.join("proxy/dynamic/more")).unwrap();
    symlink("/etc/passwd", out.join("proxy/dynamic/link.yml")).unwrap();
    symlink("/etc/passwd", out.join("compose.override.yaml")).unwrap();
    // Nobody reads this one.
    std::fs::write(out.join("proxy/notes.txt"), "").unwrap();
    let found = [
        "compose.override.yaml",
        "proxy/dynamic/evil.yml",
        "proxy/dynamic/link.yml",
        "proxy/dynamic/more",
        "proxy/dynamic/sub/y.yml",
    ];
    assert_eq!(foreign(&bundle, out), found);
    generate(&bundle, out).unwrap();
    assert_eq!(foreign(&bundle, out), found, "nothing of it is removed");
    assert!(!is_clean(&bundle, out));
}

#[test]
fn a_stale_file_that_was_changed_stays_a_finding_until_it_is_gone() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    let (more, less) = (watched(&["proxy/dynamic/a.yml", "proxy/dynamic/b.yml"]), watched(&["proxy/dynamic/a.yml"]));
    generate(&more, out).unwrap();
    std::fs::write(out.join("proxy/dynamic/b.yml"), "1 # mine").unwrap();
    for _ in 0..3 {
        assert_eq!(generate(&less, out).unwrap().removed, 0);
        assert!(!is_clean(&less, out));
        assert_eq!(foreign(&less, out), [""; 0], "it is named once, not twice");
    }
    std::fs::remove_file(out.join("proxy/dynamic/b.yml")).unwrap();
    assert!(is_clean(&less, out), "that it is gone needs no run");
    generate(&less, out).unwrap();
    // Wanted again, it is as any other.
    generate(&more, out).unwrap();
    assert!(is_clean(&more, out));
}

#[test]
fn a_stale_file_is_set_aside_where_nobody_reads_it() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    let (more, less) = (watched(&["proxy/dynamic/a.yml", "proxy/dynamic/b.yml"]), watched(&["proxy/dynamic/a.yml"]));
    generate(&more, out).unwrap();
    std::fs::write(out.join("proxy/dynamic/b.yml"), "mine").unwrap();
    std::fs::write(out.join("proxy/dynamic/a.yml"), "mine too").unwrap();
    generate_anyway(&less, out).unwrap();
    assert_eq!(read(&out.join("proxy/b.yml.before-stockade")), "mine");
    assert_eq!(read(&out.join("proxy/a.yml.before-stockade")), "mine too");
    assert!(is_clean(&less, out));
}

#[test]
fn values_and_directories_that_are_no_longer_wanted_are_named_once() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&full(), out).unwrap();
    let mut less = full();
    less.artifacts.retain(|artifact| artifact.path.as_str() != "secrets/hash");
    less.secrets.pop();
    assert!(!is_clean(&less, out));
    generate(&less, out).unwrap();
    assert!(out.join("secrets/hash").exists());
    assert!(is_clean(&less, out));
}

#[test]
fn a_file_with_secrets_that_is_no_longer_wanted_goes() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&full(), out).unwrap();
    let mut less = full();
    less.artifacts.retain(|artifact| artifact.path.as_str() != "config/app.json");
    generate(&less, out).unwrap();
    assert!(!out.join("config/app.json").exists());
    assert!(is_clean(&less, out));
}
