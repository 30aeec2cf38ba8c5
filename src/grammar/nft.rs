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

/// A name, number, address, network, time span, rate, or a range of two of them: what the scanner reads as one word.
fn is_word(text: &str) -> bool {
    let name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./-".contains(&b))
    };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let hex = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    // `1h30m`: numbers, each with its unit.
    let span = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.ends_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_digit() || b"smhdw".contains(&b))
    };
    let rate = |text: &str| text.split_once('/').is_some_and(|(count, per)| number(count) && name(per));
    let mac = |text: &str| text.split(':').count() == 6 && text.split(':').all(|part| part.len() == 2 && hex(part));
    let single = |text: &str| {
        number(text)
            || text.strip_prefix("0x").is_some_and(hex)
            || text.parse::<IpAddr>().is_ok()
            || text.parse::<ipnet::IpNet>().is_ok()
    };
    let range = |text: &str| text.split_once('-').is_some_and(|(first, last)| single(first) && single(last));
    name(text) || single(text) || span(text) || rate(text) || mac(text) || range(text)
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
