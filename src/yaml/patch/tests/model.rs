//! What an operation should come to, on the values that another reader gives.

use serde_yaml::{Mapping, Value as Yaml};

use super::*;

/// The file as libyaml reads it.
pub(super) fn read(text: &str) -> Yaml {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn value(value: &Value) -> Yaml {
    match value {
        Value::Text(text) => Yaml::String(text.clone()),
        Value::Yaml(text) => read(text),
    }
}

/// The value at a route, made where it is missing.
fn at<'a>(root: &'a mut Yaml, steps: &[Step]) -> Option<&'a mut Yaml> {
    let mut here = root;
    for step in steps {
        here = match step {
            Step::Index(index) => here.as_sequence_mut()?.get_mut(*index)?,
            Step::Key(key) => {
                if here.is_null() {
                    *here = Yaml::Mapping(Mapping::new());
                }
                let map = here.as_mapping_mut()?;
                map.entry(Yaml::String(key.clone())).or_insert(Yaml::Null)
            }
        };
    }
    Some(here)
}

fn take(root: &mut Yaml, steps: &[Step]) -> Option<Yaml> {
    let (last, parent) = steps.split_last()?;
    let parent = at(root, parent)?;
    match last {
        Step::Index(index) => Some(parent.as_sequence_mut()?.remove(*index)),
        Step::Key(key) => parent.as_mapping_mut()?.shift_remove(key.as_str()),
    }
}

fn put(root: &mut Yaml, steps: &[Step], key: &str, value: Yaml) -> Option<()> {
    let here = at(root, steps)?;
    if here.is_null() {
        *here = Yaml::Mapping(Mapping::new());
    }
    here.as_mapping_mut()?.insert(Yaml::String(key.to_owned()), value).is_none().then_some(())
}

/// The value after the operation.
pub(super) fn after(mut root: Yaml, route: &Route, operation: &Operation) -> Option<Yaml> {
    let steps = route.steps();
    match operation {
        Operation::Replace(new) => *at(&mut root, steps)? = value(new),
        Operation::Insert { key, value: new } => put(&mut root, steps, key, value(new))?,
        Operation::Append(new) => {
            let here = at(&mut root, steps)?;
            if here.is_null() {
                *here = Yaml::Sequence(Vec::new());
            }
            here.as_sequence_mut()?.push(value(new));
        }
        Operation::Remove => drop(take(&mut root, steps)?),
        Operation::RenameKey(new) => {
            let (Step::Key(old), parent) = steps.split_last()? else { return None };
            let map = at(&mut root, parent)?.as_mapping_mut()?;
            let renamed = std::mem::take(map).into_iter().map(|(key, value)| match key.as_str() == Some(old) {
                true => (Yaml::String(new.clone()), value),
                false => (key, value),
            });
            *map = renamed.collect();
        }
        Operation::Move { to, key } => {
            let moved = take(&mut root, steps)?;
            put(&mut root, to.steps(), key, moved)?;
        }
    }
    Some(root)
}
