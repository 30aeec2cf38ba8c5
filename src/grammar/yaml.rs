//! YAML: without quotes what every reader takes for the same text, else a double-quoted scalar, the one style that can hold
//! every character (YAML 1.2 section 7.3.1).

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
    chars::double_quoted(text, out, |_| None, chars::push_long_escape);
    Ok(Form::Quoted)
}
