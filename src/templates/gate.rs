//! The one place where a value becomes text.

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Error, ErrorKind, Output, State};

use super::filters::{Block, Code, Prose, Quoted, Remark, Why, Word};
use super::position::{BARE, MARK, REMARK, SECRET};
use super::said::Said;
use crate::grammar::{self, Form, Grammar, Run, Unprintable};
use crate::values::SecretName;

/// Prints a value in the grammar that the file name chose. The engine's safe mark is not asked: what a set block, filter
/// block or `super()` captured was escaped once and would be wrong as a value, so it is refused.
pub(super) fn print(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let grammar = match state.auto_escape() {
        AutoEscape::Custom(id) => Grammar::from_id(id),
        _ => None,
    };
    let Some(grammar) = grammar else {
        return Err(bug("only the file name chooses the escape; remove the autoescape block"));
    };
    if let Some(Why(ids)) = value.downcast_object_ref::<Why>() {
        return print_why(out, grammar, ids);
    }
    if let Some(Word(text)) = value.downcast_object_ref::<Word>() {
        out.write_str(text)?;
        return Ok(());
    }
    if let Some(Code(text)) = value.downcast_object_ref::<Code>() {
        return print_code(out, grammar, &grammar::code_span(text));
    }
    if let Some(Block(text, indent)) = value.downcast_object_ref::<Block>() {
        return print_code(out, grammar, &grammar::code_block(text, *indent));
    }
    if let Some(Remark(text)) = value.downcast_object_ref::<Remark>() {
        return print_remark(out, grammar, text);
    }
    if let Some(Prose(text)) = value.downcast_object_ref::<Prose>() {
        // Blanks in front would move the column at which a list item's text begins, and with it its code block.
        return print_prose(out, grammar, text.trim_ascii());
    }
    if value.is_safe() {
        return Err(bug("a captured block cannot be printed; print its values where they belong"));
    }
    if value.kind() == ValueKind::Undefined {
        return Err(bug("an `if` without `else` has no value to print"));
    }
    if let Some(whole) = value.as_str().filter(|text| text.contains('\0')) {
        return print_secret(out, grammar, whole);
    }
    crate::stack::check_size(value)?;
    let mut text = String::new();
    let form = match (value.downcast_object_ref::<Quoted>(), value.downcast_object_ref::<Said>()) {
        (Some(Quoted(inner)), _) => grammar.quoted(inner, &mut text),
        (_, Some(said)) => grammar.string(said.as_str(), &mut text).map_err(|refusal| refusal.said(said.span())),
        _ => grammar::print(grammar, value, &mut text),
    };
    match form.map_err(refused)? {
        // No grammar writes a raw control character first; were it otherwise, it would pass for a secret.
        Form::Quoted if text.starts_with(SECRET) => return Err(bug("the value begins with a control character")),
        Form::Quoted => write!(out, "{MARK}{text}{MARK}")?,
        Form::Bare if grammar == Grammar::Caddy && text.starts_with('/') => write!(out, "{MARK}{BARE}{text}{MARK}")?,
        Form::Bare | Form::Text => out.write_str(&text)?,
    }
    Ok(())
}

/// A text with [holes](crate::stack::hole) is written later, when the secrets are known; until then its parts stand in its
/// place.
fn print_secret(out: &mut Output, grammar: Grammar, text: &str) -> Result<(), Error> {
    if matches!(grammar, Grammar::Gitignore | Grammar::Html | Grammar::Markdown | Grammar::Systemd) {
        return Err(bug("a file of this grammar holds no secrets; let the service read `/run/secrets`"));
    }
    let parts: Vec<&str> = text.split('\0').collect();
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|name| name.parse::<SecretName>().is_err())
    {
        return Err(bug("a text with a secret in it was changed; print or join it as it is"));
    }
    let parts = serde_json::to_string(&parts).map_err(|_| bug("a text with a secret in it cannot be kept"))?;
    write!(out, "{MARK}{SECRET}{parts}{MARK}")?;
    Ok(())
}

fn print_why(out: &mut Output, grammar: Grammar, ids: &[String]) -> Result<(), Error> {
    // Such files have comments on lines of their own alone.
    let own_line = grammar == Grammar::Iptables;
    if !own_line && !grammar.has_trailing_comments() {
        return Err(bug("this grammar has no comment behind a value; remove `why`"));
    }
    if !ids.is_empty() {
        // One space is what `caddy fmt` wants, two are what yamllint wants.
        let gap = match grammar {
            Grammar::Iptables => "",
            Grammar::Caddy => " ",
            _ => "  ",
        };
        write!(out, "{gap}# why: {}", ids.join(", "))?;
    }
    Ok(())
}

fn print_prose(out: &mut Output, grammar: Grammar, prose: &str) -> Result<(), Error> {
    let mut text = String::new();
    match grammar {
        Grammar::Markdown => grammar.prose(prose, &mut text).map_err(refused)?,
        Grammar::Html => {
            for run in grammar::runs(prose) {
                let (open, plain, close) = match run {
                    Run::Code(plain) => ("<code>", plain, "</code>"),
                    Run::Text(plain) => ("", plain, ""),
                };
                text.push_str(open);
                text.push(MARK);
                grammar.string(plain, &mut text).map_err(refused)?;
                text.push(MARK);
                text.push_str(close);
            }
        }
        _ => return Err(bug("only documents have running text; remove `prose`")),
    }
    out.write_str(&text)?;
    Ok(())
}

fn print_remark(out: &mut Output, grammar: Grammar, remark: &str) -> Result<(), Error> {
    if !grammar.has_trailing_comments() {
        return Err(bug("this grammar has no such comments; remove `remark`"));
    }
    let mut text = String::new();
    grammar.remark(remark, &mut text).map_err(refused)?;
    write!(out, "{MARK}{REMARK}{text}{MARK}")?;
    Ok(())
}

fn print_code(out: &mut Output, grammar: Grammar, code: &str) -> Result<(), Error> {
    if grammar != Grammar::Markdown {
        return Err(bug("only markdown has code; remove `code` or `block`"));
    }
    out.write_str(code)?;
    Ok(())
}

fn refused(refusal: Unprintable) -> Error {
    Error::new(ErrorKind::InvalidOperation, "the value was refused").with_source(refusal)
}

fn bug(cause: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, cause)
}
