//! In: nodes of what people write, profiles and system files.
//! Out: a [`Profile`] or a [`System`], every value of a type that cannot hold nonsense; keys that stand elsewhere are told where.

pub mod misplaced_keys;
pub mod profile;
pub mod system;

use profile::Profile;
use schemars::{Schema, schema_for};
use system::System;

/// Which of the two files it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// A profile.
    Profile,
    /// A system file.
    System,
}

impl File {
    /// What may stand in such a file.
    pub fn schema(self) -> Schema {
        match self {
            Self::Profile => schema_for!(Profile),
            Self::System => schema_for!(System),
        }
    }
}
