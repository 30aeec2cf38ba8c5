use std::fmt;

use super::codes;

/// The name of one kind of finding: kebab-case, stable across releases, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

/// What `explain CODE` and SARIF rules say about a code.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// The code this entry describes.
    pub code: Code,
    /// One line, no full stop.
    pub title: &'static str,
    /// Why it is an error and how it comes about.
    pub explanation: &'static str,
    /// What to do about it.
    pub way_out: &'static str,
}

impl Code {
    /// A code whose texts live in another list, such as a control's id; own codes are in [`codes`].
    pub const fn external(name: &'static str) -> Self {
        Self(name)
    }

    /// The code as it is printed: `unknown-key`.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The registered texts; `None` for an [`external`](Self::external) code.
    pub fn info(self) -> Option<&'static CodeInfo> {
        codes::ALL.iter().find(|info| info.code == self)
    }

    /// The registered code with this name.
    pub fn find(name: &str) -> Option<Self> {
        codes::ALL.iter().map(|info| info.code).find(|code| code.0 == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
