//! Values of a service in the short forms of Compose, as they are written here.

use super::plain;
use crate::yaml::{Node, Route, find};

/// What to write in place of the value of a key of a service, where it has a form that Compose takes.
pub(super) fn of(root: &Node, route: &Route, key: &str) -> Option<String> {
    let service = Route::from(route.steps().get(..2)?.to_vec());
    let value = find(root, &service.key(key.to_owned()))?.node;
    let items: Vec<&Node> = match value.as_text() {
        Some(_) => vec![value],
        None => value.items().iter().map(|item| &*item.node).collect(),
    };
    // Options of a mount, and whatever else stands behind a colon, are left out.
    let before = |node: &Node| node.as_text().map(|text| text.split(':').next().unwrap_or_default().to_owned());
    let entries: Vec<String> = match key {
        "depends_on" => names(value, "healthy")?,
        "networks" => names(value, "{}")?,
        "tmpfs" => all(&items, |item| Some(format!("{{target: {}, size: 64m}}", safe(&before(item)?)?)))?,
        "devices" => all(&items, |item| Some(format!("{{host: {}, rights: rw, reason: …}}", safe(&before(item)?)?)))?,
        "groups" | "group_add" => {
            return Some("write `groups: [{id: NUMBER, reason: …}]`; `getent group NAME` shows the number".to_owned());
        }
        "extra_hosts" => all(&items, |item| {
            let (name, address) = item.as_text()?.split_once([':', '='])?;
            let address = match address {
                "host-gateway" => "\"{{ gateway('NETWORK') }}\"",
                address => safe(address)?,
            };
            Some(format!("{{name: {}, address: {address}}}", safe(name)?))
        })?,
        // A value may be a secret.
        "environment" | "labels" => {
            all(&items, |item| Some(format!("{}: …", safe(item.as_text()?.split_once('=')?.0)?)))?
        }
        "ports" => all(&items, |item| {
            let (numbers, protocol) = item.as_text()?.rsplit_once('/').unwrap_or((item.as_text()?, "tcp"));
            let container = safe(numbers.rsplit(':').next()?)?;
            Some(format!(
                "port{container}: {{container: {container}, protocol: {}, audience: internal}}",
                safe(protocol)?
            ))
        })?,
        "mounts" => return Some(
            "write `mounts: [{volume: NAME, target: /path}]`, and describe the volume under `volumes` at the top level"
                .to_owned(),
        ),
        "dns" => {
            let servers: Option<Vec<&str>> = items.iter().map(|item| safe(item.as_text()?)).collect();
            let servers = servers.filter(|servers| !servers.is_empty() && value.as_text().is_none())?;
            return Some(format!("write `dns: {}`", servers.join(" ")));
        }
        _ => return None,
    };
    if entries.is_empty() {
        return None;
    }
    let (open, close) = match key {
        "tmpfs" | "devices" | "extra_hosts" => ('[', ']'),
        _ => ('{', '}'),
    };
    Some(format!("write `{key}: {open}{}{close}`", entries.join(", ")))
}

/// A list of names, each with the same value.
fn names(value: &Node, with: &str) -> Option<Vec<String>> {
    value.items().iter().map(|item| Some(format!("{}: {with}", plain(&item.node)?))).collect()
}

fn all(items: &[&Node], each: impl Fn(&Node) -> Option<String>) -> Option<Vec<String>> {
    items.iter().map(|item| each(item)).collect()
}

/// A word that needs no quotes and is safe to repeat.
fn safe(text: &str) -> Option<&str> {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    (!text.is_empty() && text.len() <= 64 && text.chars().all(safe)).then_some(text)
}
