//! In: an image's name. Out: what is known of it, from the files of `builtin/`, one for each family of images.
//!
//! The facts serve services that say nothing of their own ([`complete`]) and the rules that judge those that do ([`known`]).

mod complete;
mod find;
mod tell;
#[cfg(test)]
mod tests;

pub use complete::complete;
pub use find::{Known, known};
pub use tell::{list, tell};
