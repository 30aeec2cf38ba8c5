//! From the bytes of a file to text that may be YAML.

use crate::diagnostics::{Code, Diagnostic, codes};
use crate::text::{SourceFile, SourceId, Span};

/// Largest file that is read: 1 MiB. A caller that reads the disk needs to read no more than one byte over it.
pub const MAX_BYTES: usize = 1 << 20;

/// Why bytes are no text; the offset is into `text`, which is what can be shown of them.
pub(super) struct Unreadable {
    code: Code,
    message: String,
    help: String,
    text: String,
    offset: Option<usize>,
}

impl Unreadable {
    /// The file as far as it can be shown, and the finding in it.
    pub(super) fn into_parts(self, name: String, id: SourceId) -> (SourceFile, Diagnostic) {
        let file = SourceFile::new(name, self.text);
        let at = self.offset.unwrap_or(0);
        let end = file.text()[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        let diagnostic = Diagnostic::error(self.code, self.message).at(Span::new(id, at, end), "here").help(self.help);
        (file, diagnostic)
    }
}

/// The text of the bytes, borrowed.
pub(super) fn check(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable {
            code: codes::FILE_TOO_LARGE,
            message: "the file is larger than 1 MiB and was not read".to_owned(),
            help: "check that the path names the file you meant".to_owned(),
            text: String::new(),
            offset: None,
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.char_indices().find(|(_, c)| !printable(*c)) {
        None => Ok(text),
        Some((offset, c)) => Err(Unreadable {
            code: codes::CONTROL_CHARACTER,
            message: format!("the character U+{:04X} is not allowed in YAML", c as u32),
            help: if c == '\0' {
                "save the file as UTF-8 text; NUL bytes come from other encodings or binary files".to_owned()
            } else {
                format!("delete it, or write `\\u{:04x}` in a double-quoted string", c as u32)
            },
            text: text.to_owned(),
            offset: Some(offset),
        }),
    }
}

fn not_utf8(bytes: &[u8], at: usize) -> Unreadable {
    let lossy = String::from_utf8_lossy(bytes);
    let (text, cut) = match lossy.strip_prefix('\u{feff}') {
        Some(rest) => (rest, '\u{feff}'.len_utf8()),
        None => (&*lossy, 0),
    };
    let utf16 = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    Unreadable {
        code: codes::NOT_UTF8,
        message: format!("byte 0x{:02X} at offset {at} is not UTF-8", bytes[at]),
        help: if utf16 {
            "this looks like UTF-16; save the file as UTF-8".to_owned()
        } else {
            "save the file as UTF-8".to_owned()
        },
        offset: Some(at - cut),
        text: text.to_owned(),
    }
}

/// `c-printable` of YAML 1.2, section 5.1.
fn printable(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code, message and marked byte of what is wrong with some bytes.
    fn told(bytes: &[u8]) -> Option<(Code, String, usize)> {
        let (_, finding) = check(bytes).err()?.into_parts("f".to_owned(), SourceId::new(0));
        let at = finding.primary().map(|label| label.span.start)?;
        Some((finding.code, finding.message, at))
    }

    #[test]
    fn the_size_limit_is_exact() {
        assert_eq!(told(&vec![b'a'; MAX_BYTES]), None);
        assert!(told(&vec![b'a'; MAX_BYTES + 1]).is_some_and(|(code, ..)| code == codes::FILE_TOO_LARGE));
    }

    #[test]
    fn the_first_bad_byte_is_named() {
        let (code, message, at) = told(b"\xef\xbb\xbfa: 1\nb: \xff\n").unwrap();
        assert_eq!((code, at), (codes::NOT_UTF8, "a: 1\nb: ".len()));
        assert!(message.starts_with("byte 0xFF at offset 11"), "{message}");
    }

    #[test]
    fn control_characters_are_refused_with_their_place() {
        for (bytes, place) in [
            (&b"a: \0"[..], 3),
            (b"a\nb: \x1b[2J", 5),
            (b"\x7f", 0),
            ("\u{9b}".as_bytes(), 0),
            ("x\u{fffe}".as_bytes(), 1),
        ] {
            let found = told(bytes).map(|(code, _, at)| (code, at));
            assert_eq!(found, Some((codes::CONTROL_CHARACTER, place)));
        }
        assert_eq!(told("a: \u{85}é\t\u{1f600}\r\n".as_bytes()), None);
    }
}
