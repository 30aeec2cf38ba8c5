//! Every folder of `golden/` is a profile and what it compiles to, and a test of its name; `STOCKADE_BLESS=1` writes what is
//! expected.
//!
//! A case stands whole, as files below `expected/`, or holds a file `LIKE` whose first line names a whole case,
//! `like: NAME`, and whose other lines say how the two differ. Reports are compared by their answers: `report.json` stands
//! whole for the cases of [`WITH_REPORT`]. The firewall's scripts, which differ by a few words, stand whole once; the other
//! whole cases have a file `SCRIPTS` that says how theirs differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use similar::{DiffOp, TextDiff};

use crate::support::tree::{self, LIKE, Tree};
use crate::support::{cases, root};

/// Lines of a difference that are shown; the rest is counted.
const MOST_LINES: usize = 60;

/// Cases whose `report.json` is kept as it is: one a system.
const WITH_REPORT: [&str; 4] = ["hyos-traefik", "proactions-hub-edapi", "proxyos", "stellarstack"];

/// The case whose scripts stand whole.
const SCRIPTS_OF: &str = "hyos-traefik";
/// How the scripts of a case differ from those.
const SCRIPTS: &str = "SCRIPTS";

/// A test for each case, with `_` for `-` in its name.
macro_rules! cases {
    ($($case:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($case)),*];
        mod case {
            $(#[test] fn $case() { super::compiles_to_its_tree(stringify!($case)); })*
        }
    };
}

cases! {
    answers edge_choices forgejo host_ports host_ports_firewalld host_ports_iptables host_ports_ufw hyos_baseline
    hyos_caddy hyos_caddy_files hyos_caddy_self_signed hyos_development hyos_everything hyos_firewalld hyos_iptables
    hyos_nginx hyos_nginx_self_signed hyos_socket_filtered hyos_socket_raw hyos_strict hyos_strict_caddy
    hyos_strict_nginx hyos_traefik hyos_traefik_files hyos_traefik_self_signed hyos_truenas hyos_truenas_filtered
    hyos_ufw hyos_waivers hyos_without_manager jellyfin jellyfin_device joined_caddy
    joined_nginx joined_traefik outline own_app paperless
    proactions_hub_development proactions_hub_edapi proactions_hub_everything proactions_hub_podman
    proactions_hub_redis_external proactions_hub_redis_tls proactions_hub_targets proactions_hub_tls
    proactions_hub_token proxyos proxyos_baseline proxyos_behind proxyos_behind_remote proxyos_central
    proxyos_dashboard proxyos_everything proxyos_files proxyos_node proxyos_strict proxyos_tailscale proxyos_tunnel
    proxyos_tunnel_dashboard several_hosts shared_caddy shared_nginx
    shared_traefik stellarstack stellarstack_caddy stellarstack_container
    stellarstack_development stellarstack_g1 stellarstack_g1_hosts stellarstack_hosts stellarstack_hosts_container
    stellarstack_hosts_nginx stellarstack_nginx stellarstack_nginx_self_signed stellarstack_self_signed two_systems
}

#[test]
fn every_folder_is_a_test() {
    let folders: Vec<_> = cases().into_iter().map(|(name, _)| name.replace('-', "_")).collect();
    assert_eq!(NAMES, folders, "`cases!` lists every folder of golden/, in order");
}

/// What is for people to read stays little enough to be read.
#[test]
fn all_cases_together_stay_small() {
    // Others are writing then.
    if blesses() {
        return;
    }
    let all = tree::read(&root().join("golden"));
    let bytes: usize = all.values().map(String::len).sum();
    assert!(all.len() <= 500 && bytes <= 6_000_000, "golden/ has {} files and {bytes} bytes", all.len());
}

fn compiles_to_its_tree(test: &str) {
    let name = test.replace('_', "-");
    let folder = root().join("golden").join(&name);
    let found = expected_of(&name, &folder);
    if blesses() {
        write(&folder, &found);
    }
    let wrong: String = differences(&read(&folder), &found)
        .into_iter()
        .map(|(file, difference)| format!("golden/{name}/{file}\n{difference}\n"))
        .collect();
    assert!(wrong.is_empty(), "{wrong}\nSTOCKADE_BLESS=1 accepts all of this");
    assert!(!found.is_empty(), "nothing was compared");
}

