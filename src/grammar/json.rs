//! JSON: a string with surrogate pairs beyond the basic plane (RFC 8259 section 7).

use std::fmt::Write as _;

use super::{Form, Reason, chars};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    chars::double_quoted(
        text,
        out,
        |_| None,
        |c, out| {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        },
    );
    Ok(Form::Quoted)
}
