//! Changes of a text by the bytes of places, whatever the text is.

use std::fmt;

use super::Span;

/// Replaces the bytes of a place by a text; an empty place is where the text is put in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Replaces a place.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Removes a place.
    pub const fn remove(span: Span) -> Self {
        Self { span, text: String::new() }
    }
}

/// Why edits cannot be applied together, or to this text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Two of them change the same bytes, or put something in at the same place.
    Overlap(Span, Span),
    /// A place lies outside the text or cuts a character.
    Outside(Span),
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overlap(..) => "two edits change the same place",
            Self::Outside(_) => "an edit is of another text",
        })
    }
}

impl std::error::Error for Conflict {}

/// The text after all edits, which may come in any order and are all of this one text.
///
/// # Errors
/// Edits that overlap or lie outside the text; nothing is changed then.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, Conflict> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let mut before: Option<Span> = None;
    for edit in sorted {
        let span = edit.span;
        if let Some(before) = before
            && (span.start < before.end || span == before)
        {
            return Err(Conflict::Overlap(before, span));
        }
        let untouched = text.get(done..span.start).filter(|_| text.get(span.start..span.end).is_some());
        out.push_str(untouched.ok_or(Conflict::Outside(span))?);
        out.push_str(&edit.text);
        done = span.end;
        before = Some(span);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceId;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit::replace(Span::new(SourceId::new(0), start, end), text)
    }

    #[test]
    fn edits_are_applied_in_the_order_of_their_places() {
        let edits = [edit(4, 5, "E"), edit(0, 1, "AA"), edit(2, 2, "-"), edit(2, 4, "")];
        assert_eq!(apply("abcde", &edits).as_deref(), Ok("AAb-E"));
        assert_eq!(apply("abc", &[]).as_deref(), Ok("abc"));
        assert_eq!(apply("abc", &[edit(3, 3, "d")]).as_deref(), Ok("abcd"));
    }

    #[test]
    fn edits_of_the_same_place_and_of_another_text_are_refused() {
        let overlap = |a, b| matches!(apply("abcdef", &[a, b]), Err(Conflict::Overlap(..)));
        assert!(overlap(edit(0, 3, "x"), edit(2, 4, "y")));
        assert!(overlap(edit(0, 3, "x"), edit(1, 1, "y")));
        assert!(overlap(edit(2, 2, "x"), edit(2, 2, "y")));
        assert!(overlap(edit(1, 2, "x"), edit(1, 2, "x")));
        for (start, end) in [(2, 9), (9, 9), (1, 2)] {
            assert!(matches!(apply("ß", &[edit(start, end, "")]), Err(Conflict::Outside(_))), "{start}..{end}");
        }
    }
}
