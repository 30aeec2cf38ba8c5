//! In: our own types, and the systems that a profile names. Out: JSON schemas for editors and other tools.
//!
//! The files in `schemas/` are [`ALL`]; [`of_profile`] is the one of a profile at hand.

#[cfg(test)]
mod clean;
mod describe;
pub mod editors;
#[cfg(test)]
mod made;
mod narrow;
mod profile;
mod setting;
#[cfg(test)]
mod snippets;
#[cfg(test)]
mod tree;

use crate::format::published;
pub use profile::{of_profile, systems_of};
use serde_json::Value;

/// A schema by name.
#[derive(Debug)]
pub struct Named {
    /// Its name, as in `stockade schema profile`.
    pub name: &'static str,
    /// What it describes.
    pub title: &'static str,
}

/// Every schema.
pub static ALL: [Named; 5] = [
    Named { name: "profile", title: "a profile, `stockade.yaml`" },
    Named { name: "system", title: "a system file, `NAME.system.yaml`" },
    Named { name: "image", title: "what is known of a family of images" },
    Named { name: "init-answers", title: "answers for `stockade init --answers FILE`" },
    Named { name: "report-v1", title: "the report of a bundle, `report.json`" },
];

impl Named {
    /// Its file: `profile.schema.json`.
    pub fn file(&self) -> String {
        format!("{}.schema.json", self.name)
    }

    /// The schema itself.
    pub fn value(&self) -> Value {
        published(self.name)
    }

    /// Its text, indented, with a line end.
    pub fn text(&self) -> String {
        text(&self.value())
    }
}

/// The text of a schema, indented, with a line end.
pub fn text(schema: &Value) -> String {
    // A schema of the library has its keys in the order people read them.
    let ordered = schemars::Schema::try_from(schema.clone()).ok();
    let ordered = ordered.and_then(|schema| serde_json::to_string_pretty(&schema).ok());
    ordered.unwrap_or_else(|| format!("{schema:#}")) + "\n"
}

#[cfg(test)]
mod tests;
