use std::borrow::Cow;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScanError, Span as Marked};

use super::builder::Builder;
use super::decode::{self, MAX_FINDINGS};
use super::marks::Marks;
use super::recorded::Recorded;
use super::recovery::{self, Patient};
use super::{Node, syntax};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::text::{SourceFile, SourceId, Span};

/// Deepest nesting, counted through aliases.
pub const MAX_DEPTH: usize = 64;

/// Most values in one file, counted through aliases.
pub const MAX_NODES: usize = 100_000;

/// Most entries of one list or mapping of our own files: rules compare them with each other.
pub const MAX_ENTRIES: usize = 4096;

/// What to do with tags other than YAML's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// An error: our own files have none.
    Refuse,
    /// Kept in [`Node::tag`]: compose files use `!reset` and `!override`.
    Keep,
}

/// Reads the one YAML document of a file, aliases shared and merge keys applied.
///
/// # Errors
/// Not YAML, empty, several documents, duplicate or non-scalar keys, unknown tags, nesting over [`MAX_DEPTH`], or more
/// than [`MAX_NODES`] values; cost is linear in the file whatever the aliases say.
pub fn read_with(file: &SourceFile, id: SourceId, tags: Tags) -> Result<Arc<Node>, Diagnostic> {
    let (root, found) = read_all(file, id, tags);
    match (found.into_iter().next(), root) {
        (Some(first), _) => Err(first),
        (None, Some(root)) => Ok(root),
        (None, None) => Err(empty(id)),
    }
}

/// As [`read_with`], with everything that is wrong, and the tree as far as it can be read in spite of it: of a key
/// written twice the first counts, of several documents too, tags and merges that are none are passed over, and of a
/// syntax error the entry around it is [unread](Node::is_unread).
pub fn read_all(file: &SourceFile, id: SourceId, tags: Tags) -> (Option<Arc<Node>>, Diagnostics) {
    let tree = read_partly(file, id, tags);
    (tree.root, tree.found)
}

/// What could be read of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    pub(super) root: Option<Arc<Node>>,
    pub(super) found: Diagnostics,
    /// Whether parts of it are unread.
    pub(super) partial: bool,
    /// Whether keys may be there that the tree does not have.
    pub(super) incomplete: bool,
}

/// As [`read_all`].
pub(super) fn read_partly(file: &SourceFile, id: SourceId, tags: Tags) -> Tree {
    let mut builder = Builder::new(Marks::new(file, id), tags);
    let mut stopped = match file.recorded() {
        Some((text, events)) => feed(&mut builder, file, id, Recorded::new(text, events).map(Ok), |text| text),
        None => feed(&mut builder, file, id, Parser::new_from_str(file.text()), |text| text.into_owned().into()),
    };
    let mut errors = Diagnostics::new();
    let mut patient = None;
    while let Some(Stop::Syntax { finding, info, at }) = &stopped {
        let patient = patient.get_or_insert_with(|| Patient::new(file.text()));
        // An alias without an anchor ends the parser's reading, but says nothing about the rest of the file.
        let alias = recovery::is_unknown_anchor(info).then(|| patient.quote_alias(*at)).flatten();
        if !alias.as_ref().is_some_and(|name| patient.had_anchor(name)) {
            errors.push(finding.clone());
        }
        let further = errors.len() < if alias.is_some() { MAX_FINDINGS } else { MAX_SYNTAX };
        if !further || (alias.is_none() && !patient.cut(*at)) {
            break;
        }
        builder = Builder::new(Marks::new(file, id), tags);
        stopped = feed(&mut builder, file, id, Parser::new_from_str(&patient.text()), |text| text.into_owned().into());
    }
    let (mut root, mut found) = builder.finish();
    found.extend(errors);
    match stopped {
        // What could be read of it has no end.
        Some(Stop::Syntax { .. }) => root = None,
        Some(Stop::Limit(finding)) => found.push(finding),
        None if patient.as_ref().is_some_and(|it| it.incomplete)
            && root.as_ref().is_some_and(|it| it.as_text().is_some()) =>
        {
            root = None;
        }
        None if root.is_none() && found.is_empty() => found.push(empty(id)),
        None => {}
    }
    let Some(Patient { unread, incomplete, .. }) = patient else {
        return Tree { root, found, partial: false, incomplete: false };
    };
    let marks = Marks::new(file, id);
    let unread: Vec<usize> = unread.into_iter().map(|at| marks.offset(at)).collect();
    if let Some(root) = root.as_mut().filter(|_| !unread.is_empty()) {
        Arc::make_mut(root).mark_unread(&unread, marks.span(0, file.text().len()).end);
    }
    Tree { root, found, partial: incomplete || !unread.is_empty(), incomplete }
}

/// Most syntax errors of one file that are told.
const MAX_SYNTAX: usize = 10;

/// Why reading ended before the text did.
enum Stop {
    /// The builder cannot go on.
    Limit(Diagnostic),
    /// The parser cannot go on: what it says, and at which character.
    Syntax { finding: Diagnostic, info: String, at: usize },
}

/// Hands events to the builder until one ends the reading.
fn feed<'e>(
    builder: &mut Builder<'_>,
    file: &SourceFile,
    id: SourceId,
    events: impl Iterator<Item = Result<(Event<'e>, Marked), ScanError>>,
    own: fn(Cow<'e, str>) -> Cow<'static, str>,
) -> Option<Stop> {
    for event in events {
        let stopped = match event {
            Ok((event, marks)) => builder.event(event, marks, own).err().map(Stop::Limit),
            Err(error) => {
                let at = Marks::new(file, id).offset(error.marker().index());
                let finding = syntax::diagnostic(error.info(), file, id, at);
                Some(Stop::Syntax { finding, info: error.info().to_owned(), at: error.marker().index() })
            }
        };
        if stopped.is_some() {
            return stopped;
        }
        if builder.found() >= MAX_FINDINGS {
            return Some(Stop::Limit(decode::too_many()));
        }
    }
    None
}

fn empty(id: SourceId) -> Diagnostic {
    Diagnostic::error(codes::EMPTY_FILE, "the file is empty")
        .at(Span::point(id, 0), "nothing but blanks and comments")
        .help("write the keys the file needs, or remove the file")
}
