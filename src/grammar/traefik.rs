//! Traefik dynamic configuration: as YAML, and braces as escapes, because the file provider runs the raw text through Go
//! templates before the YAML parser sees it (traefik `pkg/provider/file/file.go`, `CreateConfiguration`).

use super::{Form, Reason, chars, plain};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    if !plain::is_plain(text) {
        return quoted(text, out);
    }
    out.push_str(text);
    Ok(Form::Quoted)
}

/// In quotes, whatever it is.
pub(super) fn quoted(text: &str, out: &mut String) -> Result<Form, Reason> {
    let special = |c| match c {
        '{' => Some("\\u007b"),
        '}' => Some("\\u007d"),
        _ => None,
    };
    chars::double_quoted(text, out, special, chars::push_long_escape);
    Ok(Form::Quoted)
}
