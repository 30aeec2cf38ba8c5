//! What no message and no excerpt shows: values that stand where the names of secrets belong, and values whose name says
//! that they are secrets.

use crate::diagnostics::render::Texts;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::text::{SourceFile, SourceId};
use crate::values::secretive;
use crate::yaml::{Node, Sources};
use std::collections::BTreeMap;
use std::ops::Range;

impl Texts for Sources {
    fn file(&self, id: SourceId) -> Option<&SourceFile> {
        self.get(id)
    }

    fn withheld(&self, id: SourceId) -> Vec<Range<usize>> {
        self.tree(id).map_or_else(Vec::new, |root| of(root).into_iter().map(|(_, range)| range).collect())
    }
}

/// Keys of the section that say no secret.
const SAFE: [&str; 5] = ["store", "recipients", "fetch", "max_age", "sources"];
/// Where a secret comes from.
const SOURCES: [&str; 2] = ["generate", "supplied"];
/// Keys under which the names of secrets stand.
const NAMES: [&str; 3] = ["secret", "secrets", "credential"];
/// Words for the section as a whole that are no secrets.
const STORES: [&str; 4] = ["files", "age", "sops", "external"];
/// The shortest text that is looked for in messages; shorter ones are parts of words.
const SHORTEST: usize = 4;

/// The findings without the texts that their files withhold.
pub fn hide(found: Diagnostics, sources: &Sources) -> Diagnostics {
    let mut files: BTreeMap<SourceId, Vec<(&str, Range<usize>)>> = BTreeMap::new();
    let say = |mut finding: Diagnostic| {
        for span in finding.labels.iter().map(|label| label.span).collect::<Vec<_>>() {
            let of_file = || sources.tree(span.source).map_or_else(Vec::new, |root| of(root));
            let places = files.entry(span.source).or_insert_with(of_file);
            let near = |range: &Range<usize>| span.start <= range.end && range.start <= span.end;
            for (text, _) in places.iter().filter(|(text, range)| text.len() >= SHORTEST && near(range)) {
                finding.message = finding.message.replace(text, "…");
                finding.help = finding.help.map(|help| help.replace(text, "…"));
                finding.notes.iter_mut().for_each(|note| *note = note.replace(text, "…"));
                finding.fixes.retain(|fix| !fix.title.contains(text));
            }
        }
        finding
    };
    found.into_iter().map(say).collect()
}

/// The texts and places of such values.
fn of(root: &Node) -> Vec<(&str, Range<usize>)> {
    let mut places: Vec<&Node> = Vec::new();
    // A system file, which has a `format`, describes its secrets in that section.
    if root.entry("format").is_none() {
        let secrets = root.get("secrets");
        let values = secrets.into_iter().flat_map(Node::entries).filter(|entry| !SAFE.contains(&entry.name()));
        let sources = secrets.and_then(|secrets| secrets.get("sources")).into_iter().flat_map(Node::entries);
        let wrong = sources.filter(|entry| entry.value.as_text().is_none_or(|text| !SOURCES.contains(&text)));
        places.extend(values.chain(wrong).map(|entry| &*entry.value));
        places.extend(secrets.filter(|node| node.as_text().is_some_and(|text| !STORES.contains(&text))));
        // A private key where the public one belongs.
        let keys = secrets.and_then(|secrets| secrets.get("recipients")).into_iter().flat_map(Node::items);
        let public = |text: &str| text.starts_with("age1") || text.starts_with("ssh-");
        places.extend(keys.map(|item| &*item.node).filter(|key| !key.as_text().is_some_and(public)));
        named(root, &mut places);
    }
    for service in root.get("services").into_iter().flat_map(Node::entries) {
        if let Some(environment) = service.value.get("environment") {
            variables(environment, &mut places);
        }
    }
    let mut all: Vec<_> = places.into_iter().filter(|node| !node.is_null()).flat_map(Node::scalars).collect();
    all.sort_by_key(|(_, span)| span.start);
    all.dedup_by_key(|(_, span)| span.start);
    all.into_iter().map(|(text, span)| (text, span.start..span.end)).collect()
}

/// Values anywhere whose key is called like a secret. `secret: NAME` names one, `token: true` says that there is one.
fn named<'a>(node: &'a Node, places: &mut Vec<&'a Node>) {
    for item in node.items() {
        named(&item.node, places);
    }
    for entry in node.entries() {
        let plain = |text: &str| SOURCES.contains(&text) || text.parse::<bool>().is_ok() || text.parse::<i64>().is_ok();
        let is_list_of_records = entry.value.items().iter().any(|item| !item.node.entries().is_empty());
        let says = entry.value.entries().is_empty() && !is_list_of_records && !entry.value.as_text().is_some_and(plain);
        if says && !NAMES.contains(&entry.name()) && secretive::is_named_like_one(entry.name()) {
            places.push(&entry.value);
        } else {
            named(&entry.value, places);
        }
    }
}

/// Variables that are likely to hold secrets; also where they are written as Compose allows, `NAME=value`.
fn variables<'a>(environment: &'a Node, places: &mut Vec<&'a Node>) {
    let assigned = |node: &Node| {
        let parts = node.as_text().and_then(|text| text.split_once(['=', ':']));
        parts.is_some_and(|(name, value)| secretive::is_variable(name.trim(), value.trim()))
    };
    places.extend(Some(environment).filter(|node| assigned(node)));
    places.extend(environment.items().iter().map(|item| &*item.node).filter(|node| assigned(node)));
    for entry in environment.entries() {
        let value = &*entry.value;
        if secretive::is_named_like_one(entry.name()) || value.as_text().is_some_and(secretive::holds_password) {
            places.push(value);
        }
    }
}
