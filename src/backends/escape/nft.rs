//! nftables: a bare word or a double-quoted string. The scanner (nftables `src/scanner.l`) has no escapes inside quotes,
//! a comment holds at most 128 bytes (`NFTNL_UDATA_COMMENT_MAXLEN`), `@name` refers to a set, and a trailing `*` makes an
//! interface name a pattern.
//!
//! Words stay bare because `tcp` or a chain's name may not be quoted. Where any text may stand (`comment`), a bare word could
//! be a keyword such as `import` and stop the ruleset from loading: such places print through the filter `quoted`.

use std::net::IpAddr;

use super::{Form, Reason, chars};

const LONGEST: usize = 128;

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    if !is_word(text) {
        return quoted(text, out);
    }
    check(text)?;
    out.push_str(text);
    Ok(Form::Bare)
}

/// The text in double quotes, whatever it is.
pub(super) fn quoted(text: &str, out: &mut String) -> Result<Form, Reason> {
    check(text)?;
    out.push('"');
    out.push_str(text);
    out.push('"');
    Ok(Form::Quoted)
}

/// A name, number, address, network or time span.
fn is_word(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let goes_on = |b: u8| b.is_ascii_alphanumeric() || b"_./:-".contains(&b);
    begins && text.bytes().all(goes_on) || text.parse::<IpAddr>().is_ok() || text.parse::<ipnet::IpNet>().is_ok()
}

fn check(text: &str) -> Result<(), Reason> {
    if text.len() > LONGEST {
        return Err("an nftables string holds at most 128 bytes");
    }
    if text.starts_with('@') {
        return Err("nftables reads a leading `@` as the name of a set");
    }
    if text.contains(['"', '\\']) {
        return Err("nftables has no escape for `\"` and `\\` in a string");
    }
    if text.ends_with('*') {
        return Err("nftables reads a trailing `*` as a pattern");
    }
    if chars::has_unseen(text) {
        return Err("it holds a control or invisible character");
    }
    Ok(())
}
