//! YAML: always a double-quoted scalar, the one style that can hold every character (YAML 1.2 section 7.3.1). Plain
//! scalars are never used: `no`, `1e3` or `0o17` would change type.

use super::{Form, Reason, chars};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    chars::double_quoted(text, out, |_| None, chars::push_long_escape);
    Ok(Form::Quoted)
}
