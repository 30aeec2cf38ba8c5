use std::borrow::Cow;
use std::sync::OnceLock;

use super::recorded::Recorded;
use super::{SourceId, Span};
use crate::diagnostics::{Code, Diagnostic, codes};

/// Largest file that is read: 1 MiB. A caller that reads the disk needs to read no more than one byte over it.
pub const MAX_BYTES: usize = 1 << 20;

/// A place as people count: line and column from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One file: the name as the user typed it and its text without byte order mark.
#[derive(Clone, Debug)]
pub struct SourceFile {
    name: String,
    text: Cow<'static, str>,
    recorded: Option<&'static [u8]>,
    lines: OnceLock<Vec<usize>>,
}

/// Why bytes are no text; the offset is into `text`, which is what can be shown of them.
pub(super) struct Refusal {
    code: Code,
    message: String,
    help: String,
    text: String,
    offset: Option<usize>,
}

impl SourceFile {
    /// Text that is known to be readable, such as a built-in system.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: Cow::Owned(text.into()), recorded: None, lines: OnceLock::new() }
    }

    /// A file that is part of the program, with its events where the build script could parse it.
    pub fn embedded(name: impl Into<String>, text: &'static str, recorded: Option<&'static [u8]>) -> Self {
        Self { name: name.into(), text: Cow::Borrowed(text), recorded, lines: OnceLock::new() }
    }

    /// Text of a file from disk; strips a byte order mark, keeps line ends as they are.
    ///
    /// # Errors
    /// More than [`MAX_BYTES`], not UTF-8, or a character YAML 1.2 (section 5.1) forbids. The message names file, line
    /// and column; use [`Sources::add_bytes`](super::Sources::add_bytes) for one that shows the place.
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Result<Self, Diagnostic> {
        let name = name.into();
        check(bytes).map(|text| Self::new(name.clone(), text)).map_err(|refusal| {
            let place = match refusal.offset {
                Some(offset) => {
                    let at = Self::new("", refusal.text).position(offset);
                    format!("`{name}`:{}:{}", at.line, at.column)
                }
                None => format!("`{name}`"),
            };
            Diagnostic::error(refusal.code, format!("{place}: {}", refusal.message)).help(refusal.help)
        })
    }

    /// The name as the user typed it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset; an offset inside a character or past the end is moved back.
    pub fn position(&self, offset: usize) -> Position {
        let lines = self.lines();
        let line = lines.partition_point(|start| *start <= offset).max(1);
        let start = lines[line - 1];
        let end = floor(&self.text, offset).max(start);
        Position { line, column: self.text[start..end].chars().count() + 1 }
    }

    /// Start and end (without line break) of a line counted from 1.
    pub fn line_range(&self, line: usize) -> Option<(usize, usize)> {
        let lines = self.lines();
        let start = *lines.get(line.checked_sub(1)?)?;
        let next = lines.get(line).copied().unwrap_or(self.text.len());
        let end = start + self.text[start..next].trim_end_matches(['\n', '\r']).len();
        Some((start, end))
    }

    /// Number of lines, at least 1.
    pub fn line_count(&self) -> usize {
        self.lines().len()
    }

    pub(super) fn recorded(&self) -> Option<Recorded> {
        self.recorded.map(Recorded)
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let breaks = (0..bytes.len()).filter(|&at| match bytes[at] {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            });
            std::iter::once(0).chain(breaks.map(|at| at + 1)).collect()
        })
    }
}

impl Refusal {
    /// The file as far as it can be shown, and the finding in it.
    pub(super) fn into_parts(self, name: String, id: SourceId) -> (SourceFile, Diagnostic) {
        let file = SourceFile::new(name, self.text);
        let at = self.offset.unwrap_or(0);
        let end = file.text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        let diagnostic = Diagnostic::error(self.code, self.message).at(Span::new(id, at, end), "here").help(self.help);
        (file, diagnostic)
    }
}

/// The text of the bytes, borrowed.
pub(super) fn check(bytes: &[u8]) -> Result<&str, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal {
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
        Some((offset, c)) => Err(Refusal {
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

fn not_utf8(bytes: &[u8], at: usize) -> Refusal {
    let lossy = String::from_utf8_lossy(bytes);
    let (text, cut) = match lossy.strip_prefix('\u{feff}') {
        Some(rest) => (rest, '\u{feff}'.len_utf8()),
        None => (&*lossy, 0),
    };
    let utf16 = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    Refusal {
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

fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_every_kind_of_line_end() {
        let file = SourceFile::new("f", "a\r\nßx: 1\rb\n");
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(5), Position { line: 2, column: 2 });
        assert_eq!(file.position(4), Position { line: 2, column: 1 });
        assert_eq!(file.position(10), Position { line: 3, column: 1 });
        assert_eq!(file.position(999), Position { line: 4, column: 1 });
        assert_eq!(file.line_range(2), Some((3, 9)));
        assert_eq!(file.line_range(5), None);
        assert_eq!(file.line_range(0), None);
    }

    #[test]
    fn the_size_limit_is_exact() {
        assert!(SourceFile::from_bytes("f", &vec![b'a'; MAX_BYTES]).is_ok());
        let error = SourceFile::from_bytes("f", &vec![b'a'; MAX_BYTES + 1]).unwrap_err();
        assert_eq!(error.code, codes::FILE_TOO_LARGE);
    }

    #[test]
    fn the_first_bad_byte_is_named() {
        let error = SourceFile::from_bytes("f.yaml", b"\xef\xbb\xbfa: 1\nb: \xff\n").unwrap_err();
        assert_eq!(error.code, codes::NOT_UTF8);
        assert!(error.message.starts_with("`f.yaml`:2:4: byte 0xFF at offset 11"), "{}", error.message);
    }

    #[test]
    fn control_characters_are_refused_with_their_place() {
        for (bytes, place) in [
            (&b"a: \0"[..], ":1:4"),
            (b"a\nb: \x1b[2J", ":2:4"),
            (b"\x7f", ":1:1"),
            ("\u{9b}".as_bytes(), ":1:1"),
            ("x\u{fffe}".as_bytes(), ":1:2"),
        ] {
            let error = SourceFile::from_bytes("f", bytes).unwrap_err();
            assert_eq!(error.code, codes::CONTROL_CHARACTER);
            assert!(error.message.contains(place), "{}", error.message);
        }
        assert!(SourceFile::from_bytes("f", "a: \u{85}é\t\u{1f600}\r\n".as_bytes()).is_ok());
    }
}
