//! Character classes that several grammars share.

use std::fmt::Write as _;

/// Whether the text is a word that no grammar of ours gives a second meaning: letters, digits and `_./:@%+-`.
pub(super) fn is_bare(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./:@%+-".contains(&b))
}

/// Whether the text holds a control character, or one that hides or reorders what a reader sees.
pub(super) fn has_unseen(text: &str) -> bool {
    text.chars().any(is_unseen)
}

/// Control characters, line and paragraph separators, and the format characters that hide or reorder text (Unicode
/// category Cf and the bidirectional controls of UAX 9, the "Trojan Source" set).
pub(super) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Appends the character, or its code point when it could not be seen.
pub(super) fn push_visible(c: char, out: &mut String) {
    if is_unseen(c) {
        push_escape(c, out);
    } else {
        out.push(c);
    }
}

/// Appends `\u{202e}`, the visible form of a character that cannot be seen.
pub(super) fn push_escape(c: char, out: &mut String) {
    out.extend(c.escape_unicode());
}

/// Appends the text in double quotes with the escapes that JSON, YAML and TOML share, offering each character to
/// `special` first. Whatever is neither printable ASCII nor a letter or digit goes to `escape`.
pub(super) fn double_quoted(
    text: &str,
    out: &mut String,
    special: impl Fn(char) -> Option<&'static str>,
    escape: impl Fn(char, &mut String),
) {
    out.reserve(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => match special(c) {
                Some(replacement) => out.push_str(replacement),
                None if matches!(c, ' '..='~') || c.is_alphanumeric() => out.push(c),
                None => escape(c, out),
            },
        }
    }
    out.push('"');
}

/// `\uXXXX`, beyond the basic plane `\UXXXXXXXX`: YAML 1.2 section 5.7 and TOML 1.0 basic strings.
pub(super) fn push_long_escape(c: char, out: &mut String) {
    let code = u32::from(c);
    // Writing to a String cannot fail.
    let _ = if code <= 0xffff { write!(out, "\\u{code:04x}") } else { write!(out, "\\U{code:08x}") };
}
