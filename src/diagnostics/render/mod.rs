//! One file per output format; each turns `Diagnostics` plus the [`Texts`] they point into into a `String`.

mod escape;
mod excerpt;
pub mod github;
pub mod human;
pub mod json;
pub mod junit;
mod place;
pub mod sarif;
#[cfg(test)]
mod tests;

pub use escape::json as visible;

use crate::text::{SourceFile, SourceId};
use std::ops::Range;

/// The texts that findings point into.
pub trait Texts {
    /// The file of a place; `None` for places of other texts.
    fn file(&self, id: SourceId) -> Option<&SourceFile>;

    /// What of it is never shown.
    fn withheld(&self, id: SourceId) -> Vec<Range<usize>>;
}
