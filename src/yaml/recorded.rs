//! Events of the built-in YAML files, parsed when the program was built; the build script writes them. From there on the
//! files are read like any other.

use saphyr_parser::{Event, Marker, ScalarStyle, Span, Tag};
use std::borrow::Cow;

/// The events left to read. Each is a byte of kind (3 bits), style (3 bits), "has a tag" and "is written in the file as it
/// is"; then in LEB128 where it starts, in characters behind the start of the one before, how many it has, and its anchor;
/// handle and suffix of the tag, each behind its length; and its text behind its length, or, written in the file as it is,
/// where it starts, in bytes behind the last such text, and how many it has.
pub(super) struct Recorded {
    text: &'static str,
    events: &'static [u8],
    start: usize,
    byte: usize,
}

impl Recorded {
    pub(super) fn new(text: &'static str, events: &'static [u8]) -> Self {
        Self { text, events, start: 0, byte: 0 }
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let (byte, rest) = self.events.split_first()?;
            self.events = rest;
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'static str> {
        let length = self.number()?;
        let (text, rest) = self.events.split_at_checked(length)?;
        self.events = rest;
        std::str::from_utf8(text).ok()
    }

    /// A text of the file itself.
    fn slice(&mut self) -> Option<&'static str> {
        let from = self.byte + self.number()?;
        self.byte = from;
        let length = self.number()?;
        self.text.get(from..from + length)
    }
}

impl Iterator for Recorded {
    type Item = (Event<'static>, Span);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.events.split_first()?;
        self.events = rest;
        self.start += self.number()?;
        let (start, end, anchor) = (self.start, self.start + self.number()?, self.number()?);
        let tag = match head & 0x40 {
            0 => None,
            _ => {
                let (handle, suffix) = (self.text()?, self.text()?);
                Some(Cow::Owned(Tag { handle: handle.to_owned(), suffix: suffix.to_owned() }))
            }
        };
        let event = match head & 7 {
            0 => Event::DocumentStart(false),
            1 => Event::Alias(anchor),
            2 => {
                let style = match head >> 3 & 7 {
                    0 => ScalarStyle::Plain,
                    1 => ScalarStyle::SingleQuoted,
                    2 => ScalarStyle::DoubleQuoted,
                    3 => ScalarStyle::Literal,
                    _ => ScalarStyle::Folded,
                };
                let text = if head & 0x80 == 0 { self.text()? } else { self.slice()? };
                Event::Scalar(Cow::Borrowed(text), style, anchor, tag)
            }
            3 => Event::SequenceStart(anchor, tag),
            4 => Event::MappingStart(anchor, tag),
            5 => Event::SequenceEnd,
            _ => Event::MappingEnd,
        };
        // Lines and columns are found in the text when somebody wants them.
        let mark = |index| Marker::new(index, 1, 0);
        Some((event, Span::new(mark(start), mark(end))))
    }
}
