//! Any operation at any place: it is refused, or everything that reads the file sees exactly that.

use super::made::{Chance, file};
use super::*;
use crate::yaml::node::Node;
use std::path::{Path, PathBuf};

const TEXTS: &[&str] =
    &["x", "two words", "yes", "5", "it's", "a: b", "a #b", "é", "", "l1\nl2\n", "l1\n\n  l3", "- x", "[a"];
const YAMLS: &[&str] =
    &["true", "5", "[a, b]", "{k: v}", "- a\n- b: 1\n  c: 2", "k: v\nl:\n  - m", "|\n  t\n   u\n", "- a"];

/// Every route of a tree.
fn routes(node: &Node, here: &Route, found: &mut Vec<Route>) {
    found.push(here.clone());
    for (index, item) in node.items().iter().enumerate() {
        routes(item, &here.clone().index(index), found);
    }
    for entry in node.entries() {
        routes(&entry.value, &here.clone().key(entry.name()), found);
    }
}

fn value(chance: &mut Chance) -> Value {
    match chance.one_in(2) {
        true => Value::Text(chance.pick(TEXTS).to_owned()),
        false => Value::Yaml(chance.pick(YAMLS).to_owned()),
    }
}

fn operation(chance: &mut Chance, all: &[Route]) -> Operation {
    let key = |chance: &mut Chance| chance.pick(&["new", "a", "q q", "é"]).to_owned();
    match chance.below(6) {
        0 => Operation::Replace(value(chance)),
        1 => Operation::Insert { key: key(chance), value: value(chance) },
        2 => Operation::Append(value(chance)),
        3 => Operation::Remove,
        4 => Operation::RenameKey(key(chance)),
        _ => Operation::Move { to: all[chance.below(all.len())].clone(), key: key(chance) },
    }
}

/// Tries one operation; whether it was carried out.
fn judge(text: &str, at: &Route, operation: &Operation) -> bool {
    let Ok(changed) = changed(text, at, operation) else { return false };
    let told = || {
        let diff = similar::TextDiff::from_lines(text, &changed);
        format!(
            "{operation:?} at `{at}`:\n{}",
            diff.unified_diff().context_radius(if text.len() > 3000 { 4 } else { 99 })
        )
    };
    let wanted =
        model::after(model::read(text), at, operation).unwrap_or_else(|| panic!("should be refused: {}", told()));
    let (sources, id) = store(&changed);
    assert!(sources.flaws(id).is_empty(), "our reader refuses it: {:?}\n{}", sources.flaws(id), told());
    let found: serde_yaml::Value = serde_yaml::from_str(&changed).unwrap_or_else(|error| panic!("{error}\n{}", told()));
    assert!(wanted == found, "wanted {wanted:?}\nfound  {found:?}\n{}", told());
    let (old, old_id) = store(text);
    let edits = edits(&old, old_id, at, operation).expect("it was carried out");
    let (before, after) = (old.tree(old_id), sources.tree(id));
    assert!(
        before.zip(after).is_none_or(|(before, after)| untouched(before, after, &edits)),
        "more changed\n{}",
        told()
    );
    // The two readers take some words for different things; each sees the one change.
    let ours = |text: &str| {
        let (sources, id) = store(text);
        crate::yaml::read_as::<serde_yaml::Value>(&sources, id).value.expect("it can be read")
    };
    let (wanted, found) = (model::after(ours(text), at, operation), ours(&changed));
    assert!(
        wanted.as_ref() == Some(&found),
        "our reader: {found:?}
wanted {wanted:?}
{}",
        told()
    );
    let new = match operation {
        Operation::Replace(Value::Yaml(text)) | Operation::Insert { value: Value::Yaml(text), .. } => text,
        _ => "",
    };
    assert!(!new.contains('#'), "no comment is put in");
    let (before, after) = (comment_count(text), comment_count(&changed));
    // What is removed takes the comments inside it along.
    let lost = matches!(operation, Operation::Remove);
    assert!(before == after || (lost && after < before), "{before} comments became {after}\n{}", told());
    assert_eq!(changed.ends_with(['\n', '\r']), text.ends_with(['\n', '\r']), "{}", told());
    assert!(text.contains("\r\n") || !changed.contains('\r'), "{}", told());
    assert!(!text.contains("\r\n") || !changed.replace("\r\n", "").contains('\n'), "{}", told());
    true
}

#[test]
fn made_up_files_change_in_the_one_place() {
    let mut chance = Chance(0x5eed_0001);
    let (mut done, mut tried, mut failures) = (0, 0, 0);
    for _ in 0..300 {
        let text = file(&mut chance);
        let (sources, id) = store(&text);
        let root = sources.tree(id).unwrap_or_else(|| panic!("{:?}\n{text}", sources.flaws(id)));
        let mut all = Vec::new();
        routes(root, &Route::root(), &mut all);
        for _ in 0..10 {
            let at = all[chance.below(all.len())].clone();
            let operation = operation(&mut chance, &all);
            tried += 1;
            let judged = std::panic::catch_unwind(|| judge(&text, &at, &operation));
            failures += usize::from(judged.is_err());
            assert!(failures < 8);
            done += usize::from(judged.unwrap_or(false));
        }
    }
    assert_eq!(failures, 0);
    assert!(done * 3 > tried, "only {done} of {tried} were carried out");
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() && name != "bundle" {
            collect(&path, found);
        } else if ["profile.yaml", "stockade.yaml"].contains(&&*name) || name.ends_with(".system.yaml") {
            found.push(path);
        }
    }
}

#[test]
fn shipped_files_change_in_the_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["examples", "golden"] {
        collect(&root.join(folder), &mut files);
    }
    let builtin = std::fs::read_dir(root.join("src/systems/builtin")).expect("the folder can be listed");
    files.extend(builtin.map(|entry| entry.expect("it can be listed").path()).filter(|path| path.is_file()));
    files.sort();
    assert!(files.len() > 60, "{}", files.len());
    let mut chance = Chance(0x5eed_0002);
    let mut done = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).expect("it is text");
        let (sources, id) = store(&text);
        let Some(root) = sources.tree(id).filter(|_| sources.flaws(id).is_empty()) else { continue };
        let mut all = Vec::new();
        routes(root, &Route::root(), &mut all);
        for _ in 0..12 {
            let at = all[chance.below(all.len())].clone();
            done += usize::from(judge(&text, &at, &operation(&mut chance, &all)));
        }
    }
    assert!(done > 300, "{done}");
}
