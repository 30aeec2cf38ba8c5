//! In: bytes of a YAML file and the name the user gave it.
//! Out: a tree of nodes with places, typed values with places, and every mistake as a diagnostic.

mod builder;
mod bytes;
mod de;
mod decode;
mod explain;
mod lookup;
mod marks;
mod mend;
mod merge;
mod node;
#[allow(dead_code, unused_imports, reason = "fixes, the wizard and the editor build on it")]
pub mod patch;
mod reader;
mod recorded;
mod recovery;
mod repair;
mod route;
mod scalar;
mod sources;
mod syntax;
#[cfg(test)]
mod tests;

pub use bytes::MAX_BYTES;
pub use decode::{read_as, read_node, read_tree};
#[cfg(test)]
pub(crate) use lookup::route_at_line;
pub use lookup::{find, route_at, value_at_line};
pub use node::{Entry, Node, NodeKind, Style};
pub use reader::{MAX_DEPTH, MAX_ENTRIES, MAX_NODES, Tags, read_with};
pub use route::{Route, Step};
pub use scalar::int as whole_number;
pub use sources::Sources;
