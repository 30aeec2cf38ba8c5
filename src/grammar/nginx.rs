//! nginx: a bare word or a double-quoted one.
//!
//! `ngx_conf_read_token` (nginx `src/core/ngx_conf_file.c`) ends a quoted word at the first `"` without a backslash, turns
//! `\"`, `\'` and `\\` into the second character and `\t`, `\r`, `\n` into control characters, and fails on a word that
//! does not fit its 4096-byte buffer. Variables are expanded after it, quoted or not, and have no escape.

use super::{Form, Reason, chars};

/// Longest word printed: well inside `NGX_CONF_BUFFER`, whose refills keep the start of the word.
const LONGEST: usize = 3072;

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    if text.contains('$') {
        return Err("nginx reads `$` as the start of a variable and has no escape for it");
    }
    if text.starts_with('~') {
        return Err("nginx reads a leading `~` as the start of a regular expression");
    }
    if chars::has_unseen(text) {
        return Err("it holds a control or invisible character");
    }
    let start = out.len();
    let form = if chars::is_bare(text) {
        out.push_str(text);
        Form::Bare
    } else {
        out.push('"');
        for c in text.chars() {
            if matches!(c, '"' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out.push('"');
        Form::Quoted
    };
    if out.len() - start > LONGEST {
        return Err("nginx cannot read a parameter of more than about 4000 bytes");
    }
    Ok(form)
}
