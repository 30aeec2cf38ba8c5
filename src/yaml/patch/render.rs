//! New entries and items, as lines of a block and, where they fit on one line, between brackets.

use super::operation::{Refusal, Value};
use super::quote::{Quotes, quoted};

/// A new entry or item, or several of them below each other.
pub(super) struct Rendered {
    /// Its lines; the indentation of the first is nothing.
    pub(super) block: Vec<String>,
    /// The same between brackets.
    pub(super) flow: Option<String>,
    /// Whether the break of its last line belongs to its value.
    pub(super) open: bool,
}

/// The text behind a `:` or `-`, and the lines below it.
struct Body {
    open: bool,
    head: String,
    rest: Vec<String>,
    flow: Option<String>,
}

/// Lines with so many blanks before each that is not empty.
pub(super) fn indented(lines: impl IntoIterator<Item = String>, columns: usize) -> Vec<String> {
    let blanks = " ".repeat(columns);
    let one = |line: String| if line.is_empty() { line } else { format!("{blanks}{line}") };
    lines.into_iter().map(one).collect()
}

/// `key: value`.
pub(super) fn entry(key: &str, value: &Value, step: usize) -> Result<Rendered, Refusal> {
    let Body { head, rest, flow, open } = body(value)?;
    let name = quoted(key, Quotes::Few, false);
    let first = if head.is_empty() { format!("{name}:") } else { format!("{name}: {head}") };
    let block = std::iter::once(first).chain(indented(rest, step)).collect();
    Ok(Rendered { block, open, flow: flow.map(|value| format!("{}: {value}", quoted(key, Quotes::Few, true))) })
}

/// `- value`.
pub(super) fn item(value: &Value) -> Result<Rendered, Refusal> {
    let Body { head, rest, flow, open } = body(value)?;
    let mut lines = rest.into_iter();
    let first = if head.is_empty() { lines.next().unwrap_or_default() } else { head };
    let block = std::iter::once(format!("- {first}")).chain(indented(lines, 2)).collect();
    Ok(Rendered { block, flow, open })
}

/// What is made when it is put below keys that are not there yet, the outermost first; `open` and `close` stand around it
/// between brackets.
pub(super) fn below(keys: &[&str], inner: Rendered, list: bool, step: usize) -> Rendered {
    let mut list = list;
    keys.iter().rev().fold(inner, |inner, key| {
        let name = quoted(key, Quotes::Few, false);
        let block = std::iter::once(format!("{name}:")).chain(indented(inner.block, step)).collect();
        let (open, close) = if std::mem::take(&mut list) { ('[', ']') } else { ('{', '}') };
        Rendered { block, open: inner.open, flow: inner.flow.map(|flow| format!("{name}: {open}{flow}{close}")) }
    })
}

fn body(value: &Value) -> Result<Body, Refusal> {
    match value {
        Value::Text(text) => {
            let flow = Some(quoted(text, Quotes::Few, true));
            let lines: Vec<&str> = text.split('\n').collect();
            let plain = |line: &&str| !line.contains(|c: char| c.is_control() && c != '\t') && !line.ends_with(' ');
            let begins = lines[0].starts_with(|c: char| !c.is_whitespace());
            if lines.len() > 1 && begins && lines.iter().all(plain) && !text.ends_with("\n\n") {
                let head = if text.ends_with('\n') { "|" } else { "|-" };
                let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
                let rest = lines.map(str::to_owned).collect();
                return Ok(Body { open: head == "|", head: head.to_owned(), rest, flow });
            }
            Ok(Body { head: quoted(text, Quotes::Few, false), rest: Vec::new(), flow, open: false })
        }
        Value::Yaml(text) => {
            let mut lines = text.trim_end().lines().map(str::to_owned);
            let first = lines.next().unwrap_or_default();
            if first.starts_with([' ', '\t']) || first.contains('\t') {
                return Err(Refusal("the new value is indented"));
            }
            let rest: Vec<String> = lines.collect();
            if rest.is_empty() && first.starts_with("- ") {
                return Ok(Body { head: String::new(), rest: vec![first], flow: None, open: false });
            }
            if rest.is_empty() {
                return Ok(Body { head: first.clone(), flow: Some(first), rest, open: false });
            }
            match first.starts_with(['|', '>']) {
                true => Ok(Body { open: !first.contains('-'), head: first, rest, flow: None }),
                false => Ok(Body {
                    head: String::new(),
                    rest: [vec![first], rest].concat(),
                    flow: None,
                    open: text.contains(['|', '>']),
                }),
            }
        }
    }
}
