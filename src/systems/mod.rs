//! In: the word or path a profile names. Out: a [`System`](crate::format::system::System) read from YAML, built in or a user's own,
//! and the components Stockade itself adds to a stack.
//!
//! Built-in systems are files in `builtin/`, their templates lie in `builtin/NAME/`, components in `components/`; a
//! further one needs no line of Rust.

pub mod bounds;
mod component;
pub mod conditions;
mod entries;
mod examples;
mod load;
mod memo;
pub mod names;
mod references;
mod template;
mod unused;
pub mod words;

/// A commented system file to start from; `my-app` is its name.
pub const STARTER: &str = include_str!("starter.yaml");

pub use component::{Component, find as component};
pub use examples::examples;
pub use load::{Own, builtin, builtins, is_path, load_all, paths, read};
pub use memo::Memo;
pub use template::builtin as builtin_templates;
