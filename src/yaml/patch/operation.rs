use std::fmt;

use crate::yaml::Route;

/// What is put in: a text, which is quoted where it must be, or YAML as it is to stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text; a reader gives back exactly this.
    Text(String),
    /// YAML: one line (`true`, `[a, b]`, `{kind: nginx}`), or lines of a block whose indentation begins at nothing.
    Yaml(String),
}

/// What becomes of the value that a route leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The value becomes another one; a text keeps the quotes of the one before.
    Replace(Value),
    /// The mapping gets one entry more, at its end. Mappings on the way that are not there are made.
    Insert {
        /// The key; not there yet.
        key: String,
        /// Its value.
        value: Value,
    },
    /// The list gets one item more, at its end. It is made, with the mappings on the way, where it is not there.
    Append(Value),
    /// The entry or item goes; comments beside it stay.
    Remove,
    /// The entry's key becomes another one, not there yet.
    RenameKey(String),
    /// The entry goes, with the comments in it, and becomes one of the mapping that another route leads to.
    Move {
        /// The mapping; it is made where it is not there.
        to: Route,
        /// The key there.
        key: String,
    },
}

/// Why no change can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal(pub &'static str);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Refusal {}
