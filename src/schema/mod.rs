//! In: our own types, and the systems that a profile names. Out: JSON schemas for editors and other tools.
//!
//! The files in `schemas/` are [`ALL`]; [`of_profile`] is the one of a profile at hand.

mod clean;
pub mod editors;
mod narrow;
mod profile;
mod setting;
mod snippets;
mod tree;

use crate::format::File;
use crate::init::AnswersFile;
use crate::report;
pub use profile::of_profile;
use serde_json::Value;

/// A schema by name.
#[derive(Debug)]
pub struct Named {
    /// Its name, as in `stockade schema profile`.
    pub name: &'static str,
    /// What it describes.
    pub title: &'static str,
    make: fn() -> Value,
}

/// Every schema.
pub static ALL: [Named; 4] = [
    Named { name: "profile", title: "a profile, `stockade.yaml`", make: profile::any },
    Named { name: "system", title: "a system file, `NAME.system.yaml`", make: system },
    Named { name: "init-answers", title: "answers for `stockade init --answers FILE`", make: answers },
    Named { name: "report-v1", title: "the report of a bundle, `report.json`", make: || report::schema().to_value() },
];

impl Named {
    /// Its file: `profile.schema.json`.
    pub fn file(&self) -> String {
        format!("{}.schema.json", self.name)
    }

    /// The schema itself.
    pub fn value(&self) -> Value {
        (self.make)()
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

fn answers() -> Value {
    clean::clean(schemars::schema_for!(AnswersFile).to_value(), false)
}

fn system() -> Value {
    let mut schema = clean::clean(File::System.schema().to_value(), false);
    schema["properties"]["format"]["const"] = 1.into();
    snippets::add(&mut schema, snippets::SYSTEM);
    schema
}

#[cfg(test)]
mod tests;
