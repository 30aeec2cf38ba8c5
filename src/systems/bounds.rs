//! Bounds on the expressions and templates that authors of systems write. The engine's parser and compiler call themselves
//! for each operator, and texts grow by joining, so a text is judged before the engine sees it.
//!
//! In: an expression, or a text with `{{ }}` and `{% %}`. Out: the same with checks at the places where a value gets a
//! name or is multiplied, or what is beyond the bounds.

mod tokens;

use std::borrow::Cow;
use tokens::{Kind, Token};

/// Bytes of one expression.
pub const MAX_LENGTH: usize = 8 << 10;
/// Operators, attributes, calls and filters of one expression: each is one step of the parser's depth.
pub const MAX_OPERATORS: usize = 256;
/// Texts and lists that one expression joins with `~` and `+`: the result is at most so many times as large as what it joins.
pub const MAX_JOINED: usize = 64;
/// Brackets within brackets.
pub const MAX_BRACKETS: usize = 32;
/// Blocks within blocks, each `elif` being one within the branch before it.
pub const MAX_BLOCKS: usize = 64;

/// Filter that refuses a value larger than the engine may keep.
pub const BOUNDED: &str = "bounded";
/// Filter that refuses what is no number: texts and lists are not multiplied.
pub const FACTOR: &str = "factor";

/// What is beyond the bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// Where in the text.
    pub at: usize,
    /// What, in lower case without a full stop.
    pub reason: String,
}

impl Beyond {
    fn new(at: usize, reason: impl Into<String>) -> Self {
        Self { at, reason: reason.into() }
    }

    /// The line of the text, counted from 1.
    pub fn line(&self, text: &str) -> usize {
        1 + text.bytes().take(self.at).filter(|b| *b == b'\n').count()
    }
}

/// A bare expression.
///
/// # Errors
/// The first thing that is beyond the bounds.
pub fn expression(text: &str) -> Result<Cow<'_, str>, Beyond> {
    let (tokens, _) = tokens::read(text, 0, None);
    let mut edits = Vec::new();
    judge(&tokens, 0, text.len(), &mut edits)?;
    Ok(edited(text, edits))
}

/// A text with expressions and statements.
///
/// # Errors
/// As [`expression`].
pub fn text(text: &str) -> Result<Cow<'_, str>, Beyond> {
    let mut edits = Vec::new();
    let mut blocks = Blocks::default();
    let mut at = 0;
    while let Some((start, sign)) = next_tag(text, at) {
        // A sign behind the delimiter trims blanks.
        let inside = start + 2 + usize::from(text[start + 2..].starts_with(['-', '+']));
        at = match sign {
            '#' => text[inside..].find("#}").map_or(text.len(), |end| inside + end + 2),
            '{' => {
                let (tokens, end) = tokens::read(text, inside, Some("}}"));
                judge(&tokens, start, end, &mut edits)?;
                end
            }
            _ => {
                let (tokens, end) = tokens::read(text, inside, Some("%}"));
                judge(&tokens, start, end, &mut edits)?;
                let word = tokens.first().map_or("", |first| first.text(text));
                blocks.enter(word, start)?;
                if word == "raw" {
                    after_raw(text, end)
                } else {
                    bind(text, &tokens, start, &mut edits)?;
                    end
                }
            }
        };
    }
    Ok(edited(text, edits))
}

/// The next `{{`, `{%` or `{#`.
fn next_tag(text: &str, from: usize) -> Option<(usize, char)> {
    let mut at = from;
    while let Some(found) = text.get(at..)?.find('{') {
        at += found;
        match text.as_bytes().get(at + 1) {
            Some(sign @ (b'{' | b'%' | b'#')) => return Some((at, char::from(*sign))),
            _ => at += 1,
        }
    }
    None
}

/// The place behind `{% endraw %}`.
fn after_raw(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(found) = text[at..].find("{%") {
        let inside = at + found + 2;
        let word = text[inside..].trim_start_matches(['-', '+']).trim_start();
        if word.starts_with("endraw") {
            return text[inside..].find("%}").map_or(text.len(), |end| inside + end + 2);
        }
        at = inside;
    }
    text.len()
}

/// Blocks that are open.
#[derive(Default)]
struct Blocks {
    /// For each the depth that it and its `elif`s add.
    open: Vec<usize>,
}

