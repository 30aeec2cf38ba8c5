//! In: a file of the store, a route in it, and what is to become of the value there.
//! Out: changes of the file's bytes, in the style of what stands around them; or a refusal, never a guess.

mod add;
mod layout;
mod operation;
mod place;
mod proof;
mod quote;
mod relocate;
mod remove;
mod render;
mod replace;

pub use operation::{Operation, Refusal, Value};
pub use proof::{untouched, written};

use self::layout::Layout;
use self::place::{Way, follow};
use self::remove::Beside;
use super::node::{Node, NodeKind};
use super::{Route, Sources, Step};
use crate::text::{Edit, SourceId};

/// The changes that an operation takes, in one file and not overlapping. Quotes, comments, order, line ends and
/// indentation of everything else stay.
///
/// # Errors
/// The file is not wholly readable, the route leads nowhere, or through an anchor, an alias, a merge or a form of writing
/// in which the change cannot be made without touching more.
pub fn edits(sources: &Sources, id: SourceId, route: &Route, operation: &Operation) -> Result<Vec<Edit>, Refusal> {
    let file = sources.get(id).ok_or(Refusal("the file is not known"))?;
    let exact = matches!(operation, Operation::Replace(_) | Operation::RenameKey(_));
    if !exact && sources.tree(id).is_some() && !sources.flaws(id).is_empty() {
        return Err(Refusal("parts of the file cannot be read"));
    }
    edits_of(file.text(), id, sources.tree(id).map(|root| &**root), route, operation)
}

/// As [`edits`], of a text with its tree; of a file without any value there is none.
///
/// # Errors
/// As there.
pub fn edits_of(
    text: &str,
    id: SourceId,
    root: Option<&Node>,
    route: &Route,
    operation: &Operation,
) -> Result<Vec<Edit>, Refusal> {
    let layout = Layout::new(text, id, root);
    let Some(root) = root else { return without_root(layout, route, operation) };
    let exact = matches!(operation, Operation::Replace(_) | Operation::RenameKey(_));
    if !exact && layout.merges() {
        return Err(Refusal("`<<` is used in the file"));
    }
    let way = follow(layout, root, route)?;
    let edits = match operation {
        Operation::Insert { key, value } => {
            let there = way.missing.is_empty() && way.places.last().is_some_and(|last| last.node.entry(key).is_some());
            if there {
                return Err(Refusal("the key is there already"));
            }
            put(layout, &way, render::entry(key, value, layout.step)?, false)
        }
        Operation::Append(value) => put(layout, &way, render::item(value)?, true),
        _ if !way.missing.is_empty() => Err(Refusal("the route leads nowhere")),
        Operation::Remove => remove::remove(layout, &way.places, Beside::Stays),
        Operation::Move { to, key } => relocate::relocate(layout, root, &way.places, to, key),
        Operation::Replace(_) | Operation::RenameKey(_) => {
            let [.., around, here] = way.places.as_slice() else {
                return Err(Refusal("the whole file cannot be replaced"));
            };
            match operation {
                Operation::RenameKey(new) => replace::key(layout, here, around, new),
                Operation::Replace(value) => replace::value(layout, here, around, value),
                _ => Err(Refusal("the route leads nowhere")),
            }
        }
    };
    let mut edits = edits?;
    edits.retain(|edit| edit.span.start < edit.span.end || !edit.text.is_empty());
    Ok(edits)
}

/// Puts something new at the end of a route, with the mappings on it that are missing.
fn put(layout: Layout<'_>, way: &Way<'_, '_>, new: render::Rendered, list: bool) -> Result<Vec<Edit>, Refusal> {
    let keys = keys(way.missing)?;
    if keys.is_empty() {
        return add::add(layout, way, new, list);
    }
    add::add(layout, way, render::below(&keys, new, list, layout.step), false)
}

fn keys(steps: &[Step]) -> Result<Vec<&str>, Refusal> {
    let key = |step: &Step| match step {
        Step::Key(_) => Ok(()),
        Step::Index(_) => Err(Refusal("the list has no such item")),
    };
    steps.iter().try_for_each(key)?;
    Ok(steps.iter().filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None }).collect())
}

fn without_root(layout: Layout<'_>, route: &Route, operation: &Operation) -> Result<Vec<Edit>, Refusal> {
    let (new, list) = match operation {
        Operation::Insert { key, value } => (render::entry(key, value, layout.step)?, false),
        Operation::Append(value) => (render::item(value)?, true),
        _ => return Err(Refusal("the file has no values")),
    };
    Ok(add::alone(layout, render::below(&keys(route.steps())?, new, list, layout.step)))
}

/// A text as an item between brackets.
pub fn in_list(text: &str) -> String {
    quote::quoted(text, quote::Quotes::Few, true)
}

/// The comments of a text whose tree is given, as ranges of bytes.
pub fn comments(text: &str, root: &Node) -> Vec<std::ops::Range<usize>> {
    layout::comments(text, root, 0..text.len())
}

#[cfg(test)]
mod tests;
