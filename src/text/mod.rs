//! Files of a run, places in them, and changes of those.

#[allow(dead_code, reason = "fixes, the wizard and the editor build on it")]
mod edit;
mod file;
mod span;
mod spanned;

#[allow(unused_imports)]
pub use edit::{Conflict, Edit, apply};
pub use file::SourceFile;
pub use span::{SourceId, Span};
pub use spanned::{SPANNED, SPELLED, Spanned};
