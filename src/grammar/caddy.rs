//! Caddyfile: a bare word, a double-quoted one, or a backtick-quoted one.
//!
//! The lexer (caddy `caddyconfig/caddyfile/lexer.go`) knows one escape inside double quotes, `\"`; any other backslash
//! stays, so `\` before a quote cannot be written there: backticks hold everything but themselves. Quotes do not
//! take away the meaning of `{…}` (placeholders, environment, blocks), of `import`, of a leading `(` or `&(` (snippets,
//! named routes), `@` (matchers) and, in several releases, of a leading `<<` (heredocs).

use super::{Form, Reason, chars};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    if text.contains(['{', '}']) {
        return Err("caddy reads braces as placeholders and has no escape for them");
    }
    if text.starts_with("<<") {
        return Err("caddy reads a leading `<<` as the start of a heredoc");
    }
    if text.starts_with(['@', '(']) || text.starts_with("&(") || text == "import" {
        return Err("caddy gives a meaning of its own to `import` and to a leading `@`, `(` or `&(`");
    }
    if chars::has_unseen(text) {
        return Err("it holds a control or invisible character");
    }
    if chars::is_bare(text) {
        out.push_str(text);
        return Ok(Form::Bare);
    }
    if !text.contains('\\') {
        out.push('"');
        out.push_str(&text.replace('"', "\\\""));
        out.push('"');
    } else if !text.contains('`') {
        out.push('`');
        out.push_str(text);
        out.push('`');
    } else {
        return Err("a caddyfile cannot hold a backslash and a backtick in one value");
    }
    Ok(Form::Quoted)
}