/// Compiling twice gives the same bytes: nothing in it may depend on chance, time or the order of a hash map.
#[test]
fn every_case_compiles_to_the_same_bytes_again() {
    for (name, folder) in cases() {
        assert_eq!(tree::artifacts(&folder), tree::artifacts(&folder), "{name}");
    }
}

fn blesses() -> bool {
    std::env::var_os("STOCKADE_BLESS").is_some()
}

/// What a case holds beside its profile and its own system.
fn expected_of(name: &str, folder: &Path) -> Tree {
    let found = comparable(tree::compiled(folder), WITH_REPORT.contains(&name));
    let Some(base) = like(folder) else {
        let found = if name == SCRIPTS_OF { found } else { with_scripts_compared(found) };
        return found.into_iter().map(|(path, text)| (format!("expected/{path}"), text)).collect();
    };
    let whole = root().join("golden").join(&base);
    assert!(
        whole.join("profile.yaml").is_file() && like(&whole).is_none(),
        "{name} is like {base}, which is no whole case"
    );
    let base_tree = without_lines(comparable(tree::compiled(&whole), false));
    Tree::from([(LIKE.to_owned(), format!("like: {base}\n{}", changes(&base_tree, &without_lines(found))))])
}

/// The tree with one file for the scripts of each bundle in it.
fn with_scripts_compared(tree: Tree) -> Tree {
    let (scripts, mut rest): (Tree, Tree) = tree.into_iter().partition(|(path, _)| script(path).is_some());
    if scripts.is_empty() {
        return rest;
    }
    let all = tree::compiled(&root().join("golden").join(SCRIPTS_OF));
    let base: Tree = all.into_iter().filter(|(path, _)| script(path).is_some()).collect();
    let mut bundles: BTreeMap<String, Tree> = BTreeMap::new();
    for (path, text) in scripts {
        let (place, name) = path.split_at(script(&path).unwrap_or_default());
        bundles.entry(place.to_owned()).or_default().insert(name.to_owned(), text);
    }
    for (place, own) in bundles {
        rest.insert(place + SCRIPTS, format!("like: {SCRIPTS_OF}\n{}", changes(&base, &own)));
    }
    rest
}

/// Where the path of one of the firewall's scripts begins in that of its bundle; rules stand whole everywhere.
fn script(path: &str) -> Option<usize> {
    let at = path.find("firewall/").filter(|at| *at == 0 || path[..*at].ends_with('/'))?;
    let rules = [".nft", ".rules"].iter().any(|end| path.ends_with(end));
    (!rules).then_some(at)
}

/// The case that this one is compared with.
fn like(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join(LIKE)).ok()?;
    let base = text.lines().next().and_then(|line| line.strip_prefix("like: "));
    Some(base.unwrap_or_else(|| panic!("{}: the first line is `like: CASE`", folder.display())).to_owned())
}

fn read(folder: &Path) -> Tree {
    let ours = |(path, _): &(String, String)| path == LIKE || path.starts_with("expected/");
    tree::read(folder).into_iter().filter(ours).collect()
}

fn write(folder: &Path, found: &Tree) {
    let expected = |path: &String| path.strip_prefix("expected/").map(str::to_owned);
    let whole: Tree = found.iter().filter_map(|(path, text)| Some((expected(path)?, text.clone()))).collect();
    tree::write(&folder.join("expected"), &whole);
    if let Some(text) = found.get(LIKE) {
        std::fs::write(folder.join(LIKE), text).expect("the file can be written");
    }
}

/// The tree in the form in which it is compared: answers in place of reports, and no digests of what services read, of which
/// each changes with every line of a file. A few cases stand as they are.
fn comparable(tree: Tree, as_it_is: bool) -> Tree {
    let part = |(path, text): (String, String)| match path.strip_suffix("report.json") {
        _ if as_it_is => (path, text),
        Some(before) => (format!("{before}ANSWERS"), answers(&text)),
        None => (path, without_digests(text)),
    };
    tree.into_iter().map(part).collect()
}

/// The text with `…` in place of each digest of a label.
fn without_digests(text: String) -> String {
    const LABEL: &str = "stockade.inputs: \"";
    let mut parts = text.split(LABEL);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once('"').map_or(part, |(_, rest)| rest);
        kept.push_str(&format!("{LABEL}…\"{rest}"));
    }
    kept
}

