//! A tree as YAML in block style. Texts and keys pass the same escape as those that templates print, so that readers of
//! YAML 1.1 (`yes`, `6:30`, `2001-01-01`, `=`) and 1.2 take them for texts.

use super::{Grammar, Unprintable, plain};
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// The text of a tree.
///
/// # Errors
/// A text or key that YAML cannot hold.
pub fn yaml_block(tree: &Value) -> Result<String, Unprintable> {
    let mut out = String::new();
    match tree {
        Value::Object(entries) if !entries.is_empty() => map(entries, 0, &mut out)?,
        Value::Array(items) if !items.is_empty() => list(items, 0, &mut out)?,
        plain => {
            scalar(plain, &mut out)?;
            out.push('\n');
        }
    }
    Ok(out)
}

/// Entries on lines of their own; the first stands where `out` ends.
fn map(entries: &Map<String, Value>, depth: usize, out: &mut String) -> Result<(), Unprintable> {
    for (at, (name, value)) in entries.iter().enumerate() {
        if at > 0 {
            indent(depth, out);
        }
        key(name, out)?;
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                indent(depth + 1, out);
                map(inner, depth + 1, out)?;
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                indent(depth + 1, out);
                list(items, depth + 1, out)?;
            }
            plain => {
                out.push(' ');
                scalar(plain, out)?;
                out.push('\n');
            }
        }
    }
    Ok(())
}

fn list(items: &[Value], depth: usize, out: &mut String) -> Result<(), Unprintable> {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            indent(depth, out);
        }
        out.push_str("- ");
        match item {
            Value::Object(inner) if !inner.is_empty() => map(inner, depth + 1, out)?,
            Value::Array(inner) if !inner.is_empty() => list(inner, depth + 1, out)?,
            plain => {
                scalar(plain, out)?;
                out.push('\n');
            }
        }
    }
    Ok(())
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn key(name: &str, out: &mut String) -> Result<(), Unprintable> {
    Grammar::Yaml.string(name, out).map(|_| ())
}

fn scalar(value: &Value, out: &mut String) -> Result<(), Unprintable> {
    match value {
        Value::String(text) if plain::is_plain_in_block(text) => out.push_str(text),
        Value::String(text) => {
            Grammar::Yaml.string(text, out)?;
        }
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            // Readers of YAML 1.1 want a point in every decimal, and a sign in its exponent.
            Some(decimal) => out.push_str(&decimal_text(decimal)),
            None => out.push_str(&number.to_string()),
        },
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
        plain => out.push_str(&plain.to_string()),
    }
    Ok(())
}

fn decimal_text(decimal: f64) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = match decimal.abs() {
        0.0 | 1e-5..1e16 => write!(text, "{decimal:?}"),
        _ => write!(text, "{decimal:e}"),
    };
    let (digits, exponent) = match text.split_once('e') {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (text.as_str(), None),
    };
    let point = if digits.contains('.') { "" } else { ".0" };
    match exponent {
        None => format!("{digits}{point}"),
        Some(exponent) => {
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            format!("{digits}{point}e{sign}{exponent}")
        }
    }
}
