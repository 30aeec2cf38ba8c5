//! HAProxy: a bare word or a single-quoted one, in which everything but `'` is literal (HAProxy configuration manual,
//! section 2.2 "Quoting and escaping"). Quotes do not protect `%`, which log-format arguments expand later (8.2.6), nor
//! a leading `-`, which makes a flag such as `-f FILE` of an ACL pattern (7.1).

use super::{Form, Reason, chars};

/// Far below `LINESIZE` (2048), which counts the whole line.
const LONGEST: usize = 1024;

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    if text.contains('%') {
        return Err("haproxy may expand `%` as a log format");
    }
    if text.starts_with('-') {
        return Err("haproxy reads a leading `-` as a flag");
    }
    if text.contains('\'') {
        return Err("a single-quoted haproxy word cannot hold `'`");
    }
    if text.len() > LONGEST {
        return Err("a haproxy line holds at most 2048 characters");
    }
    if chars::has_unseen(text) {
        return Err("it holds a control or invisible character");
    }
    if chars::is_bare(text) {
        out.push_str(text);
        return Ok(Form::Bare);
    }
    out.push('\'');
    out.push_str(text);
    out.push('\'');
    Ok(Form::Quoted)
}
