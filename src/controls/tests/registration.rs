//! One file, one id, one line in the list.

use crate::controls::catalogue;
use std::collections::BTreeSet;
use std::{fs, path::Path};

/// Files of the folder that hold no control.
const FRAME: [&str; 6] = ["mod", "catalogue", "control", "hardened", "live", "sites"];

#[test]
fn every_file_is_one_entry_of_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/controls");
    let files: BTreeSet<_> = fs::read_dir(folder)
        .expect("the folder is part of the source")
        .filter_map(|entry| entry.expect("it can be read").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| !FRAME.contains(&name.as_str()))
        .collect();
    let ids: Vec<_> = catalogue::ALL.iter().map(|control| control.meta().id.replace('-', "_")).collect();
    assert_eq!(ids.iter().cloned().collect::<BTreeSet<_>>(), files);
    assert_eq!(ids.len(), files.len(), "an id is registered twice");
}

#[test]
fn ids_are_kebab_case_and_found() {
    for control in catalogue::ALL {
        let id = control.meta().id;
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        assert!(id.split('-').all(word), "{id}");
        assert!(id.parse::<crate::values::ControlId>().is_ok(), "{id} can be written in a profile");
        assert_eq!(catalogue::find(id).map(|found| found.meta().id), Some(id));
    }
    assert!(catalogue::find("no-such-control").is_none());
}

#[test]
fn every_entry_explains_itself() {
    const KNOWN: [&str; 9] = ["CIS Docker ", "OWASP ", "RFC ", "CWE-", "MDN ", "Mozilla ", "W3C ", "NIST ", "none: "];
    for control in catalogue::ALL {
        let meta = control.meta();
        assert!((6..=45).contains(&meta.title.chars().count()), "the title of {} is too long or short", meta.id);
        assert!(!meta.title.ends_with('.') && meta.title.starts_with(char::is_uppercase), "{}", meta.id);
        assert!(meta.why.ends_with('.') && meta.why.chars().count() >= 50, "the why of {}", meta.id);
        assert!(!meta.references.is_empty(), "{} says not where it stands, nor why nowhere", meta.id);
        for reference in meta.references {
            assert!(KNOWN.iter().any(|known| reference.starts_with(known)), "{}: {reference}", meta.id);
            assert!(!reference.starts_with("none: ") || meta.references.len() == 1, "{}", meta.id);
        }
    }
}

#[test]
fn keys_of_a_profile_name_controls_that_there_are() {
    let shaped = crate::stack::SHAPED.iter().map(|(_, control)| *control);
    let named = crate::stack::KEYS.iter().filter_map(|key| key.control).chain(shaped);
    let unknown: Vec<_> = named.filter(|id| crate::controls::catalogue::find(id).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
