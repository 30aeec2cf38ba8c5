//! Lists and maps, printed as JSON, which YAML reads as flow collections (YAML 1.2 section 7.4).

use minijinja::value::{Value, ValueKind};

use super::{Form, Grammar, Unprintable, compose, value};

/// Whether a list or map can be printed as a whole.
pub(super) fn is_known_to(grammar: Grammar) -> bool {
    matches!(grammar, Grammar::Compose | Grammar::Json | Grammar::Traefik | Grammar::Yaml)
}

pub(super) fn print(grammar: Grammar, collection: &Value, out: &mut String) -> Result<(), Unprintable> {
    let is_map = collection.kind() == ValueKind::Map;
    let entries = collection.try_iter().map_err(|_| Unprintable::new(grammar, "", "the value cannot be listed"))?;
    out.push(if is_map { '{' } else { '[' });
    for (at, entry) in entries.enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        if !is_map {
            value::print(grammar, &entry, out)?;
            continue;
        }
        key(grammar, &entry, out)?;
        out.push_str(": ");
        let inner =
            collection.get_item(&entry).map_err(|_| Unprintable::new(grammar, "", "the value cannot be listed"))?;
        value::print(grammar, &inner, out)?;
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
