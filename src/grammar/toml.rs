//! TOML: a basic string (TOML 1.0 "String"); its escapes are those of YAML's double-quoted style.

use super::{Form, Reason, chars};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    chars::double_quoted(text, out, |_| None, chars::push_long_escape);
    Ok(Form::Quoted)
}
