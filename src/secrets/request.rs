//! What a stack asks for.

use super::Kind;

/// One secret a stack needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its name, which is also its file's.
    pub name: String,
    /// How it comes to be.
    pub kind: Kind,
    /// What it is for, in words for the operator.
    pub title: Option<String>,
    /// Whether every host that has it has the same value.
    pub shared: bool,
    /// Whether it is kept elsewhere and never made here, whatever its kind.
    pub brought: bool,
}

impl Request {
    /// Whether only the operator can bring a value.
    #[must_use]
    pub fn is_brought(&self) -> bool {
        matches!(self.kind, Kind::Supplied { .. }) || (self.brought && self.kind.source().is_none())
    }
}