impl Blocks {
    fn enter(&mut self, word: &str, at: usize) -> Result<(), Beyond> {
        match word {
            "if" | "for" | "with" | "block" | "autoescape" => self.open.push(1),
            "elif" => {
                if let Some(depth) = self.open.last_mut() {
                    *depth += 1;
                }
            }
            _ if word.starts_with("end") && word != "endraw" => {
                self.open.pop();
            }
            _ => {}
        }
        match self.open.iter().sum::<usize>() > MAX_BLOCKS {
            true => Err(Beyond::new(at, format!("blocks and their `elif`s nest deeper than {MAX_BLOCKS}"))),
            false => Ok(()),
        }
    }
}

type Edits = Vec<(usize, &'static str)>;

/// What an expression must keep to, and a check beside each `*`.
fn judge(tokens: &[Token], start: usize, end: usize, edits: &mut Edits) -> Result<(), Beyond> {
    let beyond = |reason: String| Err(Beyond::new(start, reason));
    if end - start > MAX_LENGTH {
        return beyond(format!("an expression is longer than {MAX_LENGTH} bytes"));
    }
    if tokens.iter().filter(|token| token.is_operator()).count() > MAX_OPERATORS {
        return beyond(format!("an expression has more than {MAX_OPERATORS} operators, attributes and filters"));
    }
    if tokens.iter().filter(|token| matches!(token.kind, Kind::Sign("~" | "+"))).count() > MAX_JOINED {
        return beyond(format!("an expression joins more than {MAX_JOINED} values with `~` and `+`"));
    }
    let mut depth = 0_usize;
    for token in tokens {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_BRACKETS {
            return beyond(format!("its brackets nest deeper than {MAX_BRACKETS}"));
        }
    }
    let captures = |pair: &[Token]| matches!(pair, [name, next] if next.is_call_or_attribute() && name.captures);
    if tokens.windows(2).any(captures) {
        return beyond(
            "`self` and `super` give text that was printed already; print its values where they belong".into(),
        );
    }
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Sign("*")) {
        // Filters bind closer than `*`: behind an operand they see the operand alone.
        let operand = tokens::operand(tokens, at + 1);
        if let (Some(before), Some(last)) = (at.checked_sub(1), operand) {
            edits.push((tokens[before].end, "|factor"));
            edits.push((tokens[last].end, "|factor"));
        } else {
            return Err(Beyond::new(token.start, "`*` stands between two numbers"));
        }
    }
    Ok(())
}

/// A check around each value that gets a name, so that none grows from name to name.
fn bind(text: &str, tokens: &[Token], start: usize, edits: &mut Edits) -> Result<(), Beyond> {
    let Some((first, rest)) = tokens.split_first() else { return Ok(()) };
    let mut wrap = |value: &[Token]| {
        if let (Some(first), Some(last)) = (value.first(), value.last()) {
            edits.push((first.start, "("));
            edits.push((last.end, ")|bounded"));
        }
    };
    let is = |token: &Token, kind: Kind| token.kind == kind;
    match first.text(text) {
        "set" => match tokens::outside(rest, |token| is(token, Kind::Sign("="))) {
            Some(at) => wrap(&rest[at + 1..]),
            None => {
                return Err(Beyond::new(
                    start,
                    "a `set` around text keeps what can be printed nowhere; write `{% set name = value %}`",
                ));
            }
        },
        "filter" => {
            return Err(Beyond::new(
                start,
                "a `filter` around text gives what can be printed nowhere; use the filter on a value",
            ));
        }
        "for" => {
            let word = |wanted: &[&str], token: &Token| token.kind == Kind::Word && wanted.contains(&token.text(text));
            if let Some(at) = tokens::outside(rest, |token| word(&["in"], token)) {
                let list = &rest[at + 1..];
                if list.last().is_some_and(|last| word(&["recursive"], last)) {
                    return Err(Beyond::new(start, "a `for` cannot be `recursive`; write one for each level"));
                }
                let end = tokens::outside(list, |token| word(&["if"], token));
                wrap(&list[..end.unwrap_or(list.len())]);
            }
        }
        "with" => {
            let mut rest = rest;
            while let Some(at) = tokens::outside(rest, |token| is(token, Kind::Sign("="))) {
                let value = &rest[at + 1..];
                let end = tokens::outside(value, |token| is(token, Kind::Sign(","))).unwrap_or(value.len());
                wrap(&value[..end]);
                rest = &value[end..];
            }
        }
        _ => {}
    }
    Ok(())
}

