//! Lists and maps, printed as JSON, which YAML reads as flow collections (YAML 1.2 section 7.4). In YAML the texts of a
//! list stand all without quotes, or all within.

use minijinja::value::{Value, ValueKind};

use super::{Form, Grammar, Unprintable, compose, plain, value};

/// Whether a list or map can be printed as a whole.
pub(super) fn is_known_to(grammar: Grammar) -> bool {
    matches!(grammar, Grammar::Compose | Grammar::Json | Grammar::Traefik | Grammar::Yaml)
}

pub(super) fn print(grammar: Grammar, collection: &Value, out: &mut String) -> Result<(), Unprintable> {
    let is_map = collection.kind() == ValueKind::Map;
    let listed = || collection.try_iter().map_err(|_| Unprintable::new(grammar, "", "the value cannot be listed"));
    let is_yaml = grammar != Grammar::Json;
    let bare = is_yaml && (is_map || listed()?.all(|entry| value::text(&entry).is_none_or(plain::is_plain)));
    out.push(if is_map { '{' } else { '[' });
    for (at, entry) in listed()?.enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        let mut inner = entry.clone();
        if is_map {
            key(grammar, &entry, out)?;
            out.push_str(": ");
            inner =
                collection.get_item(&entry).map_err(|_| Unprintable::new(grammar, "", "the value cannot be listed"))?;
        }
        match value::text(&inner) {
            Some(text) if bare && plain::is_plain(text) => out.push_str(text),
            Some(text) if is_yaml => {
                grammar.quoted(text, out)?;
            }
            _ => {
                value::print(grammar, &inner, out)?;
            }
        }
    }
    out.push(if is_map { '}' } else { ']' });
    Ok(())
}

fn key(grammar: Grammar, key: &Value, out: &mut String) -> Result<Form, Unprintable> {
    let text = match key.kind() {
        ValueKind::String => key.as_str().unwrap_or_default().to_owned(),
        ValueKind::Number | ValueKind::Bool => key.to_string().to_lowercase(),
        _ => return Err(Unprintable::new(grammar, "", "a key must be a string")),
    };
    if grammar == Grammar::Compose && !text.contains('\0') {
        return compose::key(&text, out).map_err(|reason| Unprintable::new(grammar, &text, reason));
    }
    grammar.string(&text, out)
}
