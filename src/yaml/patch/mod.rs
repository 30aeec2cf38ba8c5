//! In: a file of the store, a route in it, and what is to become of the value there.
//! Out: changes of the file's bytes, in the style of what stands around them; or a refusal, never a guess.

mod operation;

pub use operation::{Operation, Refusal, Value};

use super::{Route, Sources};
use crate::text::{Edit, SourceId};

/// The changes that an operation takes, in one file and not overlapping. Quotes, comments, order, line ends and
/// indentation of everything else stay.
///
/// # Errors
/// The file is not wholly readable, the route leads nowhere, or through an anchor, an alias, a merge or a form of writing
/// in which the change cannot be made without touching more.
pub fn edits(sources: &Sources, id: SourceId, route: &Route, operation: &Operation) -> Result<Vec<Edit>, Refusal> {
    let _ = (sources, id, route, operation);
    Err(Refusal("not yet done"))
}
