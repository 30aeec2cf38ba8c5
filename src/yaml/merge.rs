use std::collections::BTreeSet;

use super::node::{Entry, Link, NodeKind, Style};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};

/// Applies `<<` as YAML 1.1 defines it (yaml.org/type/merge): keys written in the mapping win over merged ones, earlier
/// mappings of a list win over later ones. Merged entries keep their values' places.
/// A `<<` of anything else is found to be wrong and passed over.
pub(super) fn apply(entries: Vec<Entry>, found: &mut Diagnostics) -> Vec<Entry> {
    if !entries.iter().any(is_merge) {
        return entries;
    }
    let (merges, mut own): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(is_merge);
    let mut names: BTreeSet<Box<str>> = own.iter().map(|entry| entry.name().into()).collect();
    for merge in &merges {
        match &merge.value.kind {
            NodeKind::Map { .. } => copy(&merge.value, &mut own, &mut names),
            NodeKind::Seq { items, .. } => {
                for item in items {
                    match item.kind {
                        NodeKind::Map { .. } => copy(item, &mut own, &mut names),
                        _ => found.push(refuse(item)),
                    }
                }
            }
            NodeKind::Scalar { .. } => found.push(refuse(&merge.value)),
        }
    }
    own
}

fn is_merge(entry: &Entry) -> bool {
    matches!(&entry.key.kind, NodeKind::Scalar { text, style: Style::Plain } if text == "<<")
}

fn copy(from: &Link, into: &mut Vec<Entry>, names: &mut BTreeSet<Box<str>>) {
    for entry in from.entries() {
        if names.insert(entry.name().into()) {
            let value = Link { node: entry.value.node.clone(), alias: from.alias.or(entry.value.alias) };
            into.push(Entry { key: entry.key.clone(), value, merged: true });
        }
    }
}

fn refuse(value: &Link) -> Diagnostic {
    Diagnostic::error(codes::BAD_MERGE, "`<<` merges mappings, and this is none")
        .at(value.alias.unwrap_or(value.span), "not a mapping")
        .help("point `<<` at an anchored mapping: `<<: *name`")
}
