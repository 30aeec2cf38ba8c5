//! iptables-restore: plain words only. Its own splitting of quotes and escapes differs between versions
//! (`iptables/xshared.c`, `add_param_to_argv`), and a word that begins with `-` or `!` is an option or a negation.

use super::{Form, Reason, chars};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    if !chars::is_bare(text) || text.contains('%') {
        return Err("a rule of iptables takes only letters, digits and `_./:@+-` here");
    }
    if text.starts_with('-') {
        return Err("iptables reads a leading `-` as an option");
    }
    out.push_str(text);
    Ok(Form::Bare)
}
