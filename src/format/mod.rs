//! In: nodes of what people write, profiles and system files, and of what is known of images.
//! Out: a [`Profile`] or a [`System`], every value of a type that cannot hold nonsense; keys that stand elsewhere are told where.

pub mod image;
pub mod misplaced_keys;
pub mod profile;
pub mod system;
pub mod wished;

use crate::embedded;
use profile::Profile;
use schemars::{Schema, schema_for};
use serde_json::Value;
use std::sync::OnceLock;
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
    /// What may stand in such a file, as the types say it. Tests hold the published schema to it.
    pub fn schema(self) -> Schema {
        match self {
            Self::Profile => schema_for!(Profile),
            Self::System => schema_for!(System),
        }
    }

    /// The same as it is published, for editors.
    pub fn published(self) -> &'static Value {
        static READ: [OnceLock<Value>; 2] = [OnceLock::new(), OnceLock::new()];
        let (read, name) = match self {
            Self::Profile => (&READ[0], "profile"),
            Self::System => (&READ[1], "system"),
        };
        read.get_or_init(|| published(name))
    }
}

/// A schema of the folder `schemas/`.
pub fn published(name: &str) -> Value {
    let text = embedded::text(&format!("schemas/{name}.schema.json"));
    // A test reads them all.
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