fn edited(text: &str, mut edits: Edits) -> Cow<'_, str> {
    if edits.is_empty() {
        return Cow::Borrowed(text);
    }
    // What checks an operand stands within what checks the whole value.
    edits.sort_by_key(|(at, edit)| (*at, *edit == ")|bounded"));
    edits.dedup();
    let mut out = String::with_capacity(text.len() + 16 * edits.len());
    let mut from = 0;
    for (at, edit) in edits {
        out.push_str(&text[from..at]);
        out.push_str(edit);
        from = at;
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_deep_expressions_are_refused() {
        for text in [
            "not ".repeat(20_000) + "true",
            "-".repeat(10_000) + "1",
            "a".to_owned() + &"|upper".repeat(257),
            "a".to_owned() + &" ~ a".repeat(65),
            "a".to_owned() + &".b".repeat(257),
            "(".repeat(33) + "1" + &")".repeat(33),
            "[".repeat(33) + &"]".repeat(33),
            "1 if a else ".repeat(200) + "2",
            format!("'{}'", "x".repeat(9000)),
        ] {
            assert!(expression(&text).is_err(), "{}", &text[..20]);
            let held = format!("line\n{{{{ {text} }}}}");
            let beyond = super::text(&held).unwrap_err();
            assert_eq!(beyond.line(&held), 2, "{}", &text[..20]);
            assert!(super::text(&format!("{{% if {text} %}}x{{% endif %}}")).is_err());
            assert!(super::text(&format!("{{{{ {text}")).is_err(), "an open one");
            assert!(super::text(&format!("{{% raw %}}{{{{ {text} }}}}{{% endraw %}}{{{{ a }}}}")).is_ok());
            assert!(super::text(&format!("{{# {{{{ {text} }}}} #}}")).is_ok());
        }
        for text in ["not ".repeat(256) + "true", "(".repeat(32) + "1" + &")".repeat(32), "[1,".repeat(9)] {
            assert_eq!(expression(&text).as_deref(), Ok(text.as_str()));
        }
    }

    #[test]
    fn blocks_nest_so_deep_and_no_deeper() {
        let nested = |n: usize| "{% if a %}".repeat(n) + &"{% endif %}".repeat(n);
        assert!(text(&nested(64)).is_ok());
        assert!(text(&nested(65)).is_err());
        assert!(text(&format!("{{% if a %}}{}{{% endif %}}", "{% elif b %}".repeat(64))).is_err());
        assert!(text(&"{% if a %}{% elif b %}{% endif %}".repeat(500)).is_ok());
    }

    #[test]
    fn what_is_multiplied_is_a_number() {
        for (given, wanted) in [
            ("9 * a.b['*'].c + 1", "9|factor * a.b['*'].c|factor + 1"),
            ("a * -b(1)|int ** 2", "a|factor * -b(1)|int|factor ** 2"),
            ("x[1] * (a * b)", "x[1]|factor * (a|factor * b|factor)|factor"),
            ("a ** b", "a ** b"),
            ("a * b is c", "a|factor * b|factor is c"),
        ] {
            assert_eq!(expression(given).as_deref(), Ok(wanted));
        }
        assert!(expression("* 2").is_err() && expression("2 *").is_err());
    }

    #[test]
    fn what_gets_a_name_is_bounded() {
        for (given, wanted) in [
            ("{% set a = a ~ '%}' %}{{ a }}", "{% set a = (a ~ '%}')|bounded %}{{ a }}"),
            ("{%- set a = 2 * b -%}", "{%- set a = (2|factor * b|factor)|bounded -%}"),
            ("{% for a, b in c|items if a in b %}", "{% for a, b in (c|items)|bounded if a in b %}"),
            ("{% with a = [1, 2], b = a %}", "{% with a = ([1, 2])|bounded, b = (a)|bounded %}"),
            ("{% if a == b %}{{ c }}{% endif %}", "{% if a == b %}{{ c }}{% endif %}"),
            ("{{ {'a': {'b': 2}} }}{# * #}", "{{ {'a': {'b': 2}} }}{# * #}"),
        ] {
            assert_eq!(text(given).as_deref(), Ok(wanted));
        }
        assert!(text("{% set a %}x{% endset %}").is_err());
        assert!(text("{% filter upper %}x{% endfilter %}").is_err());
        assert!(text("{% for a in b recursive %}{{ loop(b) }}{% endfor %}").is_err());
        assert!(text("{{ self.a() }}").is_err() && text("{{ super() }}").is_err() && text("{{ b.super }}").is_ok());
    }
}
