use super::Texts;
use crate::text::Span;

/// A place as people and machines count: lines and columns from 1, end exclusive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

/// Looks a label up; `None` when its file is not in the store.
pub(super) fn of<'a>(span: Span, sources: &'a dyn Texts) -> Option<Place<'a>> {
    let file = sources.file(span.source)?;
    let (start, end) = (file.position(span.start), file.position(span.end));
    Some(Place {
        file: file.name(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    })
}
