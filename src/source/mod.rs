//! In: bytes of a YAML file and the name the user gave it.
//! Out: a tree of nodes with places, typed values with places, and every mistake as a diagnostic.

mod builder;
mod de;
mod decode;
mod explain;
mod file;
mod lookup;
mod marks;
mod merge;
mod node;
mod reader;
mod recorded;
mod recovery;
mod repair;
mod route;
mod scalar;
mod sources;
mod span;
mod spanned;
mod syntax;
#[cfg(test)]
mod tests;

pub use decode::{Decoded, decode, read_as};
pub use file::{MAX_BYTES, Position, SourceFile};
pub use lookup::{Found, find, route_at, route_at_line, value_at_line};
pub use node::{Entry, Link, Node, NodeKind, Style};
pub use reader::{MAX_DEPTH, MAX_ENTRIES, MAX_NODES, Tags, read, read_all, read_with};
pub use route::{Route, Step};
pub use scalar::int as whole_number;
pub use sources::Sources;
pub use span::{SourceId, Span};
pub use spanned::{SPELLED, Spanned};
