//! What a terminal must not be handed raw: control characters and marks that reorder or hide text.

use std::borrow::Cow;

/// Whether a character moves the cursor, hides, or reorders what stands around it.
pub(super) const fn deceives(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One character as it is shown; `None` when it can be shown as it is.
pub(super) fn shown(c: char) -> Option<String> {
    match c {
        '\t' => Some("    ".to_owned()),
        _ if deceives(c) => Some(format!("\\u{{{:x}}}", c as u32)),
        _ => None,
    }
}

/// A message or label with every deceiving character written as `\u{…}`; line ends are kept when asked for.
pub(super) fn text(text: &str, keep_lines: bool) -> Cow<'_, str> {
    let keep = |c: char| keep_lines && c == '\n';
    if !text.chars().any(|c| deceives(c) && !keep(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match shown(c) {
            Some(escaped) if !keep(c) => out.push_str(&escaped),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}
