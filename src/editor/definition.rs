//! From a name to where it is said: out of a profile into its system file, inside a system file, from a control to its page.

use super::known::{Known, Place};
use super::protocol::{AtPosition, Location};
use super::spot::Spot;
use super::state::State;
use super::uri;
use super::world::World;
use crate::controls::catalogue;
use crate::format::File;
use crate::text::{SourceFile, SourceId, Span};
use crate::yaml::{Node, Sources, Step};
use std::sync::Arc;

/// Sections of a system file whose keys are names that its other parts use.
const NAMED: [&str; 8] = ["services", "secrets", "networks", "volumes", "settings", "facts", "words", "files"];

/// Where the name at a place is said.
pub fn definition(state: &State, world: &dyn World, at: &AtPosition) -> Option<Location> {
    let spot = Spot::of(state, at)?;
    let (word, _) = spot.word();
    if catalogue::find(word).is_some() && spot.key().is_none() {
        return of_page(world, word);
    }
    match spot.kind {
        File::Profile => of_profile(state, world, &spot),
        File::System => {
            let span = in_system(spot.root()?, word, spot.before_word())?;
            Some(Location { uri: spot.document.uri.clone(), range: state.encoding.mark(spot.file(), span) })
        }
    }
}

/// The heading of a control on the page that explains all of them.
fn of_page(world: &dyn World, id: &str) -> Option<Location> {
    let page = world.page_of_code(id)?;
    let (uri, line) = page.split_once("#L")?;
    let line: u32 = line.parse().ok()?;
    let start = super::protocol::Position { line: line.saturating_sub(1), character: 0 };
    Some(Location { uri: uri.to_owned(), range: super::protocol::Range { start, end: start } })
}

fn of_profile(state: &State, world: &dyn World, spot: &Spot) -> Option<Location> {
    let route = spot.route();
    let (steps, systems) = spot.of_system(&route);
    let (word, _) = spot.word();
    let keys: Vec<&str> =
        steps.iter().filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None }).collect();
    let sought: Vec<&str> = match keys.as_slice() {
        ["system", ..] => Vec::new(),
        ["settings", name, ..] => vec!["settings", name],
        ["services", name, ..] => vec!["services", name],
        ["secrets", "sources", name, ..] => vec!["secrets", name],
        ["proxy", "rate_limits", name, ..] => vec!["edge", "rates", name],
        ["variant"] => vec!["variants", word],
        ["hosts", _, "role"] => vec!["roles", word],
        ["waivers", "service"] => vec!["services", word],
        _ => return None,
    };
    systems.iter().find_map(|known| {
        let tree = tree(&known.file);
        let root = tree.0.tree(tree.1)?;
        let span = if sought.is_empty() { Span::new(tree.1, 0, 0) } else { key(root, &sought)? };
        Some(Location {
            uri: place(state, world, known)?,
            range: state.encoding.range(&known.file, span.start, span.end),
        })
    })
}

/// The name of a system's file, as an editor can open it.
fn place(state: &State, world: &dyn World, known: &Arc<Known>) -> Option<String> {
    match &known.place {
        Place::File(path) => Some(state.name(path)),
        Place::Builtin(name) => Some(uri::of(&world.copy_of_builtin(name)?)),
    }
}

/// The place of a key, by the keys above it.
fn key(root: &Node, keys: &[&str]) -> Option<Span> {
    let (last, above) = keys.split_last()?;
    let node = above.iter().try_fold(root, |node, key| node.get(key))?;
    Some(node.entry(last)?.key.span)
}

/// A name in a system file: what stands before it in an expression says of which section it is, else the first that has it.
fn in_system(root: &Node, word: &str, before: &str) -> Option<Span> {
    let is_named = |section: &str| before.ends_with(&format!("{section}."));
    match NAMED.iter().find(|section| is_named(section)) {
        Some(section) => key(root, &[section, word]),
        None => NAMED.iter().find_map(|section| key(root, &[section, word])),
    }
}

fn tree(file: &SourceFile) -> (Sources, SourceId) {
    super::kind::tree(file)
}
