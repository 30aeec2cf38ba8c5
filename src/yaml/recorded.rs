//! Events of the built-in YAML files, parsed when the program was built; the build script writes them. From there on the
//! files are read like any other.

use saphyr_parser::{Event, Marker, ScalarStyle, Span, Tag};
use std::borrow::Cow;

/// The events left to read: kind, start, end, anchor and style, then handle and suffix of the tag and the text, each
/// behind its length. Numbers are of 32 bits, little-endian.
pub(super) struct Recorded(pub(super) &'static [u8]);

impl Recorded {
    fn number(&mut self) -> Option<usize> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        usize::try_from(u32::from_le_bytes(*number)).ok()
    }

    fn text(&mut self) -> Option<&'static str> {
        let length = self.number()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}

impl Iterator for Recorded {
    type Item = (Event<'static>, Span);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, rest) = self.0.split_first()?;
        self.0 = rest;
        let (start, end, anchor, style) = (self.number()?, self.number()?, self.number()?, self.number()?);
        let (handle, suffix, text) = (self.text()?, self.text()?, self.text()?);
        let tag = (!handle.is_empty() || !suffix.is_empty())
            .then(|| Cow::Owned(Tag { handle: handle.to_owned(), suffix: suffix.to_owned() }));
        let event = match kind {
            b'd' => Event::DocumentStart(false),
            b'*' => Event::Alias(anchor),
            b's' => {
                let style = match style {
                    0 => ScalarStyle::Plain,
                    1 => ScalarStyle::SingleQuoted,
                    2 => ScalarStyle::DoubleQuoted,
                    3 => ScalarStyle::Literal,
                    _ => ScalarStyle::Folded,
                };
                Event::Scalar(Cow::Borrowed(text), style, anchor, tag)
            }
            b'[' => Event::SequenceStart(anchor, tag),
            b'{' => Event::MappingStart(anchor, tag),
            b']' => Event::SequenceEnd,
            _ => Event::MappingEnd,
        };
        // Lines and columns are found in the text when somebody wants them.
        let mark = |index| Marker::new(index, 1, 0);
        Some((event, Span::new(mark(start), mark(end))))
    }
}
