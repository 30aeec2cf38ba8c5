//! Bytes of a text, and lines and columns as the protocol counts them.

use super::protocol::{Position, Range};
use crate::text::{SourceFile, Span};

/// In which units a client counts columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Code units of UTF-16, the protocol's default.
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// The best of what a client offers: bytes are what spans count.
    pub fn negotiate<'a>(offered: impl IntoIterator<Item = &'a str>) -> Self {
        let offered: Vec<&str> = offered.into_iter().collect();
        match () {
            () if offered.contains(&"utf-8") => Self::Utf8,
            () if offered.contains(&"utf-32") && !offered.contains(&"utf-16") => Self::Utf32,
            () => Self::Utf16,
        }
    }

    /// Its name in the protocol.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
            Self::Utf32 => "utf-32",
        }
    }

    fn units(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
            Self::Utf32 => 1,
        }
    }

    /// The byte of a position; past a line's end it is that end, past the text's end that one, inside a character its start.
    pub fn offset(self, file: &SourceFile, at: Position) -> usize {
        let line = usize::try_from(at.line).unwrap_or(usize::MAX).saturating_add(1);
        let Some((start, end)) = file.line_range(line) else { return file.text().len() };
        let wanted = usize::try_from(at.character).unwrap_or(usize::MAX);
        let mut units = 0;
        for (byte, c) in file.text().get(start..end).unwrap_or("").char_indices() {
            units += self.units(c);
            if units > wanted {
                return start + byte;
            }
        }
        end
    }

    /// The position of a byte, moved back to the start of its character.
    pub fn position(self, file: &SourceFile, offset: usize) -> Position {
        let mut offset = offset.min(file.text().len());
        while !file.text().is_char_boundary(offset) {
            offset -= 1;
        }
        let line = file.position(offset).line;
        let start = file.line_range(line).map_or(0, |(start, _)| start);
        let before = file.text().get(start..offset).unwrap_or("");
        let character = before.chars().map(|c| self.units(c)).sum::<usize>();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Position { line: number(line.saturating_sub(1)), character: number(character) }
    }

    /// The range of two bytes.
    pub fn range(self, file: &SourceFile, start: usize, end: usize) -> Range {
        let start = self.position(file, start);
        Range { start, end: self.position(file, end).max(start) }
    }

    /// The range that marks a span in an editor: of several lines the first, and one character where it is empty.
    pub fn mark(self, file: &SourceFile, span: Span) -> Range {
        let line = file.position(span.start).line;
        let line_end = file.line_range(line).map_or(span.start, |(_, end)| end.max(span.start));
        let next = file.text().get(span.start..line_end).and_then(|rest| rest.chars().next());
        let least = span.start + next.map_or(0, char::len_utf8);
        self.range(file, span.start, span.end.min(line_end).max(least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: ä𝄞b\r\nc\rd\n";

    #[test]
    fn each_encoding_counts_its_own_units() {
        let file = SourceFile::new("f", TEXT);
        let b = TEXT.find('b').unwrap();
        for (encoding, column) in [(Encoding::Utf8, 9), (Encoding::Utf16, 6), (Encoding::Utf32, 5)] {
            let at = Position { line: 0, character: column };
            assert_eq!((encoding.position(&file, b), encoding.offset(&file, at)), (at, b), "{encoding:?}");
        }
    }

    #[test]
    fn positions_outside_are_moved_to_the_next_that_is_there() {
        let file = SourceFile::new("f", TEXT);
        let at = |line, character| Encoding::Utf16.offset(&file, Position { line, character });
        // Between the two halves of a surrogate pair.
        assert_eq!(at(0, 5), TEXT.find('𝄞').unwrap());
        assert_eq!(at(0, 99), TEXT.find('\r').unwrap());
        assert_eq!(at(2, 0), TEXT.find('d').unwrap());
        assert_eq!(at(99, 0), TEXT.len());
        assert_eq!(at(u32::MAX, u32::MAX), TEXT.len());
    }

    #[test]
    fn every_byte_comes_back() {
        let file = SourceFile::new("f", TEXT);
        for (offset, _) in TEXT.char_indices().filter(|(_, c)| !matches!(c, '\r' | '\n')) {
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                assert_eq!(encoding.offset(&file, encoding.position(&file, offset)), offset);
            }
        }
    }

    #[test]
    fn bytes_are_preferred_and_utf_16_is_the_rest() {
        assert_eq!(Encoding::negotiate(["utf-16", "utf-8"]), Encoding::Utf8);
        assert_eq!(Encoding::negotiate(["utf-32"]), Encoding::Utf32);
        assert_eq!(Encoding::negotiate(["utf-32", "utf-16"]), Encoding::Utf16);
        assert_eq!(Encoding::negotiate([]), Encoding::Utf16);
    }
}
