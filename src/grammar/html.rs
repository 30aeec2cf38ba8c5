//! HTML: text and quoted attribute values (HTML Living Standard 13.1.2.3 and 13.1.4). What cannot be seen is shown by its
//! code point, so that a report cannot be made to read differently from what it says.

use super::{Form, Reason, chars};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            '\n' | '\t' => out.push(c),
            _ => chars::push_visible(c, out),
        }
    }
    Ok(Form::Quoted)
}
