//! From the schema that the types give to one that editors read well: no `null` where a key can only be left out, words as lists,
//! small types where they are used, and what is said of them in Markdown.

use super::describe::describe;
use super::tree::{each, each_mut};
use serde_json::{Map, Value};

/// Bounds of the whole numbers that Rust's types hold.
const WHOLE: [(&str, i64, i64); 4] =
    [("uint8", 0, 255), ("uint16", 0, 65_535), ("uint32", 0, 4_294_967_295), ("int32", -2_147_483_648, 2_147_483_647)];

/// Length of a definition that may stand wherever it is used.
const SMALL: usize = 300;

/// Cleans a whole schema; sections that are used once stand there, or where all sections are.
pub(super) fn clean(mut root: Value, sections_inside: bool) -> Value {
    let defs = root.as_object_mut().and_then(|root| root.remove("$defs")).unwrap_or_default();
    let defs = Defs { all: defs.as_object().cloned().unwrap_or_default(), root: root.clone(), sections_inside };
    node(&mut root, &defs);
    let mut kept = Map::new();
    keep(&root, &defs, &mut kept);
    if !kept.is_empty() {
        root["$defs"] = kept.into();
    }
    describe(&mut root, "");
    root
}

struct Defs {
    all: Map<String, Value>,
    root: Value,
    sections_inside: bool,
}

impl Defs {
    /// Whether a definition stands where it is used: it is small, or used once and not by itself.
    fn is_inlined(&self, name: &str) -> bool {
        let Some(one) = self.all.get(name) else { return false };
        let uses = uses(&self.root, name) + self.all.values().map(|other| uses(other, name)).sum::<usize>();
        let small = !mentions(one) && (self.sections_inside || uses < 4 || one.to_string().len() < SMALL);
        small || (self.sections_inside && uses == 1 && !self.reaches(one, name, 0))
    }

    fn reaches(&self, from: &Value, name: &str, depth: usize) -> bool {
        let mut found = false;
        refs(from, &mut |other| {
            found |= other == name
                || depth > 16
                || self.all.get(other).is_some_and(|next| self.reaches(next, name, depth + 1));
        });
        found
    }
}

/// Hands over the name of each definition that a schema refers to.
fn refs(value: &Value, with: &mut dyn FnMut(&str)) {
    if let Some(name) = value["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        with(name);
    }
    each(value, &mut |below| refs(below, with));
}

fn mentions(value: &Value) -> bool {
    let mut found = false;
    refs(value, &mut |_| found = true);
    found
}

fn uses(value: &Value, name: &str) -> usize {
    let mut count = 0;
    refs(value, &mut |other| count += usize::from(other == name));
    count
}

/// Definitions that are referred to still.
fn keep(value: &Value, defs: &Defs, kept: &mut Map<String, Value>) {
    let mut names = Vec::new();
    refs(value, &mut |name| names.push(name.to_owned()));
    for name in names {
        if let (false, Some(one)) = (kept.contains_key(&name), defs.all.get(&name)) {
            let mut one = one.clone();
            node(&mut one, defs);
            kept.insert(name, one.clone());
            keep(&one, defs, kept);
        }
    }
}

fn node(value: &mut Value, defs: &Defs) {
    let Some(object) = value.as_object_mut() else { return };
    not_null(object);
    if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/"))
        && defs.is_inlined(name)
    {
        let one = defs.all.get(name).cloned().unwrap_or_default();
        object.remove("$ref");
        merge(object, one);
        return node(value, defs);
    }
    numbers(object);
    words(object);
    deprecated(object);
    each_mut(value, &mut |below| node(below, defs));
}

/// A key that may be left out has a value where it is written.
fn not_null(object: &mut Map<String, Value>) {
    let is_null = |it: &Value| it["type"] == "null";
    if let Some(Value::Array(either)) = object.get_mut("anyOf")
        && either.iter().any(is_null)
    {
        either.retain(|it| !is_null(it));
        if let [_] = either.as_slice() {
            let one = either.remove(0);
            object.remove("anyOf");
            merge(object, one);
        }
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|it| it != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            object.insert("type".into(), one);
        }
    }
    // What is said of lists and mappings that are left out helps nobody.
    let says_nothing = |it: &Value| {
        it.is_null() || it.as_object().is_some_and(Map::is_empty) || it.as_array().is_some_and(Vec::is_empty)
    };
    if object.get("default").is_some_and(says_nothing) {
        object.remove("default");
    }
}

/// Adds what is not said already; of two descriptions the second one tells of the type.
fn merge(object: &mut Map<String, Value>, one: Value) {
    let Value::Object(one) = one else { return };
    for (key, value) in one {
        if key == "description" && object.contains_key("description") {
            object.entry("x-says").or_insert(value);
        } else {
            object.entry(key).or_insert(value);
        }
    }
}

fn numbers(object: &mut Map<String, Value>) {
    let Some(format) = object.remove("format") else { return };
    if let Some((_, low, high)) = WHOLE.iter().find(|(name, ..)| format == *name) {
        object.entry("minimum").or_insert((*low).into());
        object.entry("maximum").or_insert((*high).into());
    }
}

/// Words with a description each become one list.
fn words(object: &mut Map<String, Value>) {
    let Some(Value::Array(all)) = object.get("oneOf") else { return };
    let word = |it: &Value| it.get("const").filter(|word| word.is_string()).cloned();
    let Some(words) = all.iter().map(word).collect::<Option<Vec<_>>>() else { return };
    let says: Vec<Value> = all.iter().map(|it| it["description"].clone()).collect();
    object.remove("oneOf");
    object.insert("type".into(), "string".into());
    object.insert("enum".into(), words.into());
    if says.iter().all(Value::is_string) {
        object.insert("markdownEnumDescriptions".into(), says.into());
    }
}

/// A key that is going away is not proposed any more, and says what stands in its place.
fn deprecated(object: &mut Map<String, Value>) {
    if object.get("deprecated") == Some(&Value::Bool(true)) {
        let says = object.get("description").cloned().unwrap_or_default();
        object.entry("deprecationMessage").or_insert(says);
        object.insert("doNotSuggest".into(), true.into());
    }
}
