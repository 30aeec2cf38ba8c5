//! Walking through a schema.

use serde_json::Value;

/// Keywords that hold schemas by name.
const NAMED: [&str; 3] = ["properties", "patternProperties", "$defs"];
/// Keywords that hold one schema.
const ONE: [&str; 5] = ["additionalProperties", "propertyNames", "items", "not", "contains"];
/// Keywords that hold several.
const SEVERAL: [&str; 3] = ["anyOf", "oneOf", "allOf"];

/// Hands over every schema right below one.
pub(super) fn each(value: &Value, with: &mut dyn FnMut(&Value)) {
    for key in NAMED {
        value[key].as_object().into_iter().flatten().for_each(|(_, below)| with(below));
    }
    for key in ONE {
        value.get(key).into_iter().for_each(&mut *with);
    }
    for key in SEVERAL {
        value[key].as_array().into_iter().flatten().for_each(&mut *with);
    }
}

/// The same, to change them.
pub(super) fn each_mut(value: &mut Value, with: &mut dyn FnMut(&mut Value)) {
    let Some(object) = value.as_object_mut() else { return };
    for (key, below) in object {
        match below {
            Value::Object(named) if NAMED.contains(&key.as_str()) => named.values_mut().for_each(&mut *with),
            Value::Array(several) if SEVERAL.contains(&key.as_str()) => several.iter_mut().for_each(&mut *with),
            one if ONE.contains(&key.as_str()) => with(one),
            _ => {}
        }
    }
}
