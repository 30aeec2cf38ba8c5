//! The schemas by which keys are completed and explained, made when they are first asked for.

use super::known;
use super::look::Look;
use super::uri;
use crate::schema;
use crate::systems::{Own, is_path};
use crate::text::SourceFile;
use crate::yaml::{Node, Sources};
use serde_json::Value;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Schemas of profiles that are kept.
const KEPT: usize = 8;

/// The systems of a profile: name of the part, word, and the text of the user's own.
type Key = Vec<(Option<String>, String, Option<String>)>;

/// Schemas that were made.
#[derive(Debug, Default)]
pub struct Schemas {
    any: OnceCell<Arc<Value>>,
    system: OnceCell<Arc<Value>>,
    /// The latest last.
    of_profiles: RefCell<Vec<(Key, Arc<Value>)>>,
}

impl Schemas {
    /// That of any profile.
    pub fn of_any(&self) -> Arc<Value> {
        self.any.get_or_init(|| named("profile")).clone()
    }

    /// That of a system file.
    pub fn of_system(&self) -> Arc<Value> {
        self.system.get_or_init(|| named("system")).clone()
    }

    /// That of a profile, with what the systems say that it names; those on disk as `look` saw them.
    pub fn of(&self, profile: &Path, root: &Node, look: Option<&Look>) -> Arc<Value> {
        let words = known::words(root);
        let own = |word: &str| {
            let path = uri::plain(&profile.parent()?.join(word));
            let file = is_path(word).then_some(look)??.sources.get(look?.source(&path)?)?;
            Some(file.text().to_owned())
        };
        let key: Key =
            words.into_iter().map(|(part, word)| (part.map(str::to_owned), word.to_owned(), own(word))).collect();
        if key.is_empty() {
            return self.of_any();
        }
        let mut kept = self.of_profiles.borrow_mut();
        if let Some((_, schema)) = kept.iter().find(|(known, _)| *known == key) {
            return schema.clone();
        }
        let schema = Arc::new(made(&key));
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((key, schema.clone()));
        schema
    }
}

fn named(name: &str) -> Arc<Value> {
    let found = schema::ALL.iter().find(|schema| schema.name == name);
    Arc::new(found.map_or(Value::Bool(true), schema::Named::value))
}

/// The schema of a profile that names these systems and says nothing else.
fn made(key: &Key) -> Value {
    let mut sources = Sources::new();
    let word = |word: &str| Value::from(word).to_string();
    let text: String = match key.as_slice() {
        [(None, name, _)] => format!("system: {}\n", word(name)),
        several => {
            let part = |(part, name, _): &(Option<String>, String, _)| {
                format!("  {}: {{system: {}}}\n", word(part.as_deref().unwrap_or_default()), word(name))
            };
            format!("systems:\n{}", several.iter().map(part).collect::<String>())
        }
    };
    let profile = sources.add(SourceFile::new("profile", text));
    let mut own = BTreeMap::new();
    for (_, name, text) in key {
        if let Some(text) = text {
            let file = sources.add(SourceFile::new(name, text));
            own.insert(name.clone(), Own { file, templates: BTreeMap::new() });
        }
    }
    schema::of_profile(&mut sources, profile, &own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::kind;

    #[test]
    fn a_profile_has_the_settings_of_its_systems() {
        let schemas = Schemas::default();
        let of = |text: &str| {
            let (sources, id) = kind::tree(&SourceFile::new("p", text));
            schemas.of(Path::new("/p/stockade.yaml"), sources.tree(id).unwrap(), None)
        };
        let hyos = of("system: hyos\n");
        assert!(hyos["properties"]["settings"]["properties"]["java_xmx"].is_object());
        assert!(Arc::ptr_eq(&hyos, &of("version: 1\nsystem: hyos\n")));
        let two = of("systems:\n  a: {system: hyos}\n  'b: c': {system: proxyos}\n");
        assert!(two["properties"]["systems"]["properties"]["b: c"]["properties"]["settings"].is_object(), "{two:#}");
        // Nothing is known of these.
        assert!(of("system: ./nowhere.system.yaml\n")["properties"]["level"].is_object());
        assert!(Arc::ptr_eq(&of("domain: a\n"), &schemas.of_any()));
        assert!(schemas.of_system()["properties"]["recommendations"].is_object());
    }
}
