//! What a terminal must not be handed raw: control characters and marks that reorder or hide text.

use std::borrow::Cow;

/// Whether a character moves the cursor, hides, or reorders what stands around it.
pub(super) const fn deceives(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// One character as it is shown; `None` when it can be shown as it is.
pub(super) fn shown(c: char) -> Option<String> {
    match c {
        '\t' => Some("    ".to_owned()),
        _ if deceives(c) => Some(format!("\\u{{{:x}}}", c as u32)),
        _ => None,
    }
}

/// A JSON document in which no deceiving character is itself; between strings it has none but line ends.
pub fn json(document: String) -> String {
    // Of ASCII's control characters JSON escapes all but one itself.
    let plain = |text: &str| text.is_ascii() && !text.contains('\u{7f}');
    if plain(&document) {
        return document;
    }
    let mut out = String::with_capacity(document.len() + 16);
    for line in document.split_inclusive('\n') {
        if plain(line) {
            out.push_str(line);
            continue;
        }
        for c in line.chars() {
            if deceives(c) && c != '\n' {
                out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
            } else {
                out.push(c);
            }
        }
    }
    out
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
