//! That edits changed what they are about, and nothing else.

use std::ops::Range;

use crate::text::Edit;
use crate::yaml::node::{Node, NodeKind};

/// A text of the tree with the keys that lead to it, by the places of all of them.
type Leaf<'a> = (usize, &'a str, Vec<usize>);

/// Whether two trees of one file agree on everything that stands outside the edits which lie between them.
pub fn untouched(before: &Node, after: &Node, edits: &[Edit]) -> bool {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let replaced =
        |place: &Range<usize>| !edits.iter().all(|edit| edit.span.end <= place.start || place.end <= edit.span.start);
    let put_in = written(&edits);
    // A part of a text that was replaced is enough, as between its quotes.
    let inside = |place: &Range<usize>| {
        put_in.iter().any(|new| {
            let within = place.start < new.start && new.start < place.end;
            within || (new.start < place.end && place.start < new.end)
        })
    };
    let moved = |at: usize| {
        let earlier = edits.iter().filter(|edit| edit.span.end <= at);
        earlier.fold(at, |to, edit| to + edit.text.len() - (edit.span.end - edit.span.start))
    };
    leaves(before, &replaced, &moved) == leaves(after, &inside, &|at| at)
}

/// Where the new texts stand afterwards; the edits are sorted.
pub fn written(edits: &[&Edit]) -> Vec<Range<usize>> {
    let (mut more, mut less) = (0, 0);
    let place = |edit: &&Edit| {
        let start = edit.span.start + more - less;
        more += edit.text.len();
        less += edit.span.end - edit.span.start;
        start..start + edit.text.len()
    };
    edits.iter().map(place).collect()
}

fn leaves<'a>(root: &'a Node, out: &dyn Fn(&Range<usize>) -> bool, moved: &dyn Fn(usize) -> usize) -> Vec<Leaf<'a>> {
    let mut found = Vec::new();
    collect(root, &mut Vec::new(), out, moved, &mut found);
    found.sort();
    found
}

fn collect<'a>(
    node: &'a Node,
    keys: &mut Vec<usize>,
    out: &dyn Fn(&Range<usize>) -> bool,
    moved: &dyn Fn(usize) -> usize,
    found: &mut Vec<Leaf<'a>>,
) {
    let place = |node: &Node| node.span.start..node.span.end;
    match &node.kind {
        NodeKind::Scalar { text, .. } => {
            // What is not written has no place.
            if node.span.start < node.span.end && !out(&place(node)) {
                found.push((moved(node.span.start), text, keys.clone()));
            }
        }
        NodeKind::Seq { items, .. } => {
            for item in items.iter().filter(|item| item.alias.is_none()) {
                collect(item, keys, out, moved, found);
            }
        }
        NodeKind::Map { entries, .. } => {
            for entry in entries.iter().filter(|entry| !entry.merged && entry.value.alias.is_none()) {
                collect(&entry.key, keys, out, moved, found);
                let stays = !out(&place(&entry.key));
                if stays {
                    keys.push(moved(entry.key.span.start));
                }
                collect(&entry.value, keys, out, moved, found);
                if stays {
                    keys.pop();
                }
            }
        }
    }
}
