//! In: a resolved [`Stack`](crate::stack::Stack). Out: a [`Hardened`] one, which only this folder can build.
//!
//! One file holds one control: why it is, what it sets in the stack and, later, how its absence is found in a compose
//! file. [`catalogue::ALL`] lists them all.

pub mod catalogue;
mod control;
mod hardened;

pub use control::{Control, Facts, Id, Meta};
pub use hardened::{Hardened, enforce};
