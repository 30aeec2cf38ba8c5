//! systemd units: plain words only, `%` doubled (systemd.unit(5), "Specifiers"). `-@:+` in front of a path change how it
//! is run or read (systemd.service(5), "Command lines").

use super::{Form, Reason, chars};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    if !chars::is_bare(text) {
        return Err("a unit file takes only letters, digits and `_./:@%+-` here");
    }
    if text.starts_with(['-', '@', ':', '+']) {
        return Err("systemd gives a meaning of its own to a leading `-`, `@`, `:` or `+`");
    }
    out.push_str(&text.replace('%', "%%"));
    Ok(Form::Bare)
}
