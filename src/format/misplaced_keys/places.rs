//! Where a schema knows a key.

use crate::yaml::{Route, Step};
use serde_json::Value;

/// Levels of nesting that are looked at; schemas may contain themselves.
const DEPTH: usize = 8;

/// Places that one message may name.
const NAMED: usize = 3;

/// Steps up and down from where the key stands to where it belongs; farther away the name is there by chance.
const NEAR: usize = 4;

/// One part of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Key(String),
    /// A key that the file's author chooses.
    Any,
    Item,
}

impl Part {
    fn fits(&self, step: &Step) -> bool {
        match (self, step) {
            (Self::Key(known), Step::Key(key)) => known == key,
            (Self::Any, Step::Key(_)) | (Self::Item, Step::Index(_)) => true,
            _ => false,
        }
    }
}

/// Every key of a schema, as the way to its mapping and its name.
pub(super) fn all(schema: &Value) -> Vec<(Vec<Part>, String)> {
    let mut found = Vec::new();
    walk(schema, schema, &mut Vec::new(), &mut found);
    found
}

fn walk(schema: &Value, node: &Value, way: &mut Vec<Part>, found: &mut Vec<(Vec<Part>, String)>) {
    if way.len() > DEPTH {
        return;
    }
    if let Some(name) = node["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        walk(schema, &schema["$defs"][name], way, found);
    }
    for either in ["anyOf", "oneOf", "allOf"] {
        for one in node[either].as_array().into_iter().flatten() {
            walk(schema, one, way, found);
        }
    }
    for (key, value) in node["properties"].as_object().into_iter().flatten() {
        let place = (way.clone(), key.clone());
        if !found.contains(&place) {
            found.push(place);
        }
        below(schema, value, Part::Key(key.clone()), way, found);
    }
    let patterns = node["patternProperties"].as_object().into_iter().flatten().map(|(_, value)| value);
    for value in patterns.chain(node.get("additionalProperties")).filter(|value| value.is_object()) {
        below(schema, value, Part::Any, way, found);
    }
    if node["items"].is_object() {
        below(schema, &node["items"], Part::Item, way, found);
    }
}

fn below(schema: &Value, node: &Value, part: Part, way: &mut Vec<Part>, found: &mut Vec<(Vec<Part>, String)>) {
    way.push(part);
    walk(schema, node, way, found);
    way.pop();
}

/// The words that a schema allows in a place.
pub(super) fn words(schema: &Value, steps: &[Step]) -> Vec<String> {
    let mut found = Vec::new();
    allowed(schema, schema, steps, DEPTH * 2, &mut found);
    found
}

fn allowed(schema: &Value, node: &Value, steps: &[Step], depth: usize, found: &mut Vec<String>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if let Some(name) = node["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        allowed(schema, &schema["$defs"][name], steps, depth, found);
    }
    for either in ["anyOf", "oneOf", "allOf"] {
        for one in node[either].as_array().into_iter().flatten() {
            allowed(schema, one, steps, depth, found);
        }
    }
    match steps.split_first() {
        None => {
            let words = node["enum"].as_array().into_iter().flatten().chain(node.get("const"));
            found.extend(words.filter_map(Value::as_str).map(str::to_owned));
        }
        Some((Step::Key(key), rest)) if node["properties"].get(key).is_some() => {
            allowed(schema, &node["properties"][key], rest, depth, found);
        }
        Some((Step::Key(_), rest)) => {
            let patterns = node["patternProperties"].as_object().into_iter().flatten().map(|(_, value)| value);
            for value in patterns.chain(node.get("additionalProperties")).filter(|value| value.is_object()) {
                allowed(schema, value, rest, depth, found);
            }
        }
        Some((Step::Index(_), rest)) => allowed(schema, &node["items"], rest, depth, found),
    }
}

/// Whether the key is known in this very place.
pub(super) fn known(places: &[(Vec<Part>, String)], parent: &[Step], key: &str) -> bool {
    places.iter().any(|(way, name)| {
        name == key && way.len() == parent.len() && way.iter().zip(parent).all(|(part, step)| part.fits(step))
    })
}

/// The places nearest to a mapping in which the key is known, in words; `None` where there is none, or too many.
pub(super) fn nearest(places: &[(Vec<Part>, String)], parent: &[Step], key: &str) -> Option<String> {
    let shared = |way: &[Part]| way.iter().zip(parent).take_while(|(part, step)| part.fits(step)).count();
    let hops = |way: &[Part]| way.len() + parent.len() - 2 * shared(way);
    let candidates: Vec<_> = places.iter().filter(|(way, name)| name == key && hops(way) <= NEAR).collect();
    let least = candidates.iter().map(|(way, _)| hops(way)).min()?;
    let mut names: Vec<_> = candidates
        .into_iter()
        .filter(|(way, _)| hops(way) == least)
        .map(|(way, _)| named(way, &parent[..shared(way)], key))
        .collect();
    names.dedup();
    match names.as_slice() {
        [first @ .., last] if first.len() < NAMED => {
            Some(if first.is_empty() { last.clone() } else { format!("{} or {last}", first.join(", ")) })
        }
        _ => None,
    }
}

/// The mapping nearest to another one in which the key is known, where that is one and every key on the way is given.
pub(super) fn only(places: &[(Vec<Part>, String)], parent: &[Step], key: &str) -> Option<Route> {
    let shared = |way: &[Part]| way.iter().zip(parent).take_while(|(part, step)| part.fits(step)).count();
    let hops = |way: &[Part]| way.len() + parent.len() - 2 * shared(way);
    let candidates: Vec<_> = places.iter().filter(|(way, name)| name == key && hops(way) <= NEAR).collect();
    let least = candidates.iter().map(|(way, _)| hops(way)).min()?;
    let mut nearest = candidates.into_iter().filter(|(way, _)| hops(way) == least);
    let (way, _) = nearest.next().filter(|_| nearest.next().is_none())?;
    let shared = shared(way);
    let rest = way[shared..].iter().map(|part| match part {
        Part::Key(key) => Some(Step::Key(key.clone())),
        Part::Any | Part::Item => None,
    });
    let rest: Vec<Step> = rest.collect::<Option<_>>()?;
    Some(Route::from([&parent[..shared], &rest].concat()))
}

/// A place in the words of a message; what the file says already is named as there.
fn named(way: &[Part], shared: &[Step], key: &str) -> String {
    if way.is_empty() {
        return format!("`{key}` at the top level");
    }
    let mut route = Route::from(shared.to_vec()).to_string();
    for part in &way[shared.len()..] {
        let dot = if route.is_empty() { "" } else { "." };
        match part {
            Part::Key(key) => route = format!("{route}{dot}{key}"),
            Part::Any => route = format!("{route}{dot}NAME"),
            Part::Item => route.push_str("[]"),
        }
    }
    format!("`{route}.{key}`")
}