/// Each recommendation with its answer, its controls, and the keys where it is seen; the words are in the system's file.
fn answers(report: &str) -> String {
    let report: Value = serde_json::from_str(report).expect("report.json is JSON");
    let mut text = String::new();
    for answer in report["recommendations"].as_array().expect("a list") {
        let words = |key: &str| answer[key].as_str().unwrap_or_default();
        let places = answer["places"].as_array().into_iter().flatten().map(|place| {
            let key = place["key"].as_str().map(|key| format!(" {key}")).unwrap_or_default();
            format!("{}{key}", place["artifact"].as_str().expect("a place names its file"))
        });
        let places: BTreeSet<String> = places.collect();
        let _ = write!(text, "{} {}", words("id"), words("status"));
        for control in answer["controls"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let _ = write!(text, " {control}");
        }
        for place in places {
            let _ = write!(text, "\n  {place}");
        }
        text.push('\n');
    }
    text
}

/// Numbers of lines, which differ everywhere as soon as one line is more, taken out of the report, and the blanks with which
/// columns line up.
fn without_lines(tree: Tree) -> Tree {
    let part = |(path, text): (String, String)| {
        if !path.ends_with("HARDENING.md") {
            return (path, text);
        }
        let text = text.lines().map(|line| if line.starts_with("| ") { row(line) } else { line.to_owned() } + "\n");
        (path, text.collect())
    };
    tree.into_iter().map(part).collect()
}

/// A row of a table with ``compose.yaml`` where it has ``compose.yaml:17``.
fn row(line: &str) -> String {
    let words = line.split(' ').filter(|word| !word.is_empty()).map(|word| {
        let place = word.strip_suffix('`').and_then(|word| word.rsplit_once(':'));
        match place.filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit())) {
            Some((file, _)) => format!("{file}`"),
            None if word.bytes().all(|byte| byte == b'-') => "-".to_owned(),
            None => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// How one tree differs from another, for people: whole files that are new, changed lines of the others.
fn changes(base: &Tree, found: &Tree) -> String {
    let mut text = String::new();
    for path in base.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        match (base.get(path), found.get(path)) {
            (Some(old), Some(new)) if old == new => {}
            (Some(_), None) => text.push_str(&format!("\n=== {path}: not there\n")),
            (None, Some(new)) => {
                text.push_str(&format!("\n=== {path}: new\n"));
                new.lines().for_each(|line| text.push_str(&format!("+{line}\n")));
            }
            (Some(old), Some(new)) => text.push_str(&format!("\n=== {path}\n{}", hunks(old, new))),
            (None, None) => unreachable!("the path came from one of the two"),
        }
    }
    text
}

/// Changed lines without their neighbours, each group under the line that it belongs to.
fn hunks(old: &str, new: &str) -> String {
    let (old_lines, new_lines): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let mut text = String::new();
    for op in TextDiff::from_lines(old, new).ops() {
        let (removed, added) = match *op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete { old_index, old_len, .. } => (old_index..old_index + old_len, 0..0),
            DiffOp::Insert { new_index, new_len, .. } => (0..0, new_index..new_index + new_len),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                (old_index..old_index + old_len, new_index..new_index + new_len)
            }
        };
        let (lines, at) = if added.is_empty() { (&old_lines, removed.start) } else { (&new_lines, added.start) };
        let _ = writeln!(text, "@@ {}", above(lines, at));
        old_lines[removed].iter().for_each(|line| text.push_str(&format!("-{line}\n")));
        new_lines[added].iter().for_each(|line| text.push_str(&format!("+{line}\n")));
    }
    text
}

/// The nearest line above that is indented less; in flat text the nearest one that is not empty.
fn above<'t>(lines: &[&'t str], at: usize) -> &'t str {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let own = lines.get(at).map_or(0, |line| depth(line));
    let before = || lines[..at].iter().rev().filter(|line| !line.trim().is_empty());
    before().find(|line| own > 0 && depth(line) < own).or_else(|| before().next()).map_or("", |line| line.trim())
}

fn differences(expected: &Tree, found: &Tree) -> Vec<(String, String)> {
    let paths: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
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
