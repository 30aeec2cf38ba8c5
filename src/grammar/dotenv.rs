//! `.env` as Compose reads it: a single-quoted literal, neither expanded nor unescaped. The parser (compose-go
//! `dotenv/parser.go`) takes a quote after a backslash for part of the value, so a value cannot end in `\` either.

use super::{Form, Reason};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    if text.contains('\'') {
        return Err("a single-quoted value of an `.env` file cannot hold `'`");
    }
    if text.ends_with('\\') {
        return Err("a single-quoted value of an `.env` file cannot end in `\\`");
    }
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err("it holds a line break or control character");
    }
    out.push('\'');
    out.push_str(text);
    out.push('\'');
    Ok(Form::Quoted)
}
