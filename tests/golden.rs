//! Every folder of `golden/` is a profile and the tree it compiles to. A new folder is a new test;
//! `STOCKADE_BLESS=1` writes what is expected.

use std::path::Path;

use similar::TextDiff;

use crate::support::tree::{self, FINDINGS, Tree};
use crate::support::{cases, library};

/// Lines of a difference that are shown; the rest is counted.
const MOST_LINES: usize = 60;

#[test]
fn every_case_compiles_to_its_tree() {
    let bless = std::env::var_os("STOCKADE_BLESS").is_some();
    let mut wrong = String::new();
    let mut files = 0;
    for (name, folder) in cases() {
        let found = compiled(&folder);
        let expected = folder.join("expected");
        if bless {
            tree::write(&expected, &found);
        }
        files += found.len();
        for (file, difference) in differences(&tree::read(&expected), &found) {
            wrong.push_str(&format!("golden/{name}/expected/{file}\n{difference}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}\nSTOCKADE_BLESS=1 accepts all of this");
    assert!(files > 100, "{files} files were compared");
}

/// Compiling twice gives the same bytes: nothing in it may depend on chance, time or the order of a hash map.
#[test]
fn every_case_compiles_to_the_same_bytes_again() {
    for (name, folder) in cases() {
        let (once, twice) = (library::folder(&folder), library::folder(&folder));
        let artifacts = |compiled: stockade::compile::Compiled| -> Vec<_> {
            compiled.bundles.into_iter().map(|bundle| bundle.artifacts).collect()
        };
        assert_eq!(artifacts(once), artifacts(twice), "{name}");
    }
}

fn compiled(folder: &Path) -> Tree {
    let compiled = library::folder(folder);
    let mut tree: Tree = compiled.bundles.iter().flat_map(tree::of).collect();
    let findings = library::findings(&compiled);
    if !findings.is_empty() {
        tree.insert(FINDINGS.into(), findings.join("\n") + "\n");
    }
    tree
}

fn differences(expected: &Tree, found: &Tree) -> Vec<(String, String)> {
    let paths: std::collections::BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    paths
        .into_iter()
        .filter_map(|path| match (expected.get(path), found.get(path)) {
            (Some(old), Some(new)) if old == new => None,
            (Some(_), None) => Some((path.clone(), "  is no longer made\n".into())),
            (None, Some(_)) => Some((path.clone(), "  is new\n".into())),
            (Some(old), Some(new)) => Some((path.clone(), shortened(old, new))),
            (None, None) => unreachable!("the path came from one of the two"),
        })
        .collect()
}

fn shortened(old: &str, new: &str) -> String {
    let whole = TextDiff::from_lines(old, new).unified_diff().context_radius(1).to_string();
    let lines: Vec<_> = whole.lines().collect();
    let shown = lines[..lines.len().min(MOST_LINES)].join("\n");
    match lines.len().saturating_sub(MOST_LINES) {
        0 => shown + "\n",
        more => format!("{shown}\n… {more} more lines\n"),
    }
}
