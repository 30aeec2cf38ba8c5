//! `.gitignore`: plain paths only, so that no value is a pattern, a negation or a comment (gitignore(5)).

use super::{Form, Reason};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./-".contains(&b);
    if text.is_empty() || !text.bytes().all(plain) {
        return Err("a `.gitignore` path takes only letters, digits and `_./-`");
    }
    out.push_str(text);
    Ok(Form::Bare)
}
