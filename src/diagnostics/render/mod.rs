//! One file per output format; each turns `Diagnostics` plus `Sources` into a `String`.

mod escape;
mod excerpt;
pub mod github;
pub mod human;
pub mod json;
mod place;
pub mod sarif;
#[cfg(test)]
mod tests;
mod withheld;

pub use escape::json as visible;
