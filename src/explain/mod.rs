//! In: a line of a generated file and the report of its bundle; a control. Out: why it is as it is, in words.

mod control;
mod line;

pub use control::{detail, waiver};
pub use line::{File, clean};
