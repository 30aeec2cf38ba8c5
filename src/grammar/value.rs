//! Any value a template prints, by kind; strings go on to their grammar.

use minijinja::value::{Value, ValueKind};

use super::{Form, Grammar, Unprintable, flow};
use crate::values::amounts;

/// Appends the value in the grammar's own form. Whether the template engine marked it safe makes no difference.
///
/// # Errors
/// A [`Unprintable`] when the grammar cannot hold the value: a string it would misread, a truth value where files say `on`
/// or `yes`, nothing where a word must stand, a list or map outside the JSON family.
pub fn print(grammar: Grammar, value: &Value, out: &mut String) -> Result<Form, Unprintable> {
    let refuse = |reason| Err(Unprintable::new(grammar, &value.to_string(), reason));
    if let Some(text) = text(value) {
        return grammar.string(text, out);
    }
    match value.kind() {
        ValueKind::Bool if !has_truth(grammar) => {
            refuse("this grammar has no word for true and false; choose the word in the view")
        }
        ValueKind::Bool => {
            out.push_str(if value.is_true() { "true" } else { "false" });
            Ok(Form::Bare)
        }
        ValueKind::Number => {
            let number = value.to_string();
            // `inf`, `NaN` and exponents are words of their own in some grammars.
            if !number.bytes().all(|b| b.is_ascii_digit() || b".-".contains(&b)) {
                return refuse("the number is not finite or too large");
            }
            out.push_str(&number);
            Ok(Form::Bare)
        }
        ValueKind::None if flow::is_known_to(grammar) => {
            out.push_str("null");
            Ok(Form::Bare)
        }
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map if flow::is_known_to(grammar) => {
            let before = out.len();
            flow::print(grammar, value, out).inspect_err(|_| out.truncate(before))?;
            Ok(Form::Quoted)
        }
        ValueKind::None => refuse("nothing was given where a value must stand"),
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => {
            refuse("a list or map has no form in this grammar; print its items")
        }
        _ => refuse("only strings, numbers, truth values, lists and maps can be printed"),
    }
}

/// The text of a value that is one.
pub(super) fn text(value: &Value) -> Option<&str> {
    amounts::amount(value).or_else(|| value.as_str().filter(|_| value.kind() == ValueKind::String))
}

/// Whether `true` and `false` are words of the grammar.
fn has_truth(grammar: Grammar) -> bool {
    match grammar {
        Grammar::Compose | Grammar::Json | Grammar::Toml | Grammar::Traefik | Grammar::Yaml => true,
        Grammar::Dotenv | Grammar::Shell | Grammar::Systemd => true,
        Grammar::Html | Grammar::Markdown => true,
        Grammar::Caddy | Grammar::Gitignore | Grammar::Haproxy => false,
        Grammar::Iptables | Grammar::Nft | Grammar::Nginx => false,
    }
}
