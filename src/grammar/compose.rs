//! Compose YAML: as YAML, and `$` doubled, because Compose interpolates `$NAME` and `${…}` in every value after the YAML
//! parser has run (Compose specification, "Interpolation": "use a double-dollar sign").

use super::{Form, Reason, chars, plain};

/// A value on a line of its own; a template's own `[…]` and `{…}` put quotes around what holds a comma.
pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    if !plain::is_plain_in_block(text) {
        return quoted(text, out);
    }
    out.push_str(text);
    Ok(Form::Quoted)
}

/// In quotes, whatever it is.
pub(super) fn quoted(text: &str, out: &mut String) -> Result<Form, Reason> {
    let special = |c| (c == '$').then_some("$$");
    chars::double_quoted(text, out, special, chars::push_long_escape);
    Ok(Form::Quoted)
}

/// A key of a mapping: Compose does not interpolate keys, so a doubled `$` would stay doubled.
pub(super) fn key(text: &str, out: &mut String) -> Result<Form, Reason> {
    if text.contains('$') {
        return Err("compose neither interpolates nor unescapes `$` in a key; leave it out");
    }
    if plain::is_plain(text) {
        out.push_str(text);
        return Ok(Form::Quoted);
    }
    quoted(text, out)
}
