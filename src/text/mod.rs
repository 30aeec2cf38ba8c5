//! Files of a run and places in them.

mod file;
mod span;
mod spanned;

pub use file::SourceFile;
pub use span::{SourceId, Span};
pub use spanned::{SPANNED, SPELLED, Spanned};
