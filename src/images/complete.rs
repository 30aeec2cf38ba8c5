//! Services of a system file, with what is known of their images where they say nothing themselves.

use super::find::{self, Read};
use crate::format::image::FromImage;
use crate::text::Span;
use crate::values::ImageRef;
use crate::yaml::{Entry, Node, NodeKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Keys that belong to the user a service runs as: who chooses another one says them too.
const OF_USER: [&str; 4] = ["user", "root_user", "capabilities", "writable_root"];
/// Keys whose parts are given one by one.
const IN_PARTS: [&str; 2] = ["limits", "stop"];

/// A system's tree with what was missing.
#[derive(Debug)]
pub struct Completed {
    /// The tree. What is not of the file stands at the place of the image's name.
    pub root: Arc<Node>,
    /// What was given, by service.
    pub given: BTreeMap<String, FromImage>,
}

/// Gives every service of a system what its image is known to need; nothing where no image is known.
pub fn complete(root: &Arc<Node>) -> Option<Completed> {
    let mut given = BTreeMap::new();
    let mut whole = None;
    for (at, entry) in root.get("services")?.entries().iter().enumerate() {
        let Some((service, mine)) = service(&entry.value.node) else { continue };
        given.insert(entry.name().to_owned(), mine);
        let root: &mut Arc<Node> = whole.get_or_insert_with(|| Arc::clone(root));
        let services = child(Arc::make_mut(root), "services")?;
        if let NodeKind::Map { entries, .. } = &mut services.kind {
            entries[at].value.node = Arc::new(service);
        }
    }
    Some(Completed { root: whole?, given })
}

fn child<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let NodeKind::Map { entries, .. } = &mut node.kind else { return None };
    let entry = entries.iter_mut().find(|entry| entry.name() == key)?;
    Some(Arc::make_mut(&mut entry.value.node))
}

/// One service with what it lacks.
fn service(written: &Node) -> Option<(Node, FromImage)> {
    let image = written.get("image")?;
    let name: ImageRef = image.as_text()?.parse().ok()?;
    let read = find::of(&name)?;
    let facts = find::facts(&read, &name);
    let needs = facts.get("service")?;
    if !runs_the_image(written, needs) {
        return None;
    }
    let mut service = written.clone();
    let keys = fill(&mut service, needs, image.span);
    (!keys.is_empty()).then(|| (service, FromImage { family: family(&read), keys }))
}

fn family(read: &Read) -> String {
    read.family.name.to_string()
}

/// Whether the service starts what the image is made for: what is known of a server holds for no script in its place.
fn runs_the_image(written: &Node, needs: &Node) -> bool {
    if written.get("entrypoint").is_some() {
        return false;
    }
    let Some(command) = written.get("command").and_then(|command| command.items().first()) else { return true };
    let own = needs.get("process").and_then(|process| process.get("command")?.items().first()?.as_text());
    command.as_text().is_some_and(|word| word.starts_with('-') || Some(word) == own)
}

fn fill(service: &mut Node, needs: &Node, at: Span) -> Vec<String> {
    let mut keys = Vec::new();
    let has = |service: &Node, key: &str| service.get(key).is_some();
    let own_user = has(service, "user");
    let checked = has(service, "healthcheck") || has(service, "no_healthcheck");
    for need in needs.entries() {
        let key = need.name();
        let theirs = match key {
            _ if OF_USER.contains(&key) => own_user,
            "healthcheck" | "no_healthcheck" => checked,
            _ => false,
        };
        if theirs {
            continue;
        }
        if IN_PARTS.contains(&key)
            && let Some(mine) = child(service, key)
        {
            for part in need.value.node.entries() {
                if !has(mine, part.name()) && push(mine, part, at) {
                    keys.push(format!("{key}.{}", part.name()));
                }
            }
        } else if !has(service, key) && push(service, need, at) {
            let parts = need.value.node.entries().iter().map(|part| format!("{key}.{}", part.name()));
            match IN_PARTS.contains(&key) {
                true => keys.extend(parts),
                false => keys.push(key.to_owned()),
            }
        }
    }
    keys
}

fn push(map: &mut Node, entry: &Entry, at: Span) -> bool {
    let NodeKind::Map { entries, .. } = &mut map.kind else { return false };
    let mut entry = entry.clone();
    entry.key.span = at;
    place(Arc::make_mut(&mut entry.value.node), at);
    entries.push(entry);
    true
}

/// Lets a value stand where the image's name does: that is what a person can change.
fn place(node: &mut Node, at: Span) {
    node.span = at;
    match &mut node.kind {
        NodeKind::Scalar { .. } => {}
        NodeKind::Seq { items, .. } => items.iter_mut().for_each(|item| place(Arc::make_mut(&mut item.node), at)),
        NodeKind::Map { entries, .. } => {
            for entry in entries {
                entry.key.span = at;
                place(Arc::make_mut(&mut entry.value.node), at);
            }
        }
    }
}
