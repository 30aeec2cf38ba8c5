//! Files of a run, places in them, and changes of those.

mod edit;
mod file;
mod span;
mod spanned;

pub use edit::{Edit, apply};
pub use file::SourceFile;
pub use span::{SourceId, Span};
pub use spanned::{SPANNED, SPELLED, Spanned};
